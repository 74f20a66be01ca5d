package outbox

import (
	"cmp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// model checks a plan against the rules, told in the plainest way.
type model struct {
	t       *rapid.T
	plan    *plan
	gate    *fakeGate
	now     time.Time
	width   int
	next    int64
	rows    map[int64]*modelRow
	blocked map[int64]time.Time // chats, until when
}

type modelRow struct {
	Head
	entry  *entry    // while it is in flight
	lead   *modelRow // with whom it flies
	closed bool
	alone  bool
}

const modelLeast, modelMost = 3, 5

func newModel(t *rapid.T) *model {
	m := &model{
		t: t,
		plan: newPlan(map[string]Kind{
			"hook": {Parallel: 2}, "card": {Gather: &Gathering{Least: modelLeast, Most: modelMost}},
		}), gate: newFakeGate(),
		now: time.Unix(0, 0), width: 2, rows: map[int64]*modelRow{}, blocked: map[int64]time.Time{},
	}
	for chat := range int64(4) {
		m.gate.rules[chat] = func(now time.Time) time.Duration { return m.blocked[chat].Sub(now) }
	}
	return m
}

func TestThePlanKeepsItsRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "add": m.add, "take": m.take, "finish": m.finish, "again": m.again,
			"block": m.block, "room": m.room, "cards": m.cards,
			"width":       func(t *rapid.T) { m.width = rapid.IntRange(0, 4).Draw(t, "width") },
			"time passes": func(t *rapid.T) { m.now = m.now.Add(m.seconds(t)) },
		})
		m.drain(t)
	})
}

func (m *model) seconds(t *rapid.T) time.Duration {
	return time.Duration(rapid.IntRange(1, 5).Draw(t, "seconds")) * time.Second
}

// block has the gate hold a chat back; it never lets one go sooner than it said.
func (m *model) block(t *rapid.T) {
	chat := int64(rapid.IntRange(1, 3).Draw(t, "chat"))
	if until := m.now.Add(m.seconds(t)); until.After(m.blocked[chat]) {
		m.blocked[chat] = until
	}
}

// room changes how many more of its rows a chat's limit would let go.
func (m *model) room(t *rapid.T) {
	chat := int64(rapid.IntRange(1, 3).Draw(t, "chat"))
	m.gate.rooms[chat] = rapid.IntRange(0, 4).Draw(t, "room")
}

// cards announces rows that may be gathered.
func (m *model) cards(t *rapid.T) {
	for range rapid.IntRange(1, 8).Draw(t, "cards") {
		m.next++
		h := Head{
			ID: m.next * 10, Kind: "card", Lane: "ticket:" + strconv.FormatInt(m.next%12, 10),
			Chat: int64(rapid.IntRange(1, 2).Draw(t, "chat")), Gather: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "gather"),
			Urgency: 2,
		}
		assert.True(t, m.plan.add(h, m.now))
		m.rows[h.ID] = &modelRow{Head: h}
	}
}

// add announces a row, as often as not in the wrong order, sometimes twice.
func (m *model) add(t *rapid.T) {
	m.next++
	h := Head{
		ID:      m.next*10 - int64(rapid.IntRange(0, 40).Draw(t, "earlier")),
		Kind:    "say",
		Lane:    strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "lane")),
		Chat:    int64(rapid.IntRange(0, 3).Draw(t, "chat")),
		Urgency: rapid.IntRange(0, 3).Draw(t, "urgency"),
	}
	if h.Chat == 0 {
		h.Kind = "hook"
	}
	if rapid.IntRange(0, 3).Draw(t, "delayed") == 0 {
		h.RunAt = m.now.Add(m.seconds(t))
	}
	if m.rows[h.ID] != nil {
		return
	}
	assert.True(t, m.plan.add(h, m.now))
	assert.False(t, m.plan.add(h, m.now), "twice is once")
	m.rows[h.ID] = &modelRow{Head: h}
}

// heads lists the rows that may go now: the first of each lane, if its time
// has come, its chat is not blocked and its kind has room, or the width has.
func (m *model) heads() (heads []*modelRow) {
	lanes := map[laneKey][]*modelRow{}
	hooks, sends := 0, 0
	for _, r := range m.rows {
		if !r.closed {
			lanes[r.lane()] = append(lanes[r.lane()], r)
		}
		if r.entry != nil && r.Chat == 0 {
			hooks++
		}
		if r.entry != nil && r.Chat != 0 && r.lead == r {
			sends++
		}
	}
	for _, lane := range lanes {
		first := slices.MinFunc(lane, func(a, b *modelRow) int {
			if a.entry != b.entry { // what is in flight stays the first; there is one at most
				return map[bool]int{true: -1, false: 1}[a.entry != nil]
			}
			return cmp.Compare(a.ID, b.ID)
		})
		if first.entry == nil && !first.RunAt.After(m.now) && !m.blocked[first.Chat].After(m.now) &&
			(first.Chat != 0 && sends < m.width || first.Chat == 0 && hooks < 2) {
			heads = append(heads, first)
		}
	}
	return heads
}

