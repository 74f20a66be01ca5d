package api_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
)

// oddBodies are bodies that some route may stumble over.
func oddBodies() []string {
	bodies := []string{
		`{}`, `{"vin":"1HGCM82633A004352"}`, `{"reason":"other","text":"x"}`, `{"priority":"low"}`, `{"send":true}`, `{"input":"\u0000"}`,
		`{"init_data":"hash=00&auth_date=1"}`, `{"widget":{"id":1e400,"hash":null}}`, `{"owner_id":-1,"vin":[]}`, `[[[[`, `null`, `"x"`, `{"vin":"`,
		`{"refresh_token":"vbr_"}`, `{"owner_id":9223372036854775808,"vin":"x"}`, `{"owner_id":9223372036854775807,"vin":"1HGCM82633A004352"}`,
		`{"owner_id":1e18,"vin":"1HGCM82633A004352"}`, `{"owner_id":1e400,"vin":"x"}`, `{"active":1}`, `{"vin":"1HGCM82633A004352","vin":"x"}`,
		"\xef\xbb\xbf{}", "\x00", "{\"reason\":\"no_data\"}\x00", strings.Repeat("[", 20_000), `{"\u0000":1}`,
	}
	for _, text := range []string{"\xff", "a\x00b", `a\u0000b`, " ", `\u200b`, `\ud800`, "😀", strings.Repeat("ж", 1000), "'; --", "\u2028"} {
		bodies = append(bodies, `{"reason":"other","text":"`+text+`"}`,
			`{"url":"https://example.org/`+text+`","description":"`+text+`"}`, `{"url":"https://example.org/","description":"`+text+`"}`,
			`{"url":"https://example.org/","events":["`+text+`"]}`, `{"description":"`+text+`"}`,
			`{"vin":"1HGCM82633A004352`+text+`"}`, `{"input":"`+text+`"}`, `{"refresh_token":"`+text+`"}`, `{"init_data":"`+text+`"}`,
			`{"widget":{"id":"`+text+`","hash":"00"}}`, `{"widget":{"`+text+`":1}}`, `{"priority":"`+text+`"}`)
	}
	return bodies
}

// takeBody has every operation that takes a body take one: none fails in a way of
// its own, and each says what is wrong. It gives what each answered.
func (w *world) takeBody(operations map[string]described, token, body string) map[string]string {
	w.Helper()
	said := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(operations)) {
		op := operations[id]
		if op.RequestBody == nil || id == "uploadReport" {
			continue
		}
		answer := w.ask(token, op.method, op.at("1", "1"), body)
		require.Less(w, answer.status, 500, "%s", id)
		require.True(w, json.Valid(bytes.TrimSpace(answer.text)), "%s", id)
		said[id] = answer.header.Get("Content-Type") + " " + string(answer.text)
		if answer.status >= 400 {
			p := answer.problem()
			said[id] = p.Code + " " + p.Detail
			for _, f := range p.Errors {
				said[id] += " " + f.Location + " " + f.Message
			}
		}
	}
	return said
}

// withTargets gives a world something that bodies can be about.
func (w *world) withTargets() (token string) {
	w.Helper()
	token = w.tokenOf(1_000_000_000, account.Scopes()...)
	w.opens(token, object{"vin": vinNumber(1)})
	require.Equal(w, 201, w.ask(token, "POST", "/api/v1/webhooks", object{"url": "https://example.org/"}).status)
	return token
}

func FuzzBodies(f *testing.F) {
	for _, body := range oddBodies() {
		f.Add(body)
	}
	w := newWorld(f)
	operations, token := w.operations(), w.withTargets()
	f.Fuzz(func(t *testing.T, body string) {
		(&world{TB: t, store: w.store, web: w.web}).takeBody(operations, token, body)
	})
}

// TestBodiesAreTakenAlikeOnBothDatabases compares what the two answer, but for
// what differs by chance.
func TestBodiesAreTakenAlikeOnBothDatabases(t *testing.T) {
	t.Parallel()
	one, other := newWorld(t), worldOn(t, store.Postgres(pgtest.Database(t)))
	operations, tokens := one.operations(), []string{one.withTargets(), other.withTargets()}
	for _, body := range oddBodies() {
		first, second := one.takeBody(operations, tokens[0], body), other.takeBody(operations, tokens[1], body)
		for id, said := range first {
			if id == "createWebhook" && strings.HasPrefix(said, "application/json") {
				said, second[id] = secretless(said), secretless(second[id])
			}
			assert.Equal(t, said, second[id], "%s %.100q", id, body)
		}
	}
}

// secretless is an answer without the secret in it.
func secretless(said string) string {
	before, after, _ := strings.Cut(said, `"secret":"`)
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

func TestTextsThatAreNoneAreRefused(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		token := w.all()
		k := w.opens(token, object{"vin": honda})
		for _, text := range []string{`a\u0000b`, " ", `\n\t`, `\u200b`, `\u00ad\u2060 `, "\u200d"} {
			answer := w.ask(token, "POST", path(k, "reject"), `{"reason":"other","text":"`+text+`"}`)
			assert.Equal(t, 422, answer.status, "%q", text)
		}
		for _, body := range []string{"{\"reason\":\"other\",\"text\":\"\xff\"}", `{"reason":"other","text":"\ud800"}`} {
			answer := w.ask(token, "POST", path(k, "reject"), body)
			assert.Equal(t, 400, answer.status, "%q", body)
			assert.Equal(t, "malformed", answer.problem().Code)
		}
		hook := "/api/v1/webhooks"
		assert.Equal(t, 422, w.ask(token, "POST", hook, object{"url": "https://example.org/\x00", "events": []string{"*"}}).status)
		var made api.Webhook
		w.ask(token, "POST", hook, object{"url": "https://example.org/", "description": " \u200b "}).into(&made)
		assert.Empty(t, made.Description, "what nobody sees is none")
		for name, query := range map[string]string{"NUL": "cursor=%00", "no UTF-8": "cursor=%ff", "VIN": "vin=%00", "huge": "owner_id=9223372036854775808", "name": "%ff=1"} {
			assert.Equal(t, 422, w.ask(token, "GET", tickets+"?"+query, nil).status, name)
		}
		assert.Equal(t, 404, w.ask(token, "GET", tickets+"/9223372036854775807", nil).status)
		assert.Equal(t, 422, w.ask(token, "GET", tickets+"/9223372036854775808", nil).status)
		assert.Equal(t, 422, w.ask(token, "GET", tickets+"/%00", nil).status)
	})
}
