package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/api"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

func TestAProgramOpensATicketAndItsCardIsPosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	answer := w.ask(token, "POST", tickets, object{"vin": "1hgcm82633a004352"}, "X-Request-ID", "its-own-1")
	require.Equal(t, 201, answer.status, "%s", answer.text)
	assert.Equal(t, "/api/v1/tickets/1", answer.header.Get("Location"))
	assert.Equal(t, `"1"`, answer.header.Get("ETag"))
	var opened, read api.Ticket
	answer.into(&opened)
	assert.Equal(t, honda, opened.VIN)
	assert.Equal(t, "new", opened.Status)
	assert.True(t, opened.Fetched, "nobody has a chat for it")
	w.ask(token, "GET", path(opened), nil).into(&read)
	assert.Equal(t, opened, read)
	assert.Equal(t, 304, w.ask(token, "GET", path(opened), nil, "If-None-Match", `"7", "1"`).status)
	assert.Equal(t, 200, w.ask(token, "GET", path(opened), nil, "If-None-Match", `"7"`).status)

	waiting, err := w.store.Outbox().Waiting(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	assert.Equal(t, "card.post", waiting[0].Kind)
	var events api.EventList
	w.ask(token, "GET", path(opened, "events"), nil).into(&events)
	require.Len(t, events.Items, 1)
	assert.Equal(t, "its-own-1", events.Items[0].RequestID)
	assert.EqualValues(t, -1, events.Items[0].ActorID, "the program, by its token's number")
	assert.NotEqual(t, opened.ID, w.opens(token, object{"vin": honda}).ID, "of nobody's tickets each is one")
}

func TestAProgramOpensATicketForAnOwnerWhomTheBotKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	w.owner(7, true)
	opened := w.opens(token, object{"vin": honda, "owner_id": 7})
	assert.False(t, opened.Fetched, "it goes to their chat")
	again := w.ask(token, "POST", tickets, object{"vin": honda, "owner_id": 7})
	assert.Equal(t, 200, again.status, "the same, still open")
	unknown := w.ask(token, "POST", tickets, object{"vin": honda, "owner_id": 8})
	assert.Equal(t, 422, unknown.status)
	assert.Equal(t, "body.owner_id", unknown.problem().Errors[0].Location)
	_, err := w.store.Bans().Ban(t.Context(), 7, "Шум", 1)
	require.NoError(t, err)
	assert.Equal(t, 403, w.ask(token, "POST", tickets, object{"vin": honda, "owner_id": 7}).status)
}

func TestAVINThatIsDoubtfulMustBeConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	const doubtful = "1HGCM82633A004353"
	answer := w.ask(token, "POST", tickets, object{"vin": doubtful})
	assert.Equal(t, 422, answer.status)
	assert.Equal(t, "body.confirmed", answer.problem().Errors[0].Location)
	assert.True(t, w.opens(token, object{"vin": doubtful, "confirmed": true}).Confirmed)
	assert.False(t, w.opens(token, object{"vin": honda, "confirmed": true}).Confirmed, "nothing about it is doubtful")
	answer = w.ask(token, "POST", tickets, object{"vin": "1HGCM8263"})
	assert.Equal(t, 422, answer.status)
	assert.Contains(t, answer.problem().Errors[0].Message, "too_short")
}

func TestAnOwnerHasTheLimitsThatTheyHaveInTheChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.owner(7, true)
	var last api.Ticket
	for i := range 3 {
		last = w.opens(anna, object{"vin": vinNumber(i)})
	}
	answer := w.ask(anna, "POST", tickets, object{"vin": vinNumber(3)})
	assert.Equal(t, 409, answer.status, "three are open")
	assert.Equal(t, 200, w.ask(anna, "POST", tickets, object{"vin": last.VIN}).status, "what is open may be asked for again")
	for i := range 2 {
		require.Equal(t, 200, w.ask(anna, "POST", path(last, "cancel"), nil).status)
		last = w.opens(anna, object{"vin": vinNumber(3 + i)})
	}
	require.Equal(t, 200, w.ask(anna, "POST", path(last, "cancel"), nil).status)
	answer = w.ask(anna, "POST", tickets, object{"vin": vinNumber(5)})
	assert.Equal(t, 429, answer.status, "five were opened in this hour")
	assert.Equal(t, "3600", answer.header.Get("Retry-After"))
	w.later(time.Hour)
	assert.Equal(t, 401, w.ask(anna, "POST", tickets, object{"vin": vinNumber(5)}).status, "an access token is for an hour")
	w.opens(w.owner(7, true), object{"vin": vinNumber(5)})
}

