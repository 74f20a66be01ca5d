package panel

import (
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

// deadlines says until when managers have time, by their working hours.
type deadlines interface {
	// Deadline is until when a ticket must be taken, or, once it is, done; the zero
	// time for one that waits for no manager.
	Deadline(t ticket.Ticket) time.Time
	// Opens is the first working time that is not before an instant; the zero time
	// where none comes.
	Opens(from time.Time) time.Time
	// Allowed is how much working time a ticket may wait to be taken, and then to be
	// done.
	Allowed(p ticket.Priority) (take, done time.Duration)
}

// soonTime is how long before a deadline it is time to hurry.
const soonTime = 5 * time.Minute

// due is a deadline as a page shows it. Where scripts run they count it down.
type due struct {
	At         time.Time
	Over, Soon bool
	Words      string // how long until then, or since
}

// dueOf is a ticket's deadline; nil where it has none.
func (v *visit) dueOf(t ticket.Ticket) (*due, error) {
	at := v.Deadlines.Deadline(t)
	if at.IsZero() {
		return nil, nil //nolint:nilnil // a template asks whether there is one
	}
	left := at.Sub(v.Clock())
	d := &due{At: at, Over: left < 0, Soon: left >= 0 && left < soonTime}
	id := "live.left"
	if d.Over {
		id = "live.over"
	}
	words, err := v.pages.text(v.lang, id)
	if err != nil {
		return nil, err
	}
	span, err := v.span(left.Abs())
	d.Words = strings.Replace(words, "%", span, 1)
	return d, err
}

// span says how long something is: the two largest of days, hours and minutes,
// as panel.js does.
func (v *visit) span(d time.Duration) (string, error) {
	const day = 24 * time.Hour
	var said []string
	for _, part := range []struct {
		number time.Duration
		unit   string
	}{{d / day, "live.days"}, {d % day / time.Hour, "live.hours"}, {d % time.Hour / time.Minute, "live.minutes"}} {
		if part.number == 0 || len(said) == 2 {
			continue
		}
		unit, err := v.pages.text(v.lang, part.unit)
		if err != nil {
			return "", err
		}
		said = append(said, strconv.Itoa(int(part.number))+" "+unit)
	}
	if len(said) > 0 {
		return strings.Join(said, " "), nil
	}
	unit, err := v.pages.text(v.lang, "live.seconds")
	return strconv.Itoa(int(d/time.Second)) + " " + unit, err
}

// standsUntil is when the managers work again, and with them the clock of the
// deadlines; the zero time while they do.
func (v *visit) standsUntil() time.Time {
	now := v.Clock()
	if opens := v.Deadlines.Opens(now); opens.After(now) {
		return opens
	}
	return time.Time{}
}
