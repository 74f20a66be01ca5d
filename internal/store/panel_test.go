package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func testPanel(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a link lets in once, of many who try", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		link := f.link(t, 7)
		var entered atomic.Int64
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				_, hash := account.NewSecret(account.PrefixPanel)
				s, err := f.PanelSessions().Enter(context.Background(), link, account.PanelSession{Agent: "Firefox"}, hash)
				if err == nil {
					entered.Add(1)
					assert.Equal(t, int64(7), s.User)
					return
				}
				assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(err))
			})
		}
		all.Wait()
		assert.Equal(t, int64(1), entered.Load())
		l, err := f.PanelSessions().Link(t.Context(), link)
		require.NoError(t, err)
		assert.Equal(t, account.LoginLink{User: 7, ExpiresAt: stored(start()).Add(account.LinkTime), UsedAt: stored(start())}, l)
	})

	t.Run("a link works for five minutes", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		link := f.link(t, 8)
		f.clock.Advance(account.LinkTime)
		_, hash := account.NewSecret(account.PrefixPanel)
		_, err := f.PanelSessions().Enter(t.Context(), link, account.PanelSession{}, hash)
		assert.Equal(t, ticket.CodeConflict, ticket.CodeOf(err))
		_, err = f.PanelSessions().Link(t.Context(), hash)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("sessions are found, listed, touched, revoked, and end", testPanelSessions(open))

	t.Run("who is in a group", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := t.Context()
		require.NoError(t, f.Members().Note(ctx, -100, 7, true))
		f.clock.Advance(time.Minute)
		require.NoError(t, f.Members().Note(ctx, -100, 7, false))
		require.NoError(t, f.Members().Note(ctx, -200, 7, true))
		require.NoError(t, f.Members().Note(ctx, -100, 8, true))
		known, err := f.Members().Of(ctx, 7)
		require.NoError(t, err)
		now := stored(start()).Add(time.Minute)
		assert.Equal(t, []account.Membership{{Chat: -200, Inside: true, CheckedAt: now}, {Chat: -100, CheckedAt: now}}, known)
	})

	t.Run("what is old is swept, what is not stays", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := t.Context()
		require.NoError(t, f.Members().Note(ctx, -100, 7, true))
		link := f.link(t, 7)
		_, hash := account.NewSecret(account.PrefixPanel)
		_, err := f.PanelSessions().Enter(ctx, link, account.PanelSession{}, hash)
		require.NoError(t, err)
		require.NoError(t, f.SweepPanel(ctx, start().Add(time.Hour)))
		assert.Len(t, f.Rows(t, `SELECT user_id FROM members UNION ALL SELECT user_id FROM login_links UNION ALL SELECT user_id FROM panel_sessions`), 3)
		require.NoError(t, f.SweepPanel(ctx, start().Add(25*time.Hour)))
		assert.Empty(t, f.Rows(t, `SELECT user_id FROM members UNION ALL SELECT user_id FROM login_links UNION ALL SELECT user_id FROM panel_sessions`))
	})
}

// link makes a link for somebody and gives its hash.
func (f *fixture) link(t *testing.T, user int64) []byte {
	t.Helper()
	_, hash := account.NewSecret(account.PrefixLink)
	require.NoError(t, f.PanelSessions().MakeLink(t.Context(), account.LoginLink{User: user, ExpiresAt: f.clock.Now().Add(account.LinkTime)}, hash))
	return hash
}

func testPanelSessions(open func(t *testing.T) *fixture) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx := t.Context()
		k := f.PanelSessions()
		begin := func(user int64) (account.PanelSession, []byte) {
			_, hash := account.NewSecret(account.PrefixPanel)
			s, err := k.Begin(ctx, account.PanelSession{User: user, Agent: "Firefox"}, hash)
			require.NoError(t, err)
			return s, hash
		}
		one, hash := begin(7)
		other, _ := begin(8)
		f.clock.Advance(time.Hour)
		require.NoError(t, k.Touch(ctx, one.ID))
		found, err := k.Find(ctx, hash, f.clock.Now())
		require.NoError(t, err)
		now := stored(start())
		one.SeenAt = now.Add(time.Hour)
		assert.Equal(t, one, found)
		assert.Equal(t, now.Add(12*time.Hour), found.ExpiresAt)
		list, err := k.List(ctx, 0, f.clock.Now())
		require.NoError(t, err)
		assert.Equal(t, []account.PanelSession{other, one}, list)
		list, err = k.List(ctx, 7, f.clock.Now())
		require.NoError(t, err)
		assert.Equal(t, []account.PanelSession{one}, list)

		for _, c := range []struct {
			id, user int64
			done     bool
		}{{one.ID, 8, false}, {one.ID, 7, true}, {one.ID, 7, false}, {other.ID, 0, true}} {
			done, err := k.Revoke(ctx, c.id, c.user)
			require.NoError(t, err)
			assert.Equal(t, c.done, done, c)
		}
		_, err = k.Find(ctx, hash, f.clock.Now())
		assert.True(t, ticket.IsNotFound(err))

		_, hash = begin(7)
		_, err = k.Find(ctx, hash, f.clock.Now().Add(12*time.Hour-time.Second))
		require.NoError(t, err)
		_, err = k.Find(ctx, hash, f.clock.Now().Add(12*time.Hour))
		assert.True(t, ticket.IsNotFound(err))
		for range 25 {
			begin(7)
		}
		list, err = k.List(ctx, 7, f.clock.Now())
		require.NoError(t, err)
		assert.Len(t, list, 20, "the oldest go")
	}
}