// vinNumber makes VINs of a maker whose check digit says nothing.
func vinNumber(i int) string { return fmt.Sprintf("WDBAAA00000%06d", i) }

func TestWhatIsSomebodyElsesDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna, olga := w.owner(7, true), w.owner(8, false)
	hers := w.opens(anna, object{"vin": honda})
	assert.False(t, hers.Fetched)
	theirs := w.opens(olga, object{"vin": honda})
	assert.True(t, theirs.Fetched, "she never wrote to the bot")
	nowhere := api.Ticket{ID: 99}
	for _, rest := range [][]string{{}, {"events"}} {
		other, none := w.ask(olga, "GET", path(hers, rest...), nil), w.ask(olga, "GET", path(nowhere, rest...), nil)
		assert.Equal(t, 404, other.status)
		same := strings.NewReplacer(other.problem().RequestID, "", none.problem().RequestID, "")
		assert.Equal(t, same.Replace(string(none.text)), same.Replace(string(other.text)), "not to be told apart")
	}
	assert.Equal(t, 404, w.ask(olga, "POST", path(hers, "cancel"), nil).status)
	var page api.TicketPage
	w.ask(olga, "GET", tickets, nil).into(&page)
	require.Len(t, page.Items, 1)
	assert.Equal(t, theirs.ID, page.Items[0].ID)
	for _, filter := range []string{"?owner_id=7", "?assignee_id=7"} {
		w.ask(olga, "GET", tickets+filter, nil).into(&page)
		assert.Empty(t, page.Items)
	}
	assert.Equal(t, 422, w.ask(olga, "POST", tickets, object{"vin": honda, "owner_id": 7}).status)
}

func TestWhatManagersDoByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	other := w.all()
	anna := w.owner(7, true)
	k := w.opens(anna, object{"vin": honda})
	does := func(secret, verb string, body any, status int) api.Ticket {
		t.Helper()
		answer := w.ask(secret, "POST", path(k, verb), body)
		require.Equal(t, status, answer.status, "%s: %s", verb, answer.text)
		var said api.Ticket
		if status == 200 {
			answer.into(&said)
			assert.Equal(t, `"`+strconv.FormatInt(said.Version, 10)+`"`, answer.header.Get("ETag"))
		}
		return said
	}
	taken := does(token, "take", nil, 200)
	assert.Equal(t, &api.Assignee{ID: -1, Name: "tests"}, taken.Assignee)
	does(token, "take", nil, 200)
	does(other, "take", nil, 409)
	var seen api.Ticket
	w.ask(anna, "GET", path(k), nil).into(&seen)
	assert.Nil(t, seen.Assignee, "owners are not told who")
	assert.Equal(t, "high", does(token, "priority", object{"priority": "high"}, 200).Priority)
	does(token, "priority", object{"priority": "highest"}, 422)
	assert.Equal(t, "new", does(other, "release", nil, 200).Status)
	does(token, "release", nil, 200)
	does(token, "reopen", nil, 409)
	does(token, "reject", object{"reason": "other"}, 422)
	does(token, "reject", object{"reason": "no_data", "text": "Нет"}, 422)
	rejected := does(token, "reject", object{"reason": "other", "text": "Машины нет в базах"}, 200)
	assert.Equal(t, &api.Rejection{Reason: "other", Text: "Машины нет в базах"}, rejected.Rejection)
	does(token, "reject", object{"reason": "no_data"}, 409)
	does(token, "priority", object{"priority": "low"}, 409)
	does(token, "release", nil, 409)
	does(token, "take", nil, 409)
	does(token, "cancel", nil, 409)
	does(token, "reopen", nil, 200)

	deleted := w.ask(token, "DELETE", path(k), nil)
	require.Equal(t, 200, deleted.status)
	assert.Equal(t, 404, w.ask(token, "GET", path(k), nil).status)
	assert.Equal(t, 404, w.ask(token, "DELETE", path(k), nil).status)
	var bin api.TicketPage
	w.ask(token, "GET", "/api/v1/bin", nil).into(&bin)
	require.Len(t, bin.Items, 1)
	assert.NotNil(t, bin.Items[0].DeletedAt)
	does(token, "restore", nil, 200)
	does(token, "restore", nil, 404)
	does(token, "cancel", nil, 200)
	does(token, "cancel", nil, 200)
}

func TestAChangeOfWhatHasChangedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	known := w.ask(token, "GET", path(k), nil).header.Get("ETag")
	require.Equal(t, 200, w.ask(token, "POST", path(k, "take"), nil, "If-Match", known).status)
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{"POST", path(k, "release"), nil},
		{"POST", path(k, "cancel"), nil},
		{"POST", path(k, "reopen"), nil},
		{"POST", path(k, "reject"), object{"reason": "no_data"}},
		{"POST", path(k, "priority"), object{"priority": "low"}},
		{"DELETE", path(k), nil},
		{"POST", path(k, "take"), nil},
	} {
		answer := w.ask(token, request.method, request.path, request.body, "If-Match", known)
		assert.Equal(t, 412, answer.status, request.path)
		assert.Equal(t, "precondition", answer.problem().Code)
	}
	var now api.Ticket
	tag := w.ask(token, "GET", path(k), nil).header.Get("ETag")
	w.ask(token, "GET", path(k), nil).into(&now)
	assert.Equal(t, "taken", now.Status)
	assert.Equal(t, 412, w.ask(token, "POST", path(k, "take"), nil, "If-Match", "W/"+tag).status, "a weak one names no version")
	assert.Equal(t, 304, w.ask(token, "GET", path(k), nil, "If-None-Match", "W/"+tag).status)
	require.Equal(t, 200, w.ask(token, "DELETE", path(k), nil, "If-Match", "*").status)
	assert.Equal(t, 412, w.ask(token, "POST", path(k, "restore"), nil, "If-Match", known).status)
}

func TestListsAreFilteredAndPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.all()
	var all []int64
	for i := range 7 {
		all = append([]int64{w.opens(token, object{"vin": vinNumber(i)}).ID}, all...)
	}
	for verb, ids := range map[string][]int64{"take": {1, 2}, "cancel": {3}} {
		for _, id := range ids {
			require.Equal(t, 200, w.ask(token, "POST", path(api.Ticket{ID: id}, verb), nil).status)
		}
	}
	require.Equal(t, 200, w.ask(token, "POST", path(api.Ticket{ID: 4}, "reject"), object{"reason": "no_data"}).status)
	list := func(query string) (ids []int64, next string) {
		var page api.TicketPage
		answer := w.ask(token, "GET", tickets+query, nil)
		require.Equal(t, 200, answer.status, "%s", answer.text)
		answer.into(&page)
		for _, k := range page.Items {
			ids = append(ids, k.ID)
		}
		return ids, page.Next
	}
	for query, want := range map[string][]int64{
		"": all, "?status=taken": {2, 1}, "?status=cancelled,taken": {3, 2, 1}, "?status=rejected&status=cancelled": {4, 3},
		"?status=cancelled,cancelled": {3}, "?cursor=": all,
		"?status=done": nil, "?assignee_id=-1": {2, 1}, "?assignee_id=5": nil, "?vin=" + vinNumber(2): {3}, "?vin=000004": {5},
		"?owner_id=9": nil, "?status=new,taken,cancelled,rejected,done": all, "?status=taken&vin=" + vinNumber(0): {1},
	} {
		got, next := list(query)
		assert.Equal(t, want, got, query)
		assert.Empty(t, next, query)
	}
	for _, query := range []string{"?vin=", "?status=", "?status=new,", "?owner_id=", "?assignee_id=", "?assignee_id=0", "?limit=", "?Status=new"} {
		assert.Equal(t, 422, w.ask(token, "GET", tickets+query, nil).status, "%s: a filter for nothing must not show everything", query)
	}
	for _, query := range []string{"?manager_id=", "?manager_id=0", "?period="} {
		assert.Equal(t, 422, w.ask(token, "GET", "/api/v1/statistics"+query, nil).status, query)
	}
	for _, base := range []string{"?limit=3", "?limit=3&status=new,taken,cancelled,rejected"} {
		var walked []int64
		for cursor := ""; ; {
			ids, next := list(base + cursor)
			walked = append(walked, ids...)
			if next == "" {
				break
			}
			cursor = "&cursor=" + next
		}
		assert.Equal(t, all, walked)
	}
	for query, location := range map[string]string{
		"?limit=0": "query.limit", "?limit=101": "query.limit", "?limit=x": "query.limit", "?status=open": "query.status[0]",
		"?cursor=abc": "query.cursor", "?vin=1": "query.vin", "?stauts=new": "query.stauts", "?owner_id=0": "query.owner_id",
		"?limit=1&limit=2": "query.limit", "?status=new;owner_id=1": "query", "?vin=%zz": "query",
	} {
		answer := w.ask(token, "GET", tickets+query, nil)
		require.Equal(t, 422, answer.status, query)
		assert.Equal(t, location, answer.problem().Errors[0].Location, query)
	}
}

func TestTheBinIsPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(account.ScopeManage, account.ScopeTicketsWrite)
	for i := range 3 {
		require.Equal(t, 200, w.ask(token, "DELETE", path(w.opens(token, object{"vin": vinNumber(i)})), nil).status)
		w.later(time.Second)
	}
	var first, second api.TicketPage
	w.ask(token, "GET", "/api/v1/bin?limit=2", nil).into(&first)
	require.Len(t, first.Items, 2)
	w.ask(token, "GET", "/api/v1/bin?limit=2&cursor="+first.Next, nil).into(&second)
	require.Len(t, second.Items, 1)
	assert.EqualValues(t, 1, second.Items[0].ID)
	assert.Empty(t, second.Next)
	require.Equal(t, 200, w.ask(token, "POST", path(first.Items[1], "restore"), nil).status)
	var again api.TicketPage
	w.ask(token, "GET", "/api/v1/bin?cursor="+first.Next, nil).into(&again)
	assert.Equal(t, second.Items, again.Items, "the place is there though its ticket has left the bin")
	for _, wrong := range []string{"x", "deleted:5", "deleted:5:0", "deleted:-5:1", "deleted:5:1:1", "before:1", "deleted:+5:1"} {
		cursor := base64.RawURLEncoding.EncodeToString([]byte(wrong))
		assert.Equal(t, 422, w.ask(token, "GET", "/api/v1/bin?cursor="+cursor, nil).status, wrong)
	}
}

// racing is a store in which another process is always a little faster.
type racing struct {
	*store.Store
	first func()
}

func (r racing) Hold(ctx context.Context, id int64) error {
	r.first()
	return r.Store.Hold(ctx, id)
}

func TestAChangeIsComparedWithWhatAnotherProcessLeft(t *testing.T) {
	t.Parallel()
	database := store.Postgres(pgtest.Database(t))
	w, other := worldOn(t, database), worldOn(t, database)
	token := w.all()
	k := w.opens(token, object{"vin": honda})
	w.rest.Store = racing{w.store, func() {
		_, _, err := other.tickets.Prioritize(t.Context(), k.ID, ticket.Urgent, ticket.Actor{ID: 5})
		assert.NoError(t, err)
	}}
	assert.Equal(t, 412, w.ask(token, "POST", path(k, "priority"), object{"priority": "low"}, "If-Match", `"1"`).status)
	deleted, err := other.tickets.Delete(t.Context(), k.ID, ticket.Actor{ID: 5})
	require.NoError(t, err)
	w.rest.Store = racing{w.store, func() {
		_, err := other.tickets.Restore(t.Context(), k.ID, ticket.Actor{ID: 5})
		assert.NoError(t, err)
		_, err = other.tickets.Delete(t.Context(), k.ID, ticket.Actor{ID: 5})
		assert.NoError(t, err)
	}}
	known := fmt.Sprintf(`"%d"`, deleted.Version)
	assert.Equal(t, 412, w.ask(token, "POST", path(k, "restore"), nil, "If-Match", known).status)
}
