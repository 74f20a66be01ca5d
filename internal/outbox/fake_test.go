package outbox

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is a row as a database would keep it.
type row struct {
	Job
	state       string // waiting, leased, done, dead
	merge       string
	reason      string
	leasedUntil time.Time
}

// fakeStore keeps rows in memory, and fails when told to.
type fakeStore struct {
	mu     sync.Mutex
	rows   map[int64]*row
	last   int64
	calls  map[string]int
	faults map[string]error // by operation
	pruned time.Time
	onPage func(after int64) // before a page of waiting rows is read
}

var _ Store = (*fakeStore)(nil)

func newFakeStore() *fakeStore {
	return &fakeStore{rows: map[int64]*row{}, calls: map[string]int{}, faults: map[string]error{}}
}

// fails has operations fail until it is called again.
func (s *fakeStore) fails(err error, ops ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
	for _, op := range ops {
		s.faults[op] = fmt.Errorf("%s: %w", op, err)
	}
}

func (s *fakeStore) callsOf(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[op]
}

func (s *fakeStore) get(id int64) row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.rows[id]
}

func (s *fakeStore) count(state string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.state == state {
			n++
		}
	}
	return n
}

// lock begins an operation; the caller unlocks.
func (s *fakeStore) lock(op string) error {
	s.mu.Lock()
	s.calls[op]++
	return s.faults[op]
}

func (s *fakeStore) insert(r row) Head {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	r.ID = cmp.Or(r.ID, s.last)
	s.last = max(s.last, r.ID)
	r.state = cmp.Or(r.state, "waiting")
	r.CreatedAt = time.Now()
	s.rows[r.ID] = &r
	return r.Head
}

func (s *fakeStore) Waiting(_ context.Context, after int64, limit int) ([]Head, error) {
	if s.onPage != nil {
		s.onPage(after)
	}
	defer s.mu.Unlock()
	if err := s.lock("waiting"); err != nil {
		return nil, err
	}
	var heads []Head
	for _, id := range slices.Sorted(maps.Keys(s.rows)) {
		if r := s.rows[id]; id > after && r.state == "waiting" && len(heads) < limit {
			heads = append(heads, r.Head)
		}
	}
	return heads, nil
}

func (s *fakeStore) Claim(_ context.Context, ids []int64, lease time.Duration) ([]Job, error) {
	defer s.mu.Unlock()
	if err := s.lock("claim"); err != nil {
		return nil, err
	}
	var jobs []Job
	for _, id := range ids {
		if r := s.rows[id]; r != nil && r.state == "waiting" {
			r.state, r.leasedUntil = "leased", time.Now().Add(lease)
			r.Attempt++
			jobs = append(jobs, r.Job)
		}
	}
	return jobs, nil
}

// held gives a row that is leased to an attempt.
func (s *fakeStore) held(op string, id int64, attempt int) (*row, error) {
	if err := s.lock(op); err != nil {
		return nil, err
	}
	r := s.rows[id]
	if r == nil || r.state != "leased" || r.Attempt != attempt {
		return nil, fmt.Errorf("%s: %w", op, ErrLost)
	}
	return r, nil
}

func (s *fakeStore) Renew(_ context.Context, id int64, attempt int, lease time.Duration) error {
	defer s.mu.Unlock()
	r, err := s.held("renew", id, attempt)
	if err == nil {
		r.leasedUntil = time.Now().Add(lease)
	}
	return err
}

func (s *fakeStore) Finish(ctx context.Context, job Job, record func(context.Context) error) error {
	return s.end(ctx, "finish", "done", job, record)
}

func (s *fakeStore) FinishAll(ctx context.Context, jobs []Job, record func(context.Context) error) error {
	for _, job := range jobs {
		only := record
		if job.ID != jobs[0].ID {
			only = nil
		}
		if err := s.Finish(ctx, job, only); err != nil {
			return err
		}
	}
	return nil
}

