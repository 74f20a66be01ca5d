package manager_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

const super = int64(-1002002)

func TestAGroupThatBecomesASupergroupIsFollowedOnce(t *testing.T) {
	t.Parallel()
	inOld := fields{"message": inGroup(fields{"migrate_to_chat_id": super})}
	inNew := fields{"message": inGroup(fields{"chat": fields{"id": super, "type": "supergroup"}, "migrate_from_chat_id": group})}
	for name, order := range map[string][]fields{"the old chat tells first": {inOld, inNew}, "the new one does": {inNew, inOld}} {
		w := newWorld(t)
		assert.Empty(t, w.receives(order[0]), name)
		assert.Empty(t, w.receives(order[1]), name)
		assert.Equal(t, [][2]int64{{group, super}}, w.moved, name)
		assert.True(t, w.groups.Allowed(super))
		assert.True(t, w.groups.Allowed(group))
	}
}

func TestAnotherGroupsMigrationIsNoneOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.Empty(t, w.writes(fields{"chat": fields{"id": -9, "type": "group"}, "migrate_to_chat_id": super}))
	assert.Empty(t, w.moved)
}

func membership(chat int64, kind, status string, more fields) fields {
	member := fields{"status": status, "user": fields{"id": botID}}
	for name, value := range more {
		member[name] = value
	}
	return fields{"my_chat_member": fields{
		"chat": fields{"id": chat, "type": kind, "title": "Отдел"}, "from": fields{"id": anna},
		"old_chat_member": fields{"status": "left"}, "new_chat_member": member,
	}}
}

func TestTheBotLeavesAForeignGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []string{"group", "supergroup", "channel"} {
		effects := w.receives(membership(-9, kind, "administrator", nil))
		require.Len(t, effects, 1, kind)
		assert.Equal(t, ticket.EffectLeaveChat, effects[0].Kind)
		assert.Equal(t, ticket.ChatRef{Chat: -9}, effects[0].Payload)
		assert.Equal(t, 30*time.Second, effects[0].After, "it may turn out to be what a group of ours became")
		assert.Equal(t, "-9", effects[0].Merge)
	}
	assert.Empty(t, w.receives(membership(-9, "group", "left", nil)))
	assert.Empty(t, w.receives(membership(-9, "group", "kicked", nil)))
	assert.Empty(t, w.receives(membership(7, "private", "kicked", nil)))
}

func TestWhatIsMeantForTheBotInAForeignGroupIsAnswered(t *testing.T) {
	t.Parallel()
	foreign := fields{"chat": fields{"id": -9, "type": "group"}}
	w := newWorld(t)
	for _, parts := range [][]fields{{text("/done 12")}, {pdf(), caption("/done 12")}, {text("/start@vin_bot")}} {
		effects := w.writes(append(parts, foreign)...)
		s := said(t, effects)
		assert.Equal(t, message.TextForeign, s.Text)
		assert.Equal(t, ticket.Place{Chat: -9, Message: 60}, s.To)
		assert.Equal(t, ticket.EffectLeaveChat, effects[1].Kind)
	}
	assert.Equal(t, []ticket.EffectKind{ticket.EffectLeaveChat}, kinds(w.writes(text("привет"), foreign)))
	assert.Empty(t, w.reports)
}

func TestAdminsAreToldThatTheBotCannotWrite(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]fields{
		"removed": membership(group, "supergroup", "kicked", nil),
		"left":    membership(group, "supergroup", "left", nil),
		"muted":   membership(group, "supergroup", "restricted", fields{"is_member": true, "can_send_messages": false}),
		"gone":    membership(group, "supergroup", "restricted", fields{"is_member": false, "can_send_messages": true}),
	} {
		effects := newWorld(t).receives(update)
		require.Len(t, effects, 2, name)
		assert.Equal(t, ticket.Say{
			Text: ticket.TextGroupMuted, To: ticket.Place{Chat: admin}, User: admin, Name: "Отдел",
		}, effects[0].Payload)
		assert.Equal(t, "chat:2", effects[1].Lane)
	}
}

