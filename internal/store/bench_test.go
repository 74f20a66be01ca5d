package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

const benchWorkers = 64

// BenchmarkJourney measures all that the store does for one VIN, from the
// update to the answered owner and the posted card, by 64 workers: with the
// commits shared, and with one for each unit of work.
func BenchmarkJourney(b *testing.B) {
	for name, limit := range map[string]int{"commit/shared": 64, "commit/each": 1} {
		b.Run(name, func(b *testing.B) { benchJourney(b, limit) })
	}
}

func benchJourney(b *testing.B, limit int) {
	b.Helper()
	var mu sync.Mutex
	var heads []outbox.Head
	s := openBench(b, limit, func(news []outbox.Head, _ []store.Fleeting) {
		mu.Lock()
		heads = append(heads, news...)
		mu.Unlock()
	})
	ctx := b.Context()
	in := s.Inbox(1)
	b.ResetTimer()
	for from := 0; from < b.N; from += 100 {
		batch := make([]inbox.Raw, 0, 100)
		for i := from; i < min(from+100, b.N); i++ {
			batch = append(batch, inbox.Raw{ID: int64(i), Body: make([]byte, 600)})
		}
		_, err := in.Append(ctx, batch)
		require.NoError(b, err)
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range benchWorkers {
		workers.Go(func() {
			for {
				to := next.Add(8)
				seqs := make([]int64, 0, 8)
				for seq := to - 7; seq <= min(to, int64(b.N)); seq++ {
					seqs = append(seqs, seq)
				}
				if len(seqs) == 0 {
					return
				}
				must(b, in.Claim(ctx, seqs))
				for _, seq := range seqs {
					must(b, in.Consume(ctx, seq, seq, func(ctx context.Context) error { return benchOpen(ctx, s, seq) }))
				}
			}
		})
	}
	workers.Wait()
	require.Len(b, heads, 2*b.N)
	var at atomic.Int64
	for range benchWorkers {
		workers.Go(func() {
			for {
				to := int(at.Add(8))
				batch := heads[min(to-8, len(heads)):min(to, len(heads))]
				if len(batch) == 0 {
					return
				}
				benchSend(b, s, batch)
			}
		})
	}
	workers.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "VINs/s")
}

// benchOpen is what handling a VIN does.
func benchOpen(ctx context.Context, s *store.Store, n int64) error {
	if _, err := s.Accounts().Seen(ctx, account.User{ID: n, Name: "Owner", Username: "owner", Language: "en"}); err != nil {
		return err
	}
	return s.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		vin := fmt.Sprintf("WBAAA%012d", n)
		if _, err := tx.OpenTicket(ctx, n, vin); !ticket.IsNotFound(err) {
			return err
		}
		k := ticket.Ticket{VIN: vin, Status: ticket.New, Priority: ticket.Normal, OwnerID: n}
		if err := tx.Insert(ctx, &k); err != nil {
			return err
		}
		if err := tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened}); err != nil {
			return err
		}
		card := ticket.CardPost(k.ID, ticket.Place{Chat: -1})
		if err := tx.Enqueue(ctx, card); err != nil {
			return err
		}
		return tx.Enqueue(ctx, ticket.Effect{
			Kind: ticket.EffectSay, Lane: ticket.ChatLane(n), Chat: n, TicketID: k.ID,
			Payload: ticket.Say{Text: "opened", To: ticket.Place{Chat: n}, User: n, Ticket: k.ID},
		})
	})
}

// benchSend is what carrying effects out does.
func benchSend(b *testing.B, s *store.Store, heads []outbox.Head) {
	b.Helper()
	ids := make([]int64, len(heads))
	for i, h := range heads {
		ids[i] = h.ID
	}
	jobs, err := s.Outbox().Claim(b.Context(), ids, time.Minute)
	must(b, err)
	for _, job := range jobs {
		must(b, s.Outbox().Finish(b.Context(), job, func(ctx context.Context) error {
			if job.Kind != string(ticket.EffectCardPost) {
				return nil
			}
			return s.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
				return tx.AddCard(ctx, ticket.Card{
					TicketID: job.TicketID, Kind: ticket.CardMain, Place: ticket.Place{Chat: -1, Message: int(job.ID)},
				})
			})
		}))
	}
}

// BenchmarkRead measures the questions that rendering a card asks.
func BenchmarkRead(b *testing.B) {
	s := openBench(b, 64, nil)
	require.NoError(b, benchOpen(b.Context(), s, 1))
	b.Run("Ticket", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := s.Ticket(b.Context(), 1)
			must(b, err)
		}
	})
	b.Run("Cards", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := s.Cards(b.Context(), 1)
			must(b, err)
		}
	})
}

func openBench(b *testing.B, limit int, hook func([]outbox.Head, []store.Fleeting)) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), store.WithGroupLimit(store.Options{
		Database: store.SQLite(filepath.Join(b.TempDir(), "bench.db")), Clock: time.Now, Log: zerolog.Nop(), OnCommit: hook,
	}, limit))
	require.NoError(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	return s
}

// must stops a worker at an error, without failing in another goroutine than
// the benchmark's.
func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Error(err)
		panic(err)
	}
}
