package store_test

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// questions are all that a [ticket.Reader] can be asked, each put so that it
// finds the ticket that [binnedStory] tells of.
func questions(r ticket.Reader, s story) map[string]func(ctx context.Context) (any, error) {
	return map[string]func(ctx context.Context) (any, error){
		"Ticket":     func(ctx context.Context) (any, error) { return r.Ticket(ctx, s.ticket.ID) },
		"OpenTicket": func(ctx context.Context) (any, error) { return r.OpenTicket(ctx, s.ticket.OwnerID, s.ticket.VIN) },
		"TicketsOf": func(ctx context.Context) (any, error) {
			return r.TicketsOf(ctx, s.ticket.OwnerID, ticket.Statuses()...)
		},
		"OpenTickets":        func(ctx context.Context) (any, error) { return r.OpenTickets(ctx, 0, 10) },
		"CardAt":             func(ctx context.Context) (any, error) { return r.CardAt(ctx, -100, 50) },
		"CardAt of a report": func(ctx context.Context) (any, error) { return r.CardAt(ctx, -100, 7) },
		"Cards":              func(ctx context.Context) (any, error) { return r.Cards(ctx, s.ticket.ID) },
		"Report":             func(ctx context.Context) (any, error) { return r.Report(ctx, s.live.ID) },
		"ReportAt":           func(ctx context.Context) (any, error) { return r.ReportAt(ctx, -100, 7) },
		"LiveReport":         func(ctx context.Context) (any, error) { return r.LiveReport(ctx, s.ticket.ID) },
		"WaitingReport":      func(ctx context.Context) (any, error) { return r.WaitingReport(ctx, s.ticket.ID) },
		"UndeliveredReports": func(ctx context.Context) (any, error) { return r.UndeliveredReports(ctx, s.ticket.OwnerID) },
		"LastReport":         func(ctx context.Context) (any, error) { return r.LastReport(ctx, s.ticket.ID) },
		"Events":             func(ctx context.Context) (any, error) { return r.Events(ctx, s.ticket.ID) },
		"Digest":             func(ctx context.Context) (any, error) { return r.Digest(ctx, -100, 51) },
		"Ahead": func(ctx context.Context) (any, error) {
			return r.Ahead(ctx, ticket.Ticket{ID: 1000, Priority: ticket.Normal, OpenedAt: start().Add(time.Hour)})
		},
		"CountInHand": func(ctx context.Context) (any, error) { return r.CountInHand(ctx, 0) },
		"CountFound":  func(ctx context.Context) (any, error) { return r.CountFound(ctx, s.ticket.VIN) },
		"Demand":      func(ctx context.Context) (any, error) { return r.Demand(ctx, s.ticket.OwnerID, 1) },
		"DoneOf": func(ctx context.Context) (any, error) {
			page, total, err := r.DoneOf(ctx, s.done.OwnerID, 0, 10)
			if len(page) != total {
				return nil, fmt.Errorf("%d are listed and %d counted", len(page), total)
			}
			return page, err
		},
		"DoneSince": func(ctx context.Context) (any, error) { return r.DoneSince(ctx, start().Add(-time.Hour), 10) },
		"Queue": func(ctx context.Context) (any, error) {
			page, total, err := r.Queue(ctx, 0, 10)
			if len(page) != total {
				return nil, fmt.Errorf("%d are listed and %d counted", len(page), total)
			}
			return page, err
		},
		"InHand": func(ctx context.Context) (any, error) { return r.InHand(ctx, 0, 10) },
		"Find":   func(ctx context.Context) (any, error) { return r.Find(ctx, s.ticket.VIN, 10) },
		"Find by the last characters": func(ctx context.Context) (any, error) {
			found, err := r.Find(ctx, s.ticket.VIN[len(s.ticket.VIN)-ticket.TailLength:], 10)
			return found, err
		},
		"Reusable": func(ctx context.Context) (any, error) {
			return r.Reusable(ctx, s.done.VIN, start().Add(-time.Hour))
		},
		"PromptAt":      func(ctx context.Context) (any, error) { return r.PromptAt(ctx, -100, 52) },
		"Rating":        func(ctx context.Context) (any, error) { return r.Rating(ctx, s.done.ID) },
		"DeletedTicket": func(ctx context.Context) (any, error) { return r.DeletedTicket(ctx, s.ticket.ID) },
		"Bin":           func(ctx context.Context) (any, error) { return r.Bin(ctx, ticket.BinPlace{}, 10) },
	}
}

