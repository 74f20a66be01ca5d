package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/crm"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

func testCRM(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("an account begins with what happens from then on, and another knows nothing of the first", func(t *testing.T) {
		t.Parallel()
		testCRMState(t, open(t))
	})
	t.Run("what is known of deals and contacts, until the ticket is erased", func(t *testing.T) {
		t.Parallel()
		testCRMLinks(t, open(t))
	})
	t.Run("of a ticket one job waits at a time", func(t *testing.T) {
		t.Parallel()
		testCRMJobs(t, open(t))
	})
	t.Run("what is erased or purged is asked to be cleaned", func(t *testing.T) {
		t.Parallel()
		testCRMErasure(t, open(t))
	})
	t.Run("a job about a person's ticket is in flight for them, be the ticket in the bin", func(t *testing.T) {
		t.Parallel()
		testCRMInFlight(t, open(t))
	})
	t.Run("somebody is told once that it refuses us", func(t *testing.T) {
		t.Parallel()
		testCRMRefusals(t, open(t))
	})
	t.Run("what was given up is done with the ticket's next job", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, kept := t.Context(), f.CRM()
		one, two := f.ticket(t, 7, vinA), f.ticket(t, 8, vinB)
		f.givesUp(t, one.ID)
		f.givesUp(t, two.ID)
		require.NoError(t, kept.Ask(ctx, one.ID, "r"))
		heads, err := kept.Queue().Waiting(ctx, 0, 10)
		require.NoError(t, err)
		require.Len(t, heads, 1)
		require.NoError(t, kept.Done(ctx, heads[0].ID))
		dead, err := f.DeadCRMJobs().Asides(ctx, "", 10)
		require.NoError(t, err)
		require.Len(t, dead, 1)
		assert.Equal(t, two.ID, dead[0].Ticket)
	})
	t.Run("somebody is told once a day that a deal is in another pipeline", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, kept := t.Context(), f.CRM()
		require.NoError(t, kept.Begin(ctx, "one"))
		for _, tt := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {time.Hour, false}, {25 * time.Hour, true}} {
			news, err := kept.Elsewhere(ctx, start().Add(tt.after), 24*time.Hour)
			require.NoError(t, err)
			assert.Equal(t, tt.want, news, tt.after)
		}
		require.NoError(t, kept.Begin(ctx, "two"))
		news, err := kept.Elsewhere(ctx, start(), 24*time.Hour)
		require.NoError(t, err)
		assert.True(t, news, "another account")
		k := f.ticket(t, 7, vinA)
		want := crm.Link{ID: "5", Elsewhere: true}
		_, err = kept.SaveDeal(ctx, k.ID, want)
		require.NoError(t, err)
		link, err := kept.Deal(ctx, k.ID)
		require.NoError(t, err)
		assert.Equal(t, want, link)
	})
}

func testCRMState(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	state, err := kept.State(ctx)
	require.NoError(t, err)
	assert.Equal(t, crm.State{}, state)
	k := f.ticket(t, 7, vinA)
	f.happens(t, k.ID, ticket.EventOpened)
	require.NoError(t, kept.Begin(ctx, "one"))
	saved, err := kept.SaveDeal(ctx, k.ID, crm.Link{ID: "5"})
	require.NoError(t, err)
	require.True(t, saved)
	advanced, err := kept.Advance(ctx, 1, 4)
	require.NoError(t, err)
	assert.True(t, advanced)
	advanced, err = kept.Advance(ctx, 1, 5)
	require.NoError(t, err)
	assert.False(t, advanced, "another was faster")
	require.NoError(t, kept.Begin(ctx, "one"))
	state, err = kept.State(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 4, state.Seen)
	require.NoError(t, kept.Begin(ctx, "another"))
	state, err = kept.State(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 1, state.Seen)
	link, err := kept.Deal(ctx, k.ID)
	require.NoError(t, err)
	assert.Equal(t, crm.Link{}, link)
}

func testCRMLinks(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	k := f.ticket(t, 7, vinA)
	want := crm.Link{ID: "5", TriedAt: stored(start()), Sent: "ab", Status: ticket.Taken, Told: 3, Gone: true}
	for _, l := range []crm.Link{{TriedAt: start()}, want} {
		saved, err := kept.SaveDeal(ctx, k.ID, l)
		require.NoError(t, err)
		assert.True(t, saved)
		saved, err = kept.SaveContact(ctx, k.ID, 7, crm.Link{ID: l.ID, TriedAt: l.TriedAt, Sent: l.Sent})
		require.NoError(t, err)
		assert.True(t, saved)
	}
	link, err := kept.Deal(ctx, k.ID)
	require.NoError(t, err)
	assert.Equal(t, want, link)
	link, err = kept.Contact(ctx, 7)
	require.NoError(t, err)
	assert.Equal(t, crm.Link{ID: "5", TriedAt: stored(start()), Sent: "ab"}, link)

	f.happens(t, k.ID, ticket.EventOpened)
	gone := f.ticket(t, 8, vinB)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, gone.ID); return err })
	saved, err := kept.SaveDeal(ctx, gone.ID, want)
	require.NoError(t, err)
	assert.False(t, saved)
	saved, err = kept.SaveContact(ctx, gone.ID, 8, want)
	require.NoError(t, err)
	assert.False(t, saved)
	require.NoError(t, kept.Ask(ctx, k.ID, "r"))
	gaps, err := kept.Gaps(ctx, start(), 0, 10)
	require.NoError(t, err)
	assert.Equal(t, []crm.Gap{{Ticket: k.ID, Link: crm.Link{ID: "5", Told: 3, Gone: true}, Last: 1, Queued: true}}, gaps)
	gaps, err = kept.Gaps(ctx, start().Add(time.Second), 0, 10)
	require.NoError(t, err)
	assert.Empty(t, gaps)
}

