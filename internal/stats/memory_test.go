package stats_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// counter is a source that notes which days it is asked to count: several at once.
type counter struct {
	mu      sync.Mutex
	asked   []string
	hours   []string // of which it was asked for the hours
	durable []uint32 // what each day lasted
	changes stats.Changes
	since   []stats.Mark
	away    bool
}

var errAway = errors.New("away")

func (c *counter) Count(_ context.Context, from, _ time.Time) ([]stats.Part, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return nil, errAway
	}
	c.asked = append(c.asked, from.Format(time.DateOnly))
	return []stats.Part{{Priority: ticket.Normal, Numbers: stats.Numbers{Taken: len(c.durable)}, ToTake: c.durable}}, nil
}

func (c *counter) Changed(_ context.Context, since stats.Mark) (stats.Changes, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = append(c.since, since)
	return c.changes, nil
}

func (*counter) InHand(context.Context) (map[int64]int, error) { return map[int64]int{}, nil }

func (c *counter) Moments(_ context.Context, from, _ time.Time) ([]stats.Moment, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hours = append(c.hours, from.Format(time.DateOnly))
	return []stats.Moment{{At: from.Add(9 * time.Hour), Opened: 1}}, nil
}

func (*counter) Lines(context.Context, stats.Place, time.Time, int) ([]stats.Line, error) {
	return nil, nil
}

func (*counter) OpenNow(context.Context, int64) (int, error) { return 0, nil }

func TestOnlyWhatHasChangedIsCountedAnew(t *testing.T) {
	t.Parallel()
	day := func(d, hour int) time.Time { return time.Date(2026, 11, d, hour, 0, 0, 0, time.UTC) }
	now := day(24, 12)
	source := &counter{changes: stats.Changes{Mark: stats.Mark{Event: 3}}}
	layer := stats.New(source, time.UTC, func() time.Time { return now })
	q := stats.Question{From: day(20, 0), To: day(23, 0)}
	for _, step := range []struct {
		name    string
		changes stats.Changes
		pause   time.Duration
		away    bool
		counted []string
	}{
		{name: "the first time", counted: []string{"2026-11-20", "2026-11-21", "2026-11-22"}},
		{name: "nothing happened"},
		{name: "on one day", changes: stats.Changes{At: []time.Time{day(21, 23), day(23, 0), day(19, 23)}}, counted: []string{"2026-11-21"}},
		{name: "the store is away", changes: stats.Changes{At: []time.Time{day(20, 0)}}, away: true},
		{name: "it is back", counted: []string{"2026-11-20"}},
		{name: "too much to look at", changes: stats.Changes{All: true}, counted: []string{"2026-11-20", "2026-11-21", "2026-11-22"}},
		{name: "an hour", pause: time.Hour},
		{name: "more than an hour", pause: time.Hour + 1, counted: []string{"2026-11-20", "2026-11-21", "2026-11-22"}},
		{name: "the clock was set back", pause: -1, counted: []string{"2026-11-20", "2026-11-21", "2026-11-22"}},
	} {
		source.asked, source.since, source.away = nil, nil, step.away
		step.changes.Mark = stats.Mark{Event: 3}
		source.changes = step.changes
		now = now.Add(step.pause)
		_, err := layer.Ask(t.Context(), q)
		if step.away {
			require.ErrorIs(t, err, errAway)
		} else {
			require.NoError(t, err)
		}
		assert.ElementsMatch(t, step.counted, source.asked, step.name)
		if len(step.counted) < 3 {
			assert.Equal(t, []stats.Mark{{Event: 3}}, source.since, step.name)
		}
	}
}

func TestOneCountServesEverybodyAndEachManagerAndHoursAreRememberedToo(t *testing.T) {
	t.Parallel()
	source := &counter{changes: stats.Changes{Mark: stats.Mark{Event: 3}}}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	layer := stats.New(source, time.UTC, func() time.Time { return now })
	q := layer.Of(stats.Week)
	for range 2 {
		for q.Manager = range 3 {
			_, err := layer.Ask(t.Context(), q)
			require.NoError(t, err)
		}
		_, err := layer.Managers(t.Context(), q)
		require.NoError(t, err)
		week, err := layer.Hours(t.Context(), q)
		require.NoError(t, err)
		for day := range week {
			assert.Equal(t, 1, week[day][9].Opened, day)
		}
	}
	assert.Len(t, source.asked, 7)
	assert.Len(t, source.hours, 7)
	source.changes.At = []time.Time{now}
	_, err := layer.Hours(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, "2026-11-24", source.hours[7], "the day on which something happened is counted anew")
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	source := &counter{durable: make([]uint32, 200_000)}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	layer := stats.New(source, time.UTC, func() time.Time { return now })
	q := layer.Of(stats.Week)
	for range 2 {
		sum, err := layer.Ask(t.Context(), q)
		require.NoError(t, err)
		assert.Equal(t, 7*200_000, sum.Total.Taken)
	}
	assert.Len(t, source.asked, 7+5, "two of the days fit")
}

func TestAMarkPassesNoEventThatIsStillToBeSeen(t *testing.T) {
	t.Parallel()
	var m stats.Mark
	for _, step := range []struct {
		name               string
		last, oldest, next int64
		want               int64
	}{
		{"one transaction runs: it may have taken any id", 10, 100, 105, 0},
		{"it still does", 12, 100, 107, 0},
		{"it ended, and so did all before the mark's next", 15, 106, 110, 10},
		{"nothing runs", 20, 111, 111, 20},
		{"others run again", 22, 111, 113, 20},
		{"those have ended", 23, 113, 115, 22},
	} {
		m = m.Move(step.last, step.oldest, step.next)
		assert.Equal(t, step.want, m.Event, step.name)
	}
	assert.Equal(t, int64(7), stats.Mark{}.Move(7, 0, 0).Event, "where one writes, all is seen in order")
}
