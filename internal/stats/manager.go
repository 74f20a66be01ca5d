package stats

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Work is what one manager did in a period, under their name.
type Work struct {
	Manager int64
	InHand  int // open tickets that they have at this moment
	Numbers
	ToTake  Spread // of those taken in the period
	ToDone  Spread // of those done in the period
	InTime  Share  // of those done in the period: no deadline was missed
	Ratings Ratings
}

// Managers tells what each manager did in a period, who did most first. Who did
// nothing then and has nothing in hand is not told of.
func (s *Stats) Managers(ctx context.Context, q Question) ([]Work, error) {
	counted, err := s.parts.count(ctx, s.slots(q), s.clock())
	if err != nil {
		return nil, fmt.Errorf("count the managers' tickets: %w", err)
	}
	inHand, err := s.source.InHand(ctx)
	if err != nil {
		return nil, fmt.Errorf("count what managers have in hand: %w", err)
	}
	all := map[int64]*gathered{}
	of := func(manager int64) *gathered {
		if all[manager] == nil {
			all[manager] = &gathered{Work: Work{Manager: manager}}
		}
		return all[manager]
	}
	for _, parts := range counted {
		for _, p := range parts {
			if p.Manager != 0 && p.Named {
				of(p.Manager).add(p)
			}
		}
	}
	for manager, n := range inHand {
		of(manager).InHand = n
	}
	works := make([]Work, 0, len(all))
	for _, g := range all {
		works = append(works, g.work())
	}
	slices.SortFunc(works, func(a, b Work) int {
		return cmp.Or(cmp.Compare(b.Done, a.Done), cmp.Compare(b.Taken, a.Taken), cmp.Compare(a.Manager, b.Manager))
	})
	return works, nil
}

// gathered is a manager's work while its parts are put together.
type gathered struct {
	Work

	take, done [][]uint32
}

func (g *gathered) add(p Part) {
	g.Add(p.Numbers)
	g.InTime.Part += p.Done - p.Late
	g.Ratings.Count += p.Ratings.Count
	g.Ratings.Stars += p.Ratings.Stars
	g.take, g.done = append(g.take, p.ToTake), append(g.done, p.ToDone)
}

func (g *gathered) work() Work {
	g.InTime.Whole = g.Done
	g.ToTake, g.ToDone = spread(g.take), spread(g.done)
	return g.Work
}
