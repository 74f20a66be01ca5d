package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/ticket"
)

// described is what the description says of an operation.
type described struct {
	OperationID string
	Security    []any
	Parameters  []struct{ Name, In string }
	RequestBody *struct{ Content map[string]any }
	Responses   map[string]any
	method      string
	path        string
}

// operations reads the description.
func (w *world) operations() map[string]described {
	w.Helper()
	var spec struct {
		Paths map[string]map[string]described
	}
	w.ask("", "GET", "/api/openapi.json", nil).into(&spec)
	all := map[string]described{}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			all[op.OperationID] = op
		}
	}
	require.NotEmpty(w, all)
	return all
}

// at gives the operation's path about a ticket and a report.
func (d described) at(id, report string) string {
	return strings.NewReplacer("{id}", id, "{report}", report, "{delivery}", report).Replace(d.path)
}

// open tells the routes that need no token.
func (d described) open() bool { return len(d.Security) == 0 }

// goods are a body for each operation that has one.
func goods(op described) any {
	switch op.OperationID {
	case "openTicket":
		return object{"vin": honda}
	case "rejectTicket":
		return object{"reason": "no_data"}
	case "prioritizeTicket":
		return object{"priority": "high"}
	case "confirmReport":
		return object{"send": true}
	case "checkVIN":
		return object{"input": honda}
	case "uploadReport":
		return string(pdftest.Valid("x"))
	case "createWebhook":
		return object{"url": "https://example.com/"}
	case "changeWebhook":
		return object{"active": true}
	case "signIn":
		return object{"init_data": "x"}
	case "renewSession":
		return object{"refresh_token": "x"}
	}
	return nil
}

// calls asks an operation with a good body.
func (w *world) calls(secret string, op described, id string, headers ...string) reply {
	w.Helper()
	if op.OperationID == "uploadReport" {
		headers = append([]string{"Content-Type", "application/pdf"}, headers...)
	}
	return w.ask(secret, op.method, op.at(id, "1"), goods(op), headers...)
}

// noted notes which answers an API gave, by operation.
type noted struct {
	next   http.Handler
	by     map[string]described
	answer map[string]bool
}

func (n noted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	n.next.ServeHTTP(recorder, r)
	for id, op := range n.by {
		if r.Pattern == op.method+" "+op.path {
			n.answer[fmt.Sprintf("%s %d", id, recorder.Code)] = true
		}
	}
	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

// TestEveryDocumentedAnswerIsGivenAndNoOther goes through all that the
// description lists, and compares the list with what was answered.
func TestEveryDocumentedAnswerIsGivenAndNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := noted{next: w.rest, by: w.operations(), answer: map[string]bool{}}
	w.web = httpd.NewWeb(httpd.Web{API: n, Count: noCount{}, Log: zerolog.Nop(), Now: w.now})
	require.NoError(t, w.rest.Stop(t.Context())) // so that a stream ends at once
	token, weak, anna, banned := w.tokenOf(100_000, account.Scopes()...), w.token(), w.owner(7, false), w.owner(9, false)
	_, err := w.store.Bans().Ban(t.Context(), 9, "Шум", 1)
	require.NoError(t, err)

	for _, op := range n.by {
		if !op.open() {
			w.calls("", op, "1")
			w.calls(banned, op, "1")
			w.calls(weak, op, "1")
			slow := w.tokenOf(1, account.ScopeTicketsRead)
			w.calls(slow, op, "1")
			assert.Equal(t, 429, w.calls(slow, op, "1").status, op.OperationID)
		}
		w.ask(token, op.method, op.at("x", "x")+"?misspelt=1", goods(op), "Idempotency-Key", "a b")
		w.calls(token, op, "77", "Idempotency-Key", "a b")
		w.calls(token, op, "77")
		if op.RequestBody != nil {
			w.ask(token, op.method, op.at("1", "1"), "{")
			w.ask(token, op.method, op.at("1", "1"), object{"no such": 1})
			w.ask(token, op.method, op.at("1", "1"), "x", "Content-Type", "text/plain")
			w.ask(token, op.method, op.at("1", "1"), strings.Repeat(" ", 1<<20+1))
		}
	}
	w.everySuccess(token, anna)
	w.everyConflict(token, n.by)
	w.everyWebhook(token)

	documented := map[string]bool{}
	for id, op := range n.by {
		for status := range op.Responses {
			documented[id+" "+status] = true
		}
	}
	assert.Equal(t, slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(n.answer)))
}

