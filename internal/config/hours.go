package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shift is a stretch of working time, in time since midnight by the clock on
// the wall. One that goes over midnight ends beyond 24 hours, and belongs to
// the day on which it begins.
type Shift struct{ From, To time.Duration }

// day is a day by the clock on the wall.
const day = 24 * time.Hour

// WorkHours is when the managers work: the shifts of each day of the week. The
// zero value means always.
type WorkHours struct {
	// Week holds the shifts by [time.Weekday], in order, none within another.
	Week [7][]Shift
	set  bool
}

// Always reports whether no hours are named: the managers work around the clock.
func (w WorkHours) Always() bool { return !w.set }

// Allowed says how hours are written.
func (w WorkHours) Allowed() string {
	return "days and their hours, like Mon-Fri 09:00-13:00,14:00-18:00; Sat 10:00-15:00, a shift over midnight as 22:00-06:00; " +
		"empty for always"
}

// UnmarshalText reads the hours.
func (w *WorkHours) UnmarshalText(text []byte) error {
	var read WorkHours
	for _, part := range strings.Split(strings.TrimRight(strings.TrimSpace(string(text)), ";"), ";") {
		days, hours, ok := strings.Cut(strings.TrimSpace(part), " ")
		if !ok {
			return fmt.Errorf("%q is not days, a space and hours", strings.TrimSpace(part))
		}
		on, err := parseDays(days)
		if err != nil {
			return err
		}
		shifts, err := parseShifts(hours)
		if err != nil {
			return err
		}
		for _, d := range on {
			if read.Week[d] != nil {
				return fmt.Errorf("%s is named twice", d)
			}
			read.Week[d] = shifts
		}
	}
	if err := read.check(); err != nil {
		return err
	}
	read.set = true
	*w = read
	return nil
}

// check refuses a shift that begins before the one in front of it has ended,
// over midnight and the end of the week, too.
func (w WorkHours) check() error {
	const week = 7 * day
	type stretch struct{ from, to time.Duration }
	var all []stretch
	for d, shifts := range w.Week {
		for _, s := range shifts {
			all = append(all, stretch{time.Duration(d)*day + s.From, time.Duration(d)*day + s.To})
		}
	}
	for i, s := range all {
		next := all[(i+1)%len(all)].from
		if i == len(all)-1 {
			next += week
		}
		if s.to > next {
			return fmt.Errorf("the hours that begin on %s at %s overlap the next", time.Weekday(s.from/day), clockTime(s.from%day))
		}
	}
	return nil
}

func clockTime(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// weekdays are the names that days have in the settings, by [time.Weekday].
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// parseDays reads Mon, Mon-Fri, Fri-Mon and Mon,Wed-Thu.
func parseDays(text string) ([]time.Weekday, error) {
	var days []time.Weekday
	for _, part := range strings.Split(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(weekdays(), strings.ToLower(first)), slices.Index(weekdays(), strings.ToLower(last))
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("%q is no day or range of days: Mon, Tue, Wed, Thu, Fri, Sat, Sun", part)
		}
		for d := from; ; d = (d + 1) % len(weekdays()) {
			days = append(days, time.Weekday(d))
			if d == to {
				break
			}
		}
	}
	return days, nil
}

// parseShifts reads 09:00-13:00,14:00-18:00.
func parseShifts(text string) ([]Shift, error) {
	var shifts []Shift
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		first, last, ok := strings.Cut(part, "-")
		from, err1 := parseClock(first)
		to, err2 := parseClock(last)
		if !ok || err1 != nil || err2 != nil || from == day {
			return nil, fmt.Errorf("%q are no hours like 09:00-18:00", part)
		}
		if from == to {
			return nil, fmt.Errorf("%q is no time at all; a whole day is 00:00-24:00", part)
		}
		if to < from {
			to += day
		}
		shifts = append(shifts, Shift{from, to})
	}
	slices.SortFunc(shifts, func(a, b Shift) int { return cmp.Compare(a.From, b.From) })
	return shifts, nil
}

