package sla_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/sla"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// counted are the steps, with how many tickets were read and noted, and with what
// somebody does meanwhile.
type counted struct {
	store.SLA

	ofAll, ripe, noted int
	forgetful          bool   // nothing is noted
	meanwhile          func() // between reading and noting
}

func (c *counted) Watched(ctx context.Context, after int64, limit int) ([]ticket.Watched, error) {
	read, err := c.SLA.Watched(ctx, after, limit)
	c.ofAll += len(read)
	return read, err
}

func (c *counted) Ripe(ctx context.Context, by time.Time, after ticket.Watched, limit int) ([]ticket.Watched, error) {
	read, err := c.SLA.Ripe(ctx, by, after, limit)
	c.ripe += len(read)
	return read, err
}

func (c *counted) Look(ctx context.Context, at []ticket.Watched) error {
	c.noted += len(at)
	if c.meanwhile != nil {
		c.meanwhile()
	}
	if c.forgetful {
		return nil
	}
	return c.SLA.Look(ctx, at)
}

// counts makes a watcher of which is known what it reads.
func (w *world) counts() (*sla.Watcher, *counted) {
	w.Helper()
	o := w.watcher().Options
	c := &counted{SLA: w.store.SLA()}
	o.Steps = c
	return sla.NewWatcher(o), c
}

// turns has a watcher take a turn, and gives what it told.
func (w *world) turns(watcher *sla.Watcher) []string {
	w.Helper()
	_, err := watcher.RunOnce(w.Context())
	require.NoError(w, err)
	return w.told()
}

// opensMany opens as many tickets at once.
func (w *world) opensMany(n int) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, _ ticket.Tx) error {
		for range n {
			w.vin++
			_, _, err := w.tickets.Open(ctx, ticket.Opening{VIN: fmt.Sprintf("WBAAA%012d", w.vin), Owner: owner + int64(w.vin) - 1})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// pages is how many tickets are more than two pages.
const pages = 1010

func TestATurnReadsWhatIsDueAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opensMany(40)
	watcher, c := w.counts()
	assert.Empty(t, w.turns(watcher))
	assert.Equal(t, counted{SLA: c.SLA, ofAll: 40}, *c, "the first turn looks at all, and finds noted what is so")
	*c = counted{SLA: c.SLA}
	for range 14 {
		w.passes(time.Minute)
		assert.Empty(t, w.turns(watcher))
	}
	w.takes(7, "Boris")
	assert.Equal(t, counted{SLA: c.SLA}, *c, "however many are open")
	w.passes(time.Minute)
	assert.Equal(t, []string{"backlog of 39 to -7"}, w.turns(watcher))
	for range 14 {
		w.passes(time.Minute)
		assert.Empty(t, w.turns(watcher))
	}
	assert.Equal(t, counted{SLA: c.SLA, ripe: 39, noted: 39}, *c)
	w.passes(time.Minute)
	assert.Equal(t, []string{"backlog of 39 to 200"}, w.turns(watcher))
}

func TestATurnEndsWhateverBecomesOfWhatItLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opensMany(pages)
	watcher, c := w.counts()
	w.turns(watcher)
	w.passes(15 * time.Minute)
	c.forgetful = true
	assert.Equal(t, []string{fmt.Sprintf("backlog of %d to -7", pages)}, w.turns(watcher))
	assert.Equal(t, pages, c.ripe)
	assert.Empty(t, w.turns(watcher), "each step once")
	assert.Equal(t, 2*pages, c.ripe, "they are looked at until that is noted")
	c.forgetful = false
	w.turns(watcher)
	assert.Equal(t, 3*pages, c.ripe)
	assert.Empty(t, w.turns(watcher))
	assert.Equal(t, 3*pages, c.ripe)
}

func TestABacklogOfManyPagesIsOneMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opensMany(pages)
	w.passes(15 * time.Minute)
	watcher, c := w.counts() // after a stop
	assert.Equal(t, []string{fmt.Sprintf("backlog of %d to -7", pages)}, w.turns(watcher))
	w.passes(15 * time.Minute)
	var before []string
	c.meanwhile = func() { // it is sent before the turn ends
		c.meanwhile = nil
		before = w.told()
	}
	assert.Equal(t, []string{fmt.Sprintf("backlog of %d to 200", pages-100)}, w.turns(watcher))
	assert.Equal(t, []string{"backlog of 100 to 200"}, before)
}

// TestAllAreLookedAtAgainEachHour has another process, with other settings, say
// when to look at a ticket.
func TestAllAreLookedAtAgainEachHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	watcher := w.watcher()
	assert.Empty(t, w.turns(watcher))
	w.policy.Take, w.policy.Done = 1000*time.Hour, 1000*time.Hour
	w.opens()
	w.passes(59 * time.Minute)
	assert.Empty(t, w.turns(watcher))
	w.passes(time.Minute)
	assert.Equal(t, []string{"take 1 to -7", "take_admins 1 to 200"}, w.turns(watcher))
	assert.Empty(t, w.turns(watcher))
}