// everySuccess has everything done that can be done.
func (w *world) everySuccess(token, anna string) {
	w.Helper()
	ok := func(status int, answer reply) reply {
		w.Helper()
		require.Equal(w, status, answer.status, "%s", answer.text)
		return answer
	}
	var k api.Ticket
	ok(201, w.ask(anna, "POST", tickets, object{"vin": honda})).into(&k)
	ok(200, w.ask(anna, "POST", tickets, object{"vin": honda}))
	ok(200, w.ask(token, "GET", tickets, nil))
	etag := ok(200, w.ask(token, "GET", path(k), nil)).header.Get("ETag")
	ok(304, w.ask(token, "GET", path(k), nil, "If-None-Match", etag))
	ok(200, w.ask(token, "GET", path(k, "events"), nil))
	ok(200, w.ask(token, "GET", "/api/v1/bin", nil))
	ok(200, w.ask(token, "GET", "/api/v1/me", nil))
	ok(200, w.ask(token, "GET", "/api/v1/statistics", nil))
	ok(200, w.ask(token, "POST", vinCheck, object{"input": honda}))
	ok(200, w.ask(token, "POST", path(k, "priority"), object{"priority": "high"}))
	for _, verb := range []string{"take", "release", "cancel", "reopen"} {
		ok(200, w.ask(token, "POST", path(k, verb), nil))
	}
	ok(200, w.ask(token, "POST", path(k, "reject"), object{"reason": "no_data"}))
	ok(200, w.ask(token, "DELETE", path(k), nil))
	ok(200, w.ask(token, "POST", path(k, "restore"), nil))
	ok(200, w.ask(token, "POST", path(k, "reopen"), nil))

	var sent api.Report
	ok(202, w.uploads(token, k, string(pdftest.Valid("x")))).into(&sent)
	ok(200, w.ask(token, "GET", path(k, "reports", "1"), nil))
	require.NoError(w, w.tickets.Checked(w.Context(), sent.ID, ticket.Finding{Reason: ticket.ReasonOtherVIN, SHA256: sent.SHA256}))
	ok(200, w.ask(token, "POST", path(k, "reports", "1", "confirm"), object{"send": true}))
	stored, err := w.store.Report(w.Context(), sent.ID)
	require.NoError(w, err)
	require.NoError(w, w.tickets.StoredFor(w.Context(), sent.ID, []ticket.KeptFile{{Key: stored.BlobKey, SHA256: stored.SHA256}}))
	got := ok(200, w.ask(anna, "GET", path(k, "report"), nil))
	ok(206, w.ask(anna, "GET", path(k, "report"), nil, "Range", "bytes=0-4"))
	ok(304, w.ask(anna, "GET", path(k, "report"), nil, "If-None-Match", got.header.Get("ETag")))
	ok(416, w.ask(anna, "GET", path(k, "report"), nil, "Range", "bytes=9999999-"))
	ok(409, w.ask(anna, "GET", path(k, "report", "link"), nil))
	w.rest.Links = &linker{now: w.now}
	ok(200, w.ask(anna, "GET", path(k, "report", "link"), nil))

	var in api.Secrets
	ok(200, w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": initData(botToken, annasUser, w.now())})).into(&in)
	ok(200, w.ask("", "POST", "/api/v1/auth/refresh", object{"refresh_token": in.RefreshToken})).into(&in)
	banned := initData(botToken, `{"id":9}`, w.now())
	ok(403, w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": banned}))
	_, err = w.store.Bans().Ban(w.Context(), 7, "Шум", 1)
	require.NoError(w, err)
	ok(403, w.ask("", "POST", "/api/v1/auth/refresh", object{"refresh_token": in.RefreshToken}))
	_, err = w.store.Bans().Unban(w.Context(), 7)
	require.NoError(w, err)
	ok(204, w.ask(w.owner(7, false), "DELETE", "/api/v1/session", nil))

	ok(202, w.ask(w.owner(11, false), "DELETE", "/api/v1/me", nil))

	ok(200, w.ask(token, "GET", "/api/v1/events", nil))
}

// everyConflict has everything tried that cannot be done, or not in this state.
func (w *world) everyConflict(token string, all map[string]described) {
	w.Helper()
	for i := range 3 {
		w.ask(w.owner(8, false), "POST", tickets, object{"vin": vinNumber(i)})
	}
	require.Equal(w, 409, w.ask(w.owner(8, false), "POST", tickets, object{"vin": vinNumber(4)}).status)
	olga := w.owner(8, false)
	var page api.TicketPage
	w.ask(olga, "GET", tickets, nil).into(&page)
	k := page.Items[0]
	require.Equal(w, 200, w.ask(token, "POST", path(k, "take"), nil).status)
	require.Equal(w, 409, w.ask(w.token(account.ScopeManage), "POST", path(k, "take"), nil).status)
	require.Equal(w, 413, w.uploads(token, k, strings.Repeat("x", 1<<20+1)).status)
	require.Equal(w, 200, w.ask(token, "POST", path(k, "cancel"), nil).status)
	for id, op := range all {
		if _, changes := op.Responses["412"]; changes && strings.Contains(op.path, "/tickets/") {
			if id == "restoreTicket" {
				require.Equal(w, 200, w.ask(token, "DELETE", path(k), nil).status)
			}
			answer := w.ask(token, op.method, op.at(strconv.FormatInt(k.ID, 10), "1"), goods(op), "If-Match", `"999"`)
			require.Equal(w, 412, answer.status, "%s %s", id, answer.text)
			if id == "restoreTicket" {
				require.Equal(w, 200, w.ask(token, "POST", path(k, "restore"), nil).status)
			}
		}
	}
	for _, verb := range []string{"take", "release"} {
		require.Equal(w, 409, w.ask(token, "POST", path(k, verb), nil).status, verb)
	}
	require.Equal(w, 409, w.ask(token, "POST", path(k, "reject"), object{"reason": "no_data"}).status)
	require.Equal(w, 409, w.ask(token, "POST", path(k, "priority"), object{"priority": "low"}).status)
	require.Equal(w, 409, w.uploads(token, k, "x").status)
	other := page.Items[1]
	require.Equal(w, 409, w.ask(token, "POST", path(other, "reopen"), nil).status)
	require.Equal(w, 200, w.ask(token, "POST", path(other, "reject"), object{"reason": "no_data"}).status)
	require.Equal(w, 409, w.ask(token, "POST", path(other, "cancel"), nil).status)
	w.onItsWay(token, page.Items[2])
}

// everyWebhook has everything done about webhooks.
func (w *world) everyWebhook(token string) {
	w.Helper()
	does := func(status int, method, rest string, body any, headers ...string) {
		w.Helper()
		answer := w.ask(token, method, hooks+rest, body, headers...)
		require.Equal(w, status, answer.status, "%s %s %s", method, rest, answer.text)
	}
	made := w.hook(token)
	one := "/" + strconv.FormatInt(made.ID, 10)
	does(200, "GET", "", nil)
	does(200, "GET", one, nil)
	does(200, "PATCH", one, object{"active": true})
	does(200, "POST", one+"/rotate", nil)
	for method, rest := range map[string]string{"PATCH": one, "DELETE": one, "POST": one + "/rotate"} {
		var body any
		if method == "PATCH" {
			body = object{"active": true}
		}
		does(412, method, rest, body, "If-Match", `"999"`)
	}
	sent := w.sends(token, made.ID)
	again := one + "/deliveries/" + strconv.FormatInt(sent.ID, 10)
	does(200, "GET", one+"/deliveries", nil)
	does(200, "GET", again, nil)
	does(409, "POST", again+"/redeliver", nil)
	w.fails(sent.ID)
	does(202, "POST", again+"/redeliver", nil)
	does(200, "PATCH", one, object{"active": false})
	does(409, "POST", one+"/test", nil)
	does(204, "DELETE", one, nil)
	var list struct{ Items []api.Webhook }
	w.ask(token, "GET", hooks, nil).into(&list)
	for range 50 - len(list.Items) {
		w.hook(token)
	}
	does(409, "POST", "", object{"url": "https://example.com/"})
}

// onItsWay has a report on its way, of which nobody can call anything back, and
// one that is not in the archive yet.
func (w *world) onItsWay(token string, k api.Ticket) {
	w.Helper()
	var sent api.Report
	w.uploads(token, k, string(pdftest.Valid("y"))).into(&sent)
	require.NoError(w, w.tickets.Checked(w.Context(), sent.ID, ticket.Finding{SHA256: sent.SHA256}))
	require.Equal(w, 409, w.ask(token, "DELETE", path(k), nil).status)
	require.Equal(w, 409, w.ask(token, "POST", path(k, "reports", strconv.FormatInt(sent.ID, 10), "confirm"), object{"send": true}).status)
	require.NoError(w, w.tickets.FileRefused(w.Context(), sent.ID))
	require.Equal(w, 200, w.ask(token, "DELETE", path(k), nil).status)
	again := w.opens(token, object{"vin": vinNumber(7)})
	w.owner(10, true)
	mine := w.opens(token, object{"vin": honda, "owner_id": 10})
	require.Equal(w, 200, w.ask(token, "DELETE", path(mine), nil).status)
	w.opens(token, object{"vin": honda, "owner_id": 10})
	require.Equal(w, 409, w.ask(token, "POST", path(mine, "restore"), nil).status)
	r, err := w.tickets.ReceiveReport(w.Context(), ticket.Incoming{
		Ticket: again.ID, FileID: "file", Source: ticket.Place{Chat: -100, Message: 5}, By: ticket.Actor{ID: 1},
	})
	require.NoError(w, err)
	require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{SHA256: "00"}))
	require.NoError(w, w.tickets.StoredFor(w.Context(), r.ID, nil))
	require.Equal(w, 503, w.ask(token, "GET", path(again, "report"), nil).status)
	require.Equal(w, 503, w.ask(token, "GET", path(again, "report", "link"), nil).status)
}

