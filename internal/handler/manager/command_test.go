package manager_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// lists gives the one list that was asked for.
func lists(t *testing.T, effects []ticket.Effect) ticket.List {
	t.Helper()
	require.Len(t, effects, 1)
	require.Equal(t, ticket.EffectList, effects[0].Kind)
	assert.Equal(t, group, effects[0].Chat)
	l, ok := effects[0].Payload.(ticket.List)
	require.True(t, ok)
	assert.Equal(t, ticket.Place{Chat: group, Message: 60}, l.To)
	l.To = ticket.Place{}
	return l
}

func TestListsAreAskedForNotRead(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]ticket.List{
		"/queue":                    {Kind: ticket.ListQueue, Page: 1},
		"/queue@vin_bot":            {Kind: ticket.ListQueue, Page: 1},
		"/queue 3":                  {Kind: ticket.ListQueue, Page: 3},
		"/queue -1":                 {Kind: ticket.ListQueue, Page: 1},
		"/mine":                     {Kind: ticket.ListMine, User: anna},
		"/find 1HGCM82633A004352":   {Kind: ticket.ListFound, VIN: vin12},
		"/find 1hgcm 82633 А004352": {Kind: ticket.ListFound, VIN: vin12},
		"/find 004352":              {Kind: ticket.ListFound, VIN: "004352"},
		"/find оо4352":              {Kind: ticket.ListFound, VIN: "004352"},
	} {
		w := newWorld(t)
		assert.Equal(t, want, lists(t, w.writes(text(command))), command)
		assert.Equal(t, "Анна К", w.people[anna].Name, "whoever asks is known from then on")
	}
}

func TestStatisticsAreAskedForNotCounted(t *testing.T) {
	t.Parallel()
	for command, period := range map[string]string{"/stats": "today", "/stats week": "week", "/stats@vin_bot месяц": "month"} {
		effects := newWorld(t).writes(text(command))
		require.Len(t, effects, 1, command)
		assert.Equal(t, ticket.EffectStats, effects[0].Kind)
		assert.Equal(t, ticket.Stats{To: ticket.Place{Chat: group, Message: 60}, Period: period}, effects[0].Payload, command)
	}
	wrong := said(t, newWorld(t).writes(text("/stats 2026")))
	assert.Equal(t, message.TextUsage, wrong.Text)
	assert.Equal(t, message.CommandStats, wrong.Reason)
}

func TestTheCardAgain(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]fields{
		"by number":             {text("/ticket 12")},
		"by number with a hash": {text("/ticket #12")},
		"in reply to the card":  {text("/ticket"), toCard()},
		"in a topic, by number": {text("/ticket 12"), {"is_topic_message": true, "message_thread_id": 9}},
	} {
		effects := newWorld(t).writes(parts...)
		require.Len(t, effects, 1, name)
		ref, ok := effects[0].Payload.(ticket.CardRef)
		require.True(t, ok)
		assert.True(t, ref.Again, name)
		assert.Equal(t, 60, ref.ReplyTo, name)
		assert.EqualValues(t, 12, ref.Ticket, name)
	}
}

func TestThePriorityByCommand(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		parts []fields
		want  ticket.Priority
	}{
		"English":              {[]fields{text("/prio 12 urgent")}, ticket.Urgent},
		"Russian":              {[]fields{text("/prio 12 Высокий")}, ticket.High},
		"its beginning":        {[]fields{text("/prio #12 сроч")}, ticket.Urgent},
		"in reply to the card": {[]fields{text("/prio низ"), toCard()}, ticket.Low},
	} {
		w := newWorld(t)
		effects := w.writes(tc.parts...)
		require.Len(t, effects, 1, name)
		assert.Equal(t, ticket.Reaction{
			On: ticket.Place{Chat: group, Message: 60}, Emoji: "👌", Fallback: message.TextOK, Ticket: 12,
		}, effects[0].Payload, name)
		assert.Equal(t, tc.want, w.tickets[12].Priority, name)
		assert.Equal(t, message.TextPriorityIs, said(t, w.writes(tc.parts...)).Text, name)
	}
}

func TestATicketIsGivenToAManager(t *testing.T) {
	t.Parallel()
	known := func(w *world) {
		w.people[boris] = account.User{ID: boris, Name: "Борис Б", Username: "Boris_B"}
	}
	mentions := fields{"entities": []fields{{
		"type": "text_mention", "offset": 11, "length": 5, "user": fields{"id": boris, "first_name": "Борис", "last_name": "Б"},
	}}}
	for name, parts := range map[string][]fields{
		"by name":              {text("/assign 12 @boris_b")},
		"in reply to the card": {text("/assign @Boris_B"), toCard()},
		"by a text mention":    {text("/assign 12 Борис"), mentions},
	} {
		w := newWorld(t)
		known(w)
		got := said(t, w.writes(parts...))
		got.To = ticket.Place{}
		assert.Equal(t, ticket.Say{Text: message.TextAssigned, Ticket: 12, Name: "Борис Б", Mention: boris}, got, name)
		assert.Equal(t, boris, w.tickets[12].AssigneeID, name)
		again := said(t, w.writes(parts...))
		assert.Equal(t, message.TextAssignedBefore, again.Text, name)
	}

	w := newWorld(t)
	got := said(t, w.writes(text("/assign 12 Борис"), mentions))
	assert.Equal(t, message.TextAssigned, got.Text, "a text mention carries who is meant: nobody need have met them")
}

