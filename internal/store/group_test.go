package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// together holds the writer up until units wait that shall share a transaction, and
// gives their errors.
func (f *fixture) together(t *testing.T, units ...func() error) []error {
	t.Helper()
	busy, goOn := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		assert.NoError(t, f.Do(t.Context(), func(context.Context, ticket.Tx) error {
			close(busy)
			<-goOn
			return nil
		}))
	})
	<-busy
	errs := make([]error, len(units))
	for i, unit := range units {
		all.Go(func() { errs[i] = unit() })
		require.Eventually(t, func() bool { return f.Queued() == i+1 }, 10*time.Second, 100*time.Microsecond) // in this order
	}
	close(goOn)
	all.Wait()
	return errs
}

// caller is an owner whose update is handled: what the bot does for a VIN.
type caller struct {
	id       int64
	name     string
	language string
	vins     []string
	// besides is done in the same transaction; nil for nothing.
	besides func(ctx context.Context, tx ticket.Tx) error
}

func (c caller) handled(ctx context.Context, f *fixture) error {
	if _, err := f.Bans().Banned(ctx, c.id); !ticket.IsNotFound(err) {
		return err
	}
	seen, err := f.Accounts().Seen(ctx, account.User{ID: c.id, Name: c.name, Username: "u", Language: c.language})
	if err != nil {
		return err
	}
	return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
		for _, vin := range c.vins {
			if err := c.opens(ctx, tx, seen, vin); err != nil {
				return err
			}
		}
		if c.besides != nil {
			return c.besides(ctx, tx)
		}
		return nil
	})
}

// opens writes down what it was told, so that a difference is one of the tables.
func (c caller) opens(ctx context.Context, tx ticket.Tx, seen account.User, vin string) error {
	demand, err := tx.Demand(ctx, c.id, 2)
	if err != nil {
		return err
	}
	k := ticket.Ticket{VIN: vin, Status: ticket.New, Priority: ticket.Normal, OwnerID: c.id}
	switch err := tx.Insert(ctx, &k); {
	case ticket.CodeOf(err) == ticket.CodeConflict:
		return tx.Enqueue(ctx, tells(c.id, 0, "there is one"))
	case err != nil:
		return err
	}
	told := fmt.Sprintf("%+v %+v", seen, demand)
	if err := tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened, To: ticket.New, Detail: told}); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, ticket.CardPost(k.ID, ticket.Place{Chat: -1})); err != nil {
		return err
	}
	return tx.Enqueue(ctx, tells(c.id, k.ID, told))
}

func tells(to, about int64, text string) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectSay, Lane: ticket.ChatLane(to), Chat: to, TicketID: about,
		Payload: ticket.Say{Text: text, To: ticket.Place{Chat: to}, User: to, Ticket: about},
	}
}

// callers are of every sort.
func callers() []caller {
	read := func(about int64) func(ctx context.Context, tx ticket.Tx) error {
		return func(ctx context.Context, tx ticket.Tx) error {
			all, err := tx.TicketsOf(ctx, about, ticket.New)
			if err != nil {
				return err
			}
			return tx.Enqueue(ctx, tells(about, 0, fmt.Sprint("you have ", len(all))))
		}
	}
	vin := func(n int) string { return fmt.Sprintf("WBAAA%012d", n) }
	return []caller{
		{id: 1, name: "New", language: "ru", vins: []string{vin(1)}},
		{id: 2, name: "Known", language: "", vins: []string{vin(2)}},
		{id: 3, name: "Renamed Now", language: "en", vins: []string{vin(3)}},
		{id: 4, name: "Back", language: "en", vins: []string{vin(4)}},
		{id: 5, name: "Chose", language: "en", vins: []string{vin(5)}},
		{id: 6, name: "Many", language: "ru", vins: []string{vin(6), vin(7), vin(6), vin(8)}},
		{id: 7, name: "Reads", language: "ru", vins: []string{vin(9)}, besides: read(7)},
		{id: 8, name: "Silent", language: "ru"},
		{id: 9, name: "Had one", language: "ru", vins: []string{vin(10)}},
		{id: 10, name: "Last", language: "en", vins: []string{vin(11)}},
	}
}

// known are those whom the bot has met.
func (f *fixture) known(t *testing.T) {
	t.Helper()
	people := f.Accounts()
	for id, name := range map[int64]string{2: "Known", 3: "Named Otherwise", 4: "Back", 5: "Chose", 9: "Had one"} {
		_, err := people.Seen(t.Context(), account.User{ID: id, Name: name, Username: "before", Language: "ru"})
		require.NoError(t, err)
	}
	require.NoError(t, people.SetUnreachable(t.Context(), 4, true))
	require.NoError(t, people.ChooseLanguage(t.Context(), 5, "ru"))
	f.ticket(t, 9, "WBAAA000000000010")
	f.clock.Advance(time.Minute)
}

