package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/store"
	"vinbot/internal/telegramtest"
)

// fetch asks the operations port of a bot that runs.
func (w *world) fetch(a *App, path string) (int, string) {
	w.Helper()
	return w.fetchFrom(a.OpsAddr(), path)
}

func (w *world) fetchFrom(addr, path string) (int, string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, http.NoBody)
	require.NoError(w, err)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	require.NoError(w, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(w, err)
	return answer.StatusCode, string(body)
}

func TestTheAPIIsServedWhereTheSettingsSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.HTTPAddr = "127.0.0.1:0"
	a := w.runs()
	status, body := w.fetchFrom(a.HTTPAddr(), "/api/openapi.json")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"openapi":"3.1.0"`)
	status, body = w.fetchFrom(a.HTTPAddr(), "/api/v1/me")
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Contains(t, body, `"code":"unauthorized"`)
	assert.Empty(t, newWorld(t).builds().HTTPAddr(), "none is served")
}

func TestItStartsWorksAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.runs()
	anna := w.sim.User("Anna", "en")
	anna.Send(honda)
	w.sees(anna, telegramtest.Containing(honda))
	w.sees(w.group, telegramtest.Containing(honda))
	anna.Send(honda[:16])
	w.sees(anna, telegramtest.Containing("16"))
	_, metrics := w.fetch(a, "/metrics")
	assert.Contains(t, metrics, `vinbot_vin_verdicts_total{reason="",verdict="ok"} 1`)
	assert.Contains(t, metrics, `vinbot_vin_verdicts_total{reason="too_short",verdict="reject"} 1`)
	assert.Contains(t, metrics, "vinbot_tickets_opened_total 1\n")
	assert.Contains(t, metrics, `vinbot_outbox_depth{kind="say"} 0`)
	status, _ := w.fetch(a, "/readyz")
	assert.Equal(t, http.StatusOK, status)

	w.ends(a)
	w.ends(a) // is safe
	assert.Equal(t, 2, w.log.count(`"message":"stopped"`))
	w.ends(w.runs()) // and the database is free
}

func TestItRunsUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- Run(ctx, w.options()) }()
	anna := w.sim.User("Anna", "en")
	anna.Start("")
	w.sees(anna, telegramtest.Containing("VIN"))
	cancel()
	require.NoError(t, <-ended)
	assert.Zero(t, w.log.count(`"level":"error"`))

	require.NoError(t, Run(ctx, w.options()), "a signal while it starts is no failure either")
	w.runs()
}

func TestASecondRunOnTheSameDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.runs()
	err := Run(t.Context(), w.options())
	require.ErrorIs(t, err, store.ErrLocked)
	require.ErrorContains(t, err, "another vinbot runs on this database")
	require.NoError(t, a.store.Writable(t.Context()), "the first is not harmed")
	w.ends(a)
	w.runs()
}

func TestItStartsAndEndsWhileTelegramIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.Close()
	a := w.runs()
	status, _ := w.fetch(a, "/livez")
	assert.Equal(t, http.StatusOK, status)
	status, body := w.fetch(a, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, body, `"name":"polling","status":"failed"`)
	assert.Contains(t, body, `"name":"database","status":"ok"`)
	begun := time.Now()
	w.ends(a)
	assert.Less(t, time.Since(begun), 10*time.Second, "nothing was sent that could be answered")
	assert.Zero(t, w.log.count("cut off"))
}

// What cannot start lets go of all that it opened, and says what was wrong.
func TestItLetsGoOfEverythingWhenItCannotStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	tests := map[string]struct {
		breaks func(w *world) (mend func())
		says   string
	}{
		"the port is taken": {says: "start operations port: listen", breaks: func(w *world) func() {
			w.cfg.OpsAddr = config.Addr(taken.Addr().String())
			return func() { w.cfg.OpsAddr = "127.0.0.1:0" }
		}},
		"the archive is a file": {says: "archive", breaks: func(w *world) func() {
			path := filepath.Join(string(w.cfg.DataDir), "reports")
			require.NoError(w, os.WriteFile(path, nil, 0o600))
			return func() { require.NoError(w, os.Remove(path)) }
		}},
		"the spool is a file": {says: "spool", breaks: func(w *world) func() {
			path := filepath.Join(string(w.cfg.DataDir), "spool")
			require.NoError(w, os.WriteFile(path, nil, 0o600))
			return func() { require.NoError(w, os.Remove(path)) }
		}},
		"the database is none": {says: "database", breaks: func(w *world) func() {
			path := w.cfg.Database.Path()
			require.NoError(w, os.WriteFile(path, []byte("this is a text, and a long one at that"), 0o600))
			return func() { require.NoError(w, os.Remove(path)) }
		}},
		"its folder is a file": {says: "folder", breaks: func(w *world) func() {
			before := w.cfg.Database
			path := filepath.Join(string(w.cfg.DataDir), "file")
			require.NoError(w, os.WriteFile(path, nil, 0o600))
			w.cfg.Database = config.SQLite(filepath.Join(path, "vinbot.db"))
			return func() { w.cfg.Database = before }
		}},
		"Telegram has no address": {says: "no http or https URL", breaks: func(w *world) func() {
			before := w.cfg.TelegramAPIURL
			w.cfg.TelegramAPIURL = "ftp://example.org"
			return func() { w.cfg.TelegramAPIURL = before }
		}},
		"the policy is none": {says: "check digit", breaks: func(w *world) func() {
			w.cfg.VINCheckDigit = "guess"
			return func() { w.cfg.VINCheckDigit = config.CheckAuto }
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mend := test.breaks(w)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			err := Run(ctx, w.options())
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), w.sim.Token())
			mend()
			w.runs()
		})
	}
}

// part is a service whose end takes as long as the test wants.
type part struct {
	end   error
	hangs bool
}

func (part) Start(context.Context) error { return nil }

func (p part) Stop(ctx context.Context) error {
	if p.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return p.end
}

func TestAPartThatDoesNotEndInTimeIsCutOff(t *testing.T) {
	t.Parallel()
	var log lines
	broken := errors.New("broken")
	for want, p := range map[error]part{nil: {hangs: true}, broken: {end: broken}} {
		b := bounded{Service: p, name: "it", most: time.Millisecond, log: zerolog.New(&log)}
		require.ErrorIs(t, b.Stop(t.Context()), want)
	}
	assert.Equal(t, 1, log.count("cut off", `"part":"it"`))
}