func testAudit(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	ctx := ticket.WithRequestID(t.Context(), "r1")
	deeds := []account.Deed{
		{User: 7, Action: "ticket.take", Ticket: 3, Details: map[string]string{"priority": "high"}},
		{User: 7, Action: "owner.ban", Person: 55},
		{User: 8, Action: "webhook.redeliver", Target: "webhook:3"},
	}
	for i := range deeds {
		require.NoError(t, f.Audit().Add(ctx, deeds[i]))
		deeds[i].ID, deeds[i].At, deeds[i].RequestID = int64(i+1), stored(start()), "r1"
	}
	for _, c := range []struct {
		by   account.DeedFilter
		want []account.Deed
	}{
		{account.DeedFilter{Limit: 10}, []account.Deed{deeds[2], deeds[1], deeds[0]}},
		{account.DeedFilter{Limit: 1}, deeds[2:]},
		{account.DeedFilter{Limit: 10, Before: 3, User: 7}, []account.Deed{deeds[1], deeds[0]}},
		{account.DeedFilter{Limit: 10, Ticket: 3}, deeds[:1]},
		{account.DeedFilter{Limit: 10, User: 9}, []account.Deed{}},
		{account.DeedFilter{Limit: 10, Person: 55}, deeds[1:2]},
		{account.DeedFilter{Limit: 10, Person: 55, User: 8}, []account.Deed{}},
		{account.DeedFilter{Limit: 10, Action: "ticket.take"}, deeds[:1]},
		{account.DeedFilter{Limit: 10, From: start()}, []account.Deed{deeds[2], deeds[1], deeds[0]}},
		{account.DeedFilter{Limit: 10, From: start().Add(time.Second)}, []account.Deed{}},
		{account.DeedFilter{Limit: 10, To: start()}, []account.Deed{}},
	} {
		found, err := f.Audit().Deeds(t.Context(), c.by)
		require.NoError(t, err)
		assert.Equal(t, c.want, found, c.by)
	}
	err := f.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		require.NoError(t, f.Audit().Add(ctx, account.Deed{User: 9, Action: "ticket.take"}))
		return assert.AnError
	})
	require.ErrorIs(t, err, assert.AnError)
	found, err := f.Audit().Deeds(t.Context(), account.DeedFilter{User: 9, Limit: 1})
	require.NoError(t, err)
	assert.Empty(t, found, "what was not done is not noted")
	require.NoError(t, f.Erasures().ErasePerson(t.Context(), ticket.Erasure{Owner: 55}, nil))
	found, err = f.Audit().Deeds(t.Context(), account.DeedFilter{Before: 3, Limit: 1})
	require.NoError(t, err)
	assert.Zero(t, found[0].Person)
	testAuditForgotten(t, f)
}

// testAuditForgotten goes on a year later.
func testAuditForgotten(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	for _, id := range []int64{57, 58, 59} {
		_, err := f.Accounts().Seen(ctx, account.User{ID: id, Name: "A"})
		require.NoError(t, err)
		require.NoError(t, f.Audit().Add(ctx, account.Deed{User: 8, Action: "owner.ban", Person: id}))
	}
	f.ticket(t, 58, vinA)
	f.clock.Advance(time.Hour)
	_, err := f.Accounts().Seen(ctx, account.User{ID: 59, Name: "A"})
	require.NoError(t, err)
	require.NoError(t, f.Audit().Add(ctx, account.Deed{User: 8, Action: "owner.ban", Person: 66}))
	whom := func() (of []int64) {
		found, err := f.Audit().Deeds(ctx, account.DeedFilter{Limit: 10})
		require.NoError(t, err)
		for _, d := range found {
			of = append(of, d.Person)
		}
		return of
	}
	assert.Equal(t, []int64{66, 59, 58, 57, 0, 0, 0}, whom())
	_, forgotten, err := f.ForgetPeople(ctx, f.clock.Now(), 0)
	require.NoError(t, err)
	assert.Equal(t, 1, forgotten)
	assert.Equal(t, []int64{66, 59, 58, 0, 0, 0, 0}, whom(), "who has a ticket stays, and who was seen since")
	require.NoError(t, f.SweepPanel(ctx, start().Add(account.AuditKept)))
	assert.Len(t, whom(), 7)
	require.NoError(t, f.SweepPanel(ctx, start().Add(account.AuditKept+time.Minute)))
	assert.Equal(t, []int64{66}, whom(), "what was done more than a year ago")
}

// askPanel asks all that the panel can ask.
func askPanel(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	k := f.PanelSessions()
	link := f.link(t, 7)
	_, hash := account.NewSecret(account.PrefixPanel)
	s, err := k.Enter(ctx, link, account.PanelSession{}, hash)
	require.NoError(t, err)
	_, err = k.Link(ctx, link)
	require.NoError(t, err)
	_, err = k.Find(ctx, hash, start())
	require.NoError(t, err)
	require.NoError(t, k.Touch(ctx, s.ID))
	for _, user := range []int64{0, 7} {
		_, err = k.List(ctx, user, start())
		require.NoError(t, err)
		_, err = k.Revoke(ctx, 0, user)
		require.NoError(t, err)
		_, err = f.Audit().Deeds(ctx, account.DeedFilter{User: user, Limit: 10})
		require.NoError(t, err)
	}
	askBoard(t, f)
	_, err = f.Audit().Deeds(ctx, account.DeedFilter{Ticket: 1, Limit: 10})
	require.NoError(t, err)
	require.NoError(t, f.Audit().Add(ctx, account.Deed{User: 7, Action: "ticket.take"}))
	require.NoError(t, f.Members().Note(ctx, -100, 7, true))
	_, err = f.Members().Of(ctx, 7)
	require.NoError(t, err)
	require.NoError(t, f.SweepPanel(ctx, start()))
}