// tables are what the callers' updates leave behind.
func (f *fixture) tables(t *testing.T) (rows []string) {
	t.Helper()
	for _, question := range []string{
		`SELECT id, name, username, language, language_chosen, unreachable, folded, last_word FROM users ORDER BY id`,
		`SELECT first_seen, last_seen FROM users ORDER BY id`,
		`SELECT id, vin, status, owner_id, version, opened_at FROM tickets ORDER BY id`,
		`SELECT id, ticket_id, kind, detail, at FROM events ORDER BY id`,
		`SELECT id, state, kind, lane, chat_id, payload, ticket_id, attempt, run_at FROM outbox ORDER BY id`,
		`SELECT chat_id, message_id, ticket_id, kind, rendered, posted_at FROM cards ORDER BY message_id`,
		`SELECT seq, state, body, attempt, handled_at FROM updates ORDER BY seq`,
	} {
		rows = append(rows, f.Rows(t, question)...)
	}
	return rows
}

func testGroups(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	for _, c := range callers() {
		t.Run("an update that shares a transaction leaves what it would alone: "+c.name, func(t *testing.T) {
			t.Parallel()
			alone, shared := open(t), open(t)
			all := []caller{
				{id: 101, name: "Before", language: "ru", vins: []string{"WBAAA000000000101"}},
				c,
				{id: 103, name: "After", language: "en", vins: []string{"WBAAA000000000103"}},
			}
			var units []func() error
			for _, f := range []*fixture{alone, shared} {
				f.known(t)
				for i, c := range all {
					seq := int64(i + 1)
					_, err := f.Inbox(1).Append(t.Context(), raws(seq))
					require.NoError(t, err)
					consume := func(ctx context.Context) error {
						return f.Inbox(1).Consume(ctx, seq, c.id, func(ctx context.Context) error { return c.handled(ctx, f) })
					}
					if f == alone { // what joins another transaction writes nothing late
						f.tx(t, func(ctx context.Context, _ ticket.Tx) error { return consume(ctx) })
						continue
					}
					units = append(units, func() error { return consume(t.Context()) })
				}
			}
			assert.Equal(t, make([]error, len(all)), shared.together(t, units...))
			assert.Equal(t, alone.tables(t), shared.tables(t))
			assert.Equal(t, alone.announced(), shared.announced())
			assert.Equal(t, alone.events, shared.events)
		})
	}

	t.Run("jobs that share a transaction leave what each would alone", func(t *testing.T) {
		t.Parallel()
		alone, shared := open(t), open(t)
		finish := func(ctx context.Context, f *fixture, job outbox.Job) error {
			return f.Outbox().Finish(ctx, job, func(ctx context.Context) error {
				if job.Kind != string(ticket.EffectCardPost) {
					return nil
				}
				return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
					version, err := tx.PostCard(ctx, ticket.Card{
						TicketID: job.TicketID, Kind: ticket.CardMain, Rendered: 1, Place: ticket.Place{Chat: -1, Message: int(job.ID)},
					})
					if err != nil || version == 1 {
						return err
					}
					return tx.Enqueue(ctx, tells(1, job.TicketID, fmt.Sprint("it is of version ", version)))
				})
			})
		}
		var units []func() error
		for _, f := range []*fixture{alone, shared} {
			for n := range int64(5) {
				k := f.ticket(t, n+1, vinA)
				f.enqueue(t, ticket.CardPost(k.ID, ticket.Place{Chat: -1}), tells(n+1, k.ID, "opened"))
				if n == 3 {
					f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &k) })
				}
			}
			for id := range int64(10) {
				job := f.claim(t, id+1)
				if f == alone {
					f.tx(t, func(ctx context.Context, _ ticket.Tx) error { return finish(ctx, f, job) })
					continue
				}
				units = append(units, func() error { return finish(t.Context(), f, job) })
			}
		}
		assert.Equal(t, make([]error, 10), shared.together(t, units...))
		assert.Equal(t, alone.tables(t), shared.tables(t))
	})

	t.Run("what a unit wrote is there for those after it", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		job := f.claim(t, f.enqueue(t, ticket.CardPost(k.ID, ticket.Place{Chat: -1}))[0].ID)
		_, err := f.Inbox(1).Append(t.Context(), raws(1, 2, 3))
		require.NoError(t, err)
		consume := func(seq int64, fn func(ctx context.Context, tx ticket.Tx) error) func() error {
			return func() error {
				return f.Inbox(1).Consume(t.Context(), seq, 0, func(ctx context.Context) error { return f.Within(ctx, fn) })
			}
		}
		card := ticket.Card{TicketID: k.ID, Kind: ticket.CardMain, Place: ticket.Place{Chat: -1, Message: 5}}
		event := ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened}
		assert.Equal(t, make([]error, 4), f.together(t,
			consume(1, func(ctx context.Context, tx ticket.Tx) error {
				return errors.Join(tx.AddEvent(ctx, event), tx.AddCard(ctx, card))
			}),
			consume(2, func(ctx context.Context, tx ticket.Tx) error {
				cards, err := tx.Cards(ctx, k.ID)
				assert.Len(t, cards, 1)
				return errors.Join(err, tx.AddEvent(ctx, event))
			}),
			consume(3, func(ctx context.Context, tx ticket.Tx) error {
				events, err := tx.Events(ctx, k.ID)
				assert.Len(t, events, 2)
				return errors.Join(err, tx.Update(ctx, &k))
			}),
			func() error {
				return f.Outbox().Finish(t.Context(), job, func(ctx context.Context) error {
					return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
						version, err := tx.PostCard(ctx, card)
						assert.Equal(t, int64(2), version)
						return err
					})
				})
			},
		))
	})

	t.Run("what is undone within a unit is not written late", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		_, err := f.Inbox(1).Append(t.Context(), raws(1, 2))
		require.NoError(t, err)
		unit := func(seq int64) func() error {
			return func() error {
				return f.Inbox(1).Consume(t.Context(), seq, 0, func(ctx context.Context) error {
					return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
						kept := ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened}
						undone := f.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
							return errors.Join(tx.AddEvent(ctx, kept), tx.AddEvent(ctx, kept), errRefused)
						})
						assert.ErrorIs(t, undone, errRefused)
						return tx.AddEvent(ctx, kept)
					})
				})
			}
		}
		assert.Equal(t, make([]error, 2), f.together(t, unit(1), unit(2)))
		events, err := f.Events(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Len(t, events, 2)
	})

	t.Run("what was done before, is lost, or cannot be written fails nobody else", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in := f.Inbox(1)
		_, err := in.Append(t.Context(), raws(1, 2, 3, 4, 5))
		require.NoError(t, err)
		require.NoError(t, in.Consume(t.Context(), 2, 0, nil))
		heads := f.enqueue(t, tells(1, 0, "first"), tells(2, 0, "second"))
		lost, ours := f.claim(t, heads[0].ID), f.claim(t, heads[1].ID)
		lost.Attempt++
		var done []string
		noting := func(what string, about int64) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
					tx.After(func() { done = append(done, what) })
					return tx.AddEvent(ctx, ticket.Event{TicketID: about, Kind: ticket.EventOpened})
				})
			}
		}
		consume := func(seq, about int64) func() error {
			return func() error { return in.Consume(t.Context(), seq, 0, noting(fmt.Sprint("update ", seq), about)) }
		}
		finish := func(job outbox.Job, about int64) func() error {
			return func() error { return f.Outbox().Finish(t.Context(), job, noting(fmt.Sprint("job ", job.ID), about)) }
		}
		k := f.ticket(t, 1, vinA)
		errs := f.together(t, consume(1, k.ID), consume(2, k.ID), finish(lost, k.ID), finish(ours, k.ID))
		require.NoError(t, errs[0])
		require.NoError(t, errs[1], "it was handled before")
		require.ErrorIs(t, errs[2], outbox.ErrLost)
		require.NoError(t, errs[3])
		assert.Equal(t, []string{"update 1", "job 2"}, done)

		errs = f.together(t, consume(3, k.ID), consume(4, k.ID+1), consume(5, k.ID))
		require.NoError(t, errs[0])
		require.Equal(t, ticket.CodeInvalid, ticket.CodeOf(errs[1]), "there is no such ticket")
		require.NoError(t, errs[2])
		assert.Equal(t, []string{"update 1", "job 2", "update 3", "update 5"}, done)
		assert.Equal(t, []int64{4}, pendingIDs(t, in))
		events, err := f.Events(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Len(t, events, 4)
	})

	t.Run("what is announced is what is stored, whatever its number", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var seqs []int64
		for n := range int64(40) {
			seqs = append(seqs, n+1)
		}
		_, err := f.Inbox(1).Append(t.Context(), raws(seqs...))
		require.NoError(t, err)
		var units []func() error
		for _, seq := range seqs {
			units = append(units, func() error {
				return f.Inbox(1).Consume(t.Context(), seq, 0, func(ctx context.Context) error {
					return f.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
						merged := tells(seq, 0, "once")
						merged.Merge = strconv.FormatInt(seq%7, 10)
						return errors.Join(tx.Enqueue(ctx, tells(seq, 0, "first")), tx.Enqueue(ctx, merged), tx.Enqueue(ctx, tells(seq, 0, "last")))
					})
				})
			})
		}
		assert.Equal(t, make([]error, 40), f.together(t, units...))
		heads := f.announced()
		assert.Len(t, heads, 2*40+7)
		assert.True(t, slices.IsSortedFunc(heads, func(a, b outbox.Head) int { return int(a.ID - b.ID) }))
		waiting, err := f.Outbox().Waiting(t.Context(), 0, 200)
		require.NoError(t, err)
		assert.Equal(t, waiting, heads)
	})
}
