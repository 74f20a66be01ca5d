package inbox

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// model checks a plan against the rules, told in the plainest way.
type model struct {
	plan    *plan
	now     time.Time
	seq     int64
	waiting map[string][]*item // by key, in order of arrival
	running []*item
	delayed map[*item]bool
}

func TestThePlanKeepsItsRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			plan: newPlan(), now: time.Unix(0, 0), waiting: map[string][]*item{}, delayed: map[*item]bool{},
		}
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "add": m.add, "insert": m.insert, "ready": m.ready, "finish": m.finish, "again": m.again, "put back": m.putBack,
			"time passes": func(t *rapid.T) {
				m.now = m.now.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "seconds")) * time.Second)
			},
		})
		m.drain(t)
	})
}

func (m *model) add(t *rapid.T) {
	m.seq++
	it := &item{
		Update: Update{Seq: m.seq},
		route:  Route{Key: strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "key"))},
		alone:  rapid.IntRange(0, 4).Draw(t, "alone") == 0,
		runAt:  m.now.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "seconds to wait")) * time.Second),
	}
	m.plan.add(it)
	m.waiting[it.route.Key] = append(m.waiting[it.route.Key], it)
}

// insert takes in an older one, behind the one whose turn it is.
func (m *model) insert(t *rapid.T) {
	m.seq++
	old := rapid.IntRange(1, int(m.seq)).Draw(t, "as old as")
	it := &item{Update: Update{Seq: int64(-old*1000) - m.seq}, route: Route{Key: strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "key"))}}
	assert.False(t, m.plan.knows(it.Seq))
	m.plan.insert(it)
	assert.True(t, m.plan.knows(it.Seq))
	q := m.waiting[it.route.Key]
	at := min(1, len(q))
	for at < len(q) && q[at].Seq < it.Seq {
		at++
	}
	m.waiting[it.route.Key] = slices.Insert(q, at, it)
}

// take gets what is ready and holds it to the rules.
func (m *model) take(t *rapid.T, n int) []*item {
	batch := m.plan.ready(m.now, n)
	assert.LessOrEqual(t, len(batch), n)
	for _, it := range batch {
		assert.Same(t, m.waiting[it.route.Key][0], it, "the oldest of its key")
		assert.NotContains(t, m.running, it, "and not twice")
		assert.False(t, it.runAt.After(m.now), "not before it is due")
		if it.alone {
			assert.Len(t, batch, 1)
			assert.Empty(t, m.running)
		}
	}
	for _, r := range m.running {
		if r.alone {
			assert.Empty(t, batch, "one runs alone")
		}
	}
	return batch
}

func (m *model) ready(t *rapid.T) {
	n := rapid.IntRange(1, 4).Draw(t, "n")
	for _, it := range m.take(t, n) {
		m.running = append(m.running, it)
		m.plan.running++
		delete(m.delayed, it)
	}
}

func (m *model) putBack(t *rapid.T) { m.plan.putBack(m.take(t, 3)) }

func (m *model) pick(t *rapid.T) *item {
	if len(m.running) == 0 {
		t.Skip("nothing runs")
	}
	i := rapid.IntRange(0, len(m.running)-1).Draw(t, "which")
	it := m.running[i]
	m.running = slices.Delete(m.running, i, i+1)
	m.plan.running--
	return it
}

func (m *model) finish(t *rapid.T) {
	it := m.pick(t)
	m.plan.finish(it)
	m.waiting[it.route.Key] = m.waiting[it.route.Key][1:]
}

func (m *model) again(t *rapid.T) {
	it := m.pick(t)
	m.plan.again(it, m.now.Add(2*time.Second))
	m.delayed[it] = true
}

func (m *model) check(t *rapid.T) {
	loaded, counted := 0, 0
	for _, q := range m.waiting {
		loaded += len(q)
		counted += min(len(q), share)
	}
	assert.Equal(t, loaded, m.plan.loaded)
	assert.Equal(t, counted, m.plan.counted)
}

// drain shows that nothing is lost: all of it can still be handled.
func (m *model) drain(t *rapid.T) {
	for range 1000 {
		for _, it := range m.running {
			m.plan.running--
			m.plan.finish(it)
			m.waiting[it.route.Key] = m.waiting[it.route.Key][1:]
		}
		m.running = nil
		m.now = m.now.Add(3 * time.Second)
		batch := m.take(t, 64)
		if len(batch) == 0 {
			break
		}
		m.running = batch
		m.plan.running += len(batch)
	}
	m.check(t)
	assert.Zero(t, m.plan.loaded)
	assert.Empty(t, m.plan.queues)
	assert.Empty(t, m.plan.runs)
	assert.Empty(t, m.plan.delayed)
}
