package stats

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// The hours of a week.
const (
	weekDays = 7
	dayHours = 24
)

// WeekHours are the hours of a week in the zone, Monday first: what happened in
// each of them, whatever the week.
type WeekHours [weekDays][dayHours]Moment

// Moment counts what happened in a quarter of an hour, or in several.
type Moment struct {
	At     time.Time // when the quarter began; zero for several
	Opened int
	Done   int
}

// size is as much as ten durations.
func (Moment) size() int { return 10 }

// Hours counts a period's tickets by the hour of the week in which they were
// opened, and done.
func (s *Stats) Hours(ctx context.Context, q Question) (WeekHours, error) {
	var week WeekHours
	// No zone of today is off by less than a quarter of an hour, so that each lies
	// in one hour whatever the zone.
	days, err := s.hours.count(ctx, s.slots(q), s.clock())
	if err != nil {
		return week, fmt.Errorf("count tickets by the hour: %w", err)
	}
	for _, m := range slices.Concat(days...) {
		at := m.At.In(s.zone)
		const sunday = 6 // which Go has first
		hour := &week[(int(at.Weekday())+sunday)%weekDays][at.Hour()]
		hour.Opened += m.Opened
		hour.Done += m.Done
	}
	return week, nil
}
