package vin

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	looksLeast, looksMost = 9, 25 // characters of a text that may be a VIN with a fault
	looksLeastInWords     = 11    // the same, where it is written in several words
	looksMostForeign      = 2     // characters in it that no VIN has
	looksLeastDigits      = 3
)

// LooksLikeVIN tells a VIN with a fault, which deserves an answer about the fault,
// from ordinary talk ("hello"), which deserves to be told what the bot is for. It
// is meant for what Check rejects; whatever Check accepts looks like a VIN, too.
//
// A text looks like a VIN if it is a Japanese frame number; or one word of 17
// characters of the VIN's alphabet; or if all of this holds of it, normalised:
//   - 9 to 25 characters, 11 to 25 where there are several words;
//   - 3 digits or more that were sent as digits (O and I do not count), and at
//     least one letter;
//   - at most 2 characters that no VIN has, and neither @ nor / among them, so that
//     addresses, links and commands are talk;
//   - it does not read as words (see readsAsWords).
func LooksLikeVIN(raw string) bool {
	v, changes := Normalize(raw)
	if WellFormed(v) {
		return !readsAsWords(raw)
	}
	if isFrameNumber(v, changes) {
		return true
	}
	inWords := hasGap(changes, utf8.RuneCountInString(v))
	if len(v) == Length && isNormal(v) && !inWords {
		return true
	}
	return looksFaulty(v, changes, inWords) && !readsAsWords(raw)
}

// looksFaulty counts what a VIN with a fault has.
func looksFaulty(v string, changes []Change, inWords bool) bool {
	size, digits, letters, foreign := 0, 0, 0, 0
	for _, c := range v {
		size++
		switch {
		case '0' <= c && c <= '9':
			digits++
		case isVINCharacter(c):
			letters++
		case c == '@' || c == '/':
			return false
		default:
			foreign++
		}
	}
	for _, c := range changes {
		if c.Shown() && isDigit(c.To[0]) {
			digits--
			letters++
		}
	}
	least := looksLeast
	if inWords {
		least = looksLeastInWords
	}
	return least <= size && size <= looksMost && foreign <= looksMostForeign &&
		digits >= looksLeastDigits && letters > 0
}

// hasGap tells whether something was removed between the characters.
func hasGap(changes []Change, size int) bool {
	for _, c := range changes {
		if c.Kind == KindSeparator && 0 < c.At && c.At < size {
			return true
		}
	}
	return false
}

// readsAsWords guards against talk that adds up to a VIN once the spaces are gone:
// "Toyota Corolla 2015" becomes T0Y0TAC0R0LLA2015, which is well-formed. A text of
// several parts is words if
//   - one part of five letters or more holds an O, I or Q, or two parts are letters
//     alone, of at least four and five. Parts that VINs do have, ZZZ of German makers
//     and W0L of Opel, are no words;
//   - two parts are Cyrillic letters alone, one of at least four ("НАС ТРОЕ … 2015");
//   - one of three parts or more is a year ("BMW X5 2015 12345678"), unless the
//     check digit is right, or all parts but the last have the same size.
func readsAsWords(raw string) bool {
	b := findBody(raw)
	var t talk
	for part := range strings.FieldsFuncSeq(raw[b.start:b.end], isSeparator) {
		t.hear(part)
	}
	switch {
	case t.parts < 2:
		return false
	case t.words > 1 && t.longest >= 5, t.cyrillic > 1 && t.longestCyrillic >= 4:
		return true
	case t.parts < 3 || !t.year || t.uniform:
		return false
	}
	v, _ := Normalize(raw)
	return !WellFormed(v) || !checkDigitHolds(v)
}

// talk is what the parts of a text add up to.
type talk struct {
	parts           int
	words, longest  int // of letters alone: how many, and the longest
	cyrillic        int // of Cyrillic letters alone
	longestCyrillic int
	year            bool // one is 19… or 20…
	uniform, tail   bool // all have the first one's size; the last one is shorter
	size            int  // of the first one
}

func (t *talk) hear(part string) {
	size := utf8.RuneCountInString(part)
	if t.parts == 0 {
		t.size, t.uniform = size, true
	}
	t.uniform = t.uniform && !t.tail && size <= t.size
	t.tail = size < t.size
	t.parts++
	t.year = t.year || isYear(part)
	letters, forbidden := countLetters(part)
	if letters > 0 && len(part) == 2*letters {
		t.cyrillic++
		t.longestCyrillic = max(t.longestCyrillic, letters)
	}
	if letters < 4 || isMakerFiller(part) {
		return
	}
	t.words++
	t.longest = max(t.longest, letters)
	if letters >= 5 && forbidden {
		t.words++
	}
}

// countLetters gives the number of letters in a part that has nothing else, 0 for
// another, and whether an O, I or Q is among them.
func countLetters(part string) (letters int, forbidden bool) {
	for _, r := range part {
		if !unicode.IsLetter(r) {
			return 0, false
		}
		letters++
		_, kind := fold(r)
		forbidden = forbidden || kind == KindNotInVIN
	}
	return letters, forbidden
}

// isMakerFiller tells whether a part consists of letters that VINs do have in a row.
func isMakerFiller(part string) bool {
	part = strings.ToUpper(part)
	return strings.Contains(part, "ZZZ") || strings.HasPrefix(part, "WOL")
}
