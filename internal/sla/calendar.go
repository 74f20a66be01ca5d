// Package sla holds the managers to their time: a calendar of working hours,
// the pure rule of which step is due for a ticket, and the loop that asks for
// reminders.
package sla

import (
	"iter"
	"time"
)

// Shift is a stretch of working time on a day, in time since midnight by the
// clock on the wall. One that goes over midnight ends beyond 24 hours.
type Shift struct{ From, To time.Duration }

// Date is a day; its Year is 0 where every year's is meant.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Calendar knows when the managers work. An instant is working time where the
// clock on the wall shows a time within a shift: the hour that a spring night
// lacks counts for nothing, and the one that an autumn night has twice counts
// twice. A shift over midnight belongs to the day on which it begins, also
// where that day or the next is a holiday. The zero value works always.
type Calendar struct {
	week     [7][]Shift // by weekday, in order
	holidays map[Date]bool
	zone     *time.Location // nil: always
}

// NewCalendar makes a calendar of the shifts of each weekday, in order, of
// which there must be at least one, and of the days off.
func NewCalendar(week [7][]Shift, holidays []Date, zone *time.Location) Calendar {
	c := Calendar{week: week, holidays: map[Date]bool{}, zone: zone}
	for _, d := range holidays {
		c.holidays[d] = true
	}
	return c
}

// AroundTheClock is a calendar that works all day, but for the days off.
func AroundTheClock(holidays []Date, zone *time.Location) Calendar {
	if len(holidays) == 0 {
		return Calendar{}
	}
	var week [7][]Shift
	for d := range week {
		week[d] = []Shift{{0, day}}
	}
	return NewCalendar(week, holidays, zone)
}

const (
	day = 24 * time.Hour
	// idle is after how long without any working time a calendar is given up:
	// somebody made every day a holiday.
	idle = 800 * day
)

// Worked is the working time between two instants; none where to is not after
// from.
func (c Calendar) Worked(from, to time.Time) time.Duration {
	if !to.After(from) {
		return 0
	}
	if c.zone == nil {
		return to.Sub(from)
	}
	var sum time.Duration
	for begin, end := range c.shifts(from) {
		if !begin.Before(to) {
			break
		}
		if end.After(to) {
			end = to
		}
		sum += end.Sub(begin)
	}
	return sum
}

// After is the first instant by which so much working time has passed since
// from; the zero time where that never comes.
func (c Calendar) After(from time.Time, worked time.Duration) time.Time {
	if worked <= 0 {
		return from
	}
	if c.zone == nil {
		return from.Add(worked)
	}
	for begin, end := range c.shifts(from) {
		if long := end.Sub(begin); long < worked {
			worked -= long
			continue
		}
		return begin.Add(worked)
	}
	return time.Time{}
}

// Opens is the first instant of working time that is not before from: from
// itself within working hours. The zero time where none ever comes.
func (c Calendar) Opens(from time.Time) time.Time {
	if c.zone == nil {
		return from
	}
	for begin := range c.shifts(from) {
		return begin
	}
	return time.Time{}
}

// Open reports whether an instant is working time.
func (c Calendar) Open(at time.Time) bool { return c.Opens(at).Equal(at) }

// shifts lists the stretches of working time from an instant on, in order, none
// within another. It goes on for ever, but for a calendar that has none.
func (c Calendar) shifts(from time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(begin, end time.Time) bool) {
		at, last := from, from // all before at is listed; the last stretch ended at last
		for at.Sub(last) < idle {
			_, until := at.In(c.zone).ZoneBounds()
			for begin, end := range c.steady(at, until) {
				if begin.Before(last) { // a shift that began the day before is not over
					begin = last
				}
				if !end.After(begin) {
					continue
				}
				if !yield(begin, end) {
					return
				}
				last = end
			}
			if until.IsZero() {
				return
			}
			at = until
		}
	}
}

// steady lists the stretches from an instant until another, between which the
// clocks are not changed, in the order in which they begin. A zone that never
// changes again has no end: until is the zero time then.
func (c Calendar) steady(from, until time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(begin, end time.Time) bool) {
		wall := from.In(c.zone)
		_, seconds := wall.Zone()
		offset := time.Duration(seconds) * time.Second
		midnight := time.Date(wall.Year(), wall.Month(), wall.Day()-1, 0, 0, 0, 0, time.UTC)
		for quiet := 0; quiet < int(idle/day); quiet++ { // so many days without a shift in a row
			if !until.IsZero() && !midnight.Add(-offset).Before(until) {
				return
			}
			for _, s := range c.on(midnight) {
				begin, end := clip(midnight.Add(s.From-offset), midnight.Add(s.To-offset), from, until)
				if !end.After(begin) {
					continue
				}
				quiet = 0
				if !yield(begin, end) {
					return
				}
			}
			midnight = midnight.AddDate(0, 0, 1)
		}
	}
}

// clip cuts a stretch to what lies from an instant until another, which may be
// the zero time.
func clip(begin, end, from, until time.Time) (time.Time, time.Time) {
	if begin.Before(from) {
		begin = from
	}
	if !until.IsZero() && end.After(until) {
		end = until
	}
	return begin, end
}

// on lists the shifts that begin on a day.
func (c Calendar) on(at time.Time) []Shift {
	year, month, d := at.Date()
	if c.holidays[Date{year, month, d}] || c.holidays[Date{0, month, d}] {
		return nil
	}
	return c.week[at.Weekday()]
}