// TestEveryRouteByEveryKindOfCaller is the table of who may what.
func TestEveryRouteByEveryKindOfCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.owner(7, false)
	k := w.opens(anna, object{"vin": honda})
	id := strconv.FormatInt(k.ID, 10)
	scope := map[string]account.Scope{
		"openTicket": account.ScopeTicketsWrite, "cancelTicket": account.ScopeTicketsWrite, "downloadReport": account.ScopeReportsRead,
		"linkReport":  account.ScopeReportsRead,
		"listTickets": account.ScopeTicketsRead, "getTicket": account.ScopeTicketsRead, "listEvents": account.ScopeTicketsRead,
		"streamEvents": account.ScopeTicketsRead, "checkVIN": "", "getMe": "", "signOut": "", "forgetMe": "",
	}
	owners := []string{
		"openTicket", "cancelTicket", "downloadReport", "linkReport", "listTickets", "getTicket", "listEvents", "streamEvents", "checkVIN", "getMe", "signOut", "forgetMe",
	}
	require.NoError(t, w.rest.Stop(t.Context())) // so that a stream ends at once
	all := w.operations()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		op := all[name]
		if op.open() {
			continue
		}
		assert.Equal(t, 401, w.calls("", op, id).status, name)
		assert.Equal(t, 401, w.calls("vbt_forged", op, id).status, name)
		assert.Equal(t, 401, w.calls("vba_forged", op, id).status, name)
		needs, known := scope[name]
		if !known {
			needs = account.ScopeManage
		}
		for _, has := range account.Scopes() {
			status := w.calls(w.token(has), op, "77").status
			may := needs == has || needs == "" && name != "signOut" && name != "forgetMe"
			assert.Equal(t, !may, status == 403, "%s by a program that has %s: %d", name, has, status)
		}
		other := w.calls(w.owner(8, false), op, id).status
		switch {
		case !slices.Contains(owners, name):
			assert.Equal(t, 403, other, name)
		case strings.Contains(op.path, "{id}"):
			assert.Equal(t, 404, other, "%s of somebody else's ticket", name)
		default:
			assert.Less(t, other, 300, name)
		}
	}
}

func TestThePageThatExplainsTheAPIFetchesNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, kind := range map[string]string{"/api/docs": "text/html", "/api/docs/docs.js": "text/javascript", "/api/docs/docs.css": "text/css"} {
		answer := w.ask("", "GET", path, nil)
		require.Equal(t, 200, answer.status)
		assert.Equal(t, kind+"; charset=utf-8", answer.header.Get("Content-Type"))
		assert.NotContains(t, string(answer.text), "://")
		assert.Contains(t, answer.header.Get("Content-Security-Policy"), "default-src 'none'")
	}
}
