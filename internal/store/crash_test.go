package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// crashWriterEnv names the database that a child process writes to until it is
// killed.
const crashWriterEnv = "VINBOT_TEST_CRASH_WRITER"

// crashWriter stores tickets as fast as it can and says the number of each
// that is committed. It never ends by itself.
func crashWriter(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Database: store.SQLite(path), Clock: time.Now, Log: zerolog.Nop()})
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	for worker := range int64(8) {
		go func() {
			for n := int64(1); ; n++ {
				k := ticket.Ticket{VIN: vinA, Status: ticket.New, Priority: ticket.Normal}
				err := s.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
					if err := tx.Insert(ctx, &k); err != nil {
						return err
					}
					if err := tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened, ActorID: worker}); err != nil {
						return err
					}
					return tx.Enqueue(ctx, ticket.Effect{Kind: ticket.EffectSay, TicketID: k.ID})
				})
				if err != nil {
					panic(err)
				}
				mu.Lock()
				_, _ = fmt.Fprintln(os.Stdout, k.ID)
				mu.Unlock()
			}
		}()
	}
	select {}
}

func TestWhatWasCommittedSurvivesAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vinbot.db")
	told := map[int64]bool{}
	for range 5 {
		for _, id := range writeUntilKilled(t, path) {
			told[id] = true
		}
	}
	require.NotEmpty(t, told)
	f := openFixtureAt(t, path)
	var sound string
	f.Query(t, `PRAGMA integrity_check`, &sound)
	assert.Equal(t, "ok", sound)
	for id := range told {
		_, err := f.Ticket(t.Context(), id)
		require.NoError(t, err, "ticket %d was said to be stored", id)
	}
	var tickets, events, effects int
	f.Query(t, `SELECT (SELECT count(*) FROM tickets), (SELECT count(DISTINCT ticket_id) FROM events),
		(SELECT count(DISTINCT ticket_id) FROM outbox)`, &tickets, &events, &effects)
	assert.GreaterOrEqual(t, tickets, len(told))
	assert.Equal(t, tickets, events, "each with its event")
	assert.Equal(t, tickets, effects, "and its effect")
}

// writeUntilKilled runs a writer, kills it some time after its first commit,
// and gives what it said.
func writeUntilKilled(t *testing.T, path string) (ids []int64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashWriterEnv+"="+path)
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(output)
	limit := 20 + rand.IntN(300)
	for lines.Scan() {
		id, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			break // the kill cut the line
		}
		if ids = append(ids, id); len(ids) == limit {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait(), "it was killed")
	return ids
}
