package panel

import (
	"net/http"
	"net/url"
	"time"

	"vinbot/internal/stats"
)

// The periods that have names of their own; the other ones are a month, as
// 2026-11, and days, from one to another.
const (
	periodToday  = "today"
	periodWeek   = "7"
	periodLong   = "30"
	periodMonth  = "month"
	periodDays   = "days"
	longestDays  = 366 // that are counted at once
	liveDays     = 31  // that are counted anew at each change
	shownMonths  = 24  // that can be chosen
	earliestYear = 2000
)

// period is a stretch of days that numbers are asked for, with what was said of
// it.
type period struct {
	stats.Question

	Name     string // one of the above
	Month    string // the chosen one, as 2026-11; empty for another period
	From, To string // the first day and the last one, as 2026-11-24
	Months   []string
	Path     string // of the page that it is chosen on
	Goes     bool   // it is not over yet
}

// Named lists the periods that a link leads to.
func (p period) Named() []string { return []string{periodToday, periodWeek, periodLong} }

// Live reports whether it is counted anew whenever something happens: it is not over,
// and short enough that all its days are remembered but those of the change.
func (p period) Live() bool {
	return p.Goes && p.Question.To.Before(p.Question.From.AddDate(0, 0, liveDays+1))
}

// OneDay reports whether it is one, whose parts are hours.
func (p period) OneDay() bool { return p.From == p.To }

// period reads from the address what period is asked for: the last seven days
// where it says nothing.
func (v *visit) period() (period, error) {
	ask := v.r.URL.Query()
	now := v.Stats.Now()
	p := period{Name: ask.Get("period"), Path: v.r.URL.Path}
	for i := range shownMonths {
		p.Months = append(p.Months, firstOf(now).AddDate(0, -i, 0).Format(monthLayout))
	}
	if p.Name == "" {
		p.Name = periodWeek
	}
	if ask.Get("month") != "" {
		p.Name = periodMonth
	}
	if ask.Get("from") != "" || ask.Get("to") != "" {
		p.Name = periodDays
	}
	from, to, err := v.daysOf(p.Name, ask, now)
	if err != nil {
		return p, err
	}
	if to.Before(from) || !to.Before(from.AddDate(0, 0, longestDays)) || from.Year() < earliestYear {
		return p, v.refuse(http.StatusUnprocessableEntity, "period.length", "Days", longestDays)
	}
	if p.Name == periodMonth {
		p.Month = from.Format(monthLayout)
	}
	p.Question = v.Stats.Days(from, to.AddDate(0, 0, 1))
	p.Goes = now.Before(p.Question.To)
	p.From, p.To = from.Format(time.DateOnly), to.Format(time.DateOnly)
	return p, nil
}

const monthLayout = "2006-01"

func firstOf(month time.Time) time.Time {
	return time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, month.Location())
}

// daysOf gives the first and the last day of a period.
func (v *visit) daysOf(name string, ask url.Values, now time.Time) (from, to time.Time, err error) {
	switch name {
	case periodToday:
		return now, now, nil
	case periodWeek:
		return now.AddDate(0, 0, -6), now, nil
	case periodLong:
		return now.AddDate(0, 0, -29), now, nil
	case periodMonth:
		month, err := time.ParseInLocation(monthLayout, ask.Get("month"), now.Location())
		if err != nil {
			return month, month, v.refuse(http.StatusUnprocessableEntity, "period.wrong")
		}
		return month, month.AddDate(0, 1, -1), nil
	case periodDays:
		if from, err = time.ParseInLocation(time.DateOnly, ask.Get("from"), now.Location()); err == nil {
			to, err = time.ParseInLocation(time.DateOnly, ask.Get("to"), now.Location())
		}
		if err != nil {
			return from, to, v.refuse(http.StatusUnprocessableEntity, "period.wrong")
		}
		return from, to, nil
	}
	return now, now, v.refuse(http.StatusUnprocessableEntity, "period.wrong")
}