// ofTheBin are the questions that find deleted tickets, and no others.
var ofTheBin = map[string]bool{"DeletedTicket": true, "Bin": true}

// story is two tickets that have all that a ticket can have.
type story struct {
	ticket ticket.Ticket
	live   ticket.Report
	done   ticket.Ticket
}

func (f *fixture) story(t *testing.T) story {
	t.Helper()
	s := story{ticket: f.ticket(t, 1, vinA), done: ticket.Ticket{
		VIN: vinB, Status: ticket.Done, Priority: ticket.Low, OwnerID: 1, ClosedAt: start(),
	}}
	f.report(t, s.ticket.ID, ticket.ReportDelivered)
	f.report(t, s.ticket.ID, ticket.ReportReceived)
	s.live = f.report(t, s.ticket.ID, ticket.ReportUndelivered)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		if err := tx.AddEvent(ctx, ticket.Event{TicketID: s.ticket.ID, Kind: ticket.EventOpened, ActorID: 1}); err != nil {
			return err
		}
		if err := tx.Insert(ctx, &s.done); err != nil {
			return err
		}
		given := ticket.Report{TicketID: s.done.ID, Status: ticket.ReportDelivered, DeliveredAt: start()}
		if err := tx.InsertReport(ctx, &given); err != nil {
			return err
		}
		if err := tx.SetRating(ctx, ticket.Rating{Ticket: s.done.ID, Stars: 5, RatedAt: start(), ChangedAt: start()}); err != nil {
			return err
		}
		if err := tx.AddPrompt(ctx, ticket.Prompt{
			TicketID: s.ticket.ID, Place: ticket.Place{Chat: -100, Message: 52}, Kind: ticket.PromptReject,
		}); err != nil {
			return err
		}
		for message, kind := range map[int]ticket.CardKind{50: ticket.CardMain, 51: ticket.CardDigest} {
			if err := tx.AddCard(ctx, ticket.Card{
				TicketID: s.ticket.ID, Place: ticket.Place{Chat: -100, Message: message}, Kind: kind,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

func testBin(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a deleted ticket is in the bin and nowhere else", func(t *testing.T) {
		t.Parallel()
		testHidden(t, open(t))
	})

	t.Run("it comes back as it was", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		s := f.story(t)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			deleted, err := tx.Delete(ctx, s.ticket.ID)
			assert.True(t, deleted)
			again, _ := tx.Delete(ctx, s.ticket.ID)
			assert.False(t, again)
			return err
		})
		binned, err := f.DeletedTicket(t.Context(), s.ticket.ID)
		require.NoError(t, err)
		assert.Equal(t, stored(start()), binned.DeletedAt)
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			won, err := tx.Take(ctx, s.ticket, ticket.Actor{ID: 1})
			assert.False(t, won)
			require.NoError(t, err)
			assert.True(t, ticket.IsNotFound(tx.Update(ctx, &s.ticket)))
			restored, err := tx.Restore(ctx, s.ticket.ID)
			assert.True(t, restored)
			return err
		})
		got, err := f.Ticket(t.Context(), s.ticket.ID)
		require.NoError(t, err)
		s.ticket.Version += 2
		assert.Equal(t, s.ticket, got)
	})

	t.Run("it gives its place to another, and takes it back from none", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		s := f.story(t)
		restore := func() (restored bool) {
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
				var err error
				restored, err = tx.Restore(ctx, s.ticket.ID)
				return err
			})
			return restored
		}
		assert.False(t, restore(), "it is not deleted")
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, s.ticket.ID); return err })
		again := f.ticket(t, 1, vinA)
		assert.False(t, restore())
		again.Status = ticket.Cancelled
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &again) })
		assert.True(t, restore())
	})

	t.Run("the bin is listed in pages, the last deleted first", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		var want []int64
		for i := range 5 {
			k := f.ticket(t, int64(i+1), vinA)
			if i%2 == 0 {
				f.clock.Advance(time.Millisecond)
			}
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, k.ID); return err })
			want = append([]int64{k.ID}, want...)
		}
		var got []int64
		for place := (ticket.BinPlace{}); ; {
			page, err := f.Bin(t.Context(), place, 2)
			require.NoError(t, err)
			for _, k := range page {
				got = append(got, k.ID)
				place = ticket.BinPlace{DeletedAt: k.DeletedAt, ID: k.ID}
			}
			if len(page) < 2 {
				break
			}
		}
		assert.Equal(t, want, got)
	})
}

