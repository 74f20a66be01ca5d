package vin

import "strconv"

// Certainty says how far a model year can be relied on.
type Certainty int8

// The certainties.
const (
	Possible Certainty = iota + 1 // another year fits as well
	Likely                        // something hints at it
	Certain                       // no other year fits the maker's known scheme
)

// String gives the certainty's name.
func (c Certainty) String() string {
	switch c {
	case Possible:
		return "possible"
	case Likely:
		return "likely"
	case Certain:
		return "certain"
	default:
		return "certainty " + strconv.Itoa(int(c))
	}
}

// MarshalText writes the certainty's name, so that JSON has it.
func (c Certainty) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// YearReason says why there are the model years that there are.
type YearReason int8

// The reasons; the zero YearReason is that of an empty Car.
const (
	YearNotWritten  YearReason = iota + 1 // the maker writes no model year
	YearUnreadable                        // what stands at its place is no year
	YearUnconfirmed                       // the maker's scheme is not known
	YearOnlyOne                           // the other years of the 30-year cycle are yet to come
	YearSince                             // the code was not in use in the earlier one
	YearPosition7                         // position 7 hints at the decade (49 CFR 565.15)
	YearCycle                             // the letter comes back every 30 years, and nothing tells which it is
)

// String gives the reason's name.
func (r YearReason) String() string {
	switch r {
	case 0:
		return ""
	case YearNotWritten:
		return "not_written"
	case YearUnreadable:
		return "unreadable"
	case YearUnconfirmed:
		return "unconfirmed"
	case YearOnlyOne:
		return "only_one"
	case YearSince:
		return "since"
	case YearPosition7:
		return "position_7"
	case YearCycle:
		return "cycle"
	default:
		return "year reason " + strconv.Itoa(int(r))
	}
}

// MarshalText writes the reason's name, so that JSON has it.
func (r YearReason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Year is a model year that a VIN may mean.
type Year struct {
	Model     int
	Certainty Certainty
}

// Years are the model years that a VIN may mean.
type Years struct {
	Reason     YearReason
	count      int8
	candidates [2]Year
}

// Candidates are the years, the most likely first, of equally likely ones the
// latest. There may be none.
func (y Years) Candidates() []Year { return append([]Year(nil), y.candidates[:y.count]...) }

// Models are the years alone, in the same order.
func (y Years) Models() []int {
	models := make([]int, y.count)
	for i := range models {
		models[i] = y.candidates[i].Model
	}
	return models
}

// Only is the model year where the VIN proves it, or 0.
func (y Years) Only() int {
	if y.count == 1 && y.candidates[0].Certainty == Certain {
		return y.candidates[0].Model
	}
	return 0
}

const (
	cycleFirst = 1980 // the first year of the first cycle: A
	cycleYears = 30
)

// modelYears reads the model year by the maker's rule in data/year_rules.csv.
func modelYears(v string, now int) Years {
	rule := yearRule(v)
	if rule == "" {
		return Years{Reason: YearUnconfirmed}
	}
	position, trust := yearPosition(rule, v), rule[5]
	if position == 0 {
		return Years{Reason: YearNotWritten}
	}
	age := yearAge(v[position-1])
	if age < 0 {
		return Years{Reason: reasonForNoYear(v, position)}
	}
	early := cycleFirst + age
	late := early + cycleYears
	since := cycleFirst + int(rule[7])
	switch {
	case late > now+1 && trust == trustUnsure:
		return Years{Reason: YearUnconfirmed}
	case late > now+1 && (early > now+1 || early < since):
		return Years{Reason: YearUnreadable}
	case late > now+1:
		return oneYear(early, trust, YearOnlyOne)
	case early < since:
		return oneYear(late, trust, YearSince)
	}
	years := Years{Reason: YearCycle, count: 2, candidates: [2]Year{{late, Possible}, {early, Possible}}}
	if trust == trustUnsure {
		years.Reason = YearUnconfirmed
	}
	if rule[6] == decadePosition7 {
		years.Reason = YearPosition7
		if isDigit(v[6]) {
			years.candidates = [2]Year{{early, Likely}, {late, Possible}}
		} else {
			years.candidates[0].Certainty = Likely
		}
	}
	return years
}

// reasonForNoYear tells a maker that fills the place up with 0, as most do where no
// law asks for a year, from a character that stands for no year.
func reasonForNoYear(v string, position int) YearReason {
	if v[position-1] == '0' && checkDigitDuty(v) != dutyMandatory {
		return YearNotWritten
	}
	return YearUnreadable
}

func oneYear(year int, trust byte, reason YearReason) Years {
	years := Years{Reason: reason, count: 1, candidates: [2]Year{{year, Certain}}}
	if trust != trustSure {
		years.candidates[0].Certainty = Likely
	}
	return years
}

// yearRule finds the row of yearRows for the longest code that the VIN begins
// with, or "".
func yearRule(v string) string {
	code := codeNumber(v)
	if r := row3(yearRows, yearWidth, code); r != "" {
		return r
	}
	code = code&^0xFF | ' '
	if r := row3(yearRows, yearWidth, code); r != "" {
		return r
	}
	return row3(yearRows, yearWidth, code&^0xFF00|' '<<8)
}

// yearPosition is the character, counted from 1, that a rule says to be the year,
// or 0.
func yearPosition(rule, v string) int {
	position, there := int(rule[3]), false
	switch rule[4] {
	case whenAlways:
		there = true
	case whenLetter:
		there = !isDigit(v[position-1])
	case whenTwoLetters:
		there = !isDigit(v[position-1]) && !isDigit(v[position])
	case whenNotAllDigits:
		there = countDigits(v[3:9]) < 6
	case whenCheckDigit:
		there = checkDigitHolds(v)
	case whenFord:
		if there = v[4:6] == "XX"; !there {
			// Made for North America, where the year stands as everywhere.
			position, there = 10, checkDigitHolds(v)
		}
	}
	if !there {
		return 0
	}
	return position
}

func checkDigitHolds(v string) bool {
	digit, ok := CheckDigit(v)
	return ok && digit == v[checkPosition]
}

// yearAge is how many years after the first of a cycle a character means (49 CFR
// 565.15, table VII), or -1: A–Y without I, O, Q, U, then 1–9. 0, U and Z are no
// years.
func yearAge(c byte) int {
	const letters = "ABCDEFGHJKLMNPRSTVWXY"
	if isDigit(c) {
		if c == '0' {
			return -1
		}
		return len(letters) - 1 + int(c-'0')
	}
	for i := range len(letters) {
		if letters[i] == c {
			return i
		}
	}
	return -1
}
