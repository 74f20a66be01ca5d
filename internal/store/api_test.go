package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func testSessions(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	ctx := t.Context()
	sessions := f.Sessions()
	access, refresh, next := account.HashSecret("a"), account.HashSecret("r"), account.HashSecret("r2")
	begun := account.Session{Owner: 7, AccessUntil: start().Add(time.Hour), ExpiresAt: start().Add(48 * time.Hour)}
	require.NoError(t, sessions.Begin(ctx, begun, access, refresh))
	found, err := sessions.Find(ctx, access, start())
	require.NoError(t, err)
	assert.EqualValues(t, 7, found.Owner)
	assert.Equal(t, stored(begun.AccessUntil), found.AccessUntil)
	_, err = sessions.Find(ctx, access, start().Add(time.Hour))
	require.True(t, ticket.IsNotFound(err), "its time is up")

	renewal := account.Renewal{
		Access: account.HashSecret("a2"), Refresh: next, AccessUntil: start().Add(2 * time.Hour), ExpiresAt: start().Add(72 * time.Hour),
	}
	owner, reused, err := sessions.Renew(ctx, refresh, renewal)
	require.NoError(t, err)
	assert.False(t, reused)
	assert.EqualValues(t, 7, owner)
	_, err = sessions.Find(ctx, access, start())
	require.True(t, ticket.IsNotFound(err), "the access token before lets nobody in")
	_, err = sessions.Find(ctx, renewal.Access, start())
	require.NoError(t, err)

	_, reused, err = sessions.Renew(ctx, refresh, renewal)
	require.NoError(t, err)
	assert.True(t, reused)
	for _, secret := range [][]byte{renewal.Access, access} {
		_, err = sessions.Find(ctx, secret, start())
		require.True(t, ticket.IsNotFound(err), "whoever stole it has nothing")
	}
	_, _, err = sessions.Renew(ctx, next, renewal)
	require.True(t, ticket.IsNotFound(err))

	require.NoError(t, sessions.Begin(ctx, begun, access, account.HashSecret("r3")))
	f.clock.Advance(48 * time.Hour)
	_, _, err = sessions.Renew(ctx, account.HashSecret("r3"), renewal)
	require.True(t, ticket.IsNotFound(err), "the session has ended")
	require.NoError(t, sessions.Begin(ctx, begun, account.HashSecret("b"), account.HashSecret("r4")))
	found, err = sessions.Find(ctx, account.HashSecret("b"), start())
	require.NoError(t, err)
	require.NoError(t, sessions.End(ctx, found.ID))
	_, err = sessions.Find(ctx, account.HashSecret("b"), start())
	require.True(t, ticket.IsNotFound(err))
}

func testAnswers(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	ctx := t.Context()
	key := account.AnswerKey{Caller: "token:1", Name: "k", Request: []byte("asked")}
	said := account.Answer{Request: key.Request, Status: 201, Headers: map[string]string{"ETag": `"1"`}, Body: []byte(`{}`), Ticket: 5}
	require.ErrorIs(t, f.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		_, fresh, err := f.Answers().Claim(ctx, key)
		require.NoError(t, err)
		assert.True(t, fresh)
		return assert.AnError
	}), assert.AnError)
	require.NoError(t, f.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		_, fresh, err := f.Answers().Claim(ctx, key)
		require.NoError(t, err)
		assert.True(t, fresh, "what failed has claimed nothing")
		return f.Answers().Keep(ctx, key, said)
	}))
	kept, fresh, err := f.Answers().Claim(ctx, key)
	require.NoError(t, err)
	assert.False(t, fresh)
	assert.Equal(t, said, kept)
	err = f.Answers().Keep(ctx, account.AnswerKey{Caller: "token:2", Name: "k"}, said)
	assert.True(t, ticket.IsNotFound(err))
}

func testUsage(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	minute := start().Truncate(time.Minute)
	for want, grant := range []account.Grant{
		1: {Caller: "a", Minute: minute, Portion: 1}, 3: {Caller: "a", Minute: minute, Portion: 2},
		4: {Caller: "b", Minute: minute, Portion: 4}, 5: {Caller: "a", Minute: minute.Add(time.Minute), Portion: 5},
	} {
		if grant.Caller == "" {
			continue
		}
		total, err := f.Usage().Grant(t.Context(), grant)
		require.NoError(t, err)
		assert.Equal(t, want, total)
	}
}

