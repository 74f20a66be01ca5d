package vin

import "unicode"

// undoLayout reads a text as the keys that were pressed while the Russian keyboard
// layout was on: 1РПСЬ82633Ф004352 is 1HGCM82633A004352. It is false unless this
// gives a VIN of a maker that is known, or one whose check digit is right where it
// is mandatory; and where it is mandatory it must be right.
func undoLayout(raw string) (string, bool) {
	var keys [Length]byte
	size, cyrillic := 0, false
	for i := 0; i < len(raw); {
		class, width := classAt(raw, i)
		switch class {
		case classSpace, classDash, classPoint, classUnseen:
			i += width
			continue
		}
		key := raw[i]
		if width > 1 {
			key, cyrillic = latinKey(runeOfTwo(raw[i:])), true
		}
		if size == Length || width > 2 || !isVINCharacter(rune(key)) || width == 1 && !isDigit(key) {
			return "", false
		}
		keys[size] = key
		size++
		i += width
	}
	v := string(keys[:size])
	if !cyrillic || !WellFormed(v) {
		return "", false
	}
	if checkDigitDuty(v) == dutyMandatory {
		return v, checkDigitHolds(v)
	}
	return v, knowsMaker(v)
}

// runeOfTwo decodes a character of two bytes.
func runeOfTwo(s string) rune { return rune(s[0]&0x1F)<<6 | rune(s[1]&0x3F) }

// latinKey is the Latin letter on the key of a Russian one, or -; where no VIN has
// that letter, what it is read as: Щ is on the key of O.
func latinKey(r rune) byte {
	const keys = "F-DULT-PB0RKVYJGHCNEA-WX10-SM--Z"
	r = unicode.ToUpper(r)
	if r < 'А' || 'Я' < r {
		return '-'
	}
	return keys[r-'А']
}