func TestAllAreLookedAtAgainAPageWithEachTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.policy = sla.Policy{} // nothing is ever due
	w.opensMany(pages)
	watcher, c := w.counts()
	w.turns(watcher)
	assert.Equal(t, pages, c.ofAll, "at first all at once")
	for range 2 {
		for _, s := range []struct {
			later time.Duration
			read  int
		}{{59 * time.Minute, 0}, {time.Minute, 500}, {5 * time.Second, 500}, {5 * time.Second, pages - 1000}, {5 * time.Second, 0}} {
			w.passes(s.later)
			c.ofAll = 0
			w.turns(watcher)
			assert.Equal(t, s.read, c.ofAll)
		}
	}
	assert.Zero(t, c.ripe)
}

// TestDeadlinesFollowTheSettings has the settings change between two runs, or
// while another process led.
func TestDeadlinesFollowTheSettings(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(w *world, old *sla.Watcher) *sla.Watcher{
		"a process that starts": func(w *world, _ *sla.Watcher) *sla.Watcher { return w.watcher() },
		"one that begins to lead": func(w *world, old *sla.Watcher) *sla.Watcher {
			old.Policy = w.policy
			old.Begin()
			return old
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.opens()
			w.takes(w.opens().ID, "Boris")
			watcher := w.watcher()
			w.passes(10 * time.Minute)
			assert.Empty(t, w.turns(watcher))

			w.policy.Take, w.policy.Done = 5*time.Minute, 7*time.Minute
			watcher = again(w, watcher)
			assert.Equal(t, []string{"take 1 to -7", "done 2 to -7", "take_admins 1 to 200"}, w.turns(watcher))

			w.policy.Take, w.policy.Done = 30*time.Minute, time.Hour
			watcher = again(w, watcher)
			w.passes(79 * time.Minute)
			assert.Empty(t, w.turns(watcher))
			w.passes(time.Minute)
			assert.Equal(t, []string{"owner 1 to 1000", "owner 2 to 1001"}, w.turns(watcher))
		})
	}
}

func TestAChangeBetweenTheLookAndTheNoteWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens()
	watcher, c := w.counts()
	w.turns(watcher)
	w.passes(15 * time.Minute)
	c.meanwhile = func() {
		c.meanwhile = nil
		_, _, err := w.tickets.Prioritize(t.Context(), k.ID, ticket.Urgent, ticket.Actor{ID: 5})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"take 1 to -7"}, w.turns(watcher))
	assert.Nil(t, c.meanwhile)
	assert.Equal(t, []string{"take_admins 1 to 200"}, w.turns(watcher), "the admins hear of what is urgent earlier")
}

// TestNothingIsMissedThatALookAtAllWouldFind tells a working week of a few
// tickets, with everything that managers do. After each turn all is noted as a
// look at all would have it.
func TestNothingIsMissedThatALookAtAllWouldFind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.policy.Release = 3 * time.Hour
	watcher, c := w.counts()
	dice := rand.New(rand.NewPCG(4, 7)) // the same each time
	told := map[string]int{}
	for range 400 {
		w.happens(dice)
		w.passes(time.Duration(dice.IntN(20)) * time.Minute)
		for _, said := range w.turns(watcher) {
			step, _, _ := strings.Cut(said, " ")
			told[step]++
		}
		assert.Empty(t, w.turns(watcher), "each step once")
		all, noted := w.counts()
		noted.forgetful = true
		assert.Empty(t, w.turns(all), w.clock())
		require.Zero(t, noted.noted, w.clock())
	}
	for _, step := range ticket.Steps() {
		assert.Positive(t, told[string(step)], step)
	}
	assert.Less(t, c.ripe, 400, "few are looked at in vain")
}

// happens has somebody do something about a ticket. Much of it is refused.
func (w *world) happens(dice *rand.Rand) {
	w.Helper()
	ctx, by := w.Context(), ticket.Actor{ID: 5, Name: "Boris"}
	if w.vin < 3 || dice.IntN(40) == 0 {
		w.opens()
	}
	id := int64(max(1, w.vin-dice.IntN(6))) // one of the last
	var err error
	switch dice.IntN(20) {
	case 0, 1, 2:
		_, _, err = w.tickets.Take(ctx, id, by)
	case 3:
		_, _, err = w.tickets.Release(ctx, id, by)
	case 4:
		_, _, err = w.tickets.Assign(ctx, id, ticket.Actor{ID: 6, Name: "Vera"}, by)
	case 5:
		all := ticket.Priorities()
		_, _, err = w.tickets.Prioritize(ctx, id, all[dice.IntN(len(all))], by)
	case 6:
		_, _, err = w.tickets.CancelFor(ctx, id, by)
	case 7:
		_, _, err = w.tickets.Reject(ctx, id, ticket.Rejection{Reason: ticket.RejectOther, Text: "no"}, by)
	case 8, 9:
		_, _, err = w.tickets.Reopen(ctx, id, by)
	case 10:
		_, err = w.tickets.Delete(ctx, id, by)
	case 11, 12:
		_, err = w.tickets.Restore(ctx, id, by)
	}
	if err != nil {
		require.Contains(w, []ticket.Code{ticket.CodeConflict, ticket.CodeNotFound, ticket.CodeInvalid}, ticket.CodeOf(err), err)
	}
}