func TestAnAssigneeWhoHidesIsNotNamed(t *testing.T) {
	t.Parallel()
	roster := manager.NewRoster()
	w := newWorld(t, func(c *manager.Config) { c.Roster = roster })
	w.people[boris] = account.User{ID: boris, Name: "Борис Б", Username: "boris"}
	u := read(t, fields{"chat_member": fields{
		"chat": fields{"id": group, "type": "supergroup"}, "from": fields{"id": admin},
		"old_chat_member": fields{"status": "administrator", "user": fields{"id": boris}},
		"new_chat_member": fields{"status": "administrator", "user": fields{"id": boris}, "is_anonymous": true},
	}})
	roster.Note(group, u.ChatMember.NewChatMember)
	got := said(t, w.writes(text("/assign 12 @boris")))
	assert.Empty(t, got.Name)
	assert.Zero(t, got.Mention)
	assert.Equal(t, boris, w.tickets[12].AssigneeID)
	assert.Empty(t, w.tickets[12].AssigneeName)
}

func TestReopening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tickets[12] = ticket.Ticket{ID: 12, VIN: vin12, OwnerID: 7, Status: ticket.Done}
	effects := w.writes(text("/reopen 12"))
	assert.Equal(t, []ticket.EffectKind{ticket.EffectReaction}, kinds(effects))
	assert.Equal(t, ticket.New, w.tickets[12].Status)

	w.tickets[13] = ticket.Ticket{ID: 13, VIN: vin12, OwnerID: 7, Status: ticket.Cancelled}
	got := said(t, w.writes(text("/reopen 13")))
	assert.Equal(t, message.TextReopenTwice, got.Text)
	assert.Equal(t, 12, got.Count, "it names the one that is open")
	assert.Equal(t, ticket.Cancelled, w.tickets[13].Status)
}

func TestCommandsThatCannotBeObeyed(t *testing.T) {
	t.Parallel()
	usage := func(of string) ticket.Say { return ticket.Say{Text: message.TextUsage, Reason: of} }
	none := func(n int) ticket.Say { return ticket.Say{Text: message.TextNoSuchTicket, Count: n} }
	for command, want := range map[string]ticket.Say{
		"/ticket":             usage("ticket"),
		"/ticket 999":         none(999),
		"/ticket #кот":        none(0),
		"/find":               usage("find"),
		"/find 12":            usage("find"),
		"/find 1HGCM82633A00": usage("find"),
		"/prio":               usage("prio"),
		"/prio 12":            usage("prio"),
		"/prio 12 вчера":      usage("prio"),
		"/prio high":          usage("prio"),
		"/prio 999 high":      none(999),
		"/assign":             usage("assign"),
		"/assign 12":          usage("assign"),
		"/assign 999 @boris":  none(999),
		"/assign 12 @nobody":  {Text: message.TextUnknownPerson, Ticket: 12, Name: "@nobody"},
		"/assign 12 Борис":    {Text: message.TextUnknownPerson, Ticket: 12, Name: "Борис"},
		"/assign 12 @passer":  {Text: message.TextNotManager, Ticket: 12, Name: "Прохожий"},
		"/reopen":             usage("reopen"),
		"/reopen 999":         none(999),
		"/reopen 12":          {Text: message.TextStands, Ticket: 12},
	} {
		w := newWorld(t)
		w.people[stranger] = account.User{ID: stranger, Name: "Прохожий", Username: "passer"}
		before := w.tickets[12]
		got := said(t, w.writes(text(command)))
		assert.Equal(t, ticket.Place{Chat: group, Message: 60}, got.To, command)
		got.To = ticket.Place{}
		assert.Equal(t, want, got, command)
		assert.Equal(t, before, w.tickets[12], command)
	}
	for _, command := range []string{"/prio 12 high", "/assign 12 @boris"} {
		w := newWorld(t)
		w.people[boris] = account.User{ID: boris, Name: "Борис", Username: "boris"}
		w.tickets[12] = ticket.Ticket{ID: 12, Status: ticket.Rejected}
		assert.Equal(t, message.TextStands, said(t, w.writes(text(command))).Text, command)
	}
}

func TestAnAnonymousAdminIsShownWhatAnybodyIs(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"/mine", "/stats", "/prio 12 high", "/assign 12 @boris", "/reopen 12"} {
		w := newWorld(t)
		assert.Equal(t, message.TextAsYourself, said(t, w.writes(text(command), anonymous())).Text, command)
	}
	for _, command := range []string{"/queue", "/find 004352", "/ticket 12"} {
		w := newWorld(t)
		shown := w.writes(text(command))
		require.NotEmpty(t, shown, command)
		asGroup := w.writes(text(command), anonymous())
		require.Len(t, asGroup, len(shown), command)
		assert.Equal(t, shown[len(shown)-1].Kind, asGroup[len(asGroup)-1].Kind, command)
		channel := fields{"sender_chat": fields{"id": -5, "type": "channel"}}
		assert.Equal(t, message.TextAsYourself, said(t, w.writes(text(command), channel)).Text, command)
	}
}

func TestCommandsOfThoseWhoMayNot(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"/queue", "/mine", "/ticket 12", "/find 004352", "/prio 12 high", "/assign 12 @boris", "/reopen 12",
	} {
		w := newWorld(t)
		assert.Equal(t, message.TextStranger, said(t, w.writes(text(command), from(stranger))).Text, command)
		assert.Empty(t, w.edits(text(command)), "an edit is no new command: %s", command)
		elsewhere := fields{"chat": fields{"id": -9, "type": "group"}}
		assert.Equal(t, message.TextForeign, said(t, w.writes(text(command), elsewhere)).Text, command)
		assert.Equal(t, ticket.New, w.tickets[12].Status)
		assert.Empty(t, w.tickets[12].Priority)
	}
	w := newWorld(t)
	assert.Empty(t, w.writes(text("/queue@other_bot")))
	assert.Empty(t, w.writes(text("/dance")), "a command of nobody's is talk")
}
