package sla

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// waiting is a transaction that knows what waits to be sent.
type waiting struct {
	ticket.Tx

	effects []ticket.Effect
}

func (w *waiting) Enqueue(_ context.Context, e ticket.Effect) error {
	w.effects = append(w.effects, e)
	return nil
}

func (w *waiting) Withdraw(_ context.Context, kind ticket.EffectKind, merge string) (found bool, err error) {
	left := w.effects[:0:0]
	for _, e := range w.effects {
		if e.Kind == kind && e.Merge == merge {
			found = true
			continue
		}
		left = append(left, e)
	}
	w.effects = left
	return found, nil
}

// sizes tells of how many tickets each message that waits tells.
func (w *waiting) sizes() (sizes []int) {
	for _, e := range w.effects {
		n := 1
		if b, ok := e.Payload.(ticket.Backlog); ok {
			n = len(b.Overdue)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

func TestWhatIsToldOfPagesOfTickets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pages []int // of so many tickets
		want  []int // messages that tell of so many
	}{
		"few are told one by one":              {[]int{2, 0, 3}, []int{1, 1, 1, 1, 1}},
		"many together":                        {[]int{6}, []int{6}},
		"also where they are many by and by":   {[]int{4, 2, 1}, []int{1, 1, 1, 1, 3}},
		"a message that waits takes in more":   {[]int{500, 500, 0, 7}, []int{1007}},
		"until it is long enough":              {[]int{4990, 500, 500, 500}, []int{5490, 1000}},
		"one that is as long is left as it is": {[]int{5000, 1}, []int{5000, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx, said := &waiting{}, map[ticket.Place]told{}
			to, id := ticket.Place{Chat: -7, Topic: 3}, int64(0)
			for i, size := range c.pages {
				var page []ticket.Overdue
				for range size {
					id++
					page = append(page, ticket.Overdue{Ticket: id, Cycle: 1, Step: ticket.StepTake})
				}
				more := i < len(c.pages)-1
				require.NoError(t, telling{said: said, more: more}.place(t.Context(), tx, page, to))
				if size > 5 {
					assert.Equal(t, more, tx.effects[len(tx.effects)-1].After > 0, "it waits for more")
				}
			}
			assert.Equal(t, c.want, tx.sizes())
			seen := map[int64]bool{}
			for _, e := range tx.effects {
				if b, ok := e.Payload.(ticket.Backlog); ok {
					for _, o := range b.Overdue {
						assert.False(t, seen[o.Ticket], "each once")
						seen[o.Ticket] = true
					}
				}
			}
		})
	}
}
