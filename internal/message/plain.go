package message

import (
	"html"
	"strings"
	"unicode"

	"github.com/go-telegram/bot/models"
	"golang.org/x/text/unicode/bidi"
)

const (
	maxName  = 64 // characters of a name that are shown
	maxShown = 40 // characters of an owner's text that are shown back

	zeroWidthJoiner    = '\u200d' // part of many emoji
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// FullName is how a person is called: the first name and the last.
func FullName(u models.User) string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

// tidy makes somebody's text fit to stand within ours: on one line, without
// control characters and direction marks, no longer than most characters. A
// text written from right to left is isolated, so that it cannot turn around
// what stands beside it.
func tidy(s string, most int) string {
	var b strings.Builder
	size, fromRight := 0, false
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if r != zeroWidthJoiner && (r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)) {
			continue
		}
		if size == most {
			b.WriteRune('…')
			break
		}
		size++
		b.WriteRune(r)
		fromRight = fromRight || isFromRight(r)
	}
	text := strings.TrimSpace(b.String())
	if fromRight {
		return firstStrongIsolate + text + popIsolate
	}
	return text
}

// isFromRight tells whether r is written from right to left.
func isFromRight(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

// escape makes a plain text part of an HTML text.
func escape(s string) string { return html.EscapeString(s) }

// code sets a text in monospace; a tap copies it.
func code(s string) string { return "<code>" + escape(s) + "</code>" }

// clip cuts a plain text to a number of UTF-16 units, as Telegram counts, and
// never within a character.
func clip(s string, most int) string {
	units := 0
	for i, r := range s {
		size := 1
		if r > 0xFFFF {
			size = 2
		}
		if units+size > most {
			return s[:i]
		}
		units += size
	}
	return s
}
