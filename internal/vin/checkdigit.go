package vin

import "unicode/utf8"

// checkCharacters are the check digits by the remainder of the weighted sum.
const checkCharacters = "0123456789X"

// values gives, for each byte, a number that can stand for its value in the check
// digit's sum (49 CFR 565.15, table III), or notVIN. Only the remainder by 11
// counts, so a letter's value has 66 added to it: that sets letterMark in every
// letter and in no digit. It is a string since a constant cannot be changed, and
// indexing it by a byte needs no bounds check.
const (
	values = no32 + // control characters
		no16 + // space and punctuation
		"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09" + "\x80\x80\x80\x80\x80\x80" + // 0–9
		"\x80" + "CDEFGHIJ" + "\x80" + // A–H, I
		"CDEFG" + "\x80" + "I" + "\x80" + "K" + // J–N, O, P, Q, R
		"DEFGHIJK" + "\x80\x80\x80\x80\x80" + // S–Z
		no32 + no32 + no32 + no32 + no32 // small letters and beyond ASCII

	no16 = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
	no32 = no16 + no16

	notVIN     = 0x80 // the value of a byte that no VIN has
	letterMark = 0x40 // set in the value of a letter
)

// A word holds the values of four characters, 16 bits each, the first one lowest.
const (
	laneBits    = 16
	everyLane   = 1<<(3*laneBits) | 1<<(2*laneBits) | 1<<laneBits | 1
	notVINs     = notVIN * everyLane
	letterMarks = letterMark * everyLane
)

// The weights 8 7 6 5 4 3 2 10 0 9 8 7 6 5 4 3 2 (49 CFR 565.15, table IV), but for
// the 0 of the check digit itself, against the lanes in reverse: multiplying a word
// by them leaves the sum of the four products in its highest lane.
const (
	weights0to3   = 8<<(3*laneBits) | 7<<(2*laneBits) | 6<<laneBits | 5
	weights4to7   = 4<<(3*laneBits) | 3<<(2*laneBits) | 2<<laneBits | 10
	weights9to12  = 9<<(3*laneBits) | 8<<(2*laneBits) | 7<<laneBits | 6
	weights13to16 = 5<<(3*laneBits) | 4<<(2*laneBits) | 3<<laneBits | 2
)

// CheckDigit computes the check digit that v ought to have, 0–9 or X; what stands
// at its place counts for nothing. It is false where v is not 17 characters of the
// VIN's alphabet.
func CheckDigit(v string) (byte, bool) {
	const weights = "\x08\x07\x06\x05\x04\x03\x02\x0A\x00\x09\x08\x07\x06\x05\x04\x03\x02"
	if len(v) != Length || !isNormal(v) {
		return 0, false
	}
	sum := uint64(0)
	for i := range len(weights) {
		sum += uint64(weights[i]) * uint64(values[v[i]])
	}
	return checkCharacter(sum), true
}

// word puts the values of four characters into the lanes of a word.
func word(c0, c1, c2, c3 byte) uint64 {
	return uint64(values[c0]) | uint64(values[c1])<<laneBits |
		uint64(values[c2])<<(2*laneBits) | uint64(values[c3])<<(3*laneBits)
}

// marks tells which marks some character of s has.
func marks(s string) byte {
	all := byte(0)
	for i := range len(s) {
		all |= values[s[i]]
	}
	return all
}

// isNormal tells whether a text has only the characters of a VIN.
func isNormal(s string) bool { return marks(s)&notVIN == 0 }

// checkCharacter is the check digit of a weighted sum; a remainder of 10 is X.
func checkCharacter(sum uint64) byte { return checkCharacters[sum%11] }

// isVINCharacter tells whether c is of the alphabet A–H J–N P R–Z 0–9.
func isVINCharacter(c rune) bool {
	return 0 <= c && c < utf8.RuneSelf && values[byte(c)] != notVIN
}

// judgeMismatch settles what a wrong check digit means for a well-formed VIN.
func judgeMismatch(v string, p Policy) finding {
	wrong := finding{VerdictOK, ReasonCheckDigit, checkPosition}
	if p == PolicyOff {
		return finding{VerdictOK, ReasonNone, NoSpot}
	}
	if p == PolicyStrict {
		wrong.Verdict = VerdictReject
		return wrong
	}
	switch checkDigitDuty(v) {
	case dutyMandatory:
		wrong.Verdict = VerdictConfirm
	case dutyNone:
		return finding{VerdictOK, ReasonNone, NoSpot}
	}
	return wrong
}

// checkDigitDuty looks a well-formed VIN up in data/check_digit.csv: dutyMandatory
// where the law asks for a check digit, in North America (49 CFR 565.15(c)) and in
// China (GB 16735); dutyAlways where the maker writes one without having to, which
// is no proof, so that a mismatch is only hinted at; else dutyNone.
func checkDigitDuty(v string) byte {
	duty := firstDuties[v[0]-'0']
	if duty != dutyUnsettled {
		return duty
	}
	for at, code := 0, codeNumber(v); at < len(dutyRows); at += dutyWidth {
		if r := dutyRows[at : at+dutyWidth]; codeNumber(r) <= code && code <= codeNumber(r[3:]) {
			return r[6]
		}
	}
	return dutyNone
}