func testCRMJobs(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	k := f.ticket(t, 7, vinA)
	_, err := kept.SaveDeal(ctx, k.ID, crm.Link{ID: "5", Gone: true})
	require.NoError(t, err)
	require.NoError(t, kept.Ask(ctx, k.ID, "r1"))
	require.NoError(t, kept.Ask(ctx, k.ID, "r2"))
	require.NoError(t, kept.Again(ctx, k.ID, false))
	link, err := kept.Deal(ctx, k.ID)
	require.NoError(t, err)
	assert.Equal(t, crm.Link{}, link, "again means anew")
	there := crm.Link{ID: "6", Told: 1}
	_, err = kept.SaveDeal(ctx, k.ID, there)
	require.NoError(t, err)
	for deleted, want := range []crm.Link{there, {}} {
		require.NoError(t, kept.Again(ctx, k.ID, deleted == 1))
		link, err = kept.Deal(ctx, k.ID)
		require.NoError(t, err)
		assert.Equal(t, want, link, "one that is there stays known")
	}
	heads, err := kept.Queue().Waiting(ctx, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []outbox.Head{{ID: heads[0].ID, Kind: crm.Kind, Chat: 1, Lane: crm.Lane(k.ID), RunAt: stored(start())}}, heads)
	assert.Equal(t, heads, f.hooked, "the relay is told")
	jobs, err := kept.Queue().Claim(ctx, []int64{heads[0].ID}, time.Minute)
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	assert.Equal(t, "r1", jobs[0].RequestID)
	job, err := kept.Job(ctx, jobs[0].ID)
	require.NoError(t, err)
	assert.Equal(t, crm.Job{ID: jobs[0].ID, What: "ticket", Ticket: k.ID, CreatedAt: stored(start())}, job)
	require.NoError(t, kept.Ask(ctx, k.ID, "r3"))
	heads, err = kept.Queue().Waiting(ctx, 0, 10)
	require.NoError(t, err)
	assert.Len(t, heads, 1, "one in flight absorbs nothing")
	require.NoError(t, kept.Queue().Finish(ctx, jobs[0], nil))
	depths, err := kept.Queue().Depths(ctx)
	require.NoError(t, err)
	assert.Equal(t, []outbox.Depth{{Waiting: 1, Oldest: stored(start())}}, depths)
}

func testCRMInFlight(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	inFlight := func() bool {
		busy, err := f.Erasures().InFlight(ctx, 7)
		require.NoError(t, err)
		return busy
	}
	k := f.ticket(t, 7, vinA)
	require.NoError(t, kept.Ask(ctx, k.ID, ""))
	heads, err := kept.Queue().Waiting(ctx, 0, 10)
	require.NoError(t, err)
	assert.False(t, inFlight())
	leased, err := kept.Queue().Claim(ctx, []int64{heads[0].ID}, time.Minute)
	require.NoError(t, err)
	assert.True(t, inFlight(), "what is on its way may still name them")
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, k.ID); return err })
	assert.True(t, inFlight(), "and does so though the ticket went to the bin")
	require.NoError(t, kept.Queue().Finish(ctx, leased[0], nil))
	assert.False(t, inFlight())
}