// parseClock reads 9:00, 09:00 and 24:00.
func parseClock(text string) (time.Duration, error) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(text), ":")
	h, err1 := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	at := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if !ok || err1 != nil || err2 != nil || m > 59 || len(minute) != 2 || at > day {
		return 0, errors.New("not a time of day")
	}
	return at, nil
}

// Holiday is a day on which nobody works, of one year or, where Year is 0, of
// every year.
type Holiday struct {
	Year  int
	Month time.Month
	Day   int
}

// Holidays is a list of days on which nobody works.
type Holidays []Holiday

// Allowed says how the list is written.
func (h Holidays) Allowed() string {
	return "dates separated by commas, like 2027-05-10, or without the year for every year, like 01-07; a range as 01-01..01-08"
}

// UnmarshalText reads the list.
func (h *Holidays) UnmarshalText(text []byte) error {
	var days Holidays
	for _, part := range strings.Split(string(text), ",") {
		part = strings.TrimSpace(part)
		first, last, isRange := strings.Cut(part, "..")
		from, err := parseHoliday(first)
		if err != nil {
			return fmt.Errorf("%q is no date", part)
		}
		to := from
		if isRange {
			if to, err = parseHoliday(last); err != nil {
				return fmt.Errorf("%q is no range of dates", part)
			}
		}
		between, err := from.through(to)
		if err != nil {
			return fmt.Errorf("%q: %w", part, err)
		}
		days = append(days, between...)
	}
	*h = days
	return nil
}

// leapYear stands in for every year: it has all the days that one can have.
const leapYear = 2000

func parseHoliday(text string) (Holiday, error) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse("2006-01-02", text); err == nil {
		return Holiday{at.Year(), at.Month(), at.Day()}, nil
	}
	at, err := time.Parse("2006-01-02", strconv.Itoa(leapYear)+"-"+text)
	if err != nil {
		return Holiday{}, errors.New("not a date")
	}
	return Holiday{0, at.Month(), at.Day()}, nil
}

// through lists the days from one to another. A range of every year may go
// over its end; none is longer than two months, which is a typo.
func (h Holiday) through(last Holiday) (Holidays, error) {
	const most = 62
	if (h.Year == 0) != (last.Year == 0) {
		return nil, errors.New("one end has a year and the other has none")
	}
	var days Holidays
	for d := h; len(days) < most; d = d.next() {
		days = append(days, d)
		if d == last {
			return days, nil
		}
	}
	return nil, errors.New("it ends before it begins, or is longer than two months")
}

// next is the day after.
func (h Holiday) next() Holiday {
	year := h.Year
	if year == 0 {
		year = leapYear
	}
	at := time.Date(year, h.Month, h.Day+1, 0, 0, 0, 0, time.UTC)
	if h.Year == 0 {
		return Holiday{0, at.Month(), at.Day()}
	}
	return Holiday{at.Year(), at.Month(), at.Day()}
}

// The shortest and the longest time that a deadline can be.
const (
	shortest = time.Minute
	longest  = 1000 * time.Hour
)

// Allowance is how much working time something may take.
type Allowance time.Duration

// Allowed says how a time is written.
func (a Allowance) Allowed() string { return "a time of 1m to 1000h, like 15m, 2h or 1h30m" }

// UnmarshalText reads the time.
func (a *Allowance) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return errors.New("not a time")
	}
	if d < shortest || d > longest {
		return errors.New("out of range")
	}
	*a = Allowance(d)
	return nil
}

// Limit is an allowance, or none: 0.
type Limit time.Duration

// Allowed says how a limit is written.
func (l Limit) Allowed() string { return "off, or " + Allowance(0).Allowed() }

// UnmarshalText reads the limit.
func (l *Limit) UnmarshalText(text []byte) error {
	if strings.EqualFold(strings.TrimSpace(string(text)), "off") {
		*l = 0
		return nil
	}
	return (*Allowance)(l).UnmarshalText(text)
}
