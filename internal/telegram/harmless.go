package telegram

import (
	"strings"
	"unicode/utf8"
)

// textLimit bounds what is kept of Telegram's words.
const textLimit = 200

// harmless keeps of a description what may be logged. Telegram quotes what it
// was sent in some complaints: what stands in quotation marks, links, names
// and anything shaped like a VIN or a secret is left out.
func harmless(text string) string {
	words := strings.Fields(unquoted(text))
	for i, w := range words {
		if telling(w) {
			words[i] = "…"
		}
	}
	text = strings.Join(words, " ")
	if len(text) <= textLimit {
		return text
	}
	end := textLimit
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// unquoted empties what stands between quotation marks; one that is never
// closed hides the rest. The apostrophe of "can't" is no quotation mark.
func unquoted(text string) string {
	var b strings.Builder
	for {
		at := opening(text)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at])
		b.WriteString(" … ")
		mark := text[at]
		rest := text[at+1:]
		end := strings.LastIndexByte(rest, mark)
		if end < 0 {
			return b.String()
		}
		text = rest[end+1:]
	}
}

// opening finds the first quotation mark that opens something, -1 if none.
func opening(text string) int {
	for i := range len(text) {
		switch text[i] {
		case '"', '`':
			return i
		case '\'':
			if i == 0 || !isLetter(text[i-1]) {
				return i
			}
		}
	}
	return -1
}

// telling reports whether a word may say something about a person, a car or a
// secret.
func telling(word string) bool {
	letters, digits := 0, 0
	for i := range len(word) {
		switch c := word[i]; {
		case c >= utf8.RuneSelf, c == '@', c == '\\':
			return true
		case isLetter(c):
			letters++
		case c >= '0' && c <= '9':
			digits++
		}
	}
	return digits > 0 && letters > 0 && letters+digits >= 8 || isPath(word)
}

// isPath reports whether a word is a link or the path of a file, which
// "identifier/HTTP" is not.
func isPath(word string) bool {
	return strings.HasPrefix(word, "/") || strings.Contains(word, "/") && strings.ContainsAny(word, ".:?=_~")
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
