package e2e

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/store"
	"vinbot/internal/telegramtest"
)

// signedIn is an owner who uses the API, and nothing else.
func (w *world) signedIn(id int64) program {
	w.Helper()
	s, err := store.Open(w.Context(), store.Options{Database: store.SQLite(w.cfg.Database.Path()), Clock: w.now})
	require.NoError(w, err)
	defer func() { require.NoError(w, s.Close()) }()
	secret, hash := account.NewSecret(account.PrefixAccess)
	_, refresh := account.NewSecret(account.PrefixRefresh)
	require.NoError(w, s.Sessions().Begin(w.Context(), account.Session{
		Owner: id, AccessUntil: w.now().Add(time.Hour), ExpiresAt: w.now().Add(time.Hour),
	}, hash, refresh))
	return program{w, secret}
}

// TestWhoeverUsesTheAPIAloneIsForgottenByIt: the bot cannot even write to them.
func TestWhoeverUsesTheAPIAloneIsForgottenByIt(t *testing.T) {
	t.Parallel()
	w := begin(t, served, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	polina := w.polina()
	mine, site := w.signedIn(polina.ID), w.program()
	ended, open := mine.opens(honda, 0), mine.opens(suzuki, 0)
	status, answer := site.asks("POST", "/tickets/"+strconv.FormatInt(ended.ID, 10)+"/reports", "application/pdf", pdf())
	require.Equal(t, http.StatusAccepted, status, "%s", answer)
	site.becomes(ended.ID, "done")
	w.card(suzuki)
	require.NotEmpty(t, w.archived())

	status, _ = mine.asks("DELETE", "/me", "", nil)
	require.Equal(t, http.StatusAccepted, status)
	site.becomes(open.ID, "cancelled")
	w.settled()
	status, _ = mine.asks("GET", "/me", "", nil)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Empty(t, w.archived())
	assert.Zero(t, w.look(`SELECT count(*) FROM erasures`))
	w.stopped()
	assert.Empty(t, w.found(traces(polina, map[string]string{"first VIN": honda, "second VIN": suzuki})))
}
