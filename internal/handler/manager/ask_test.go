package manager_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// toAnswer makes a reply to the copy of an owner's answer.
func toAnswer() fields {
	return replyTo(51, fields{"from": fields{"id": botID, "is_bot": true}, "reply_markup": fields{
		"inline_keyboard": [][]fields{{{"text": "x", "callback_data": "said:12"}}},
	}})
}

func TestAskSendsWhatStandsBehindIt(t *testing.T) {
	t.Parallel()
	for name, m := range map[string][]fields{
		"in reply to the card":        {toCard(), text("/ask Пробег?\nЦвет?")},
		"named":                       {toCard(), text("/ask@VIN_bot Пробег?\nЦвет?")},
		"in reply to an answer":       {toAnswer(), text("/ask Пробег?\nЦвет?")},
		"with the number":             {text("/ask 12 Пробег?\nЦвет?")},
		"with the number as we write": {text("/ask №12 Пробег?\nЦвет?")},
		"… with a space":              {text("/ask № 12 Пробег?\nЦвет?")},
		"below the number":            {text("/ask 12\nПробег?\nЦвет?")},
	} {
		w := newWorld(t)
		assert.Empty(t, says(w.writes(m...)), name)
		require.Len(t, w.asked, 1, name)
		assert.Equal(t, ticket.Asking{
			Ticket: 12, Text: "Пробег?\nЦвет?", Source: ticket.Place{Chat: group, Message: 60}, By: ticket.Actor{ID: anna, Name: "Анна К"},
		}, w.asked[0], name)
		assert.Equal(t, message.TextAskKnown, said(t, w.edits(m...)).Text, "an edit does not ask again")
		assert.Len(t, w.asked, 1)
	}
	w := newWorld(t)
	w.writes(toCard(), text("/ask 2 ключа?"))
	assert.Equal(t, "2 ключа?", w.asked[0].Text, "in reply to a card a number is a word")
}

func TestAQuestionIsRefusedInWords(t *testing.T) {
	t.Parallel()
	ended := func(w *world) { w.tickets[12] = ticket.Ticket{ID: 12, VIN: vin12, Status: ticket.Done, OwnerID: 7} }
	for reason, c := range map[string]struct {
		change func(w *world)
		m      []fields
	}{
		message.AskEmpty:     {m: []fields{toCard(), text("/ask")}},
		message.AskNoTicket:  {m: []fields{text("/ask пробег?")}},
		message.AskWordsOnly: {m: []fields{toCard(), caption("/ask пробег?"), pdf()}},
		message.AskTooLong:   {m: []fields{toCard(), text("/ask " + strings.Repeat("🚗", 1800))}},
		message.AskClosed:    {change: ended, m: []fields{toCard(), text("/ask пробег?")}},
		message.AskNobody:    {change: func(w *world) { w.tickets[12] = ticket.Ticket{ID: 12, Status: ticket.New} }, m: []fields{toCard(), text("/ask пробег?")}},
		message.AskBanned:    {change: func(w *world) { w.bans[7] = account.Ban{} }, m: []fields{toCard(), text("/ask пробег?")}},
	} {
		w := newWorld(t)
		if c.change != nil {
			c.change(w)
		}
		s := said(t, w.writes(c.m...))
		assert.Equal(t, message.TextAskRefused, s.Text, reason)
		assert.Equal(t, reason, s.Reason)
		assert.Empty(t, w.asked, reason)
	}
	w := newWorld(t)
	assert.Equal(t, message.TextStranger, said(t, w.writes(toCard(), text("/ask a"), from(stranger))).Text)
	assert.Equal(t, message.TextAsYourself, said(t, w.writes(toCard(), text("/ask a"), anonymous())).Text)
	assert.Equal(t, message.TextNoSuchTicket, said(t, w.writes(text("/ask 77 a"))).Text)
	assert.Empty(t, w.edits(toCard(), text("/ask a")), "talk that was edited is no question to the owner")
	assert.Empty(t, w.asked)
}

