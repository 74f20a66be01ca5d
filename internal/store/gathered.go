package store

import (
	"context"
	"slices"
	"sync"

	"vinbot/internal/ticket"
)

// gatheredKinds is how many kinds of questions are gathered, each by a connection of
// its own.
const gatheredKinds = 2

// gathered asks one question for all who want to know the same, each about something
// else, and came while another question was under way. On a database that is far that
// costs hardly more than asking for one of them.
type gathered[T any] struct {
	ctx context.Context // for what is asked for several; never done
	// ask answers for the ids that there is an answer to.
	ask func(ctx context.Context, ids []int64) (map[int64]T, error)

	mu      sync.Mutex
	waiting []*wanted[T]
	asking  bool
}

// wanted is one answer that somebody waits for.
type wanted[T any] struct {
	id     int64
	answer T
	err    error
	done   chan struct{}
}

// get gives the answer for an id; a [ticket.CodeNotFound] error where there is none.
func (g *gathered[T]) get(ctx context.Context, doing string, id int64) (none T, _ error) {
	w := &wanted[T]{id: id, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	begin := !g.asking
	g.asking = true
	g.mu.Unlock()
	if begin {
		go g.answer()
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		return none, fault(doing, ctx.Err())
	}
	return w.answer, fault(doing, w.err)
}

// answer asks for those who wait until nobody does.
func (g *gathered[T]) answer() {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), largestPortion)
		if n == 0 {
			g.asking = false
			g.mu.Unlock()
			return
		}
		batch := slices.Clone(g.waiting[:n])
		g.waiting = slices.Delete(g.waiting, 0, n)
		g.mu.Unlock()
		g.tell(batch)
	}
}

// tell asks for a batch and answers it.
func (g *gathered[T]) tell(batch []*wanted[T]) {
	ids := make([]int64, len(batch))
	for i, w := range batch {
		ids[i] = w.id
	}
	answers, err := g.ask(g.ctx, ids)
	for _, w := range batch {
		found := false
		if w.answer, found = answers[w.id]; err != nil {
			w.err = err
		} else if !found {
			w.err = ticket.NewError(ticket.CodeNotFound, "there is none", nil)
		}
		close(w.done)
	}
}
