package vin

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// MaxCandidates is how many repairs are offered at most.
const MaxCandidates = 3

// RepairKind says what mistake a repair undoes.
type RepairKind string

// The kinds of repair.
const (
	RepairLayout     RepairKind = "layout"        // the Russian keyboard layout was on
	RepairDoubled    RepairKind = "doubled"       // a character stood twice
	RepairExtra      RepairKind = "extra"         // a character was one too many, or several at an end
	RepairMissing    RepairKind = "missing"       // a character was left out
	RepairLookAlike  RepairKind = "look_alike"    // a character was read as one that looks or sounds like it
	RepairSwap       RepairKind = "swap"          // two neighbours changed places
	RepairKey        RepairKind = "neighbour_key" // the key beside the right one was pressed
	RepairUnreadable RepairKind = "unreadable"    // a character that no VIN has there; the check digit tells which it was
)

// Candidate is a VIN that may have been meant.
type Candidate struct {
	VIN  string     `json:"vin"`
	Kind RepairKind `json:"kind"`
	At   int        `json:"at"`   // position in the normalised text
	From string     `json:"from"` // what stands there, "" where something is missing
	To   string     `json:"to"`   // what it ought to be, "" where something is too much
}

// Repair proposes what may have been meant by a text that Check refuses, asks about
// or hints at: at most MaxCandidates VINs, the likeliest first. Each is well-formed,
// and its check digit is right where that is mandatory. None must be taken without
// the owner's consent. There are none for a sound VIN of a known maker, and none for
// a fault that leaves too many possibilities; of a character too few ShortPart tells
// more.
func Repair(raw string) []Candidate {
	v, changes := Normalize(raw)
	r := repairer{text: []rune(v), changes: changes}
	if keys, ok := undoLayout(trim(raw)); ok && keys != v {
		r.offer(keys, Candidate{Kind: RepairLayout, From: v, To: keys}, scoreLayout)
	}
	if !readsAsWords(raw) && !isFrameNumber(v, changes) {
		switch size := len(r.text); {
		case size == Length:
			r.repairLength()
		case size == Length+1:
			r.dropOne()
			r.dropEnds()
		case size > Length && size <= looksMost:
			r.dropEnds()
		case size == Length-1 && isNormal(v):
			r.insertOne(v)
		}
	}
	return r.best()
}

// trim leaves out label and punctuation.
func trim(raw string) string {
	b := findBody(raw)
	return raw[b.start:b.end]
}

// The scores compare how often people make a mistake, for each of the places where
// they could have made it: as many points more as it is twice as often.
const (
	scoreLayout   = 40
	scoreDoubled  = 20
	scoreFiller   = 20 // ZZZ written as ZZ
	scoreCut      = 16 // a character lost or added at an end, as copying does
	scoreRepeated = 14 // of two equal characters one is missing
	scoreLikely   = 13 // a look-alike
	scoreSwap     = 11 // one more for two digits or two letters
	scoreKey      = 11 // the key beside, for a digit
	scoreLess     = 10 // the same for a letter, or a weaker look-alike
	scoreExtra    = 9
	scoreDigit    = 6 // any digit in a place for digits
	scoreAny      = 4 // any other character

	pointsChecked = 4 // the check digit is right where it need not be
	pointsMaker   = 6 // the maker is known
	pointsYear    = 2 // the year is one
	pointsSerial  = 2 // the fifth digit from the end is one, as the law has it for light vehicles
	pointsGuessed = 4 // what was replaced had been read as something already
	pointsOld     = 3 // lost by an American car from before 1995, if position 7 tells right
	agesOld       = 15
)

// repairer gathers candidates for a normalised text.
type repairer struct {
	text    []rune
	changes []Change
	found   []scored
}

type scored struct {
	Candidate
	score int
}

// offer takes a candidate, unless it is no VIN or breaks the law.
func (r *repairer) offer(v string, c Candidate, score int) {
	if !WellFormed(v) {
		return
	}
	points, lawful := plausibility(v)
	if !lawful {
		return
	}
	c.VIN, score = v, score+points
	for i := range r.found {
		if r.found[i].VIN == v {
			if r.found[i].score < score {
				r.found[i] = scored{c, score}
			}
			return
		}
	}
	r.found = append(r.found, scored{c, score})
}

// plausibility tells what speaks for a well-formed VIN, and whether it has what the
// law asks for where it does: check digit and year.
func plausibility(v string) (points int, lawful bool) {
	if knowsMaker(v) {
		points = pointsMaker
	}
	holds, year := checkDigitHolds(v), yearAge(v[9])
	switch checkDigitDuty(v) {
	case dutyMandatory:
		if isDigit(v[12]) {
			points += pointsSerial
		}
		if year < agesOld && isDigit(v[6]) && isDigit(v[0]) {
			points -= pointsOld
		}
		return points, holds && year >= 0
	case dutyAlways:
		if holds {
			points += pointsChecked
		}
	default:
		if year >= 0 {
			points += pointsYear
		}
	}
	return points, true
}

// best gives the likeliest candidates; of equal ones the one whose change stands
// last, since nothing but the serial number tells a maker's cars apart.
func (r *repairer) best() []Candidate {
	slices.SortFunc(r.found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.At, a.At), cmp.Compare(a.VIN, b.VIN))
	})
	var best []Candidate
	for _, one := range r.found[:min(len(r.found), MaxCandidates)] {
		best = append(best, one.Candidate)
	}
	return best
}

// checked tells whether a wrong check digit of such a VIN means something.
func checked(v string) bool { return checkDigitDuty(v) != dutyNone }

// with gives the text with the characters from..to replaced.
func (r *repairer) with(from, to int, by string) string {
	v := make([]byte, 0, looksMost*utf8.UTFMax)
	for _, c := range r.text[:from] {
		v = utf8.AppendRune(v, c)
	}
	v = append(v, by...)
	for _, c := range r.text[to:] {
		v = utf8.AppendRune(v, c)
	}
	return string(v)
}
