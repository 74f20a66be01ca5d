package vin

import "unicode/utf8"

const (
	maskHead = 3 // the maker's code
	maskTail = 4 // the end of the serial number
	// maskLeast is the shortest text of which anything is shown: at least four
	// characters stay hidden.
	maskLeast = maskHead + maskTail + 4
	ellipsis  = "…"
)

// Mask shortens a VIN for logs to 1HG…4352. It never shows more than 7
// characters, and nothing of a text shorter than 11.
func Mask(v string) string {
	if utf8.RuneCountInString(v) < maskLeast {
		if v == "" {
			return ""
		}
		return ellipsis
	}
	head, tail := 0, len(v)
	for range maskHead {
		_, size := utf8.DecodeRuneInString(v[head:])
		head += size
	}
	for range maskTail {
		_, size := utf8.DecodeLastRuneInString(v[:tail])
		tail -= size
	}
	return v[:head] + ellipsis + v[tail:]
}
