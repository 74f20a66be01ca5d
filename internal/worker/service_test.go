package worker_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary notes what services are told, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) write(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

type noted struct {
	name      string
	diary     *diary
	failStart error
	failStop  error
}

func (n noted) Start(context.Context) error {
	n.diary.write("start " + n.name)
	return n.failStart
}

func (n noted) Stop(context.Context) error {
	n.diary.write("stop " + n.name)
	return n.failStop
}

func TestGroupStartsInOrderAndStopsInReverse(t *testing.T) {
	t.Parallel()
	var d diary
	var g worker.Group
	for _, name := range []string{"a", "b", "c"} {
		g.Add(name, noted{name: name, diary: &d})
	}
	require.NoError(t, g.Stop(t.Context()), "before the start: nothing to do")
	require.NoError(t, g.Start(t.Context()))
	require.NoError(t, g.Start(t.Context()), "twice is once")
	require.NoError(t, g.Stop(t.Context()))
	require.NoError(t, g.Stop(t.Context()), "twice is once")
	assert.Equal(t, []string{"start a", "start b", "start c", "stop c", "stop b", "stop a"}, d.lines)

	require.NoError(t, g.Start(t.Context()), "a group can start again")
	require.NoError(t, g.Stop(t.Context()))
	assert.Len(t, d.lines, 12)
}

func TestGroupThatCannotStartStopsWhatRan(t *testing.T) {
	t.Parallel()
	var d diary
	var g worker.Group
	broken := errors.New("broken")
	g.Add("a", noted{name: "a", diary: &d})
	g.Add("b", noted{name: "b", diary: &d, failStart: broken})
	g.Add("c", noted{name: "c", diary: &d})
	err := g.Start(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "start b")
	assert.Equal(t, []string{"start a", "start b", "stop a"}, d.lines)
}

// steps are a service of two functions.
type steps struct {
	start, stop func(ctx context.Context) error
}

func (s steps) Start(ctx context.Context) error { return s.start(ctx) }
func (s steps) Stop(ctx context.Context) error  { return s.stop(ctx) }

func TestGroupWhoseStartIsBrokenOffWaitsForWhatRan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	fine := func(context.Context) error { return nil }
	waited := false
	var g worker.Group
	g.Add("a", steps{start: fine, stop: func(ctx context.Context) error {
		waited = ctx.Err() == nil
		return nil
	}})
	g.Add("b", steps{start: func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	}, stop: fine})
	require.ErrorIs(t, g.Start(ctx), context.Canceled)
	assert.True(t, waited, "that somebody gave up starting ends nothing at once that runs")
}

func TestGroupStopsAllAlsoWhenSomeComplain(t *testing.T) {
	t.Parallel()
	var d diary
	var g worker.Group
	first, second := errors.New("first"), errors.New("second")
	g.Add("a", noted{name: "a", diary: &d, failStop: first})
	g.Add("b", noted{name: "b", diary: &d, failStop: second})
	require.NoError(t, g.Start(t.Context()))
	err := g.Stop(t.Context())
	require.ErrorIs(t, err, first)
	require.ErrorIs(t, err, second)
	assert.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, d.lines)
}
