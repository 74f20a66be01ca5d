package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/sla"
)

func zone(t require.TestingT, name string) *time.Location {
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func hours(from, to float64) sla.Shift {
	return sla.Shift{From: time.Duration(from * float64(time.Hour)), To: time.Duration(to * float64(time.Hour))}
}

// office works from Monday to Friday with a break for lunch, and on Saturday.
func office(t require.TestingT, in string, holidays ...sla.Date) sla.Calendar {
	var week [7][]sla.Shift
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []sla.Shift{hours(9, 13), hours(14, 18)}
	}
	week[time.Saturday] = []sla.Shift{hours(10, 15)}
	return sla.NewCalendar(week, holidays, zone(t, in))
}

func TestTheInstantThatIsSoMuchWorkingTimeLater(t *testing.T) {
	t.Parallel()
	moscow := zone(t, "Europe/Moscow")
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, moscow) }
	eve := sla.Date{Year: 2026, Month: 11, Day: 24} // a Tuesday
	yearly := sla.Date{Month: 11, Day: 25}
	for name, c := range map[string]struct {
		calendar sla.Calendar
		from     time.Time
		worked   time.Duration
		want     time.Time
	}{
		"within a shift":           {office(t, "Europe/Moscow"), at(23, 9, 30), time.Hour, at(23, 10, 30)},
		"over lunch":               {office(t, "Europe/Moscow"), at(23, 12, 30), time.Hour, at(23, 14, 30)},
		"to the very end":          {office(t, "Europe/Moscow"), at(23, 17, 0), time.Hour, at(23, 18, 0)},
		"over night":               {office(t, "Europe/Moscow"), at(23, 17, 30), time.Hour, at(24, 9, 30)},
		"from the middle of night": {office(t, "Europe/Moscow"), at(24, 3, 0), 15 * time.Minute, at(24, 9, 15)},
		"over the weekend":         {office(t, "Europe/Moscow"), at(28, 14, 30), time.Hour, at(30, 9, 30)},
		"over holidays":            {office(t, "Europe/Moscow", eve, yearly), at(23, 17, 30), time.Hour, at(26, 9, 30)},
		"nothing":                  {office(t, "Europe/Moscow"), at(24, 3, 0), 0, at(24, 3, 0)},
		"around the clock":         {sla.Calendar{}, at(24, 3, 0), time.Hour, at(24, 4, 0)},
		"around the clock, but for holidays": {
			sla.AroundTheClock([]sla.Date{eve}, moscow), at(23, 23, 30), time.Hour, at(25, 0, 30),
		},
	} {
		got := c.calendar.After(c.from, c.worked)
		assert.Truef(t, c.want.Equal(got), "%s: %v, not %v", name, got, c.want)
		assert.Equal(t, c.worked, c.calendar.Worked(c.from, got), name)
	}
}

func TestANightShiftBelongsToTheDayOnWhichItBegins(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	var week [7][]sla.Shift
	week[time.Friday] = []sla.Shift{hours(22, 30)}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, berlin) }
	friday, saturday := sla.Date{Year: 2026, Month: 11, Day: 27}, sla.Date{Year: 2026, Month: 11, Day: 28}

	c := sla.NewCalendar(week, []sla.Date{saturday}, berlin)
	assert.Equal(t, 8*time.Hour, c.Worked(at(27, 12), at(28, 12)), "Saturday is a holiday, Friday's night is worked")
	assert.True(t, c.Open(at(28, 5)))
	assert.False(t, c.Open(at(28, 6)), "a shift does not hold its end")
	c = sla.NewCalendar(week, []sla.Date{friday}, berlin)
	assert.Zero(t, c.Worked(at(27, 12), at(28, 12)))
}

func TestNightsOnWhichTheClocksAreChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone         string
		year, month  int
		day          int // before whose night the shift begins
		night, small time.Duration
	}{
		"Berlin in spring":   {"Europe/Berlin", 2027, 3, 27, 7 * time.Hour, 0},
		"Berlin in autumn":   {"Europe/Berlin", 2026, 10, 24, 9 * time.Hour, time.Hour},
		"New York in spring": {"America/New_York", 2027, 3, 13, 7 * time.Hour, 0},
		"New York in autumn": {"America/New_York", 2026, 10, 31, 9 * time.Hour, 30 * time.Minute},
		"Moscow":             {"Europe/Moscow", 2026, 10, 24, 8 * time.Hour, 30 * time.Minute},
		"half an hour":       {"Australia/Lord_Howe", 2027, 4, 3, 8*time.Hour + 30*time.Minute, 30 * time.Minute},
	} {
		z := zone(t, c.zone)
		noon := time.Date(c.year, time.Month(c.month), c.day, 12, 0, 0, 0, z)
		var night, small [7][]sla.Shift
		night[noon.Weekday()] = []sla.Shift{hours(22, 30)}
		small[(noon.Weekday()+1)%7] = []sla.Shift{hours(2, 2.5)}
		assert.Equal(t, c.night, sla.NewCalendar(night, nil, z).Worked(noon, noon.Add(24*time.Hour)), "%s: the night", name)
		assert.Equal(t, c.small, sla.NewCalendar(small, nil, z).Worked(noon, noon.Add(24*time.Hour)), "%s: from two to half past", name)
	}
}

