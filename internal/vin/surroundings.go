package vin

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestSpelling bounds the bytes of a VIN with whatever stands between its
// characters, so that counting them takes no time.
const longestSpelling = 16 * Length

// body is the part of a text between what surrounds the number.
type body struct {
	start, end int // bytes
	labelled   bool
}

// findBody leaves out separators and punctuation at both ends, and in front the
// labels that people write before a VIN.
func findBody(raw string) body {
	b := body{end: len(raw)}
	for {
		b.start += leadingSize(raw[b.start:])
		size := labelSize(raw[b.start:])
		if size == 0 {
			break
		}
		b.start += size
		b.labelled = true
	}
	for b.end > b.start {
		r, size := utf8.DecodeLastRuneInString(raw[:b.end])
		if !isSurrounding(r) {
			break
		}
		b.end -= size
	}
	return b
}

// leadingSize counts the bytes of separators and punctuation in front.
func leadingSize(s string) int {
	for i, r := range s {
		if !isSurrounding(r) {
			return i
		}
	}
	return len(s)
}

// labelSize counts the bytes of a label in front: VIN or ВИН, also without a space
// behind it (no VIN has an I, so none is cut), then perhaps "code" or "number". What
// may be "no" is part of the VIN where it is short of just these two characters.
func labelSize(s string) int {
	size := max(prefixSize(s, "VIN"), prefixSize(s, "ВИН"))
	if size == 0 {
		return 0
	}
	gap := leadingSize(s[size:])
	rest := s[size+gap:]
	for _, word := range [...]string{"CODE", "КОД", "NUMBER", "НОМЕР", "NO"} {
		n := prefixSize(rest, word)
		if next, _ := utf8.DecodeRuneInString(rest[n:]); n == 0 || !isSurrounding(next) {
			continue
		}
		if word != "NO" || len(rest) > longestSpelling || count(rest[n:]).size != Length-len("NO") {
			return size + gap + n
		}
	}
	return size
}

// prefixSize counts the bytes of s that spell the word, whatever their case and
// width, or gives 0.
func prefixSize(s, word string) int {
	size := 0
	for _, want := range word {
		r, n := utf8.DecodeRuneInString(s[size:])
		if unicode.ToUpper(foldWidth(r)) != want {
			return 0
		}
		size += n
	}
	return size
}

// isSeparator tells whether people, plates and documents put r between the
// characters of a VIN: a space, a dash, a dot, a star, or what copying leaves
// behind unseen (zero-width characters and direction marks).
func isSeparator(r rune) bool {
	switch r = foldWidth(r); {
	case r < utf8.RuneSelf && ('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'):
		return false
	case r == '.' || r == '·' || r == '•' || r == '…' || r == '∙' || r == '⋅':
		return true
	case r == '*' || r == '∗' || r == '★' || r == '☆' || r == '⭐':
		return true
	case r == '−' || r == '\uFE0F': // minus; the mark that makes a star an emoji
		return true
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf)
}

// isSurrounding tells whether r may stand around a VIN without being part of it.
func isSurrounding(r rune) bool {
	return isSeparator(r) || strings.ContainsRune("\"'`«»“”„‘’()[]{}<>,;:!?#№=|_~", foldWidth(r))
}

// width is the number of bytes that r takes at the front of s: a byte that is no
// UTF-8 is read as U+FFFD, yet is one byte long.
func width(s string, r rune) int {
	if r == utf8.RuneError {
		_, size := utf8.DecodeRuneInString(s)
		return size
	}
	return utf8.RuneLen(r)
}
