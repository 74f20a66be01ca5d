package sla_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/sla"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
)

// BenchmarkTurn measures a look at open tickets about none of which anything is
// due: it must not cost more where there are more of them.
func BenchmarkTurn(b *testing.B) {
	for _, open := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(open), func(b *testing.B) {
			now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
			policy := sla.Policy{Take: 15 * time.Minute, Done: 2 * time.Hour}
			s, err := store.Open(b.Context(), store.Options{
				Database: store.SQLite(litetest.File(b)), Clock: func() time.Time { return now }, Log: zerolog.Nop(),
			})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			require.NoError(b, s.Do(b.Context(), func(ctx context.Context, tx ticket.Tx) error {
				for i := range open {
					k := ticket.Ticket{VIN: fmt.Sprintf("WBAAA%012d", i), Status: ticket.New, Priority: ticket.Normal, OwnerID: int64(i + 1)}
					if err := tx.Insert(ctx, &k); err != nil {
						return err
					}
				}
				return nil
			}))
			w := sla.NewWatcher(sla.Options{
				Policy: policy, Store: s, Steps: s.SLA(), Tickets: ticket.NewService(s, &world{}), Groups: &world{},
				Log: zerolog.Nop(), Clock: func() time.Time { return now },
			})
			turn := func() {
				taken, err := w.RunOnce(b.Context())
				require.NoError(b, err)
				require.Zero(b, taken)
			}
			turn() // the first of a process looks at all of them
			b.ReportAllocs()
			for b.Loop() {
				turn()
			}
		})
	}
}
