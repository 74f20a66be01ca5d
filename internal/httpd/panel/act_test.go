package panel_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/ticket"
)

// stands brings a ticket to a status, by Vera.
func (w *world) stands(k ticket.Ticket, as ticket.Status) ticket.Ticket {
	w.Helper()
	by := ticket.Actor{ID: vera, Name: "Вера"}
	var err error
	switch as {
	case ticket.Taken:
		_, _, err = w.tickets.Take(w.Context(), k.ID, by)
	case ticket.Rejected:
		_, _, err = w.tickets.Reject(w.Context(), k.ID, ticket.Rejection{Reason: ticket.RejectNoData}, by)
	case ticket.Cancelled:
		_, _, err = w.tickets.CancelFor(w.Context(), k.ID, by)
	case ticket.New, ticket.Delivering, ticket.Undelivered, ticket.Done:
	}
	require.NoError(w, err)
	return w.reads(k.ID)
}

func (w *world) reads(id int64) ticket.Ticket {
	w.Helper()
	t, err := w.store.Ticket(w.Context(), id)
	require.NoError(w, err)
	return t
}

func version(k ticket.Ticket) string { return strconv.FormatInt(k.Version, 10) }

func TestEachActionIsDoneNotedAndToldOrRefusedWithHowTheTicketStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from    ticket.Status
		verb    string
		form    []string
		user    int64
		want    ticket.Status
		deed    string
		refused string // what is said instead
	}{
		"take":                         {verb: "take", want: ticket.Taken, deed: "ticket.take"},
		"take what another has":        {from: ticket.Taken, verb: "take", want: ticket.Taken, refused: "только что взята, исполнитель: Вера"},
		"take what is closed":          {from: ticket.Cancelled, verb: "take", want: ticket.Cancelled, refused: "владелец её отменил"},
		"release":                      {from: ticket.Taken, verb: "release", want: ticket.New, deed: "ticket.release"},
		"release what nobody has":      {verb: "release", want: ticket.New, refused: "её никто не взял"},
		"priority":                     {verb: "priority", form: []string{"priority", "urgent"}, want: ticket.New, deed: "ticket.priority"},
		"no priority":                  {verb: "priority", form: []string{"priority", "x"}, want: ticket.New, refused: "Выберите приоритет."},
		"assign":                       {verb: "assign", form: []string{"to", "21"}, want: ticket.Taken, deed: "ticket.assign"},
		"assign to nobody":             {verb: "assign", form: []string{"to", "x"}, want: ticket.New, refused: "кому передать"},
		"assign to an owner":           {verb: "assign", form: []string{"to", "7"}, want: ticket.New, refused: "он не менеджер"},
		"assign what is closed":        {from: ticket.Rejected, verb: "assign", form: []string{"to", "21"}, want: ticket.Rejected, refused: "уже отклонена"},
		"reject":                       {verb: "reject", form: []string{"reason", "wrong_vin"}, want: ticket.Rejected, deed: "ticket.reject"},
		"reject in own words":          {verb: "reject", form: []string{"reason", "", "words", "Нет такой машины"}, want: ticket.Rejected, deed: "ticket.reject"},
		"reject without a reason":      {verb: "reject", form: []string{"words", " \u200b "}, want: ticket.New, refused: "Выберите причину"},
		"reject in too many words":     {verb: "reject", form: []string{"words", strings.Repeat("я", 1001)}, want: ticket.New, refused: "слишком длинная"},
		"reject what is closed":        {from: ticket.Cancelled, verb: "reject", form: []string{"reason", "no_data"}, want: ticket.Cancelled, refused: "владелец её отменил"},
		"reopen":                       {from: ticket.Rejected, verb: "reopen", want: ticket.New, deed: "ticket.reopen"},
		"reopen what is open":          {verb: "reopen", want: ticket.New, refused: "её никто не взял"},
		"cancel":                       {from: ticket.Taken, verb: "cancel", want: ticket.Cancelled, deed: "ticket.cancel"},
		"cancel what is closed":        {from: ticket.Rejected, verb: "cancel", want: ticket.Rejected, refused: "уже отклонена"},
		"send again what did not fail": {verb: "retry", want: ticket.New, refused: "её никто не взял"},
		"delete":                       {verb: "delete", user: admin, deed: "ticket.delete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			k := w.opens(7, honda)
			if c.from != "" {
				k = w.stands(k, c.from)
			}
			user := c.user
			if user == 0 {
				user = boris
			}
			b := w.as(user)
			b.htmx = true
			answer := b.posts(path(k, "/"+c.verb), append([]string{"version", version(k)}, c.form...)...)
			if c.refused != "" {
				assert.GreaterOrEqual(t, answer.status, http.StatusConflict)
				assert.Contains(t, answer.text, c.refused)
			} else {
				assert.Less(t, answer.status, http.StatusBadRequest, answer.text)
			}
			if c.want != "" {
				assert.Equal(t, c.want, w.reads(k.ID).Status)
			} else {
				_, err := w.store.Ticket(t.Context(), k.ID)
				assert.True(t, ticket.IsNotFound(err))
			}
			deeds, err := w.store.Audit().Deeds(t.Context(), account.DeedFilter{Ticket: k.ID, Limit: 10})
			require.NoError(t, err)
			if c.deed == "" {
				assert.Empty(t, deeds, "what was not done is not noted")
				return
			}
			require.Len(t, deeds, 1)
			assert.Equal(t, c.deed, deeds[0].Action)
			assert.Equal(t, user, deeds[0].User)
			for _, detail := range deeds[0].Details {
				assert.NotContains(t, detail, "машины", "nobody's words")
			}
		})
	}
}

func TestNothingIsDoneToATicketThatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for verb, form := range map[string][]string{
		"release": nil, "priority": {"priority", "low"}, "assign": {"to", "20"}, "reject": {"reason", "no_data"}, "cancel": nil,
	} {
		w := newWorld(t)
		k := w.opens(7, honda)
		b := w.as(boris)
		seen := version(w.reads(k.ID))
		k = w.stands(k, ticket.Taken)
		b.htmx = true
		answer := b.asks(http.MethodPost, path(k, "/"+verb), values(append([]string{"version", seen}, form...)),
			"Origin", w.url, "Sec-Fetch-Site", "same-origin", "HX-Target", "row-1")
		assert.Equal(t, http.StatusConflict, answer.status, verb)
		assert.Equal(t, "#row-1", answer.header.Get("HX-Retarget"), "how it stands now takes the place of how it stood")
		assert.Contains(t, answer.text, `<tr id="row-1"`)
		assert.Contains(t, answer.text, "Не сделано. №1 — только что взята, исполнитель: Вера")
		assert.Equal(t, k, w.reads(k.ID), "%s: and nothing is overwritten", verb)
	}
}

func TestManyAreChangedAtOnceAndOfEachThatIsNotItIsSaidWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	b.htmx = true
	var chosen []string
	for owner := range int64(5) {
		k := w.opens(100+owner, honda)
		chosen = append(chosen, "id", strconv.FormatInt(k.ID, 10)+":"+version(k))
	}
	w.stands(w.reads(2), ticket.Taken)
	w.stands(w.reads(4), ticket.Rejected)
	answer := b.posts("/bulk", append([]string{"do", "take", "back", "/?status=new"}, chosen...)...)
	assert.Equal(t, http.StatusOK, answer.status)
	assert.Contains(t, answer.text, "Сделано: 3, не сделано: 2. №2 — только что взята, исполнитель: Вера; №4 — уже отклонена.")
	assert.Contains(t, answer.text, `data-from="/?status=new"`, "the queue is shown as it was")
	for id, want := range map[int64]int64{1: boris, 2: vera, 3: boris, 5: boris} {
		assert.Equal(t, want, w.reads(id).AssigneeID, id)
	}

	answer = b.posts("/bulk", append([]string{"do", "reject", "reason", "no_data"}, chosen...)...)
	assert.Contains(t, answer.text, "Сделано: 0, не сделано: 5.", "they are others than they were when they were chosen")
	answer = b.posts("/bulk", "do", "priority", "priority", "high", "id", "1:"+version(w.reads(1)), "id", "99:1")
	assert.Contains(t, answer.text, "Сделано: 1, не сделано: 1. №99 — такой заявки больше нет.")
	assert.Equal(t, ticket.High, w.reads(1).Priority)
	answer = b.posts("/bulk", "do", "release", "id", "3:"+version(w.reads(3)))
	assert.Contains(t, answer.text, "Сделано: 1 заявка.")

	for want, form := range map[string][]string{
		"Не выбрано ни одной": {"do", "take"}, "что сделать": {"do", "delete", "id", "1:1"}, "Выберите причину": {"do", "reject", "id", "1:1"},
		"отметьте их слева": {"do", "take", "id", "x"}, "Слишком много": append([]string{"do", "take"}, strings.Split(strings.Repeat("id 1:1 ", 101)+"x y", " ")...),
	} {
		answer := b.posts("/bulk", form...)
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status, want)
		assert.Contains(t, answer.text, want)
	}

	b.htmx = false
	assert.Equal(t, "/?status=new", b.posts("/bulk", "do", "take", "back", "/?status=new", "id", "3:1").header.Get("Location"), "without scripts, too")
	assert.Contains(t, b.gets("/").text, "Сделано: 1 заявка.")
}

