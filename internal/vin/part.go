package vin

// Part is a part of a VIN (ISO 3779).
type Part int8

// The parts.
const (
	PartUnknown    Part = iota
	PartMaker           // characters 1–3
	PartDescriptor      // 4–9, the check digit included
	PartSerial          // 10–17: year, plant, serial number
)

// String gives the part's name, "" for PartUnknown.
func (p Part) String() string {
	switch p {
	case PartMaker:
		return "maker"
	case PartDescriptor:
		return "descriptor"
	case PartSerial:
		return "serial"
	default:
		return ""
	}
}

// serialDigits is how long the run of digits at the end mostly is where the number
// is complete.
const serialDigits = 6

// ShortPart tells in which part of a normalised text of 14 to 16 characters some
// seem to be missing. It is a guess: from whether the maker is known, from where
// check digit and year would stand, and from the digits at the end.
func ShortPart(v string) Part {
	if len(v) < Length-3 || len(v) >= Length || !isNormal(v) {
		return PartUnknown
	}
	if !knowsMaker(v) {
		return unknownMakerPart(v)
	}
	digits := 0
	for digits < len(v) && isDigit(v[len(v)-1-digits]) {
		digits++
	}
	missing := Length - len(v)
	ends, begins := fitsDescriptor(v, 0), fitsDescriptor(v, missing)
	switch {
	case digits < 4:
		return PartSerial
	case v[3:5] == "ZZ" && v[5] != 'Z':
		return PartDescriptor
	case ends && !begins:
		return PartSerial
	case begins && !ends:
		return PartDescriptor
	case digits < serialDigits:
		return PartSerial
	case digits < serialDigits+2:
		return PartDescriptor
	default:
		return PartUnknown
	}
}

// unknownMakerPart tells whether a known maker's code has lost its first character.
func unknownMakerPart(v string) Part {
	for i := range len(allCharacters) {
		if knowsMaker(allCharacters[i:i+1] + v[:2]) {
			return PartMaker
		}
	}
	return PartUnknown
}

// fitsDescriptor tells whether a check digit and a year stand where they ought to
// if the characters before them are some too few.
func fitsDescriptor(v string, missing int) bool {
	check := v[checkPosition-missing]
	return (!mandatory(v) || isDigit(check) || check == 'X') && yearAge(v[checkPosition+1-missing]) >= 0
}

func mandatory(v string) bool { return checkDigitDuty(v) == dutyMandatory }
