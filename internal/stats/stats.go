// Package stats is the one query layer of numbers: the chat, the panel and the
// API show the same. A ticket counts where it stands now: one that was closed,
// reopened and closed again is closed when that happened last, and one that is
// open again is closed no more. Deleted tickets count nowhere. All durations
// are working time, as measured when it happened.
package stats

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"vinbot/internal/ticket"
)

// Question is what is asked: about the tickets of a period, from From until
// before To; of one manager, or of all where Manager is 0. What a manager has
// "opened" are the tickets opened then which that manager has, or had last. Of an
// admin who hid while doing something that counts for all, and for nobody by name:
// else the numbers would tell who hid. So does what was erased, with the names.
type Question struct {
	From, To time.Time
	Manager  int64
}

// Numbers count tickets by what happened to them in a stretch of time.
type Numbers struct {
	Opened      int
	Taken       int // and not put back since
	Done        int
	Rejected    int
	Undelivered int // times that a report did not reach the owner
}

// Add adds others to the numbers.
func (n *Numbers) Add(o Numbers) {
	n.Opened += o.Opened
	n.Taken += o.Taken
	n.Done += o.Done
	n.Rejected += o.Rejected
	n.Undelivered += o.Undelivered
}

// Spread says how long something took. Both figures are of the tickets
// themselves, none in between: half of them took no longer than the median, nine
// of ten no longer than P90.
type Spread struct {
	Count       int
	Median, P90 time.Duration
}

// Share is a part of a whole.
type Share struct{ Part, Whole int }

// Ratings are what the owners gave in the period.
type Ratings struct {
	Count int
	Stars int // in all
}

// Average is how many stars a rating has; 0 where there is none.
func (r Ratings) Average() float64 {
	if r.Count == 0 {
		return 0
	}
	return float64(r.Stars) / float64(r.Count)
}

// Slot is a part of a period: a day, or an hour of a single day.
type Slot struct {
	From, To time.Time
	Numbers
}

// Summary is the answer.
type Summary struct {
	Question
	Total      Numbers
	OpenNow    int
	ToTake     Spread // of those taken in the period
	ToDone     Spread // of those done in the period
	InTime     Share  // of those done in the period: no deadline was missed
	Ratings    Ratings
	Priorities map[ticket.Priority]Numbers
	Slots      []Slot // by hour where the period is a day, else by day
}

// Part is what the source counts of one manager's tickets of one priority, in a
// stretch of time, those that they have under their name apart from those of
// which that is not to be told; the manager is 0 where a ticket has none. It is
// never changed.
type Part struct {
	Manager  int64
	Named    bool
	Priority ticket.Priority
	Numbers
	Late    int // of those done
	Ratings Ratings
	// ToTake and ToDone are how many seconds it took to take each ticket that
	// was taken, and to do each that was done, the shortest first.
	ToTake, ToDone []uint32
}

// source is where the numbers are.
type source interface {
	// Count counts a stretch of time, from an instant until before another, each
	// manager and priority apart.
	Count(ctx context.Context, from, to time.Time) ([]Part, error)
	// Changed tells what of the numbers may be others since a mark. The zero
	// mark is before everything.
	Changed(ctx context.Context, since Mark) (Changes, error)
	// OpenNow counts the open tickets; of a manager, those that they have.
	OpenNow(ctx context.Context, manager int64) (int, error)
	// InHand counts the open tickets that each manager has under their name.
	InHand(ctx context.Context) (map[int64]int, error)
	// Moments counts a stretch of time by quarters of an hour.
	Moments(ctx context.Context, from, to time.Time) ([]Moment, error)
	// Lines lists the tickets that were opened behind a place and before a time, in
	// that order, limit at most.
	Lines(ctx context.Context, after Place, to time.Time, limit int) ([]Line, error)
}

// Stats answers questions.
type Stats struct {
	source source
	zone   *time.Location
	clock  func() time.Time
	parts  memory[Part]
	hours  memory[Moment]
}

// New makes the query layer. Days are those of the zone.
func New(s source, zone *time.Location, clock func() time.Time) *Stats {
	return &Stats{
		source: s, zone: zone, clock: clock,
		parts: memory[Part]{source: s, ask: source.Count, size: Part.size},
		hours: memory[Moment]{source: s, ask: source.Moments, size: Moment.size},
	}
}

// atOnce is how many questions the source is asked at a time.
const atOnce = 4

// Ask answers a question.
func (s *Stats) Ask(ctx context.Context, q Question) (Summary, error) {
	sum := Summary{Question: q, Priorities: map[ticket.Priority]Numbers{}, Slots: s.slots(q)}
	counted, err := s.parts.count(ctx, sum.Slots, s.clock())
	if err == nil {
		sum.OpenNow, err = s.source.OpenNow(ctx, q.Manager)
	}
	if err != nil {
		return Summary{}, fmt.Errorf("count tickets: %w", err)
	}
	var take, done [][]uint32
	for i, parts := range counted {
		for _, p := range parts {
			if q.Manager != 0 && !p.of(q.Manager) {
				continue
			}
			take, done = append(take, p.ToTake), append(done, p.ToDone)
			sum.Slots[i].Add(p.Numbers)
			sum.Ratings.Count += p.Ratings.Count
			sum.Ratings.Stars += p.Ratings.Stars
			sum.InTime.Part += p.Done - p.Late
			if p.Numbers != (Numbers{}) {
				all := sum.Priorities[p.Priority]
				all.Add(p.Numbers)
				sum.Priorities[p.Priority] = all
			}
		}
		sum.Total.Add(sum.Slots[i].Numbers)
	}
	sum.InTime.Whole = sum.Total.Done
	sum.ToTake, sum.ToDone = spread(take), spread(done)
	return sum, nil
}

// of reports whether a manager did it, under their name.
func (p Part) of(manager int64) bool { return p.Named && p.Manager == manager }

// together asks several things, some at a time, and gives what went wrong.
func together(ask []func() error) error {
	faults := make([]error, len(ask))
	var next atomic.Int64
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(ask); i = int(next.Add(1)) - 1 {
				faults[i] = ask[i]()
			}
		})
	}
	all.Wait()
	return errors.Join(faults...)
}

// spread finds the figures by the nearest rank: of n durations the p-th part is
// the one in place ⌈p·n⌉. The lists are sorted each for itself, which is enough
// to look, as in a book of names, for the shortest duration that so many reach.
func spread(lists [][]uint32) Spread {
	n, longest := 0, uint32(0)
	for _, l := range lists {
		if n += len(l); len(l) > 0 {
			longest = max(longest, l[len(l)-1])
		}
	}
	if n == 0 {
		return Spread{}
	}
	at := func(percent int) time.Duration {
		const whole = 100
		place := (percent*n + whole - 1) / whole
		seconds := sort.Search(int(longest), func(seconds int) bool {
			reached := 0
			for _, l := range lists {
				reached += sort.Search(len(l), func(i int) bool { return int(l[i]) > seconds })
			}
			return reached >= place
		})
		return time.Duration(seconds) * time.Second
	}
	return Spread{Count: n, Median: at(50), P90: at(90)}
}