func TestTheQueueShowsWhatIsAskedForAndWhatSomebodyLooksFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id, name := range map[int64]string{100: "Анна Петрова", 101: "Олег"} {
		_, err := w.store.Accounts().Seen(t.Context(), account.User{ID: id, Name: name, Username: "User" + strconv.FormatInt(id, 10)})
		require.NoError(t, err)
	}
	annas := w.opens(100, honda) // 1
	w.later(2 * time.Hour)
	taken := w.stands(w.opens(101, bmw), ticket.Taken)   // 2
	gone := w.stands(w.opens(100, bmw), ticket.Rejected) // 3
	_, _, err := w.tickets.Prioritize(t.Context(), taken.ID, ticket.Urgent, ticket.Actor{ID: vera})
	require.NoError(t, err)
	w.joins(boris)
	b := w.as(boris)
	b.htmx = true
	for query, want := range map[string][]int64{
		"":                               {taken.ID, annas.ID},
		"status=open":                    {taken.ID, annas.ID},
		"status=new":                     {annas.ID},
		"status=taken":                   {taken.ID},
		"status=closed":                  {gone.ID},
		"status=rejected":                {gone.ID},
		"status=rejected&priority=low":   nil,
		"status=all":                     {gone.ID, taken.ID, annas.ID},
		"priority=urgent":                {taken.ID},
		"priority=urgent&status=all":     {taken.ID},
		"assignee=nobody":                {annas.ID},
		"assignee=me":                    nil,
		"assignee=21":                    {taken.ID},
		"assignee=21&status=all":         {taken.ID},
		"assignee=nobody&status=taken":   nil,
		"assignee=nobody&status=closed":  nil,
		"assignee=nobody&status=all":     {annas.ID},
		"age=1h":                         {annas.ID},
		"age=1h&status=all":              {annas.ID},
		"q=" + honda:                     {annas.ID},
		"q=" + strings.ToLower(honda):    {annas.ID},
		"q=" + honda[11:]:                {annas.ID},
		"q=" + bmw[11:]:                  {gone.ID, taken.ID},
		"q=" + bmw[11:] + "&status=open": {taken.ID},
		"q=анна":                         {gone.ID, annas.ID},
		"q=%40user101":                   {taken.ID},
		"q=%40nobody":                    nil,
		"q=id100":                        {gone.ID, annas.ID},
		"q=100":                          {gone.ID, annas.ID},
		"q=%232":                         {taken.ID},
		"q=№2":                           {taken.ID},
		"q=2":                            {taken.ID},
		"q=%25":                          nil,
	} {
		answer := b.gets("/?" + query)
		require.Equal(t, http.StatusOK, answer.status, query)
		assert.Equal(t, want, rowsIn(answer.text), query)
		if want == nil {
			assert.Contains(t, answer.text, "Ничего не нашлось.", query)
		}
	}
	for _, query := range []string{"status=x", "priority=x", "assignee=x", "age=x", "after=x", "after=bGlzdDox&status=new", "after=d29yazp4OjE6MQ&status=all", "q=" + strings.Repeat("x", 201)} {
		assert.Equal(t, http.StatusBadRequest, b.gets("/?"+query).status, query)
	}
}

