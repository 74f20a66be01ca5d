package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

const vinCheck = "/api/v1/vin/check"

func TestNobodyGetsPastWithoutAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.token()
	revoked := w.token()
	list, err := w.store.Tokens().List(t.Context())
	require.NoError(t, err)
	done, err := w.store.Tokens().Revoke(t.Context(), list[1].ID)
	require.NoError(t, err)
	require.True(t, done)
	for name, header := range map[string]string{
		"none": "", "another scheme": "Basic " + good, "no secret": "Bearer", "unknown": "Bearer vbt_" + strings.Repeat("x", 43),
		"revoked": "Bearer " + revoked, "endless": "Bearer vbt_" + strings.Repeat("x", 1<<14), "two": "Bearer " + good + " " + good,
	} {
		for _, path := range []string{vinCheck, "/api/v1/nowhere", "/api/v1/"} {
			answer := w.ask("", "POST", path, "{broken", "Authorization", header)
			assert.Equal(t, 401, answer.status, "%s %s: before anything is looked at", name, path)
			assert.Equal(t, "unauthorized", answer.problem().Code)
			assert.Contains(t, answer.header.Get("WWW-Authenticate"), "Bearer")
		}
	}
	assert.Equal(t, 200, w.ask("", "POST", vinCheck, object{"input": honda}, "Authorization", "bearer "+good).status)
	assert.Equal(t, 404, w.ask(good, "GET", "/api/v1/nowhere", nil).status)
	answer := w.ask(good, "GET", vinCheck, nil)
	assert.Equal(t, 405, answer.status)
	assert.Contains(t, answer.problem().Detail, "POST")
	assert.Equal(t, "POST", answer.header.Get("Allow"))
	assert.Equal(t, 404, w.ask(good, "GET", "/api/elsewhere", nil).status)
}

func TestNoWayOfWritingAPathGetsPastWithoutAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	for _, path := range []string{
		"/api/v1//tickets", "/api/v1/tickets/", "/api/v1/", "/api/v1", "/api/v1/../", "/api/v1/..", "/api/v1/%2e%2e", "/api/v1/%2e%2e/docs",
		"/api/v1/./tickets", "/api/v1/auth/../tickets", "/api/v1/auth/", "/api/v1/auth//telegram", "/api/v1/auth/telegram/",
		"/api/v1/tickets/../auth/telegram", "/api/v1/auth%2ftelegram", "//api/v1/tickets", "/api//v1/tickets", "/x/../api/v1/tickets",
		"/api/x/../v1/tickets", "/api/v1/auth/..%2ftickets", "/%61pi/v1/tickets",
	} {
		for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "CONNECT"} {
			answer := w.ask("", method, path, nil)
			assert.Equal(t, 401, answer.status, "%s %s", method, path)
			assert.Empty(t, answer.header.Get("Location"), "%s %s", method, path)
			assert.Equal(t, "unauthorized", answer.problem().Code)
		}
		want := 404
		if path == "/%61pi/v1/tickets" { // the same path
			want = 200
		}
		assert.Equal(t, want, w.ask(token, "GET", path, nil).status, path)
	}
	assert.Equal(t, "not_found", w.ask("", "GET", "/api/elsewhere", nil).problem().Code)
	assert.Equal(t, 404, w.ask("", "GET", "/elsewhere/", nil).status)
}

// breaking is a store that has a bug.
type breaking struct{ *store.Store }

func (breaking) Select(context.Context, ticket.Selection) ([]ticket.Ticket, error) {
	var none []ticket.Ticket
	return none[len(none):], errors.New(none[len(none)].VIN)
}

func TestARouteThatPanicsAnswersAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rest.Store = breaking{w.store}
	answer := w.ask(w.all(), "GET", tickets, nil, "X-Request-ID", "mine-7")
	assert.Equal(t, 500, answer.status)
	assert.Equal(t, "internal", answer.problem().Code)
	assert.Equal(t, "mine-7", answer.problem().RequestID)
	assert.Equal(t, "no-store", answer.header.Get("Cache-Control"))
}

func TestAVINIsCheckedAndDecoded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token()
	var found api.VINCheck
	w.ask(token, "POST", vinCheck, object{"input": "vin: 1hgcm82633a0O4352"}).into(&found)
	assert.Equal(t, honda, found.VIN)
	assert.Equal(t, "ok", found.Verdict)
	assert.Equal(t, "Honda", found.Maker)
	assert.Equal(t, "US", found.Country)
	assert.Equal(t, []int{2003}, found.Years)
	assert.NotEmpty(t, found.Changes)
	found = api.VINCheck{}
	w.ask(token, "POST", vinCheck, object{"input": "1HGCM82633A00435"}).into(&found)
	assert.Equal(t, "reject", found.Verdict)
	assert.Equal(t, "too_short", found.Reason)
	found = api.VINCheck{}
	w.ask(token, "POST", vinCheck, object{"input": "1HGCM82633A004353"}).into(&found)
	assert.Equal(t, "confirm", found.Verdict)
	require.NotNil(t, found.Spot)
	assert.Equal(t, 8, *found.Spot)
	assert.Contains(t, found.Suggestions, honda)
}

func TestWhatIsWrongWithABodyIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token()
	tests := map[string]struct {
		body     any
		status   int
		location string
	}{
		"empty":           {"", 415, ""},
		"no JSON":         {"{", 400, ""},
		"two values":      {`{"input":"x"} {}`, 400, ""},
		"no object":       {"[]", 422, "body"},
		"missing":         {object{}, 422, "body"},
		"of another type": {object{"input": 5}, 422, "body.input"},
		"too long":        {object{"input": strings.Repeat("x", 257)}, 422, "body.input"},
		"unknown":         {object{"input": "x", "inputs": 1}, 422, "body.inputs"},
		"too large":       {object{"input": strings.Repeat("x", 1<<20)}, 413, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			headers := []string{}
			if tt.body == "" {
				headers = []string{"Content-Type", "text/plain"}
			}
			answer := w.ask(token, "POST", vinCheck, tt.body, headers...)
			require.Equal(t, tt.status, answer.status, "%s", answer.text)
			p := answer.problem()
			if tt.location != "" {
				require.NotEmpty(t, p.Errors)
				assert.Equal(t, tt.location, p.Errors[0].Location)
				assert.NotEmpty(t, p.Errors[0].Message)
			}
		})
	}
	assert.Equal(t, 422, w.ask(token, "POST", vinCheck+"?strict=1", object{"input": "x"}).status, "a misspelt parameter is no filter")
}

func TestAnswersAreKeptByNobodyAndPackedForWhoUnderstands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token()
	long := object{"input": strings.Repeat("-1HGCM82633A004352", 14)}
	plain := w.ask(token, "POST", vinCheck, long)
	require.Equal(t, 200, plain.status)
	assert.Equal(t, "no-store", plain.header.Get("Cache-Control"))
	assert.Equal(t, "Accept-Encoding", plain.header.Get("Vary"))
	for accepted, packs := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "gzip; q=0": false, "gzip;q=0.000": false, "br": false, "": false, "gzip;q=1.0": true,
	} {
		answer := w.ask(token, "POST", vinCheck, long, "Accept-Encoding", accepted)
		if !packs {
			assert.Empty(t, answer.header.Get("Content-Encoding"), accepted)
			continue
		}
		require.Equal(t, "gzip", answer.header.Get("Content-Encoding"), accepted)
		unpacked, err := gzip.NewReader(bytes.NewReader(answer.text))
		require.NoError(t, err)
		text, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		assert.Equal(t, plain.text, text)
		assert.Less(t, len(answer.text), len(plain.text))
	}
	short := w.ask(token, "POST", vinCheck, object{"input": ""}, "Accept-Encoding", "gzip")
	assert.Empty(t, short.header.Get("Content-Encoding"))
	assert.True(t, json.Valid(short.text))
}

func TestATokenThatTheDatabaseCannotLookUpIsNoLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(account.Scopes()...)
	require.NoError(t, w.store.Close())
	answer := w.ask(token, "POST", vinCheck, object{"input": honda})
	assert.Equal(t, 503, answer.status)
	assert.Equal(t, "1", answer.header.Get("Retry-After"))
	assert.Equal(t, "unavailable", answer.problem().Code)
	assert.Contains(t, w.log.String(), answer.problem().RequestID)
	assert.NotContains(t, w.log.String(), token)
}

func TestACallerIsToldWhoTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var me api.Me
	w.ask(w.token(account.ScopeTicketsRead, account.ScopeManage), "GET", "/api/v1/me", nil).into(&me)
	assert.Equal(t, api.Me{Kind: "program", Name: "tests", Scopes: []string{"tickets:read", "manage"}, PerMinute: 1000}, me)
	me = api.Me{}
	w.ask(w.owner(7, true), "GET", "/api/v1/me", nil).into(&me)
	assert.Equal(t, api.Me{Kind: "owner", Name: "Анна", OwnerID: 7, Language: "ru", Chat: true, Scopes: []string{}, PerMinute: 120}, me)
	me = api.Me{}
	w.ask(w.owner(8, false), "GET", "/api/v1/me", nil).into(&me)
	assert.Equal(t, api.Me{Kind: "owner", OwnerID: 8, Scopes: []string{}, PerMinute: 120}, me)
}

// TestTheDescriptionIsWrittenOnce counts what is allocated, beside no other test.
func TestTheDescriptionIsWrittenOnce(t *testing.T) { //nolint:paralleltest // see above
	w := newWorld(t)
	ask := func() { w.ask("", "GET", "/api/openapi.json", nil) }
	ask()
	assert.Less(t, testing.AllocsPerRun(3, ask), 200.0)
}

func TestTheDescriptionIsForEverybody(t *testing.T) {
	t.Parallel()
	answer := newWorld(t).ask("", "GET", "/api/openapi.json", nil)
	require.Equal(t, 200, answer.status)
	assert.Equal(t, "public, max-age=300", answer.header.Get("Cache-Control"))
	var spec struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ Responses map[string]any }
	}
	answer.into(&spec)
	assert.Equal(t, "3.1.0", spec.OpenAPI)
	for _, path := range []string{"/api/openapi.json", "/api/docs"} {
		assert.Equal(t, 200, newWorld(t).ask("", "HEAD", path, nil).status)
	}
	assert.Contains(t, spec.Paths["/api/v1/vin/check"]["post"].Responses, "422")
}
