package vin

import (
	"strings"
	"unicode"
)

// Kind says what sort of change normalising made.
type Kind string

// The kinds of change.
const (
	KindLabel     Kind = "label"      // "VIN:" in front was removed, with what stood around it
	KindSeparator Kind = "separator"  // spaces, dashes, dots, stars or surrounding punctuation were removed
	KindCase      Kind = "case"       // a small letter was made a capital
	KindWidth     Kind = "width"      // a full-width form was made an ordinary character
	KindCyrillic  Kind = "cyrillic"   // a Cyrillic letter was read as the Latin letter or digit that it looks like
	KindNotInVIN  Kind = "not_in_vin" // O or Q was read as 0, I as 1: no VIN has these letters
)

// Change is one step from what was sent to the normalised text.
type Change struct {
	Kind Kind   `json:"kind"`
	At   int    `json:"at"`   // position in the normalised text; for a removal, of what follows it
	From string `json:"from"` // as it was sent
	To   string `json:"to"`   // what it became, "" where it was removed
}

// Shown tells whether the owner must see the change: a character was read as
// another one. Case, width and what was removed around the characters change
// nothing about what was meant.
func (c Change) Shown() bool { return c.Kind == KindCyrillic || c.Kind == KindNotInVIN }

// Normalize brings a text into the form in which VINs are compared: without label,
// separators and surrounding punctuation, in capitals, full-width forms folded,
// Cyrillic look-alikes made Latin, O and Q read as 0, I as 1. Other characters are
// left for Check to point at. Normalising twice changes nothing.
func Normalize(raw string) (string, []Change) {
	if isNormal(raw) {
		return raw, nil
	}
	n := normalizer{raw: raw}
	body := findBody(raw)
	n.text.Grow(body.end - body.start)
	if body.labelled {
		n.drop(KindLabel, 0, body.start)
	} else {
		n.drop(KindSeparator, 0, body.start)
	}
	for i, r := range raw[body.start:body.end] {
		n.take(body.start+i, r)
	}
	n.drop(KindSeparator, n.done, len(raw))
	return n.text.String(), n.changes
}

// normalizer walks over a text and writes down what it changes.
type normalizer struct {
	raw     string
	text    strings.Builder
	size    int // characters written to text
	done    int // bytes of raw that are dealt with
	changes []Change
}

// take deals with the character at byte i of raw. Separators wait until the next
// other character, so that a run of them is one change.
func (n *normalizer) take(i int, r rune) {
	if isSeparator(r) {
		return
	}
	n.drop(KindSeparator, n.done, i)
	to, kind := fold(r)
	before := n.text.Len()
	n.text.WriteRune(to)
	n.done = i + width(n.raw[i:], r)
	if kind != "" {
		written := n.text.String()[before:]
		n.changes = append(n.changes, Change{Kind: kind, At: n.size, From: n.raw[i:n.done], To: written})
	}
	n.size++
}

// drop leaves raw[from:to] out of the text.
func (n *normalizer) drop(kind Kind, from, to int) {
	if from < to {
		n.changes = append(n.changes, Change{Kind: kind, At: n.size, From: n.raw[from:to]})
		n.done = to
	}
}

// fold gives what a character is read as, and the kind of change that this is: the
// weightiest where there are several, "" where there is none.
func fold(r rune) (rune, Kind) {
	kind := Kind("")
	if narrow := foldWidth(r); narrow != r {
		r, kind = narrow, KindWidth
	}
	if capital := unicode.ToUpper(r); capital != r {
		r = capital
		if kind == "" {
			kind = KindCase
		}
	}
	switch r {
	case 'O', 'Q':
		return '0', KindNotInVIN
	case 'I':
		return '1', KindNotInVIN
	}
	if latin := foldCyrillic(r); latin != r {
		return latin, KindCyrillic
	}
	return r, kind
}

// foldWidth makes the full-width forms of ASCII (U+FF01–FF5E) ordinary.
func foldWidth(r rune) rune {
	if '！' <= r && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// foldCyrillic reads a Cyrillic capital as the character of a VIN that it looks
// like. О is read as 0 and not as O, which no VIN has.
func foldCyrillic(r rune) rune {
	const cyrillic, latin = "АВЕЗКМНОРСТУХ", "ABE3KMH0PCTYX"
	if r < 'А' || 'Я' < r {
		return r
	}
	if i := strings.IndexRune(cyrillic, r); i >= 0 {
		return rune(latin[i/len("А")])
	}
	return r
}
