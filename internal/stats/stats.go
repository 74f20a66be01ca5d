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
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vinbot/internal/ticket"
)

// Question is what is asked: about the tickets of a period, from From until
// before To; of one manager, or of all where Manager is 0. What a manager has
// "opened" are the tickets opened then which that manager has, or had last.
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

// Portion is what the source counts in one go.
type Portion struct {
	Numbers map[ticket.Priority]Numbers
	Late    int // of those done
	// ToTake and ToDone are how many seconds it took to take each ticket that
	// was taken, and to do each that was done, in no order.
	ToTake, ToDone []int64
}

// source is where the numbers are.
type source interface {
	// Count counts a stretch of time.
	Count(ctx context.Context, q Question) (Portion, error)
	// Ratings adds up the ratings that were given in a period.
	Ratings(ctx context.Context, q Question) (Ratings, error)
	// OpenNow counts the open tickets; of a manager, those that they have.
	OpenNow(ctx context.Context, manager int64) (int, error)
}

// Stats answers questions.
type Stats struct {
	source source
	zone   *time.Location
	clock  func() time.Time
}

// New makes the query layer. Days are those of the zone.
func New(s source, zone *time.Location, clock func() time.Time) *Stats {
	return &Stats{source: s, zone: zone, clock: clock}
}

// atOnce is how many questions the source is asked at a time.
const atOnce = 4

// Ask answers a question.
func (s *Stats) Ask(ctx context.Context, q Question) (Summary, error) {
	sum := Summary{Question: q, Priorities: map[ticket.Priority]Numbers{}, Slots: s.slots(q)}
	counted := make([]Portion, len(sum.Slots))
	asked := []func() error{
		func() (err error) { sum.Ratings, err = s.source.Ratings(ctx, q); return err },
		func() (err error) { sum.OpenNow, err = s.source.OpenNow(ctx, q.Manager); return err },
	}
	for i, slot := range sum.Slots {
		asked = append(asked, func() (err error) {
			counted[i], err = s.source.Count(ctx, Question{From: slot.From, To: slot.To, Manager: q.Manager})
			return err
		})
	}
	if err := together(asked); err != nil {
		return Summary{}, fmt.Errorf("count tickets: %w", err)
	}
	var take, done []int64
	for i, c := range counted {
		for priority, n := range c.Numbers {
			all := sum.Priorities[priority]
			all.Add(n)
			sum.Priorities[priority] = all
			sum.Slots[i].Add(n)
		}
		sum.Total.Add(sum.Slots[i].Numbers)
		sum.InTime.Part -= c.Late
		take, done = append(take, c.ToTake...), append(done, c.ToDone...)
	}
	sum.InTime.Part, sum.InTime.Whole = sum.InTime.Part+sum.Total.Done, sum.Total.Done
	sum.ToTake, sum.ToDone = spread(take), spread(done)
	return sum, nil
}

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
// the one in place ⌈p·n⌉.
func spread(seconds []int64) Spread {
	n := len(seconds)
	if n == 0 {
		return Spread{}
	}
	slices.Sort(seconds)
	at := func(percent int) time.Duration {
		const whole = 100
		return time.Duration(seconds[(percent*n+whole-1)/whole-1]) * time.Second
	}
	return Spread{Count: n, Median: at(50), P90: at(90)}
}