func testCRMErasure(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	a, b := f.ticket(t, 7, vinA), f.ticket(t, 8, vinB)
	for _, k := range []ticket.Ticket{a, b} {
		_, err := f.Accounts().Seen(ctx, account.User{ID: k.OwnerID, Name: "Чебурашка"})
		require.NoError(t, err)
		_, err = kept.SaveDeal(ctx, k.ID, crm.Link{ID: "5", TriedAt: start()})
		require.NoError(t, err)
		_, err = kept.SaveContact(ctx, k.ID, k.OwnerID, crm.Link{TriedAt: start()})
		require.NoError(t, err)
	}

	e := ticket.Erasure{Owner: 7, Language: "ru", ConfirmedAt: start()}
	_, err := f.Erasures().AddErasure(ctx, &e)
	require.NoError(t, err)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		if _, err := tx.EraseTicket(ctx, a.ID); err != nil {
			return err
		}
		return f.Erasures().ErasePerson(ctx, e, []ticket.Ticket{a})
	})
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, b.ID); return err })
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.PurgeTicket(ctx, b.ID); return err })
	f.clock.Advance(time.Hour)
	_, _, err = f.ForgetPeople(ctx, start().Add(time.Minute), 0)
	require.NoError(t, err)

	heads, err := kept.Queue().Waiting(ctx, 0, 10)
	require.NoError(t, err)
	var jobs []crm.Job
	for _, h := range heads {
		job, err := kept.Job(ctx, h.ID)
		require.NoError(t, err)
		job.ID, job.CreatedAt = 0, time.Time{}
		jobs = append(jobs, job)
	}
	assert.Equal(t, []crm.Job{
		{What: "deal", Subject: a.ID, External: "5", Status: ticket.New},
		{What: "contact", Subject: 7},
		{What: "deal", Subject: b.ID, External: "5", Status: ticket.New},
		{What: "contact", Subject: 8},
	}, jobs)
	assert.Empty(t, f.Rows(t, `SELECT ticket_id FROM crm_deals`))
	assert.Empty(t, f.Rows(t, `SELECT owner_id FROM crm_contacts`))
	require.NoError(t, kept.Done(ctx, heads[1].ID))
	job, err := kept.Job(ctx, heads[1].ID)
	require.NoError(t, err)
	assert.Zero(t, job.Subject, "who it was is forgotten once it is done")
}

func testCRMRefusals(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	require.NoError(t, kept.Begin(ctx, "one"))
	refused := func(after time.Duration) bool {
		news, err := kept.Refused(ctx, start().Add(after), crm.RefusedToken, time.Hour)
		require.NoError(t, err)
		return news
	}
	assert.True(t, refused(0))
	assert.False(t, refused(2*time.Hour), "it still does")
	state, err := kept.State(ctx)
	require.NoError(t, err)
	assert.Equal(t, crm.State{RefusedAt: stored(start()), Reason: crm.RefusedToken}, state)
	require.NoError(t, kept.Accepted(ctx))
	assert.False(t, refused(30*time.Minute), "somebody was just told")
	require.NoError(t, kept.Accepted(ctx))
	assert.True(t, refused(3*time.Hour))
	require.NoError(t, kept.Accepted(ctx))
	state, err = kept.State(ctx)
	require.NoError(t, err)
	assert.Equal(t, crm.State{}, state)
}

// askCRM calls every method of the store of the CRM.
func askCRM(t *testing.T, f *fixture) {
	t.Helper()
	ctx, kept := t.Context(), f.CRM()
	require.NoError(t, kept.Begin(ctx, "one"))
	_, err := kept.State(ctx)
	require.NoError(t, err)
	_, err = kept.Advance(ctx, 0, 1)
	require.NoError(t, err)
	k := f.ticket(t, 4712, vinA)
	_, err = kept.SaveDeal(ctx, k.ID, crm.Link{})
	require.NoError(t, err)
	_, err = kept.SaveContact(ctx, k.ID, 4712, crm.Link{})
	require.NoError(t, err)
	_, err = kept.Deal(ctx, k.ID)
	require.NoError(t, err)
	_, err = kept.Contact(ctx, 4712)
	require.NoError(t, err)
	_, err = kept.Refused(ctx, start(), crm.RefusedToken, time.Hour)
	require.NoError(t, err)
	require.NoError(t, kept.Accepted(ctx))
	_, err = kept.Gaps(ctx, start(), 0, 10)
	require.NoError(t, err)
	_, err = f.EventsAfter(ctx, 0, 10, 10, crm.Kinds())
	require.NoError(t, err)
	queue := kept.Queue()
	lease := func() outbox.Job {
		require.NoError(t, kept.Again(ctx, k.ID, false))
		heads, err := queue.Waiting(ctx, 0, 10)
		require.NoError(t, err)
		jobs, err := queue.Claim(ctx, []int64{heads[0].ID}, time.Minute)
		require.NoError(t, err)
		return jobs[0]
	}
	job := lease()
	_, err = kept.Job(ctx, job.ID)
	require.NoError(t, err)
	require.NoError(t, kept.Done(ctx, job.ID))
	require.NoError(t, queue.Renew(ctx, job.ID, job.Attempt, time.Minute))
	_, err = queue.Retry(ctx, job, start(), "")
	require.NoError(t, err)
	require.NoError(t, queue.Finish(ctx, lease(), nil))
	require.NoError(t, queue.Bury(ctx, lease(), "", nil))
	_, err = queue.Reclaim(ctx, start())
	require.NoError(t, err)
	_, err = queue.Depths(ctx)
	require.NoError(t, err)
	_, err = queue.Prune(ctx, start())
	require.NoError(t, err)
}
