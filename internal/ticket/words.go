package ticket

import (
	"strings"
	"unicode"
)

// Words gives a text without the spaces around it; empty where nobody would see
// anything of it.
func Words(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) {
		return ""
	}
	return strings.TrimSpace(text)
}