func TestTheQueueHasPagesOnWhichEachTicketIsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for owner := range int64(120) {
		w.opens(1000+owner, honda)
	}
	b := w.as(boris)
	for _, first := range []string{"/", "/?status=all", "/?q=" + honda} {
		seen := map[int64]bool{}
		pages := 0
		for at := first; at != ""; pages++ {
			text := b.gets(at).text
			for _, id := range rowsIn(text) {
				assert.False(t, seen[id], "%s: #%d comes twice", first, id)
				seen[id] = true
			}
			at = nextIn(text)
		}
		assert.Len(t, seen, 120, first)
		assert.Equal(t, 3, pages, first)
	}
}

func TestWhoHidesIsNotUnmasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	_, _, err := w.tickets.Take(t.Context(), k.ID, ticket.Actor{ID: vera}) // as an anonymous admin
	require.NoError(t, err)
	b := w.as(boris)
	for _, page := range []string{"/", path(k, ""), "/sla"} {
		text := b.gets(page).text
		main := text[strings.Index(text, `<section`):]
		main = strings.ReplaceAll(main, `<option value="21">Вера</option>`, "") // whom it may be given to
		assert.NotContains(t, main, "Вера", page)
	}
	assert.Contains(t, b.gets("/").text, "администратор")
	assert.Empty(t, rowsIn(b.gets("/?assignee=21").text), "nor by what they have")
	assert.NotEmpty(t, rowsIn(w.as(vera).gets("/?assignee=me").text), "they see their own")
}

func TestWhatSomebodyHasByNameIsFoundBehindWhatTheyHaveHiding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for owner := range int64(53) {
		by := ticket.Actor{ID: vera}
		if owner == 1 || owner == 52 {
			by.Name = "Вера"
		}
		_, _, err := w.tickets.Take(t.Context(), w.opens(1000+owner, honda).ID, by)
		require.NoError(t, err)
	}
	assert.Equal(t, []int64{2, 53}, rowsIn(w.as(boris).gets("/?assignee=21").text))
}

func TestWhoHidesInTheGroupHidesInThePanel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *panel.Options) { o.Hides = func(user int64) bool { return user == vera } })
	taken, given := w.opens(7, honda), w.opens(8, bmw)
	require.Equal(t, http.StatusSeeOther, w.as(vera).posts(path(taken, "/take")).status)
	require.Equal(t, http.StatusSeeOther, w.as(boris).posts(path(given, "/assign"), "to", "21").status)
	for _, k := range []ticket.Ticket{taken, given} {
		assert.EqualValues(t, vera, w.reads(k.ID).AssigneeID)
		assert.Empty(t, w.reads(k.ID).AssigneeName, "their card names nobody")
	}
}

func TestOutsideWorkingHoursItIsSaidUntilWhenTheClockStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	w.later(4 * time.Hour) // 19:00 by the office's clock
	w.joins(boris)
	b := w.as(boris)
	for _, page := range []string{"/", "/sla"} {
		assert.Contains(t, b.gets(page).text, `часы сроков стоят до <time datetime="2026-11-25T06:00:00Z">25.11.2026 09:00</time>`, page)
	}
	assert.Contains(t, b.gets("/").text, "просрочено на", "in words, and not by colour alone")
}