func TestATextBelowTheCardIsOffered(t *testing.T) {
	t.Parallel()
	for name, m := range map[string][]fields{
		"a card":             {toCard(), text("пробег?")},
		"an answer":          {toAnswer(), text("пробег?")},
		"an anonymous admin": {toCard(), text("пробег?"), anonymous()},
	} {
		w := newWorld(t)
		s := said(t, w.writes(m...))
		assert.Equal(t, message.TextAskOffer, s.Text, name)
		assert.Equal(t, int64(12), s.Ticket, name)
		assert.Empty(t, w.asked, "nothing is sent by itself")
	}
}

func TestTalkThatIsNoQuestionIsLeftAlone(t *testing.T) {
	t.Parallel()
	note := func(w *world) {
		w.cards = append(w.cards, ticket.Card{TicketID: 12, Place: ticket.Place{Chat: group, Message: 55}, Kind: ticket.CardNote})
	}
	for name, c := range map[string]struct {
		change func(w *world)
		m      []fields
	}{
		"below nothing":             {m: []fields{text("пробег?")}},
		"below a colleague's words": {m: []fields{replyTo(52, from(boris)), text("пробег?")}},
		"below a colleague's PDF": {
			change: func(w *world) {
				w.reports = []ticket.Report{{ID: 1, TicketID: 12, Source: ticket.Place{Chat: group, Message: 52}}}
			},
			m: []fields{replyTo(52, from(boris)), text("молодец")},
		},
		"below a note of the bot's": {change: note, m: []fields{replyTo(55, fields{"from": fields{"id": botID, "is_bot": true}}), text("ок")}},
		"of a stranger":             {m: []fields{toCard(), text("пробег?"), from(stranger)}},
		"of a program":              {m: []fields{toCard(), text("пробег?"), {"from": fields{"id": 9, "is_bot": true}}}},
		"a command to another bot":  {m: []fields{toCard(), text("/ask@other_bot пробег?")}},
		"a picture":                 {m: []fields{toCard(), {"photo": []fields{{"file_id": "F"}}}}},
		"a closed ticket":           {change: func(w *world) { w.tickets[12] = ticket.Ticket{ID: 12, Status: ticket.Done, OwnerID: 7} }, m: []fields{toCard(), text("ок")}},
		"a banned owner":            {change: func(w *world) { w.bans[7] = account.Ban{} }, m: []fields{toCard(), text("ок")}},
	} {
		w := newWorld(t)
		if c.change != nil {
			c.change(w)
		}
		assert.Empty(t, w.writes(c.m...), name)
	}
	assert.Empty(t, newWorld(t).edits(toCard(), text("пробег?")), "an edit is not offered")
}

// offer is a press below an offer that replies to a text.
func (w *world) offer(data string, parts ...fields) []ticket.Effect {
	w.t.Helper()
	m := inGroup(append([]fields{{"message_id": 61}}, parts...)...)
	return w.receives(press(boris, data, fields{"message": m}))
}

func TestAnOfferIsTakenOrDeclined(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source := replyTo(60, fields{"text": "пробег?"})
	effects := w.offer("ask:12", source)
	assert.Equal(t, message.PressAsked, answered(t, effects).Text)
	require.Len(t, w.asked, 1)
	assert.Equal(t, ticket.Place{Chat: group, Message: 60}, w.asked[0].Source)
	assert.Equal(t, boris, w.asked[0].By.ID, "who pressed has asked")
	assert.Equal(t, ticket.EffectDelete, effects[0].Kind, "the offer goes")

	effects = w.offer("noask:12", source)
	assert.Equal(t, message.PressNotAsked, answered(t, effects).Text)
	assert.Equal(t, ticket.EffectDelete, effects[0].Kind)
	assert.Equal(t, message.PressAskGone, answered(t, w.offer("ask:12")).Text, "the text was deleted meanwhile")
	assert.Equal(t, message.PressGone, answered(t, w.offer("ask:77", source)).Text)
	assert.Equal(t, message.PressSaid, answered(t, w.offer("said:12")).Text)
	w.bans[7] = account.Ban{}
	assert.Equal(t, message.PressAskRefused, answered(t, w.offer("ask:12", source)).Text)
	assert.Len(t, w.asked, 1)
	assert.Equal(t, message.PressStranger, answered(t, w.receives(press(stranger, "ask:12", fields{"message": inGroup(source)}))).Text)
}

