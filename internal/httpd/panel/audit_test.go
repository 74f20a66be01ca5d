package panel_test

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func TestTheAuditTellsWhoDidWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(7001, "Анна", "anna")
	note := func(user int64, action string, k, person int64, details map[string]string) {
		require.NoError(t, w.store.Audit().Add(t.Context(), account.Deed{User: user, Action: action, Ticket: k, Person: person, Details: details}))
		w.later(24 * time.Hour)
	}
	note(boris, "ticket.take", 3, 0, nil)
	note(admin, "owner.ban", 0, 7001, nil)
	note(vera, "ticket.take", 4, 0, map[string]string{"priority": "high"})
	note(vera, "webhook.unheard_of", 0, 0, nil)
	w.ahead.Store(0)
	a := w.as(admin)
	lines := func(query string) string {
		return strings.Join(found(`<tr>\s*<th scope="row">([^<]*)</th>`, a.gets("/audit"+query).text), ", ")
	}
	assert.Contains(t, a.gets("/audit").text, "Записи хранятся 365 дней.")
	all := "webhook.unheard_of, Заявка взята, Блокировка владельца, "
	assert.Contains(t, lines(""), all, "what nobody has a word for stays as it is")
	for query, want := range map[string]string{
		"?user=20":                       "Вход в панель", // of this test's own
		"?user=21":                       "webhook.unheard_of, Заявка взята",
		"?user=@ANNA":                    "",
		"?person=7001":                   "Блокировка владельца",
		"?person=@anna":                  "Блокировка владельца",
		"?ticket=4":                      "Заявка взята",
		"?ticket=%234":                   "Заявка взята",
		"?action=owner.ban":              "Блокировка владельца",
		"?action=ticket.take&user=21":    "Заявка взята",
		"?from=2026-11-26&to=2026-11-26": "Заявка взята",
		"?from=2026-11-27":               "webhook.unheard_of",
	} {
		if query == "?user=20" {
			want = "Заявка взята"
		}
		assert.Equal(t, want, lines(query), query)
	}
	for query, told := range map[string]string{
		"?user=@nobody": "Бот не знает, кто такой", "?ticket=x": "это число", "?from=yesterday": "Дату пишут так", "?to=2026-13-01": "Дату пишут так",
	} {
		answer := a.gets("/audit" + query)
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status, query)
		assert.Contains(t, answer.text, told, query)
	}
	text := a.gets("/audit?person=7001").text
	assert.Contains(t, text, `<a href="/owners/7001">Анна</a>`)
	assert.Contains(t, text, `<a href="/audit?user=30">Ада</a>`)
	assert.Contains(t, a.gets("/audit?ticket=4").text, "priority: high")
	assert.Contains(t, a.gets("/audit?ticket=5").text, "Таких записей нет.")
}

func TestTheAuditHasPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 120
	for i := range int64(many) {
		require.NoError(t, w.store.Audit().Add(t.Context(), account.Deed{User: boris, Action: "ticket.take", Ticket: i + 1}))
	}
	a := w.as(admin)
	seen := map[string]bool{}
	for page := "/audit?user=20"; page != ""; {
		text := a.gets(page).text
		for _, id := range found(`href="/tickets/(\d+)"`, text) {
			assert.False(t, seen[id])
			seen[id] = true
		}
		page = ""
		for _, next := range found(`href="(/audit\?before[^"]+)"`, text) {
			page = html.UnescapeString(next)
			assert.Contains(t, page, "user=20", "what was looked for goes on")
		}
	}
	assert.Len(t, seen, many)
}

func TestTheBinGivesTicketsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.as(admin)
	assert.Contains(t, a.gets("/bin").text, "Корзина пуста.")
	one, other := w.opens(7, honda), w.opens(7, bmw)
	for _, k := range []ticket.Ticket{one, other} {
		_, err := w.tickets.Delete(t.Context(), k.ID, ticket.Actor{ID: admin})
		require.NoError(t, err)
	}
	w.opens(7, bmw) // so that the other cannot come back
	text := a.gets("/bin").text
	assert.Contains(t, text, "хранятся здесь 30 дней")
	assert.Contains(t, text, honda)
	assert.Contains(t, text, "24.12.2026 15:00", "until when")
	assert.Equal(t, "/bin", a.posts(fmt.Sprintf("/bin/%d/restore", one.ID)).header.Get("Location"))
	assert.Contains(t, a.gets("/bin").text, "Заявка №1 возвращена.")
	back, err := w.store.Ticket(t.Context(), one.ID)
	require.NoError(t, err)
	assert.Equal(t, ticket.New, back.Status)

	for id, c := range map[int64]struct {
		status int
		told   string
	}{
		one.ID: {http.StatusNotFound, "уже вернули"}, other.ID: {http.StatusConflict, "другая открытая заявка"}, 99: {http.StatusNotFound, "в корзине нет"},
	} {
		answer := a.posts(fmt.Sprintf("/bin/%d/restore", id))
		assert.Equal(t, c.status, answer.status)
		assert.Contains(t, answer.text, c.told)
	}
	assert.Equal(t, http.StatusForbidden, w.as(boris).posts(fmt.Sprintf("/bin/%d/restore", other.ID)).status)
	assert.Equal(t, []string{"30 ticket.restore 0 1"}, w.doings())
}

func TestTheBinHasPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 120
	for i := range int64(many) {
		k := w.opens(1000+i, honda)
		_, err := w.tickets.Delete(t.Context(), k.ID, ticket.Actor{ID: admin})
		require.NoError(t, err)
		if i%7 == 0 {
			w.later(time.Millisecond)
		}
	}
	a := w.as(admin)
	seen := map[string]bool{}
	for page := "/bin"; page != ""; {
		text := a.gets(page).text
		for _, id := range found(`action="/bin/(\d+)/restore"`, text) {
			assert.False(t, seen[id])
			seen[id] = true
		}
		page = ""
		for _, next := range found(`href="(/bin\?after=[^"]+)"`, text) {
			page = next
		}
	}
	assert.Len(t, seen, many)
	assert.Equal(t, http.StatusOK, a.gets("/bin?after=nonsense").status)
	assert.Equal(t, http.StatusOK, a.gets("/bin?after=1-x").status)
}
