package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
)

// signsIn begins a session in the panel.
func signsIn(t *testing.T, a *App, user int64) {
	t.Helper()
	_, hash := account.NewSecret(account.PrefixPanel)
	_, err := a.store.PanelSessions().Begin(t.Context(), account.PanelSession{User: user}, hash)
	require.NoError(t, err)
}

func roleOf(t *testing.T, a *App, user int64) account.Role {
	t.Helper()
	role, err := a.access.Role(t.Context(), user)
	require.NoError(t, err)
	return role
}

// Nobody tells a bot that is no admin who left; so it asks.
func TestWhoIsSignedInIsLookedForInTheGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, idle := w.sim.User("Gone", "en"), w.sim.User("Idle", "en")
	a := w.builds()
	for _, user := range []int64{w.boris.ID, gone.ID, idle.ID} {
		require.NoError(t, a.store.Members().Note(t.Context(), w.group.Chat(), user, true)) // as it was once
		assert.Equal(t, account.Manager, roleOf(t, a, user))
	}
	signsIn(t, a, w.boris.ID)
	signsIn(t, a, gone.ID)
	assert.Equal(t, membersPause, a.confirmMembers(t.Context()))
	assert.Equal(t, account.Manager, roleOf(t, a, gone.ID), "it is known of a moment ago, and not asked again")

	w.ahead.Store(int64(membersAgain))
	a.confirmMembers(t.Context())
	assert.Equal(t, account.Manager, roleOf(t, a, w.boris.ID))
	assert.Equal(t, account.Nobody, roleOf(t, a, gone.ID))
	assert.Equal(t, account.Manager, roleOf(t, a, idle.ID), "who is not signed in is not asked about")

	w.ahead.Store(int64(membersAgain + account.MembershipLife - time.Second))
	assert.Equal(t, account.Manager, roleOf(t, a, w.boris.ID))
	assert.Equal(t, account.Nobody, roleOf(t, a, idle.ID))
	assert.Less(t, membersPause+membersAgain, account.MembershipLife, "one call that fails costs nobody their access")
	w.ahead.Store(int64(membersAgain + account.MembershipLife))
	assert.Equal(t, account.Nobody, roleOf(t, a, w.boris.ID), "whom nobody could be asked about for so long")
}

func TestWhoMayNotActIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.cfg.ManagerIDs.UnmarshalText([]byte("1")))
	a := w.builds()
	signsIn(t, a, w.boris.ID)
	a.confirmMembers(t.Context())
	known, err := a.store.Members().Of(t.Context(), w.boris.ID)
	require.NoError(t, err)
	assert.Empty(t, known)
}