func TestOnReturningTheCommandsAreRegistered(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]fields{
		"member": membership(group, "supergroup", "member", nil),
		"admin":  membership(group, "supergroup", "administrator", nil),
		"spoken": membership(group, "supergroup", "restricted", fields{"is_member": true, "can_send_messages": true}),
	} {
		assert.Equal(t, []ticket.EffectKind{ticket.EffectCommands}, kinds(newWorld(t).receives(update)), name)
	}
}

func TestTheShellOfAMigratedGroupAlarmsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(fields{"migrate_to_chat_id": super})
	assert.Empty(t, w.receives(membership(group, "group", "left", nil)))
}

func TestOrderKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reports = []ticket.Report{{ID: 1, TicketID: 12, Source: ticket.Place{Chat: group, Message: 55}}}
	lost := fields{"reply_to_message": lostCard(botID, "take:13")}
	album := fields{"media_group_id": "99"}
	onCard := fields{"message": inGroup(fields{"message_id": cardAt})}
	for name, tc := range map[string]struct {
		update fields
		want   string
	}{
		"talk":                            {fields{"message": inGroup(text("привет"))}, "user:5"},
		"talk in reply to the card":       {fields{"message": inGroup(text("привет"), toCard())}, "ticket:12"},
		"a PDF in reply to the card":      {fields{"message": inGroup(pdf(), toCard())}, "ticket:12"},
		"its edit":                        {fields{"edited_message": inGroup(pdf(), toCard())}, "ticket:12"},
		"a PDF in reply to a lost card":   {fields{"message": inGroup(pdf(), lost)}, "ticket:13"},
		"a PDF in reply to talk":          {fields{"message": inGroup(pdf(), replyTo(56))}, "user:5"},
		"a number, whose file may follow": {fields{"message": inGroup(text("/done 13"))}, "user:5"},
		"no number, a report":             {fields{"message": inGroup(text("/done"), replyTo(55, pdf()))}, "ticket:12"},
		"no number, no report":            {fields{"message": inGroup(text("/done"), replyTo(56, pdf()))}, "user:5"},
		"an album in reply to the card":   {fields{"message": inGroup(pdf(), toCard(), album)}, "user:5"},
		"an album's other item":           {fields{"message": inGroup(pdf(), album)}, "user:5"},
		"a command about another's album": {fields{"message": inGroup(text("/done 13"), replyTo(55, pdf(), album, from(boris)))}, "user:6"},
		"an anonymous admin":              {fields{"message": inGroup(text("/done"), anonymous())}, "user:-1001"},
		"Take":                            {press(anna, "take:12", onCard), "ticket:12"},
		"a question":                      {press(anna, "rsend:1", onCard), "ticket:12"},
		"a question of nowhere":           {press(anna, "rsend:9", onCard), "user:5"},
		"garbage":                         {press(anna, "nonsense", onCard), "user:5"},
		"news of migration, one half":     {fields{"message": inGroup(fields{"migrate_to_chat_id": super})}, "chat:-1001"},
		"the other half":                  {fields{"message": inGroup(fields{"chat": fields{"id": super}, "migrate_from_chat_id": group})}, "chat:-1001"},
		"membership":                      {membership(group, "group", "left", nil), "chat:-1001"},
		"a private chat":                  {fields{"message": inGroup(fields{"chat": fields{"id": 7}})}, ""},
		"a private chat's button":         {press(7, "vinok:"+vin12, fields{"message": inGroup(fields{"chat": fields{"id": 7}})}), ""},
		"a private chat's membership":     {membership(7, "private", "kicked", nil), ""},
		"an update of no chat":            {fields{"poll": fields{"id": "1"}}, ""},
		"a message that names no sender":  {fields{"message": fields{"message_id": 1, "chat": fields{"id": group}}}, "user:-1001"},
		"a member that changed elsewhere": {fields{"chat_member": membership(group, "group", "member", nil)["my_chat_member"]}, "chat:-1001"},
	} {
		assert.Equal(t, tc.want, w.handler.OrderKey(t.Context(), read(t, tc.update)), name)
	}
	assert.Empty(t, w.effects, "asking changes nothing")
	assert.Len(t, w.cards, 1)
}

func TestWithoutARosterNobodyHides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *manager.Config) { c.Roster = nil })
	w.presses(anna, "take:12")
	assert.Equal(t, "Анна К", w.tickets[12].AssigneeName)
}
