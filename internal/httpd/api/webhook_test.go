package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/webhook"
)

const hooks = "/api/v1/webhooks"

// hook sets a webhook up.
func (w *world) hook(secret string) api.Webhook {
	w.Helper()
	answer := w.ask(secret, "POST", hooks, object{"url": "https://example.com/hook", "events": []string{"ticket.done"}})
	require.Equal(w, 201, answer.status, "%s", answer.text)
	var made api.Webhook
	answer.into(&made)
	return made
}

// sends has a test delivery of a webhook, and gives it.
func (w *world) sends(secret string, id int64) api.Delivery {
	w.Helper()
	answer := w.ask(secret, "POST", fmt.Sprintf("%s/%d/test", hooks, id), nil)
	require.Equal(w, 202, answer.status, "%s", answer.text)
	var d api.Delivery
	answer.into(&d)
	return d
}

// fails has a delivery fail for good.
func (w *world) fails(id int64) {
	w.Helper()
	queue := w.store.Webhooks().Queue()
	jobs, err := queue.Claim(w.Context(), []int64{id}, time.Minute)
	require.NoError(w, err)
	require.Len(w, jobs, 1)
	require.NoError(w, queue.Bury(w.Context(), jobs[0], webhook.FaultStatus, func(ctx context.Context) error {
		return w.store.Webhooks().AddAttempt(ctx, webhook.Attempt{
			Delivery: id, At: noon(), Took: 1500 * time.Millisecond, Status: 500, Error: webhook.FaultStatus, Answer: "ой",
		})
	}))
}

// manages is a token that may set webhooks up.
func (w *world) manages() string {
	w.Helper()
	return w.token(account.ScopeManage)
}

// hookRoutes are the routes about webhook 1 and its delivery 1, with a body that
// will do.
func hookRoutes() map[string]any {
	return map[string]any{
		"GET " + hooks:                                nil,
		"POST " + hooks:                               object{"url": "https://example.com"},
		"GET " + hooks + "/1":                         nil,
		"PATCH " + hooks + "/1":                       object{"description": "x"},
		"DELETE " + hooks + "/1":                      nil,
		"POST " + hooks + "/1/rotate":                 nil,
		"POST " + hooks + "/1/test":                   nil,
		"GET " + hooks + "/1/deliveries":              nil,
		"GET " + hooks + "/1/deliveries/1":            nil,
		"POST " + hooks + "/1/deliveries/1/redeliver": nil,
	}
}

func TestWebhooksAreForWhoManages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var others []account.Scope
	for _, s := range account.Scopes() {
		if s != account.ScopeManage {
			others = append(others, s)
		}
	}
	all, manages, owner := w.token(others...), w.manages(), w.owner(1000, true)
	for route, body := range hookRoutes() {
		method, path, _ := strings.Cut(route, " ")
		assert.Equal(t, 401, w.ask("", method, path, "{").status, route)
		answer := w.ask(all, method, path, "{")
		assert.Equal(t, 403, answer.status, route)
		assert.Contains(t, answer.problem().Detail, "manage")
		assert.Equal(t, 403, w.ask(owner, method, path, "{").status, "%s, of an owner", route)
		if strings.Contains(path, "/1") {
			answer = w.ask(manages, method, path, body)
			assert.Equal(t, 404, answer.status, "%s: %s", route, answer.text)
			assert.Equal(t, 422, w.ask(manages, method, strings.Replace(path, "/1", "/0", 1), body).status, route)
		}
	}
}

func TestAWebhookIsSetUpReadChangedAndRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.manages()
	answer := w.ask(token, "POST", hooks, object{"url": "https://example.com/hook?key=1", "description": "CRM", "events": []string{"rating.given", "ticket.done"}})
	require.Equal(t, 201, answer.status, "%s", answer.text)
	assert.Equal(t, hooks+"/1", answer.header.Get("Location"))
	assert.Equal(t, `"1"`, answer.header.Get("ETag"))
	var made, got api.Webhook
	answer.into(&made)
	assert.Regexp(t, `^whsec_.{44}$`, made.Secret)
	assert.Equal(t, []string{"ticket.done", "rating.given"}, made.Events)
	assert.True(t, made.Active)

	answer = w.ask(token, "GET", hooks+"/1", nil)
	assert.Equal(t, `"1"`, answer.header.Get("ETag"))
	answer.into(&got)
	made.Secret = ""
	assert.Equal(t, made, got, "the secret is shown once")

	change := func(match string, body object) reply {
		return w.ask(token, "PATCH", hooks+"/1", body, "If-Match", match)
	}
	answer = change(`"1"`, object{"active": false, "events": []string{}})
	require.Equal(t, 200, answer.status, "%s", answer.text)
	var changed api.Webhook
	answer.into(&changed)
	assert.False(t, changed.Active)
	assert.Empty(t, changed.Events)
	assert.Equal(t, "CRM", changed.Description, "what is not given stays")
	answer = change(`"1"`, object{"active": true})
	assert.Equal(t, 412, answer.status, "somebody has changed it")
	assert.Contains(t, answer.problem().Detail, `"2"`)
	assert.Equal(t, 200, change(`"7", "2"`, object{"description": "", "url": "https://example.org"}).status)
	assert.Equal(t, 200, change("*", object{}).status)

	other := w.hook(token)
	var list struct{ Items []api.Webhook }
	w.ask(token, "GET", hooks, nil).into(&list)
	require.Len(t, list.Items, 2)
	assert.Equal(t, other.ID, list.Items[1].ID)
	assert.Empty(t, list.Items[1].Secret)

	assert.Equal(t, 412, w.ask(token, "DELETE", hooks+"/1", nil, "If-Match", `"1"`).status)
	answer = w.ask(token, "DELETE", hooks+"/1", nil)
	assert.Equal(t, 204, answer.status)
	assert.Empty(t, answer.text)
	assert.Equal(t, 404, w.ask(token, "GET", hooks+"/1", nil).status)
}

func TestASecretIsMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.manages()
	made := w.hook(token)
	assert.Equal(t, 412, w.ask(token, "POST", hooks+"/1/rotate", nil, "If-Match", `"9"`).status)
	answer := w.ask(token, "POST", hooks+"/1/rotate", nil, "If-Match", `"1"`)
	require.Equal(t, 200, answer.status, "%s", answer.text)
	var rotated api.Webhook
	answer.into(&rotated)
	assert.NotEqual(t, made.Secret, rotated.Secret)
	require.NotNil(t, rotated.OldUntil)
	assert.Equal(t, noon().Add(24*time.Hour), *rotated.OldUntil)
}

func TestWhatIsWrongWithAWebhookIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.manages()
	w.hook(token)
	for name, tt := range map[string]struct {
		body     any
		status   int
		location string
	}{
		"private":   {object{"url": "https://10.0.0.1/"}, 422, "body.url"},
		"plain":     {object{"url": "http://example.com/"}, 422, "body.url"},
		"no type":   {object{"url": "https://example.com/", "events": []string{"ticket.exploded"}}, 422, "body.events"},
		"long":      {object{"url": "https://example.com/", "description": strings.Repeat("x", 201)}, 422, "body.description"},
		"unknown":   {object{"url": "https://example.com/", "secret": "whsec_mine"}, 422, "body.secret"},
		"no JSON":   {"{", 400, ""},
		"too large": {object{"url": strings.Repeat("x", 1<<20)}, 413, ""},
		"of a form": {"url=x", 415, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if tt.status == 415 {
				headers = []string{"Content-Type", "application/x-www-form-urlencoded"}
			}
			for route := range map[string]bool{"POST " + hooks: true, "PATCH " + hooks + "/1": true} {
				method, path, _ := strings.Cut(route, " ")
				answer := w.ask(token, method, path, tt.body, headers...)
				require.Equal(t, tt.status, answer.status, "%s: %s", route, answer.text)
				if p := answer.problem(); tt.location != "" {
					require.NotEmpty(t, p.Errors, route)
					assert.Equal(t, tt.location, p.Errors[0].Location, route)
				}
			}
		})
	}
}

func TestDeliveriesAreListedReadAndSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.manages()
	w.hook(token)
	first := w.sends(token, 1)
	assert.Equal(t, "webhook.test", first.Type)
	assert.Equal(t, "waiting", first.State)
	assert.Regexp(t, `^msg_[0-9a-f]{32}$`, first.MessageID)
	for range 2 {
		w.sends(token, 1)
	}
	var list struct {
		Items []api.Delivery
		Next  string
	}
	w.ask(token, "GET", hooks+"/1/deliveries?limit=2", nil).into(&list)
	require.Len(t, list.Items, 2)
	assert.EqualValues(t, 3, list.Items[0].ID)
	w.ask(token, "GET", hooks+"/1/deliveries?limit=2&cursor="+list.Next, nil).into(&list)
	require.Len(t, list.Items, 1)
	whole := w.ask(token, "GET", hooks+"/1/deliveries?limit=3", nil)
	whole.into(&list)
	require.Len(t, list.Items, 3)
	assert.NotContains(t, string(whole.text), `"next"`, "there is no other page")
	assert.Equal(t, 422, w.ask(token, "GET", hooks+"/1/deliveries?limit=0", nil).status)
	assert.Equal(t, 422, w.ask(token, "GET", hooks+"/1/deliveries?cursor=x", nil).status)

	again := hooks + "/1/deliveries/1/redeliver"
	assert.Equal(t, 409, w.ask(token, "POST", again, nil).status, "it has not ended")
	w.fails(1)
	w.ask(token, "GET", hooks+"/1/deliveries?state=dead", nil).into(&list)
	require.Len(t, list.Items, 1)
	var d api.Delivery
	w.ask(token, "GET", hooks+"/1/deliveries/1", nil).into(&d)
	assert.Equal(t, "dead", d.State)
	assert.Equal(t, "status", d.LastError)
	require.NotNil(t, d.EndedAt)
	assert.Equal(t, []api.Attempt{{At: noon(), Millis: 1500, Status: 500, Error: "status", Answer: "ой"}}, d.Attempts)
	answer := w.ask(token, "POST", again, nil)
	require.Equal(t, 202, answer.status, "%s", answer.text)
	d = api.Delivery{}
	answer.into(&d)
	assert.Equal(t, "waiting", d.State)
	assert.Equal(t, first.MessageID, d.MessageID)

	require.Equal(t, 200, w.ask(token, "PATCH", hooks+"/1", object{"active": false}).status)
	assert.Equal(t, 409, w.ask(token, "POST", again, nil).status, "it is off")
	assert.Equal(t, 409, w.ask(token, "POST", hooks+"/1/test", nil).status)
}

func TestThereAreOnlySoManyWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.manages()
	for range 50 {
		w.hook(token)
	}
	assert.Equal(t, 409, w.ask(token, "POST", hooks, object{"url": "https://example.com"}).status)
}
