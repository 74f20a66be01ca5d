package e2e

import (
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

// TestWhatAnotherProcessEnqueuesIsSentAtOnce has tickets taken by a process that
// does not lead, as one that serves requests does. Looking for rows alone, which
// the leader does twice a minute, would take two minutes here.
func TestWhatAnotherProcessEnqueuesIsSentAtOnce(t *testing.T) {
	t.Parallel()
	const looksAgain = 30 * time.Second
	r := newReplicas(t, postgres)
	leader := r.launch()
	r.leads(leader, 1)
	owners := r.owners[:4]
	for _, o := range owners {
		o.writes()
		r.sees(o, func(m telegramtest.Message) bool { return m.FromBot })
	}
	r.settled()
	other, err := store.Open(t.Context(), store.Options{
		Database: store.Postgres(r.cfg.Database.URL()), Clock: time.Now, Log: zerolog.Nop(), Elsewhere: func() bool { return true },
	})
	require.NoError(t, err)
	defer func() { assert.NoError(t, other.Close()) }()
	tickets := ticket.NewService(other, groupOf{r.group.Chat()})

	begun := time.Now()
	for i, o := range owners {
		told := len(r.fromBot(o))
		_, outcome, err := tickets.Take(ticket.WithRequestID(t.Context(), "request"), int64(r.look(`SELECT id FROM tickets WHERE vin = ?`, o.vin)), ticket.Actor{ID: 7, Name: "Mara"})
		require.NoError(t, err)
		require.Equal(t, ticket.TakenNow, outcome)
		require.Eventually(t, func() bool { return len(r.fromBot(o)) > told }, patience, 5*time.Millisecond, "%s", leader.log.all())
		if i == 1 { // with the lead's connection goes that by which it is told
			r.endsLead()
			r.leads(leader, 2)
		}
	}
	assert.Less(t, time.Since(begun), looksAgain)
	t.Logf("four in %s", time.Since(begun).Round(time.Millisecond))
	leader.signal(syscall.SIGTERM)
	require.Equal(t, 0, leader.ends().ExitCode(), leader.log.all())
}

// groupOf is the one managers' group.
type groupOf struct{ chat int64 }

func (g groupOf) Current() []ticket.Place { return []ticket.Place{{Chat: g.chat}} }
func (g groupOf) Now(chat int64) int64    { return chat }
