package ticket_test

import (
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
)

// onDisk is a service over the real database.
func onDisk(t *testing.T) (*ticket.Service, *store.Store) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		Database: store.SQLite(litetest.File(t)), Clock: time.Now, Log: zerolog.Nop(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return ticket.NewService(s, newWorld(t)), s
}

func TestOfSixtyFourManagersOneTakes(t *testing.T) {
	t.Parallel()
	service, db := onDisk(t)
	k, _, err := service.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	var (
		all      sync.WaitGroup
		mu       sync.Mutex
		outcomes = map[ticket.TakeOutcome]int{}
		holders  = map[int64]bool{}
		start    = make(chan struct{})
	)
	for i := range int64(64) {
		all.Go(func() {
			<-start
			got, outcome, err := service.Take(t.Context(), k.ID, ticket.Actor{ID: 1 + i, Name: "M"})
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			outcomes[outcome]++
			holders[got.AssigneeID] = true
		})
	}
	close(start)
	all.Wait()
	assert.Equal(t, map[ticket.TakeOutcome]int{ticket.TakenNow: 1, ticket.TakenByOther: 63}, outcomes)
	assert.Len(t, holders, 1, "and all read the same name")
	events, err := db.Events(t.Context(), k.ID)
	require.NoError(t, err)
	assert.Len(t, events, 2)
}

func TestOneOwnersVINSentManyTimesAtOnceIsOneTicket(t *testing.T) {
	t.Parallel()
	service, db := onDisk(t)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			_, _, err := service.Open(t.Context(), ticket.Opening{Owner: owner, VIN: vin})
			assert.NoError(t, err)
		})
	}
	all.Wait()
	open, err := db.TicketsOf(t.Context(), owner, ticket.New)
	require.NoError(t, err)
	assert.Len(t, open, 1)
}

func TestTheWholeJourneyInTheDatabase(t *testing.T) {
	t.Parallel()
	service, db := onDisk(t)
	ctx := ticket.WithRequestID(t.Context(), "r1")
	k, _, err := service.Open(ctx, ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(t, err)
	require.NoError(t, service.CardPosted(ctx, shown(k, group, 50)))
	one, err := service.ReceiveReport(ctx, pdf(k.ID, 60, anna()))
	require.NoError(t, err)
	two, err := service.ReceiveReport(ctx, pdf(k.ID, 61, boris()))
	require.NoError(t, err)
	require.NoError(t, service.Checked(ctx, one.ID, ticket.Finding{SHA256: "abc", Size: 10}))
	require.NoError(t, service.Undelivered(ctx, one.ID, ticket.UndeliveredBlocked))
	sent, err := service.OwnerReturned(ctx, owner)
	require.NoError(t, err)
	assert.Equal(t, 1, sent)
	require.NoError(t, service.Delivered(ctx, one.ID, 900))
	_, err = service.ConfirmReport(ctx, two.ID, boris(), false)
	require.NoError(t, err)
	require.NoError(t, service.Archived(ctx, ticket.ReportFile{Report: one.ID, Key: "key"}, "abc"))

	got, err := db.Ticket(ctx, k.ID)
	require.NoError(t, err)
	assert.Equal(t, ticket.Done, got.Status)
	assert.Equal(t, anna().ID, got.AssigneeID)
	last, err := db.LastReport(ctx, k.ID)
	require.NoError(t, err)
	assert.Equal(t, one.ID, last.ID)
	events, err := db.Events(ctx, k.ID)
	require.NoError(t, err)
	var kinds []ticket.EventKind
	for _, e := range events {
		kinds = append(kinds, e.Kind)
		assert.Equal(t, "r1", e.RequestID)
	}
	assert.Equal(t, []ticket.EventKind{
		"opened", "report_received", "report_received", "report_accepted", "undelivered", "redelivery",
		"delivered", "report_question", "report_refused",
	}, kinds)
}
