package message

import (
	"strings"
	"unicode/utf8"

	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// maxRest is how many characters the numbers that were too many may take in all.
const maxRest = 1000

// enumerate fills in what became of several numbers of one message.
func (b *Book) enumerate(lang string, s ticket.Say, v *values) {
	var opened, existing, frames, over, rest []string
	limited := s.Limit > 0
	for _, n := range s.Numbers {
		switch {
		case n.Ticket != 0 && n.Known:
			existing = append(existing, b.numbered(lang, n, s.Year))
		case n.Ticket != 0:
			opened = append(opened, b.numbered(lang, n, s.Year))
		case n.Reason == vin.ReasonFrameNumber.String():
			frames = append(frames, point(n.VIN, vin.NoSpot))
		case limited: // the limit bars those that were too many as well
			over = append(over, tidy(n.VIN, maxShown))
		default:
			rest = append(rest, tidy(n.VIN, maxShown))
		}
	}
	v.Opened, v.Existing = strings.Join(opened, "\n"), strings.Join(existing, "\n")
	v.Frames = strings.Join(frames, ", ")
	v.Rest, v.Over = b.shortened(lang, rest), b.shortened(lang, over)
	if limited {
		v.Limit = b.word(lang, "part.limit."+s.Reason, values{Count: s.Limit, Time: v.Time})
	}
}

// numbered is the line about a VIN that has a ticket.
func (b *Book) numbered(lang string, n ticket.Number, year int) string {
	line := values{Ticket: n.Ticket, VIN: code(n.VIN), Car: b.car(lang, n.VIN, year)}
	if n.Reason == vin.ReasonCheckDigit.String() {
		line.Hint = b.word(lang, "part.number.hint", values{})
	}
	return b.word(lang, "part.number", line)
}

// shortened puts as many numbers in a row as have room, and counts the others.
func (b *Book) shortened(lang string, numbers []string) string {
	var shown []string
	room := maxRest
	for _, n := range numbers {
		if room -= utf8.RuneCountInString(n) + len(", "); room < 0 {
			break
		}
		shown = append(shown, code(n))
	}
	row := strings.Join(shown, ", ")
	if more := len(numbers) - len(shown); more > 0 {
		row += b.word(lang, "part.more", values{Count: more})
	}
	return row
}