func TestBans(t *testing.T) {
	t.Parallel()
	boss := from(admin)
	for name, c := range map[string]struct {
		m      []fields
		answer string
		reason string
		banned int64
	}{
		"in reply to a card":      {[]fields{toCard(), text("/ban спам"), boss}, message.TextBanDone, "", 7},
		"by the ticket's number":  {[]fields{text("/ban 12 спам"), boss}, message.TextBanDone, "", 7},
		"by a person's id":        {[]fields{text("/ban 123456 спам"), boss}, message.TextBanDone, "", 123456},
		"the reason below it":     {[]fields{text("/ban 123456\nспам"), boss}, message.TextBanDone, "", 123456},
		"… and below a sure id":   {[]fields{text("/ban id12\nспам"), boss}, message.TextBanDone, "", 12},
		"by what is surely an id": {[]fields{text("/ban id12 спам"), boss}, message.TextBanDone, "", 12},
		"without a reason":        {[]fields{toCard(), text("/ban"), boss}, message.TextBanRefused, message.BanNoReason, 0},
		"nobody":                  {[]fields{text("/ban спам"), boss}, message.TextBanRefused, message.BanNoTarget, 0},
		"a wrong id":              {[]fields{text("/ban id0 спам"), boss}, message.TextBanRefused, message.BanNoTarget, 0},
		"a manager":               {[]fields{text("/ban id5 спам"), boss}, message.TextBanRefused, message.BanTeam, 0},
		"by a manager":            {[]fields{toCard(), text("/ban спам")}, message.TextBanRefused, message.BanNotAdmin, 0},
		"by a stranger":           {[]fields{toCard(), text("/ban спам"), from(stranger)}, message.TextBanRefused, message.BanNotAdmin, 0},
		"by nobody":               {[]fields{toCard(), text("/ban спам"), anonymous()}, message.TextAsYourself, "", 0},
		"lift one that was not":   {[]fields{toCard(), text("/unban"), boss}, message.TextUnbanNone, "", 0},
		"lift one, by a stranger": {[]fields{toCard(), text("/unban"), from(stranger)}, message.TextBanRefused, message.BanNotAdmin, 0},
		"lift one, naming nobody": {[]fields{text("/unban"), boss}, message.TextBanRefused, message.BanNoTarget, 0},
	} {
		w := newWorld(t)
		s := said(t, w.writes(c.m...))
		assert.Equal(t, c.answer, s.Text, name)
		assert.Equal(t, c.reason, s.Reason, name)
		if c.banned == 0 {
			assert.Empty(t, w.bans, name)
			continue
		}
		assert.Equal(t, fakeBans{c.banned: {Reason: "спам", By: admin}}, w.bans, name)
		assert.Equal(t, []int64{c.banned}, w.shown, "the cards show it")
	}
}

func TestABanIsLifted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(toCard(), text("/ban спам"), from(admin))
	assert.Equal(t, message.TextBanAgain, said(t, w.writes(toCard(), text("/ban снова"), from(admin))).Text)
	assert.Equal(t, "снова", w.bans[7].Reason)
	assert.Equal(t, message.TextUnbanDone, said(t, w.writes(text("/unban 12"), from(admin))).Text)
	assert.Empty(t, w.bans)
}

func TestWhereNoAdminIsNamedEveryManagerMayBan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *manager.Config) { c.Roles = account.Roles{} })
	assert.Equal(t, message.TextBanDone, said(t, w.writes(toCard(), text("/ban спам"))).Text)
	w.tickets[13] = ticket.Ticket{ID: 13, Status: ticket.New}
	assert.Equal(t, message.BanNobody, said(t, w.writes(text("/ban 13 спам"))).Reason)
	w.tickets[13] = ticket.Ticket{ID: 13, Status: ticket.New, OwnerID: anna}
	assert.Equal(t, message.BanTeam, said(t, w.writes(text("/ban 13 спам"))).Reason, "nobody bans themselves")
}

// says lists all texts among the effects.
func says(effects []ticket.Effect) (all []ticket.Say) {
	for _, e := range effects {
		if s, ok := e.Payload.(ticket.Say); ok {
			all = append(all, s)
		}
	}
	return all
}