func testHidden(t *testing.T, f *fixture) {
	t.Helper()
	s := f.story(t)
	asked := questions(f.Store, s)
	reader := reflect.TypeFor[ticket.Reader]()
	for i := range reader.NumMethod() {
		assert.Contains(t, asked, reader.Method(i).Name, "a question that this test does not ask yet")
	}
	found := func(ask func(context.Context) (any, error)) bool {
		answer, err := ask(t.Context())
		if ticket.IsNotFound(err) {
			return false
		}
		require.NoError(t, err)
		v := reflect.ValueOf(answer)
		return v.Kind() == reflect.Slice && v.Len() > 0 || v.Kind() != reflect.Slice && !v.IsZero()
	}
	for name, ask := range asked {
		assert.Equal(t, !ofTheBin[name], found(ask), "%s, before", name)
	}
	both := func(change func(tx ticket.Tx) func(context.Context, int64) (bool, error)) {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			_, err := change(tx)(ctx, s.ticket.ID)
			require.NoError(t, err)
			_, err = change(tx)(ctx, s.done.ID)
			return err
		})
	}
	both(func(tx ticket.Tx) func(context.Context, int64) (bool, error) { return tx.Delete })
	for name, ask := range asked {
		assert.Equal(t, ofTheBin[name], found(ask), "%s, deleted", name)
	}
	both(func(tx ticket.Tx) func(context.Context, int64) (bool, error) { return tx.Restore })
	for name, ask := range asked {
		assert.Equal(t, !ofTheBin[name], found(ask), "%s, restored", name)
	}
}

// TestEveryStatementSaysWhetherItMeansTheBin looks at the text of everything
// that the ports can ask and change.
func TestEveryStatementSaysWhetherItMeansTheBin(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	askEverything(t, f)
	named := regexp.MustCompile("(?i)(?:FROM|UPDATE|JOIN)\\s+[`\"]?(tickets|reports|cards|events|ratings)\\b")
	erases := regexp.MustCompile(`erased_at|file_id <> ''|file_id = ''`)
	byKey := regexp.MustCompile(`^\s*(?:UPDATE reports|DELETE FROM cards)\b`)                                          // what was read before
	posts := regexp.MustCompile(`^SELECT version FROM tickets`)                                                        // accepted after its ticket was deleted, perhaps
	changes := regexp.MustCompile(`FROM events(?: WHERE id > \? ORDER BY id LIMIT \?)?$|max\(id\), 0\) FROM events\)`) // into the bin and out of it are two
	seen := 0
	for _, text := range f.Statements() {
		if !named.MatchString(text) || erases.MatchString(text) || byKey.MatchString(text) || posts.MatchString(text) || changes.MatchString(text) {
			continue
		}
		seen++
		assert.True(t, strings.Contains(text, "deleted_at"), text)
	}
	assert.Greater(t, seen, 15)
}
