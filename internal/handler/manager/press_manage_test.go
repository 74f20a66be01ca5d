package manager_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// taken has Anna hold ticket 12.
func (w *world) taken() *world {
	k := w.tickets[12]
	k.Status, k.Priority, k.AssigneeID, k.AssigneeName = ticket.Taken, ticket.Normal, anna, "Анна К"
	w.tickets[12] = k
	return w
}

func TestTheButtonsOfATakenTicket(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"release:12":        message.PressReleased,
		"prio:12:high":      message.PressPriority,
		"prio:12:normal":    message.PressPriorityWas,
		"reject:12":         message.PressRejectAsk,
		"rejfor:12:no_data": message.PressRejectedNow,
		"rejnot:12":         message.PressRejectNot,
	} {
		w := newWorld(t).taken()
		a := answered(t, w.presses(boris, data))
		assert.Equal(t, ticket.PressAnswer{Press: "q1", Text: want, Ticket: 12}, a, "whoever has it: %s", data)
	}
}

func TestTheNewButtonsWhereTheyCanDoNothing(t *testing.T) {
	t.Parallel()
	closed := map[ticket.Status]string{
		ticket.Delivering: message.PressDelivering,
		ticket.Done:       message.PressDone,
		ticket.Rejected:   message.PressRejected,
		ticket.Cancelled:  message.PressCancelled,
	}
	for status, want := range closed {
		for _, data := range []string{"release:12", "reject:12", "rejfor:12:no_data", "rejnot:12", "prio:12:high"} {
			w := newWorld(t)
			w.tickets[12] = ticket.Ticket{ID: 12, Status: status}
			got := answered(t, w.presses(anna, data)).Text
			if status == ticket.Delivering && (strings.HasPrefix(data, "prio") || strings.HasPrefix(data, "rejnot")) {
				continue // it is open
			}
			assert.Equal(t, want, got, "%s on one that is %s", data, status)
			assert.Equal(t, status, w.tickets[12].Status)
		}
	}
	w := newWorld(t)
	assert.Equal(t, message.PressNew, answered(t, w.presses(anna, "release:12")).Text)
	for _, data := range []string{"release:999", "prio:999:low", "reject:999", "rejfor:999:no_data", "rejnot:999"} {
		assert.Equal(t, message.PressGone, answered(t, w.presses(anna, data)).Text)
		assert.Equal(t, message.PressStranger, answered(t, w.presses(stranger, data)).Text)
	}
}

// asked is a reject question about ticket 12, message 70.
func asked(w *world) fields {
	w.prompts = append(w.prompts, ticket.Prompt{TicketID: 12, Place: ticket.Place{Chat: group, Message: 70}, Kind: ticket.PromptReject})
	w.cards = append(w.cards, ticket.Card{TicketID: 12, Place: ticket.Place{Chat: group, Message: 70}, Kind: ticket.CardNote})
	return fields{
		"message_id": 70, "from": fields{"id": botID, "is_bot": true},
		"reply_markup": fields{"inline_keyboard": [][]fields{{{"text": "…", "callback_data": "rejnot:12"}}}},
	}
}

func TestRejectAsksForTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t).taken()
	effects := w.presses(anna, "reject:12")
	say := said(t, effects)
	assert.Equal(t, ticket.Say{
		Text: message.TextRejectAsk, To: ticket.Place{Chat: group, Message: cardAt}, Ticket: 12, Prompt: ticket.PromptReject,
	}, say)
	assert.Equal(t, ticket.Taken, w.tickets[12].Status, "until the reason is known")

	question := asked(w)
	effects = w.receives(press(anna, "rejfor:12:duplicate", fields{"message": inGroup(question)}))
	assert.Equal(t, message.PressRejectedNow, answered(t, effects).Text)
	assert.Equal(t, []ticket.Rejection{{Reason: ticket.RejectDuplicate}}, w.refused)
	assert.Equal(t, ticket.Retract{At: ticket.Place{Chat: group, Message: 70}}, effects[0].Payload, "the buttons go")
	effects = w.presses(boris, "rejfor:12:no_data")
	assert.Len(t, effects, 1, "a forged press takes nothing from the card")
	assert.Equal(t, message.PressRejected, answered(t, effects).Text)
}

func TestNotRejectedAfterAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t).taken()
	effects := w.receives(press(anna, "rejnot:12", fields{"message": inGroup(asked(w))}))
	assert.Equal(t, message.PressRejectNot, answered(t, effects).Text)
	assert.Equal(t, ticket.EffectRetract, effects[0].Kind)
	assert.Empty(t, w.prompts, "what is written below it later is talk")
	assert.Equal(t, ticket.Taken, w.tickets[12].Status)
}

func TestTheReasonAsAText(t *testing.T) {
	t.Parallel()
	w := newWorld(t).taken()
	below := fields{"reply_to_message": inGroup(asked(w))}
	effects := w.writes(text(" Такие не делаем \n"), below)
	assert.Equal(t, []ticket.Rejection{{Reason: ticket.RejectOther, Text: "Такие не делаем"}}, w.refused)
	assert.Equal(t, []ticket.EffectKind{ticket.EffectRetract, ticket.EffectReaction}, kinds(effects))
	assert.Equal(t, ticket.Reaction{
		On: ticket.Place{Chat: group, Message: 60}, Emoji: "👌", Fallback: message.TextOK, Ticket: 12,
	}, effects[1].Payload)
	assert.Equal(t, "Анна К", w.people[anna].Name)
}

func TestAReasonThatWillNotDo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		parts []fields
		want  ticket.Say
	}{
		"too long":           {[]fields{text(strings.Repeat("я", message.MaxWords+1))}, ticket.Say{Text: message.TextTooLong, Count: message.MaxWords, Ticket: 12}},
		"a stranger's":       {[]fields{text("нет"), from(stranger)}, ticket.Say{Text: message.TextStranger, Ticket: 12}},
		"an anonymous one's": {[]fields{text("нет"), anonymous()}, ticket.Say{Text: message.TextAsYourself, Ticket: 12}},
	} {
		w := newWorld(t).taken()
		got := said(t, w.writes(append(tc.parts, fields{"reply_to_message": inGroup(asked(w))})...))
		got.To = ticket.Place{}
		assert.Equal(t, tc.want, got, name)
		assert.Empty(t, w.refused, name)
		assert.Len(t, w.prompts, 1, name)
	}
	w := newWorld(t)
	w.tickets[12] = ticket.Ticket{ID: 12, Status: ticket.Done}
	got := said(t, w.writes(text("поздно"), fields{"reply_to_message": inGroup(asked(w))}))
	assert.Equal(t, message.TextStands, got.Text)
	assert.Empty(t, w.refused)
}

func TestWhatIsNoReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t).taken()
	question := fields{"reply_to_message": inGroup(asked(w))}
	assert.Empty(t, w.edits(text("нет"), question), "an edit")
	assert.Empty(t, w.writes(fields{"sticker": fields{"file_id": "S"}}, question))
	assert.Empty(t, w.writes(text("/cancel"), question), "a command that works elsewhere")
	assert.Empty(t, w.writes(text(" /no@other_bot"), question), "another bot's command")
	assert.Empty(t, w.refused)
	require.Len(t, w.writes(pdf(), question), 1, "a PDF in reply finishes the ticket")
	assert.Len(t, w.reports, 1)
}

func TestAReportForTheSameVINIsSentByOnePress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.Equal(t, message.PressReuseGone, answered(t, w.presses(anna, "reuse:12")).Text)
	w.reusable = "F7"
	assert.Equal(t, message.PressReused, answered(t, w.presses(anna, "reuse:12")).Text)
	require.Len(t, w.reports, 1)
	assert.Equal(t, "F7", w.reports[0].FileID)
	assert.Equal(t, ticket.Place{Chat: group, Message: cardAt}, w.reports[0].Source)
	assert.Equal(t, message.PressReusedWas, answered(t, w.presses(boris, "reuse:12")).Text)
	assert.Len(t, w.reports, 1, "once")
	assert.Equal(t, message.PressGone, answered(t, w.presses(anna, "reuse:999")).Text)
	w.tickets[12] = ticket.Ticket{ID: 12, Status: ticket.Done}
	assert.Equal(t, message.PressDone, answered(t, w.presses(anna, "reuse:12")).Text)
}
