package panel_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/ticket"
)

// knows has the bot see somebody.
func (w *world) knows(id int64, name, username string) {
	w.Helper()
	_, err := w.store.Accounts().Seen(w.Context(), account.User{ID: id, Name: name, Username: username, Language: "en"})
	require.NoError(w, err)
}

// doings lists what was done, the last first, as "action person ticket".
func (w *world) doings() (all []string) {
	w.Helper()
	found, err := w.store.Audit().Deeds(w.Context(), account.DeedFilter{Limit: 100})
	require.NoError(w, err)
	for _, d := range found {
		if !strings.HasPrefix(d.Action, "session.") {
			all = append(all, fmt.Sprint(d.User, " ", d.Action, " ", d.Person, " ", d.Ticket))
		}
	}
	return all
}

func TestOwnersAreFoundByWhatIsKnownOfThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	assert.Contains(t, b.gets("/owners").text, "Пока никто не обращался.")
	w.knows(7001, "Анна Ёлкина", "anna_e")
	w.knows(7002, "<b>Пётр</b> & Ко", "")
	w.opens(7001, honda)
	w.opens(7002, bmw)
	w.opens(7002, honda)
	w.opens(7003, "WBA3A5G50DNP26085") // who has tickets, and whose name nobody knows
	const link = `href="/owners/%d"`
	for asked, want := range map[string][]int64{
		"": {7001, 7002, 7003}, "анна": {7001}, "ЕЛК": {7001}, "@anna_e": {7001}, "anna_e": {7001}, "@ANNA_E": {7001}, "7001": {7001}, "7003": {7003},
		bmw: {7002}, honda: {7001, 7002}, "004352": {7001, 7002}, "00 43-52": {7001, 7002}, "нет такого": {}, "7009": {}, "@nobody": {},
		"' OR 1=1 --": {}, "%": {}, "_": {}, "<b>п": {7002},
	} {
		answer := b.gets("/owners?q=" + escaped(asked))
		assert.Equal(t, http.StatusOK, answer.status, asked)
		for _, id := range []int64{7001, 7002, 7003} {
			assert.Equal(t, slices.Contains(want, id), strings.Contains(answer.text, fmt.Sprintf(link, id)), "%q: %d", asked, id)
		}
		assert.NotContains(t, answer.text, "<b>", "names are escaped")
	}
}

func TestOwnersAreListedInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	const many = 120
	for i := range int64(many) {
		w.knows(8000+i, fmt.Sprintf("Иван %03d", i), "")
		w.opens(8000+i, honda)
	}
	for _, first := range []string{"/owners", "/owners?q=" + escaped("иван")} {
		seen, pages := map[string]bool{}, 0
		for page := first; page != ""; pages++ {
			text := b.gets(page).text
			for _, m := range found(`href="/owners/(\d+)"`, text) {
				assert.False(t, seen[m], "%s twice", m)
				seen[m] = true
			}
			page = ""
			for _, m := range found(`href="(/owners\?[^"]+)"`, text) {
				page = html.UnescapeString(m)
			}
		}
		assert.Len(t, seen, many, first)
		assert.Equal(t, 3, pages, first)
	}
}

func TestAnOwnersPageShowsTheirHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(7001, "Анна", "anna")
	k := w.opens(7001, honda)
	w.serves(k, boris)
	outcome, err := w.tickets.Rate(t.Context(), k.ID, 7001, 4)
	require.NoError(t, err)
	require.Equal(t, ticket.RatedNow, outcome)
	require.NoError(t, w.store.Accounts().SetUnreachable(t.Context(), 7001, true))
	text := w.as(boris).gets("/owners/7001").text
	for _, want := range []string{
		"<h1>Анна</h1>", "@anna", "английский", "не доступен: бот заблокирован", "всего 1, открыто 0, выполнено 1", "4.0 <small>(1 оценка)</small>",
		honda, "4 звезды", "выполнена", "Не заблокирован.",
	} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "Стереть данные", "that is for admins")
	for _, nobody := range []string{"/owners/99", "/owners/x", "/owners/-1", "/owners/0"} {
		assert.Equal(t, http.StatusNotFound, w.as(boris).gets(nobody).status, nobody)
	}
}

func TestBansGoBySameRuleAsInTheGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(7001, "Анна", "")
	w.opens(7001, honda)
	b, a := w.as(boris), w.as(admin)
	for name, c := range map[string]struct {
		by     *browser
		path   string
		reason string
		status int
		told   string
	}{
		"a manager, where admins are named": {b, "/owners/7001/ban", "спам", http.StatusForbidden, "только администраторы"},
		"a manager who lifts one":           {b, "/owners/7001/unban", "", http.StatusForbidden, "только администраторы"},
		"without a reason":                  {a, "/owners/7001/ban", " ", http.StatusUnprocessableEntity, "Напишите причину"},
		"with a novel":                      {a, "/owners/7001/ban", strings.Repeat("ы", 501), http.StatusUnprocessableEntity, "не больше 500"},
		"oneself":                           {a, fmt.Sprintf("/owners/%d/ban", admin), "спам", http.StatusUnprocessableEntity, "менеджер или администратор"},
		"nobody":                            {a, "/owners/99/ban", "спам", http.StatusNotFound, "Такого владельца нет"},
		"who is not banned":                 {a, "/owners/7001/unban", "", http.StatusConflict, "блокировки уже нет"},
	} {
		answer := c.by.posts(c.path, "reason", c.reason)
		assert.Equal(t, c.status, answer.status, name)
		assert.Contains(t, answer.text, c.told, name)
	}
	assert.NotContains(t, b.gets("/owners/7001").text, "/ban", "no form that is refused")
	assert.Empty(t, w.doings(), "what was refused is not noted")

	require.NoError(t, w.store.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
		return tx.AddCard(ctx, ticket.Card{TicketID: 1, Kind: ticket.CardMain, Place: ticket.Place{Chat: group, Message: 50}})
	}))
	edits := func() (n int) {
		waiting, err := w.store.Outbox().Waiting(t.Context(), 0, 100)
		require.NoError(t, err)
		for _, head := range waiting {
			if head.Kind == string(ticket.EffectCardEdit) {
				n++
			}
		}
		return n
	}
	require.Zero(t, edits())
	assert.Equal(t, "/owners/7001", a.posts("/owners/7001/ban", "reason", "=спам & <b>").header.Get("Location"))
	assert.Equal(t, 1, edits(), "the card says so")
	text := a.gets("/owners/7001").text
	assert.Contains(t, text, "Анна: заблокировано.")
	assert.Contains(t, text, "Причина: =спам &amp; &lt;b&gt;")
	assert.Contains(t, text, "Заблокировал(а) Ада")
	a.posts("/owners/7001/ban", "reason", "иное")
	assert.Contains(t, a.gets("/owners/7001").text, "причина обновлена")
	ban, err := w.store.Bans().Banned(t.Context(), 7001)
	require.NoError(t, err)
	assert.Equal(t, "иное", ban.Reason)
	assert.EqualValues(t, admin, ban.By)
	a.posts("/owners/7001/unban")
	assert.Contains(t, a.gets("/owners/7001").text, "блокировка снята")
	_, err = w.store.Bans().Banned(t.Context(), 7001)
	assert.True(t, ticket.IsNotFound(err))
	assert.Equal(t, []string{"30 owner.unban 7001 0", "30 owner.ban 7001 0", "30 owner.ban 7001 0"}, w.doings())
}

func TestWhereNoAdminIsNamedManagersBan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *panel.Options) { o.Roles = account.Roles{Managers: []int64{vera}} })
	w.knows(7001, "Анна", "")
	v := w.as(vera)
	assert.Equal(t, http.StatusSeeOther, v.posts("/owners/7001/ban", "reason", "спам").status)
	assert.Contains(t, v.gets("/owners/7001").text, "Заблокировал(а) Вера")
	assert.Equal(t, http.StatusForbidden, w.as(boris).posts("/owners/7001/unban").status, "who may not act may not ban")
}

func TestErasingAsksTwiceAndGoesTheWayOfDeleteMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(7001, "Анна", "")
	w.opens(7001, honda)
	a := w.as(admin)
	text := a.gets("/owners/7001").text
	assert.Contains(t, text, `href="/owners/7001/erase"`)
	text = a.gets("/owners/7001/erase").text
	assert.Contains(t, text, "заявок 1, из них открыто 1")
	for _, sure := range []string{"", "7002", "yes", "070010"} {
		assert.Equal(t, http.StatusUnprocessableEntity, a.posts("/owners/7001/erase", "sure", sure).status, sure)
	}
	assert.Equal(t, http.StatusForbidden, w.as(boris).posts("/owners/7001/erase", "sure", "7001").status)
	_, err := w.store.Erasures().Erasure(t.Context(), 1)
	require.True(t, ticket.IsNotFound(err), "nothing was begun")

	assert.Equal(t, "/owners", a.posts("/owners/7001/erase", "sure", " 7001 ").header.Get("Location"))
	assert.Contains(t, a.gets("/owners").text, "Данные будут стёрты")
	assert.Equal(t, []string{"30 owner.erase 7001 0"}, w.doings())
	e, err := w.store.Erasures().Erasure(t.Context(), 1)
	require.NoError(t, err)
	assert.EqualValues(t, 7001, e.Owner)
	assert.Equal(t, "en", e.Language, "they are told in their language")
	done, err := w.forgetting.Forget(t.Context(), e.ID)
	require.NoError(t, err)
	assert.True(t, done)
	assert.Equal(t, http.StatusNotFound, a.gets("/owners/7001").status)
	assert.Equal(t, []string{"30 owner.erase 0 0"}, w.doings(), "nor does the audit name them")
	assert.NotContains(t, a.gets("/owners?q="+honda).text, "/owners/7001")
}

// serves has a manager take a ticket, half an hour later deliver its report.
func (w *world) serves(k ticket.Ticket, by int64) {
	w.Helper()
	ctx := w.Context()
	person, err := w.store.Accounts().User(ctx, by)
	require.NoError(w, err)
	actor := ticket.Actor{ID: by, Name: person.Name}
	_, _, err = w.tickets.Take(ctx, k.ID, actor)
	require.NoError(w, err)
	w.later(30 * time.Minute)
	r, err := w.tickets.ReceiveReport(ctx, ticket.Incoming{
		Ticket: k.ID, FileID: "f", UniqueID: "u", Source: ticket.Place{Chat: group, Message: int(1000 + k.ID)}, By: actor,
	})
	require.NoError(w, err)
	require.NoError(w, w.tickets.Checked(ctx, r.ID, ticket.Finding{}))
	require.NoError(w, w.tickets.Delivered(ctx, r.ID, 7))
	w.joins(boris)
	w.joins(vera)
}