func (m *model) take(t *rapid.T) { m.takeOne(t) }

func (m *model) takeOne(t *rapid.T) bool {
	heads := m.heads()
	e := m.plan.next(m.now, m.gate, m.width)
	if len(heads) == 0 {
		assert.Nil(t, e)
		return false
	}
	if !assert.NotNil(t, e, "of %d that may go", len(heads)) {
		return false
	}
	want := slices.MinFunc(heads, func(a, b *modelRow) int {
		return cmp.Or(cmp.Compare(a.Urgency, b.Urgency), cmp.Compare(a.ID, b.ID))
	})
	assert.Equal(t, want.ID, e.ID, "the most urgent, then the oldest")
	m.fly(t, e, heads)
	return true
}

// fly looks at who goes with an entry: the oldest of those that may, if there
// are enough, and more than there is room for.
func (m *model) fly(t *rapid.T, e *entry, heads []*modelRow) {
	lead := m.rows[e.ID]
	var others []int64
	for _, h := range heads {
		if h != lead && h.Kind == "card" && h.Gather != "" && h.Kind == lead.Kind && h.Chat == lead.Chat &&
			h.Gather == lead.Gather && !h.alone && !lead.alone {
			others = append(others, h.ID)
		}
	}
	slices.Sort(others)
	if len(others) <= m.gate.Room(lead.Chat, lead.Urgency, m.now) || len(others)+1 < modelLeast {
		others = nil
	}
	others = others[:min(len(others), modelMost-1)]
	var mates []int64
	for _, mate := range e.mates {
		mates = append(mates, mate.ID)
		m.rows[mate.ID].entry, m.rows[mate.ID].lead = mate, lead
	}
	assert.Equal(t, others, mates)
	lead.entry, lead.lead = e, lead
}

func (m *model) pick(t *rapid.T) *modelRow {
	var flying []*modelRow
	for _, r := range m.rows {
		if r.entry != nil && r.lead == r {
			flying = append(flying, r)
		}
	}
	if len(flying) == 0 {
		t.Skip("nothing is in flight")
	}
	slices.SortFunc(flying, func(a, b *modelRow) int { return cmp.Compare(a.ID, b.ID) })
	return flying[rapid.IntRange(0, len(flying)-1).Draw(t, "which")]
}

func (m *model) end(r *modelRow) {
	lead := r.entry
	for e := range lead.together() {
		row := m.rows[e.ID]
		row.entry, row.lead = nil, nil
		row.closed, row.RunAt, row.alone = !e.again, e.runAt, e.alone
	}
	m.plan.settle(lead, m.now)
	assert.Empty(m.t, lead.mates)
}

func (m *model) finish(t *rapid.T) { m.end(m.pick(t)) }

// again has an attempt fail: all that flew together come again, sometimes each
// alone, or some of them are another's.
func (m *model) again(t *rapid.T) {
	r := m.pick(t)
	at, apart := m.now.Add(m.seconds(t)), rapid.Bool().Draw(t, "apart")
	for e := range r.entry.together() {
		e.again, e.runAt = rapid.IntRange(0, 5).Draw(t, "again") > 0, at
		e.alone = e.alone || apart && len(r.entry.mates) > 0
	}
	m.end(r)
}

func (m *model) check(t *rapid.T) {
	known, flying := 0, 0
	for _, r := range m.rows {
		if !r.closed {
			known++
		}
		if r.entry != nil {
			flying++
		}
	}
	assert.Len(t, m.plan.known, known)
	assert.Len(t, m.plan.inFlight, flying)
}

// drain shows that nothing is lost, and that nothing is kept afterwards.
func (m *model) drain(t *rapid.T) {
	m.width = 1
	for range 10 * (len(m.rows) + 1) {
		for m.takeOne(t) {
			continue
		}
		for _, r := range m.rows {
			if r.entry != nil && r.lead == r {
				m.end(r)
			}
		}
		m.now = m.now.Add(time.Second)
	}
	m.now = m.now.Add(time.Minute)
	m.plan.wakeDue(m.now)
	m.check(t)
	assert.Empty(t, m.plan.known)
	assert.Empty(t, m.plan.lanes)
	assert.Empty(t, m.plan.groups, "idle chats cost nothing")
	assert.Empty(t, m.plan.chats)
	assert.Empty(t, m.plan.others)
	assert.Zero(t, m.plan.sending)
	assert.Zero(t, m.plan.flights)
	assert.Empty(t, m.plan.timers)
}
