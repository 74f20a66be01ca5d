package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// asked is a world in which Ivan has ticket 1 and is asked about it.
func asked(t *testing.T, outcome ticket.AnswerOutcome) *world {
	t.Helper()
	w := newWorld(t)
	w.tickets = []ticket.Ticket{{ID: 1, VIN: goodVIN, OwnerID: ivan, Status: ticket.Taken}}
	w.talk.out = ticket.Answered{Outcome: outcome, Ticket: 1}
	return w
}

const inReply = `"reply_to_message":{"message_id":30,"date":1,"chat":{"id":7,"type":"private"}},`

func TestWhatMayBeAnAnswerIsPassedOn(t *testing.T) {
	t.Parallel()
	const file = `{"file_id":"F","file_unique_id":"U"}`
	for fields, plain := range map[string]bool{
		`"text":"100 тысяч"`:                            true,
		`"photo":[` + file + `],"caption":"вот"`:        true,
		`"document":` + file:                            true,
		`"voice":{"file_id":"F","duration":3}`:          true,
		`"location":{"latitude":1,"longitude":2}`:       true,
		`"sticker":` + file:                             false,
		`"animation":` + file + `,"document":` + file:   false,
		`"poll":{"id":"1","question":"?","options":[]}`: false,
		`"hologram":{"x":1}`:                            false,
	} {
		w := asked(t, ticket.AnswerPassed)
		s := said(t, w.writes(fields))
		assert.Equal(t, plain, s.Text == message.TextAnswerPassed, fields)
		s = said(t, w.writes(inReply+fields))
		assert.Equal(t, message.TextAnswerPassed, s.Text, "in reply everything is: %s", fields)
		assert.Equal(t, ticket.Place{Chat: ivan, Message: 41}, s.To)
	}
}

func TestAVINComesBeforeAnAnswerUnlessItIsAReply(t *testing.T) {
	t.Parallel()
	w := asked(t, ticket.AnswerMore)
	assert.Equal(t, message.TextOpened, said(t, w.text(hintVIN)).Text)
	s := said(t, w.writes(inReply+`"text":"`+typoVIN+`"`))
	assert.Equal(t, message.TextAnswerPassed, s.Text)
	assert.Equal(t, message.PassedVIN, s.Reason, "that it opens no ticket is said")
	assert.Len(t, w.opened, 1)
	assert.Equal(t, message.TextGreeting, said(t, w.writes(inReply+`"text":"/start"`)).Text, "a command is none")
}

func TestWhatFollowsAnAnswerHasAReaction(t *testing.T) {
	t.Parallel()
	w := asked(t, ticket.AnswerMore)
	effects := w.text("и ещё")
	require.Len(t, effects, 1)
	assert.Equal(t, ticket.Reaction{On: ticket.Place{Chat: ivan, Message: 41}, Emoji: "👌", Ticket: 1}, effects[0].Payload)
	w.talk.out.Outcome = ticket.AnswerTooMany
	assert.Equal(t, message.TextAnswerTooMany, said(t, w.text("и ещё")).Text)
	w.talk.out.Outcome, w.tickets[0].Status = ticket.AnswerPassed, ticket.Done
	assert.Equal(t, message.PassedClosed, said(t, w.text("и ещё")).Reason)
}

func TestWhichQuestionIsMeantIsAsked(t *testing.T) {
	t.Parallel()
	w := asked(t, ticket.AnswerUnclear)
	w.tickets = append(w.tickets, ticket.Ticket{ID: 2, VIN: hintVIN, OwnerID: ivan, Status: ticket.New})
	w.talk.out.Questions = []ticket.Line{{ID: 5, TicketID: 1}, {ID: 6, TicketID: 2}, {ID: 7, TicketID: 1}}
	s := said(t, w.text("да"))
	assert.Equal(t, message.TextAnswerUnclear, s.Text)
	assert.Equal(t, []ticket.Number{{VIN: goodVIN, Ticket: 1, Question: 7}, {VIN: hintVIN, Ticket: 2, Question: 6}}, s.Numbers)
	effects := w.writes(`"media_group_id":"a","photo":[{"file_id":"F","file_unique_id":"U"}]`)
	assert.Equal(t, message.PassedAlbum, said(t, effects).Reason)
	assert.NotEmpty(t, effects[0].Merge, "it is said once")

	press := func(reply string) []ticket.Effect {
		return w.receives(update(t, `{"callback_query":{"id":"q1","from":{"id":7,"first_name":"Иван"},"data":"reply:6",`+
			`"message":{"message_id":40,"date":1,"chat":{"id":7,"type":"private"}`+reply+`}}}`))
	}
	effects = press(`,"reply_to_message":{"message_id":39,"date":1,"chat":{"id":7,"type":"private"},"text":"да"}`)
	assert.Equal(t, message.PressPassed, pressAnswer(t, effects).Text)
	assert.Equal(t, []int64{6}, w.talk.to)
	assert.Equal(t, ticket.Place{Chat: ivan, Message: 39}, w.talk.answers[len(w.talk.answers)-1].Source)
	assert.Len(t, effects, 2, "the buttons go")
	assert.Equal(t, message.PressPassGone, pressAnswer(t, press("")).Text, "what was written is gone")
	w.talk.fail = ticket.NewError(ticket.CodeNotFound, "none", nil)
	assert.Equal(t, message.PressPassGone, pressAnswer(t, press(`,"reply_to_message":{"message_id":39,"date":1,"chat":{"id":7,"type":"private"}}`)).Text)
}

func TestAnEditedAnswerStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := asked(t, ticket.AnswerPassed)
	w.talk.spoken = true
	s := said(t, w.receives(update(t, `{"edited_message":`+ivansMessage(`"text":"101"`)+`}`)))
	assert.Equal(t, message.TextAnswerEdited, s.Text)
}

func TestQuestionsThatWaitedComeOnReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.SetUnreachable(t.Context(), ivan, true))
	w.text("я вернулся")
	assert.Equal(t, 1, w.talk.returned)
}