func (s *fakeStore) Bury(ctx context.Context, job Job, reason string, record func(context.Context) error) error {
	err := s.end(ctx, "bury", "dead", job, record)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.rows[job.ID].reason = reason
	}
	return err
}

func (s *fakeStore) end(ctx context.Context, op, state string, job Job, record func(context.Context) error) error {
	defer s.mu.Unlock()
	r, err := s.held(op, job.ID, job.Attempt)
	if err != nil {
		return err
	}
	if record != nil {
		if err := record(ctx); err != nil {
			return err
		}
	}
	r.state = state
	return nil
}

func (s *fakeStore) twinWaits(r *row) bool {
	for _, other := range s.rows {
		if r.merge != "" && other != r && other.merge == r.merge && other.state == "waiting" {
			return true
		}
	}
	return false
}

func (s *fakeStore) Retry(_ context.Context, job Job, at time.Time, reason string) (bool, error) {
	defer s.mu.Unlock()
	r, err := s.held("retry", job.ID, job.Attempt)
	if err != nil {
		return false, err
	}
	if s.twinWaits(r) {
		r.state = "done"
		return false, nil
	}
	r.state, r.RunAt, r.reason = "waiting", at, reason
	return true, nil
}

func (s *fakeStore) Reclaim(_ context.Context, before time.Time) ([]Head, error) {
	defer s.mu.Unlock()
	if err := s.lock("reclaim"); err != nil {
		return nil, err
	}
	var heads []Head
	for _, r := range s.rows {
		if r.state == "leased" && r.leasedUntil.Before(before) {
			r.state = "waiting"
			heads = append(heads, r.Head)
		}
	}
	return heads, nil
}

func (s *fakeStore) Prune(_ context.Context, before time.Time) (int, error) {
	defer s.mu.Unlock()
	s.pruned = before
	return 0, s.lock("prune")
}

func (s *fakeStore) Depths(context.Context) ([]Depth, error) { return nil, nil }

// fakeGate lets all go, but for the chats that have a rule.
type fakeGate struct {
	mu        sync.Mutex
	rules     map[int64]func(now time.Time) time.Duration // by chat; 0 for all others
	rooms     map[int64]int                               // by chat; without bound for all others
	kept      map[int64]time.Duration                     // by chat: for how long only answers go
	admits    map[int64]int                               // questions, by chat
	under     map[int64]int                               // under way, by chat
	penalties []string
}

func newFakeGate() *fakeGate {
	return &fakeGate{
		rules: map[int64]func(time.Time) time.Duration{}, rooms: map[int64]int{}, kept: map[int64]time.Duration{},
		admits: map[int64]int{}, under: map[int64]int{},
	}
}

func (g *fakeGate) Room(chat int64, _ int, _ time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if room, ok := g.rooms[chat]; ok {
		return room
	}
	return math.MaxInt
}

func (g *fakeGate) Admit(chat int64, urgency int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.admits[chat]++
	if wait := g.kept[chat]; wait > 0 && urgency > 1 {
		return wait
	}
	rule := g.rules[chat]
	if rule == nil {
		rule = g.rules[0]
	}
	if rule != nil {
		if wait := rule(now); wait > 0 {
			return wait
		}
	}
	g.under[chat]++
	return 0
}

func (g *fakeGate) Release(chat int64, _ time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.under[chat]--
}

func (g *fakeGate) Penalize(chat int64, pause time.Duration, _ time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.penalties = append(g.penalties, fmt.Sprintf("%d for %s", chat, pause))
}

func (g *fakeGate) asked(chat int64) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.admits[chat]
}

// everySecond lets one go a second.
func everySecond() func(now time.Time) time.Duration {
	var next time.Time
	return func(now time.Time) time.Duration {
		if now.Before(next) {
			return next.Sub(now)
		}
		next = now.Add(time.Second)
		return 0
	}
}

func never(time.Time) time.Duration { return time.Hour }
