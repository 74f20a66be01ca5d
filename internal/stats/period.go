package stats

import (
	"errors"
	"time"
)

// Period is a stretch of time that has a name.
type Period string

// The periods, each up to the end of today.
const (
	Today Period = "today"
	Week  Period = "week"  // the last 7 days
	Month Period = "month" // the last 30 days
)

// ErrPeriod says that there is no period of that name.
var ErrPeriod = errors.New("stats: no such period")

// ParsePeriod reads the name of a period; none is today.
func ParsePeriod(name string) (Period, error) {
	switch p := Period(name); p {
	case "":
		return Today, nil
	case Today, Week, Month:
		return p, nil
	}
	return "", ErrPeriod
}

// Of is the question about a period, as of now, about all managers.
func (s *Stats) Of(p Period) Question {
	days := 1
	switch p {
	case Week:
		days = 7
	case Month:
		days = 30
	case Today:
	}
	now := s.clock().In(s.zone)
	return Question{From: s.midnight(now, 1-days), To: s.midnight(now, 1)}
}

// Days is the question about the days of the zone from one until before another.
func (s *Stats) Days(from, to time.Time) Question {
	return Question{From: s.midnight(from, 0), To: s.midnight(to, 0)}
}

// Now is the time, in the zone whose days are counted.
func (s *Stats) Now() time.Time { return s.clock().In(s.zone) }

// midnight is the first instant of the day that is so many days after another:
// midnight, or later where the clocks are changed then.
func (s *Stats) midnight(of time.Time, days int) time.Time {
	year, month, day := of.Date()
	at := time.Date(year, month, day+days, 0, 0, 0, 0, s.zone)
	if _, _, d := at.Date(); d != time.Date(year, month, day+days, 0, 0, 0, 0, time.UTC).Day() { // in the gap, and read as the day before
		_, at = at.ZoneBounds()
	}
	return at
}

// slots divides a period into days of the zone, or a day into hours. The first
// and the last may be shorter.
func (s *Stats) slots(q Question) []Slot {
	var slots []Slot
	for at := q.From; at.Before(q.To); {
		wall := at.In(s.zone)
		next := s.midnight(wall, 1)
		if !s.midnight(q.From.In(s.zone), 1).Before(q.To) { // within one day
			next = at.Add(time.Hour - time.Duration(wall.Minute())*time.Minute -
				time.Duration(wall.Second())*time.Second - time.Duration(wall.Nanosecond()))
		}
		if next.After(q.To) {
			next = q.To
		}
		slots = append(slots, Slot{From: at, To: next})
		at = next
	}
	return slots
}
