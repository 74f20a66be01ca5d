package vin

import "strconv"

// MaxFound is how many numbers of one message are acted on.
const MaxFound = 10

// FoundKind says what sort of number was found in a text.
type FoundKind int8

// The kinds of what is found.
const (
	FoundVIN    FoundKind = iota + 1 // Check takes it for a VIN: its verdict is ok or confirm
	FoundLayout                      // typed with the Russian keyboard layout on: ask whether VIN is meant
	FoundFrame                       // the frame number of a car made for Japan
	FoundFaulty                      // meant as a VIN, it seems: Check says what is wrong, Repair what it may be
)

// String gives the kind's name.
func (k FoundKind) String() string {
	switch k {
	case FoundVIN:
		return "vin"
	case FoundLayout:
		return "layout"
	case FoundFrame:
		return "frame"
	case FoundFaulty:
		return "faulty"
	default:
		return "found " + strconv.Itoa(int(k))
	}
}

// Found is a number in a text.
type Found struct {
	Kind FoundKind
	// Raw is how it stands in the text, from byte Start to before byte End, without
	// a label; Check and Repair take it.
	Raw        string
	Start, End int
	// VIN is Raw normalised; for FoundLayout what the keys are in the Latin layout.
	VIN string
}

// Find looks for VINs in free text: a message, a caption. It gives the first
// MaxFound in the order of the text, each VIN once, and all further ones in rest.
// Whatever Check accepts as a whole it finds, too, but for a frame number with
// five characters besides: in "GX110-0069622 20015" the frame number is what was meant.
//
// One word of 17 characters in the form of a VIN is one. Several words make a VIN
// only with evidence, so that ordinary words are never glued together: a label
// ("VIN:") in front, a known maker's code, or that nothing else stands in the text;
// and without a label the check digit must be right where it is mandatory. A
// number with a fault is told from other long words by a label, a known maker's
// code, or its length and digits.
func Find(text string) (found, rest []Found) {
	f := finder{text: text}
	for i := 0; i < len(text); {
		class, width := classAt(text, i)
		switch {
		case class > classUnseen:
			i = f.readWord(i, len(text))
			continue
		case class != classUnseen:
			f.part(class, text[i])
		}
		i += width
	}
	f.considerWhole()
	unique := withoutRepeats(f.found)
	if len(unique) > MaxFound {
		return unique[:MaxFound:MaxFound], unique[MaxFound:]
	}
	return unique, nil
}

// withoutRepeats leaves out what stands in the text again.
func withoutRepeats(found []Found) []Found {
	kept := found[:0]
next:
	for _, one := range found {
		for _, before := range kept {
			if before.VIN == one.VIN {
				continue next
			}
		}
		kept = append(kept, one)
	}
	return kept
}

const (
	wordRing   = 32 // how many words a finder remembers: more than a VIN has characters
	labelReach = 3  // how many words after a label it still counts for
)

// finder walks over a text once.
type finder struct {
	text  string
	found []Found

	words [wordRing]piece // the last words
	count int             // how many there were
	run   int             // how many of the last may belong together
	label int             // words since a label, plus 1; 0: there was none
	size  int             // characters of all words

	gap    byte // the class of what stands before the next word
	linked bool // it stands inside a link or an address
}

// piece is a word: a run of letters and digits.
type piece struct {
	start, end int
	size       int  // characters
	marks      byte // of what they are
	last       byte // the class of the last one
	gap        byte // the class of what stands before
	labelled   bool // a label stands before
	linked     bool // it is part of a link or an address
}

// readWord reads the word that begins at byte i and ends before byte most at the
// latest, judges it, and gives the byte behind it.
func (f *finder) readWord(i, most int) int {
	w := piece{start: i, gap: f.gap, linked: f.linked}
	end, size, marks, last := i, 0, byte(0), byte(0)
	for i < most {
		class, width := asciiOrCyrillic(f.text, i)
		if width == 0 {
			class, width = classAt(f.text, i)
		}
		if class <= classUnseen {
			if class != classUnseen {
				break
			}
			i += width
			continue
		}
		marks |= class
		last = class
		size++
		i += width
		end = i
	}
	w.end, w.size, w.marks, w.last = end, size, marks, last
	f.size += size
	f.gap = classUnseen
	f.judge(&w)
	return i
}

// tally counts what a text is made of.
type tally struct {
	size      int // letters and digits
	digits    int // of them sent as digits
	foreign   int // that no VIN has
	forbidden int // Latin O, I and Q
	cyrillic  int // beyond ASCII: nearly always Cyrillic
}

func count(s string) tally {
	var t tally
	for i := 0; i < len(s); {
		class, width := classAt(s, i)
		i += width
		if class <= classUnseen {
			continue
		}
		t.size++
		switch {
		case class == classForeign:
			t.foreign++
		case class&markDigit != 0:
			t.digits++
		case class < markDigit && width == 1:
			t.forbidden++
		}
		if width > 1 {
			t.cyrillic++
		}
	}
	return t
}

// letters is how many letters were sent that a VIN may have, O, I and Q included.
func (t tally) letters() int { return t.size - t.digits - t.foreign }

// part takes a character between words.
func (f *finder) part(class, character byte) {
	switch class {
	case classHard:
		f.gap = classHard
		f.linked = character != '\n' && (f.linked || isLinkMark(character))
		return
	case classSpace:
		f.linked = false
	}
	switch {
	case f.gap == classUnseen: // nothing stood there before
		f.gap = class
	case class == classPoint || f.gap == classPoint: // the end of a sentence
		f.gap = classHard
	case f.gap != classHard:
		f.gap = classSpace
	}
}

// isLinkMark tells whether c stands in links and addresses.
func isLinkMark(c byte) bool {
	switch c {
	case '/', '@', '=', '&', '%', '_':
		return true
	default:
		return false
	}
}