func TestACalendarWithoutAnyWorkingTimeEnds(t *testing.T) {
	t.Parallel()
	var all []sla.Date
	for d := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2000; d = d.AddDate(0, 0, 1) {
		all = append(all, sla.Date{Month: d.Month(), Day: d.Day()})
	}
	for _, in := range []string{"Europe/Moscow", "Europe/Berlin"} {
		c := office(t, in, all...)
		now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		assert.Zero(t, c.After(now, time.Hour))
		assert.Zero(t, c.Opens(now))
		assert.False(t, c.Open(now))
		assert.Zero(t, c.Worked(now, now.AddDate(3, 0, 0)))
	}
}

// plain is the slow way to the same: look at the clock on the wall, minute by
// minute.
type plain struct {
	week     [7][]sla.Shift
	holidays map[sla.Date]bool
	zone     *time.Location
}

func (p plain) open(at time.Time) bool {
	wall := at.In(p.zone)
	since := time.Duration(wall.Hour())*time.Hour + time.Duration(wall.Minute())*time.Minute
	return p.within(wall, since) || p.within(wall.AddDate(0, 0, -1), since+24*time.Hour)
}

// within reports whether a time is within a shift that begins on the day.
func (p plain) within(day time.Time, since time.Duration) bool {
	year, month, d := day.Date()
	if p.holidays[sla.Date{Year: year, Month: month, Day: d}] || p.holidays[sla.Date{Month: month, Day: d}] {
		return false
	}
	for _, s := range p.week[day.Weekday()] {
		if s.From <= since && since < s.To {
			return true
		}
	}
	return false
}

// calendars draws a calendar, the plain one, and an instant, mostly about a day
// on which the clocks are changed.
func calendars(t *rapid.T) (sla.Calendar, plain, time.Time) {
	z := zone(t, rapid.SampledFrom([]string{
		"Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC",
	}).Draw(t, "zone"))
	around := rapid.SampledFrom([]time.Time{
		time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 28, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC),
		time.Date(2027, 4, 4, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
	}).Draw(t, "around")
	p := plain{holidays: map[sla.Date]bool{}, zone: z}
	minutes := rapid.IntRange(0, 24*60-1)
	for d := range p.week {
		at := time.Duration(0)
		for range rapid.IntRange(0, 3).Draw(t, "shifts") {
			from := at + time.Duration(minutes.Draw(t, "from")/3)*time.Minute
			to := from + time.Duration(1+minutes.Draw(t, "long")/2)*time.Minute
			if from >= 24*time.Hour {
				break
			}
			p.week[d] = append(p.week[d], sla.Shift{From: from, To: to})
			at = to
		}
	}
	p.week[time.Sunday] = append(p.week[time.Sunday][:0:0], hours(1, 4)) // so that there is one, where the clocks are changed
	var off []sla.Date
	for range rapid.IntRange(0, 3).Draw(t, "holidays") {
		d := around.AddDate(0, 0, rapid.IntRange(-3, 6).Draw(t, "holiday"))
		date := sla.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()}
		if rapid.Bool().Draw(t, "yearly") {
			date.Year = 0
		}
		off, p.holidays[date] = append(off, date), true
	}
	from := around.Add(time.Duration(rapid.IntRange(-3*24*60, 3*24*60).Draw(t, "from")) * time.Minute)
	return sla.NewCalendar(p.week, off, z), p, from
}

func TestTheCalendarAgreesWithTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, p, from := calendars(t)
		long := rapid.IntRange(0, 4*24*60).Draw(t, "minutes")
		var worked time.Duration
		opens := time.Time{}
		at := from
		for range long {
			if p.open(at) {
				worked += time.Minute
				if opens.IsZero() {
					opens = at
				}
			}
			at = at.Add(time.Minute)
		}
		assert.Equal(t, worked, c.Worked(from, at))
		assert.Equal(t, p.open(from), c.Open(from))
		if !opens.IsZero() {
			assert.True(t, opens.Equal(c.Opens(from)), "opens at %v, not %v", c.Opens(from), opens)
		}
	})
}

func TestAfterIsTheFirstInstantByWhichSoMuchWasWorked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, p, from := calendars(t)
		worked := time.Duration(rapid.IntRange(1, 20*60).Draw(t, "minutes")) * time.Minute
		at := c.After(from, worked)
		assert.Equal(t, worked, c.Worked(from, at))
		assert.Less(t, c.Worked(from, at.Add(-time.Second)), worked, "not a second earlier")
		assert.True(t, p.open(at.Add(-time.Minute)), "it is within working hours")
		mid := from.Add(at.Sub(from) / 2)
		assert.Equal(t, worked, c.Worked(from, mid)+c.Worked(mid, at), "time adds up")
	})
}
