package manager_test

import (
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func TestTake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.presses(anna, "take:12")
	assert.Equal(t, ticket.PressAnswer{Press: "q1", Text: message.PressTaken, Ticket: 12}, answered(t, effects))
	assert.Equal(t, "ticket:12", effects[0].Lane)
	assert.Equal(t, "Анна К", w.tickets[12].AssigneeName)
	assert.Equal(t, "Анна К", w.people[anna].Name)

	assert.Equal(t, message.PressTakenBefore, answered(t, w.presses(anna, "take:12")).Text)

	other := answered(t, w.presses(boris, "take:12"))
	assert.Equal(t, message.PressTakenBy, other.Text)
	assert.Equal(t, "Анна К", other.Name)
	assert.Equal(t, anna, w.tickets[12].AssigneeID)
}

func TestTheButtonsOfAClosedTicketSaySo(t *testing.T) {
	t.Parallel()
	for status, want := range map[ticket.Status]string{
		ticket.Delivering:  message.PressDelivering,
		ticket.Undelivered: message.PressUndelivered,
		ticket.Done:        message.PressDone,
		ticket.Rejected:    message.PressRejected,
		ticket.Cancelled:   message.PressCancelled,
	} {
		w := newWorld(t)
		w.tickets[12] = ticket.Ticket{ID: 12, Status: status}
		for _, data := range []string{"take:12", "done_hint:12"} {
			a := answered(t, w.presses(anna, data))
			assert.Equal(t, want, a.Text)
			assert.False(t, a.Alert)
		}
	}
}

func TestTheDoneHint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, status := range []ticket.Status{ticket.New, ticket.Taken} {
		w.tickets[12] = ticket.Ticket{ID: 12, Status: status}
		a := answered(t, w.presses(anna, "done_hint:12"))
		assert.Equal(t, ticket.PressAnswer{Press: "q1", Text: message.PressDoneHint, Alert: true, Ticket: 12}, a)
	}
}

func TestEveryPressIsAnswered(t *testing.T) {
	t.Parallel()
	onCard := fields{"message": inGroup(fields{"message_id": cardAt})}
	for name, tc := range map[string]struct {
		press fields
		want  string
	}{
		"a stranger's":            {press(stranger, "take:12", onCard), message.PressStranger},
		"garbage":                 {press(anna, "nonsense", onCard), message.PressUnknown},
		"nothing":                 {press(anna, "", onCard), message.PressUnknown},
		"an owner's button":       {press(anna, "vinok:"+vin12, onCard), message.PressUnknown},
		"a ticket that is none":   {press(anna, "take:999", onCard), message.PressGone},
		"its hint":                {press(anna, "done_hint:999", onCard), message.PressGone},
		"a report that is none":   {press(anna, "rsend:999", onCard), message.PressUnknown},
		"on a message of nowhere": {press(anna, "take:12", nil), message.PressUnknown},
		"on one out of sight": {
			press(anna, "take:12", fields{"message": fields{"message_id": 1, "date": 0, "chat": fields{"id": group}}}), message.PressTaken,
		},
	} {
		w := newWorld(t)
		assert.Equal(t, tc.want, answered(t, w.receives(tc.press)).Text, name)
	}
}

func TestAPressInAnotherGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.receives(press(anna, "take:12", fields{"message": inGroup(fields{"chat": fields{"id": -9, "type": "group"}})}))
	assert.Equal(t, message.PressForeign, answered(t, effects).Text)
	assert.Equal(t, ticket.EffectLeaveChat, effects[1].Kind)
	assert.Equal(t, ticket.New, w.tickets[12].Status)
}

func TestAnAnonymousAdminsPressWorksWithoutTheName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hidden := fields{"chat": fields{"id": group, "type": "supergroup"}, "from": fields{"id": admin}, "old_chat_member": fields{
		"status": "administrator", "user": fields{"id": anna},
	}, "new_chat_member": fields{"status": "administrator", "user": fields{"id": anna}, "is_anonymous": true}}
	w.receives(fields{"chat_member": hidden})
	w.presses(anna, "take:12")
	assert.Equal(t, anna, w.tickets[12].AssigneeID, "the real person has it")
	assert.Empty(t, w.tickets[12].AssigneeName, "and is not unmasked")
	assert.Empty(t, answered(t, w.presses(boris, "take:12")).Name)
}

func TestTheRoster(t *testing.T) {
	t.Parallel()
	r := manager.NewRoster()
	assert.False(t, r.Hides(group, anna), "nobody is known to hide")
	user := &models.User{ID: anna}
	owner := models.ChatMember{Owner: &models.ChatMemberOwner{User: user, IsAnonymous: true}}
	r.Learn(group, r.Asking(), []models.ChatMember{
		owner,
		{Administrator: &models.ChatMemberAdministrator{User: models.User{ID: boris}}},
	})
	assert.True(t, r.Hides(group, anna))
	assert.False(t, r.Hides(group, boris))
	assert.False(t, r.Hides(-9, anna), "in this group only")
	for _, now := range []models.ChatMember{
		{Member: &models.ChatMemberMember{User: user}},
		{Restricted: &models.ChatMemberRestricted{User: user}},
		{Left: &models.ChatMemberLeft{User: user}},
		{Banned: &models.ChatMemberBanned{User: user}},
	} {
		r.Note(group, owner)
		require.True(t, r.Hides(group, anna))
		r.Note(group, now)
		assert.False(t, r.Hides(group, anna))
	}
	r.Note(group, models.ChatMember{})
	r.Note(group, owner)
	r.Learn(group, r.Asking(), nil)
	assert.False(t, r.Hides(group, anna), "the list is whole")

	asked := r.Asking()
	r.Note(group, owner)
	r.Learn(group, asked, nil)
	assert.True(t, r.Hides(group, anna), "what was noted since is newer than the list")
	asked = r.Asking()
	r.Note(group, models.ChatMember{Member: &models.ChatMemberMember{User: user}})
	r.Learn(group, asked, []models.ChatMember{owner})
	assert.False(t, r.Hides(group, anna), "whichever way")
}

func withQuestion(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.reports = []ticket.Report{{
		ID: 1, TicketID: 12, Status: ticket.ReportNeedsConfirmation, Source: ticket.Place{Chat: group, Message: 60},
	}}
	return w
}

func TestTheQuestionAboutAReport(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]struct {
		text string
		send bool
	}{"rsend:1": {message.PressSending, true}, "rdrop:1": {message.PressDropped, false}} {
		w := withQuestion(t)
		effects := w.presses(anna, data)
		assert.Equal(t, want.text, answered(t, effects).Text)
		assert.Equal(t, []bool{want.send}, w.answers)
		assert.Equal(t, ticket.Retract{At: ticket.Place{Chat: group, Message: cardAt}}, effects[0].Payload)

		effects = w.presses(boris, "rsend:1")
		assert.Equal(t, message.PressSettled, answered(t, effects).Text)
		assert.Len(t, w.answers, 1, "answered once")
		assert.Equal(t, ticket.EffectRetract, effects[0].Kind, "and the buttons go")
	}
}

func TestAQuestionIsAnsweredWhereItWasAsked(t *testing.T) {
	t.Parallel()
	w := withQuestion(t)
	w.reports[0].Source.Chat = -777
	assert.Equal(t, message.PressUnknown, answered(t, w.presses(anna, "rsend:1")).Text)
	assert.Empty(t, w.answers)
}

func TestWorkingInTheGroupMakesNobodyReachable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.people[anna] = account.User{ID: anna, Unreachable: true}
	w.presses(anna, "take:12")
	assert.True(t, w.people[anna].Unreachable)
}