func testSelection(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	f := open(t)
	var all []int64
	for i, status := range ticket.Statuses() {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			k := ticket.Ticket{VIN: vinA, Status: status, Priority: ticket.Normal, OwnerID: int64(i + 1), AssigneeID: int64(i % 3), Fetched: i == 3}
			if k.AssigneeID == 1 {
				k.AssigneeName = "Пётр"
			}
			require.NoError(t, tx.Insert(ctx, &k))
			read, err := tx.Ticket(ctx, k.ID)
			require.NoError(t, err)
			assert.Equal(t, k.Fetched, read.Fetched)
			all = append([]int64{k.ID}, all...)
			return nil
		})
	}
	chosen := func(by ticket.Selection) (ids []int64) {
		by.Limit = max(by.Limit, 1)
		found, err := f.Select(t.Context(), by)
		require.NoError(t, err)
		for _, k := range found {
			ids = append(ids, k.ID)
		}
		return ids
	}
	assert.Equal(t, all, chosen(ticket.Selection{Limit: 10}))
	assert.Equal(t, all, chosen(ticket.Selection{Limit: 10, Statuses: ticket.Statuses()}))
	assert.Equal(t, all[1:4], chosen(ticket.Selection{Limit: 3, Before: all[0]}))
	assert.Equal(t, all[2:4], chosen(ticket.Selection{Limit: 2, Before: all[1], Statuses: ticket.Statuses()}))
	assert.Equal(t, all[:1], chosen(ticket.Selection{Statuses: []ticket.Status{ticket.Cancelled}}))
	assert.Equal(t, all[2:3], chosen(ticket.Selection{Owner: 5}))
	assert.Empty(t, chosen(ticket.Selection{Owner: 5, Statuses: []ticket.Status{ticket.New}}))
	assert.Equal(t, []int64{all[2], all[5]}, chosen(ticket.Selection{Limit: 10, Assignee: 1}))
	assert.Empty(t, chosen(ticket.Selection{Limit: 10, Assignee: 2}), "who hides is not found")
	assert.Equal(t, all[:2], chosen(ticket.Selection{Limit: 2, VIN: vinA}))
	assert.Equal(t, all[:2], chosen(ticket.Selection{Limit: 2, VIN: vinA[11:]}))
	assert.Empty(t, chosen(ticket.Selection{VIN: vinB}))
}

// askAPI asks what the API asks.
func askAPI(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	for _, by := range []ticket.Selection{
		{},
		{Before: 7},
		{Owner: 1},
		{Assignee: 1},
		{VIN: vinA},
		{VIN: vinA[11:]},
		{Statuses: ticket.Statuses()},
		{Statuses: ticket.Statuses()[4:], Priority: ticket.Urgent},
		{Owner: 1, Priority: ticket.Normal},
		{Owner: 1, Statuses: ticket.Statuses()[:2]},
		{Statuses: []ticket.Status{ticket.Cancelled}, Before: 9},
	} {
		by.Limit = 10
		_, err := f.Select(ctx, by)
		require.NoError(t, err)
	}
	token, err := f.Tokens().Create(ctx, account.Token{Name: "Сайт", PerMinute: 1}, account.HashSecret("t"))
	require.NoError(t, err)
	_, err = f.Tokens().Find(ctx, account.HashSecret("t"))
	require.NoError(t, err)
	_, err = f.Usage().Grant(ctx, account.Grant{Caller: "token:1", Token: token.ID, Minute: start(), Portion: 1})
	require.NoError(t, err)
	_, err = f.Tokens().Revoke(ctx, token.ID)
	require.NoError(t, err)
	key := account.AnswerKey{Caller: "token:1", Name: "k", Request: []byte{1}}
	for range 2 {
		_, _, err = f.Answers().Claim(ctx, key)
		require.NoError(t, err)
	}
	require.NoError(t, f.Answers().Keep(ctx, key, account.Answer{Status: 200}))
	until := start().Add(time.Hour)
	require.NoError(t, f.Sessions().Begin(ctx, account.Session{Owner: 1, AccessUntil: until, ExpiresAt: until},
		account.HashSecret("a"), account.HashSecret("r")))
	found, err := f.Sessions().Find(ctx, account.HashSecret("a"), start())
	require.NoError(t, err)
	_, _, err = f.Sessions().Renew(ctx, account.HashSecret("r"), account.Renewal{
		Access: account.HashSecret("a2"), Refresh: account.HashSecret("r2"), AccessUntil: until, ExpiresAt: until,
	})
	require.NoError(t, err)
	require.NoError(t, f.Sessions().End(ctx, found.ID+1))
	require.NoError(t, f.SweepAPI(ctx, start()))
	_, _, err = f.Settled(ctx)
	require.NoError(t, err)
	for _, owner := range []int64{0, 1} {
		_, err = f.Happened(ctx, ticket.Stretch{UpTo: manyTickets, Owner: owner, Limit: 10})
		require.NoError(t, err)
	}
}
