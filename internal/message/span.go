package message

import "time"

const (
	day = 24 * time.Hour
	// exactly is up to how many of a unit a span is told in it: 90 minutes are
	// minutes still, 91 are two hours.
	exactly = 90
	// fine is from how many minutes on they are told in fives.
	fine = 20
)

// span tells how long something takes in words that people would use: never
// shorter than it is, and no finer than it can be known.
func (b *Book) span(lang string, d time.Duration) string {
	switch {
	case d <= exactly*time.Second && d%time.Minute != 0:
		return b.word(lang, "part.seconds", values{Count: max(1, roundUp(d, time.Second))})
	case d <= exactly*time.Minute:
		minutes := roundUp(d, time.Minute)
		if minutes > fine {
			minutes = roundUp(d, 5*time.Minute) * 5
		}
		return b.word(lang, "part.minutes", values{Count: max(1, minutes)})
	case d <= 2*day:
		return b.word(lang, "part.hours", values{Count: roundUp(d, time.Hour)})
	default:
		return b.word(lang, "part.days", values{Count: roundUp(d, day)})
	}
}

// roundUp counts the units that a span begins.
func roundUp(d, unit time.Duration) int { return int((d + unit - 1) / unit) }
