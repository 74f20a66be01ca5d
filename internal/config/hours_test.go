package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

// shift writes a shift in hours.
func shift(from, to float64) config.Shift {
	return config.Shift{From: time.Duration(from * float64(time.Hour)), To: time.Duration(to * float64(time.Hour))}
}

func TestWorkingHoursAreRead(t *testing.T) {
	t.Parallel()
	office := []config.Shift{shift(9, 13), shift(14, 18)}
	for text, want := range map[string][7][]config.Shift{
		"Mon-Fri 09:00-13:00,14:00-18:00; Sat 10:00-15:00": {nil, office, office, office, office, office, {shift(10, 15)}},
		"mon,WED-thu 9:00-13:00, 14:00-18:00;":             {nil, office, nil, office, office, nil, nil},
		"Fri-Mon 14:00-18:00,9:00-13:00":                   {office, office, nil, nil, nil, office, office},
		"Fri 22:00-06:30;Sun 00:00-24:00":                  {{shift(0, 24)}, nil, nil, nil, nil, {shift(22, 30.5)}, nil},
		"Sun-Sat 00:00-24:00":                              {{shift(0, 24)}, {shift(0, 24)}, {shift(0, 24)}, {shift(0, 24)}, {shift(0, 24)}, {shift(0, 24)}, {shift(0, 24)}},
		"Sat 20:00-00:00":                                  {nil, nil, nil, nil, nil, nil, {shift(20, 24)}},
	} {
		cfg, err := config.Load(valid("WORK_HOURS="+text), t.TempDir())
		require.NoError(t, err, text)
		assert.Equal(t, want, cfg.WorkHours.Week, text)
		assert.False(t, cfg.WorkHours.Always())
	}
}

func TestHolidaysAreRead(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid("HOLIDAYS=2027-05-10, 02-29,2026-12-31..2027-01-02,12-31..01-01"), t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, config.Holidays{
		{Year: 2027, Month: 5, Day: 10},
		{Month: 2, Day: 29},
		{Year: 2026, Month: 12, Day: 31},
		{Year: 2027, Month: 1, Day: 1},
		{Year: 2027, Month: 1, Day: 2},
		{Month: 12, Day: 31},
		{Month: 1, Day: 1},
	}, cfg.Holidays)
}

func TestDeadlinesAreRead(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid(), t.TempDir())
	require.NoError(t, err)
	assert.EqualValues(t, 15*time.Minute, cfg.SLATake)
	assert.EqualValues(t, 2*time.Hour, cfg.SLADone)
	assert.Zero(t, cfg.AutoRelease)
	assert.True(t, cfg.WorkHours.Always())
	assert.Empty(t, cfg.Holidays)

	cfg, err = config.Load(valid("SLA_TAKE=5m", "SLA_DONE=1h30m", "AUTO_RELEASE=4h"), t.TempDir())
	require.NoError(t, err)
	assert.EqualValues(t, 5*time.Minute, cfg.SLATake)
	assert.EqualValues(t, 90*time.Minute, cfg.SLADone)
	assert.EqualValues(t, 4*time.Hour, cfg.AutoRelease)
	cfg, err = config.Load(valid("AUTO_RELEASE=Off"), t.TempDir())
	require.NoError(t, err)
	assert.Zero(t, cfg.AutoRelease)
}

func TestWrongHours(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"WORK_HOURS=always":                              `"always" is not days, a space and hours; allowed: days and their hours`,
		"WORK_HOURS=Mo-Fr 09:00-18:00":                   `"Mo-Fr" is no day or range of days`,
		"WORK_HOURS=Mon-Fri 9-18":                        `"9-18" are no hours like 09:00-18:00`,
		"WORK_HOURS=Mon 09:00":                           `"09:00" are no hours`,
		"WORK_HOURS=Mon 24:00-25:00":                     `are no hours`,
		"WORK_HOURS=Mon 09:60-18:00":                     `are no hours`,
		"WORK_HOURS=Mon 09:00-09:00":                     `is no time at all`,
		"WORK_HOURS=Mon 09:00-18:00;Mon-Tue 09:00-18:00": `Monday is named twice`,
		"WORK_HOURS=Mon 09:00-13:00,12:00-18:00":         `the hours that begin on Monday at 09:00 overlap the next`,
		"WORK_HOURS=Sat 22:00-06:00;Sun 05:00-09:00":     `the hours that begin on Saturday at 22:00 overlap the next`,
		"HOLIDAYS=tomorrow":                              `"tomorrow" is no date; allowed: dates separated by commas`,
		"HOLIDAYS=2027-02-29":                            `"2027-02-29" is no date`,
		"HOLIDAYS=01-01..2027-01-08":                     `one end has a year`,
		"HOLIDAYS=2027-01-08..2027-01-01":                `it ends before it begins`,
		"HOLIDAYS=2027-01-01..x":                         `is no range of dates`,
		"SLA_TAKE=15":                                    `SLA_TAKE=15: not a time; allowed: a time of 1m to 1000h`,
		"SLA_DONE=30s":                                   `out of range`,
		"SLA_TAKE=off":                                   `not a time`,
		"AUTO_RELEASE=never":                             `AUTO_RELEASE=never: not a time; allowed: off, or a time of 1m`,
	} {
		_, err := config.Load(valid(setting), t.TempDir())
		assert.ErrorContains(t, err, want, setting)
	}
}

// FuzzWorkHours looks for hours that are taken and that no week can have.
func FuzzWorkHours(f *testing.F) {
	for _, seed := range []string{"Mon-Fri 09:00-13:00,14:00-18:00; Sat 10:00-15:00", "Sun 22:00-06:00", "Fri-Mon 00:00-24:00", ";", "Mon -"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var w config.WorkHours
		if w.UnmarshalText([]byte(text)) != nil {
			return
		}
		last := time.Duration(-1)
		for d, shifts := range w.Week {
			for _, s := range shifts {
				assert.Less(t, s.From, s.To)
				assert.LessOrEqual(t, s.To-s.From, 24*time.Hour)
				begin := time.Duration(d)*24*time.Hour + s.From
				assert.GreaterOrEqual(t, begin, last)
				last = time.Duration(d)*24*time.Hour + s.To
			}
		}
		assert.Positive(t, last, "somebody works")
	})
}
