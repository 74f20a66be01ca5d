// Package vin reads vehicle identification numbers as people send them: it
// removes what is not part of the number, tells a sound VIN from one with a
// fault, and looks at the check digit no more strictly than the maker's part of
// the world does (ISO 3779; 49 CFR 565.15).
//
// The package is pure: no clock, no files, no state. Positions are counted in
// characters from 0; the ninth character, the check digit, is position 8.
package vin

import (
	"fmt"
	"unicode/utf8"
)

// Length is the number of characters in a VIN (49 CFR 565.13(b)).
const Length = 17

// NoSpot is the Spot of a Result that points at no single character.
const NoSpot = -1

// checkPosition is where the check digit stands.
const checkPosition = 8

// smallMaker as the third character marks a maker of few cars, whose code goes on
// in the serial number, so that the last three characters must be digits instead of
// the last four (49 CFR 565.15(a)(1), (d)).
const smallMaker = '9'

// Policy says what a wrong check digit means.
type Policy string

// The policies that an operator may choose; anything else counts as auto.
const (
	PolicyAuto   Policy = "auto"   // asked where the check digit is mandatory, at most hinted at elsewhere
	PolicyStrict Policy = "strict" // every wrong check digit is refused
	PolicyOff    Policy = "off"    // the check digit is not looked at
)

// ParsePolicy reads a policy as an operator writes it.
func ParsePolicy(s string) (Policy, error) {
	switch p := Policy(s); p {
	case PolicyAuto, PolicyStrict, PolicyOff:
		return p, nil
	default:
		return "", fmt.Errorf("check digit policy %q: want auto, strict or off", s)
	}
}

// Result is what Check found out. It is kept to four words, so that it travels in
// registers.
type Result struct {
	VIN string // normalised; a VIN only where the verdict is not reject
	finding
	changes *[]Change // nil where nothing was changed
}

// finding is a verdict, and what is wrong.
type finding struct {
	Verdict Verdict
	Reason  Reason // ReasonNone for an ok without a hint
	spot    int32
}

// Spot is the position in VIN of the faulty character, or NoSpot.
func (r Result) Spot() int { return int(r.spot) }

// SpotCharacter is the character at Spot, or "" where there is none.
func (r Result) SpotCharacter() string {
	position := 0
	for _, c := range r.VIN {
		if position == r.Spot() {
			return string(c)
		}
		position++
	}
	return ""
}

// Size is the number of characters left after normalising.
func (r Result) Size() int { return utf8.RuneCountInString(r.VIN) }

// Changes are the steps from what was sent to VIN, in the order of the text.
func (r Result) Changes() []Change {
	if r.changes == nil {
		return nil
	}
	return *r.changes
}

// ShownChanges are the changes that the owner must see.
func (r Result) ShownChanges() []Change {
	var shown []Change
	for _, c := range r.Changes() {
		if c.Shown() {
			shown = append(shown, c)
		}
	}
	return shown
}

// Check normalises what was sent and judges it. For a well-formed VIN that needs
// no normalising it does not allocate.
func Check(raw string, p Policy) Result {
	if len(raw) != Length {
		return checkText(raw, p)
	}
	a := word(raw[0], raw[1], raw[2], raw[3])
	b := word(raw[4], raw[5], raw[6], raw[7])
	c := word(raw[9], raw[10], raw[11], raw[12])
	d := word(raw[13], raw[14], raw[15], raw[16])
	all, tail := a|b|c|d|uint64(values[raw[checkPosition]]), d
	if raw[2] == smallMaker {
		tail >>= laneBits
	}
	if all&notVINs != 0 || all&letterMarks == 0 || tail&letterMarks != 0 {
		return checkText(raw, p)
	}
	sum := (a*weights0to3 + b*weights4to7 + c*weights9to12 + d*weights13to16) >> (3 * laneBits)
	if checkCharacter(sum) == raw[checkPosition] {
		return Result{VIN: raw, finding: finding{VerdictOK, ReasonNone, NoSpot}}
	}
	return Result{VIN: raw, finding: judgeMismatch(raw, p)}
}

// WellFormed tells whether v, as it stands, has the form of a VIN: 17 characters
// of its alphabet, at least one letter, and digits at the end. The check digit is
// not looked at.
func WellFormed(v string) bool {
	if len(v) != Length {
		return false
	}
	all, tail := marks(v), marks(v[tailStart(v):])
	return all&notVIN == 0 && all&letterMark != 0 && tail&letterMark == 0
}

// checkText is Check for what is not a normalised, well-formed VIN.
func checkText(raw string, p Policy) Result {
	v, changes := Normalize(raw)
	result := Result{VIN: v}
	if len(changes) > 0 {
		result.changes = &changes
	}
	switch reason, spot := fault(v, changes); {
	case reason != ReasonNone:
		result.finding = finding{VerdictReject, reason, int32(spot)} //nolint:gosec // a message has no 2^31 characters
	case readsAsWords(raw):
		result.finding = finding{VerdictReject, ReasonWords, NoSpot}
	default:
		result.finding = Check(v, p).finding
	}
	return result
}

// fault says why a normalised text is not well-formed, and where.
func fault(v string, changes []Change) (Reason, int) {
	size, sound, firstBad := 0, 0, NoSpot
	for _, c := range v {
		if isVINCharacter(c) {
			sound++
		} else if firstBad == NoSpot {
			firstBad = size
		}
		size++
	}
	switch {
	case size == 0:
		return ReasonEmpty, NoSpot
	case isFrameNumber(v, changes):
		return ReasonFrameNumber, NoSpot
	case firstBad != NoSpot && (size == Length || sound == Length):
		// Replaced or taken out, it leaves 17: it is the fault. In a text of
		// another length the length tells more.
		return ReasonBadCharacter, firstBad
	case size < Length:
		return ReasonTooShort, NoSpot
	case size > Length:
		return ReasonTooLong, NoSpot
	case countDigits(v) == Length:
		return ReasonNoLetter, NoSpot
	}
	return tailFault(v)
}

// tailFault finds a letter at the end, where the serial number must be digits.
func tailFault(v string) (Reason, int) {
	for i := tailStart(v); i < Length; i++ {
		if !isDigit(v[i]) {
			return ReasonTailNotDigits, i
		}
	}
	return ReasonNone, NoSpot
}

// tailStart is the first position of a VIN at which only digits may stand.
func tailStart(v string) int {
	if v[2] == smallMaker {
		return Length - 3
	}
	return Length - 4
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func countDigits(s string) int {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
