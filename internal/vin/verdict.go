package vin

import "strconv"

// Verdict says what may be done with what was sent.
type Verdict int8

// The verdicts; the zero Verdict is none.
const (
	VerdictOK      Verdict = iota + 1 // open a ticket; with a Reason, hint at it besides
	VerdictConfirm                    // well-formed, but the owner must say that it is right
	VerdictReject                     // no VIN
)

// String gives the verdict's name: ok, confirm, reject.
func (v Verdict) String() string {
	switch v {
	case VerdictOK:
		return "ok"
	case VerdictConfirm:
		return "confirm"
	case VerdictReject:
		return "reject"
	default:
		return "verdict " + strconv.Itoa(int(v))
	}
}

// MarshalText writes the verdict's name, so that JSON has it.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Reason is the code of what is wrong; the words for it are the caller's.
type Reason int8

// The reasons, in the order in which they are looked for.
const (
	ReasonNone          Reason = iota
	ReasonEmpty                // nothing is left after normalising
	ReasonFrameNumber          // the number of a car made for Japan, which has no VIN
	ReasonBadCharacter         // Spot: the first character that no VIN has
	ReasonTooShort             // Size tells by how much
	ReasonTooLong              // Size tells by how much
	ReasonNoLetter             // digits alone
	ReasonTailNotDigits        // Spot: the first letter among the last characters, which are digits
	ReasonWords                // ordinary words that happen to add up to a VIN's form
	ReasonCheckDigit           // Spot: the check digit; also the reason of a hint
)

// Reasons lists every reason but ReasonNone, for a caller that must have words
// for each.
func Reasons() []Reason {
	return []Reason{
		ReasonEmpty, ReasonFrameNumber, ReasonBadCharacter, ReasonTooShort, ReasonTooLong,
		ReasonNoLetter, ReasonTailNotDigits, ReasonWords, ReasonCheckDigit,
	}
}

// String gives the reason's code, a part of the program's contract; "" for
// ReasonNone.
func (r Reason) String() string {
	switch r {
	case ReasonNone:
		return ""
	case ReasonEmpty:
		return "empty"
	case ReasonFrameNumber:
		return "frame_number"
	case ReasonBadCharacter:
		return "bad_character"
	case ReasonTooShort:
		return "too_short"
	case ReasonTooLong:
		return "too_long"
	case ReasonNoLetter:
		return "no_letter"
	case ReasonTailNotDigits:
		return "tail_not_digits"
	case ReasonWords:
		return "words"
	case ReasonCheckDigit:
		return "check_digit"
	default:
		return "reason " + strconv.Itoa(int(r))
	}
}

// MarshalText writes the reason's code, so that JSON has it.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
