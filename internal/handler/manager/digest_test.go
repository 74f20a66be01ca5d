package manager_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

const digestAt = 90

// withDigest is a world whose message 90 is a digest of tickets 12 to 15.
func withDigest(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for id := int64(12); id <= 15; id++ {
		w.tickets[id] = ticket.Ticket{ID: id, VIN: vin12, Status: ticket.New, OwnerID: 7}
		w.cards = append(w.cards, ticket.Card{
			TicketID: id, Place: ticket.Place{Chat: group, Message: digestAt}, Kind: ticket.CardDigest,
		})
	}
	w.tickets[16] = ticket.Ticket{ID: 16, VIN: vin12, Status: ticket.New, OwnerID: 7}
	return w
}

func toDigest() fields { return replyTo(digestAt, fields{"from": fields{"id": botID, "is_bot": true}}) }

func TestAPDFInReplyToADigestNeedsANumber(t *testing.T) {
	t.Parallel()
	w := withDigest(t)
	assert.Equal(t, message.TextWhichOfSeveral, said(t, w.writes(pdf(), toDigest())).Text)
	assert.Equal(t, message.TextWhichOfSeveral, said(t, w.writes(pdf(), caption("/done"), toDigest())).Text)
	s := said(t, w.writes(pdf(), caption("/done 16"), toDigest()))
	assert.Equal(t, message.TextNotInDigest, s.Text, "a number that it does not show is a slip")
	assert.Equal(t, 16, s.Count)
	assert.Equal(t, message.TextAsYourself, said(t, w.writes(pdf(), toDigest(), anonymous())).Text)
	assert.Equal(t, message.TextStranger, said(t, w.writes(pdf(), toDigest(), from(999))).Text)
	assert.Empty(t, w.edits(pdf(), toDigest()), "once")
	assert.Empty(t, w.writes(text("which of them is a hybrid?"), toDigest()), "talk")
	assert.Empty(t, w.reports)

	w.writes(pdf(), caption("/done 14"), toDigest())
	require.Len(t, w.reports, 1)
	assert.EqualValues(t, 14, w.reports[0].TicketID)
	w.writes(pdf(), caption("/done 16"), fields{"message_id": 61})
	assert.Len(t, w.reports, 2, "in reply to nothing any number will do")
}

func TestTakeFromADigestIsAnsweredLikeAny(t *testing.T) {
	t.Parallel()
	w := withDigest(t)
	shown := lostDigest()
	shown["message_id"] = digestAt
	on := fields{"message": shown}
	assert.Equal(t, message.PressTakenInDigest, answered(t, w.receives(press(anna, "take:13", on))).Text)
	a := answered(t, w.receives(press(boris, "take:13", on)))
	assert.Equal(t, message.PressTakenBy, a.Text)
	assert.EqualValues(t, 13, a.Ticket)
	assert.Equal(t, ticket.New, w.tickets[14].Status)
	assert.Len(t, w.cards, 5, "nothing to adopt")
}

// lostDigest is a digest, message 91, whose id the table does not have.
func lostDigest() fields {
	button := func(data string) fields { return fields{"text": "Взять", "callback_data": data} }
	return inGroup(fields{
		"message_id": 91, "from": fields{"id": botID, "is_bot": true},
		"reply_markup": fields{"inline_keyboard": [][]fields{{button("take:13"), button("take:14")}, {button("take:999")}}},
	})
}

func TestADigestThatTheTableLacksIsAdopted(t *testing.T) {
	t.Parallel()
	lost := ticket.Place{Chat: group, Message: 91}

	w := withDigest(t)
	effects := w.writes(pdf(), fields{"reply_to_message": lostDigest()})
	assert.Equal(t, message.TextWhichOfSeveral, said(t, effects).Text)
	assert.Contains(t, effects, ticket.DigestEdit(lost))
	require.Len(t, w.cards, 7, "of the tickets that there are")
	for i, id := range []int64{13, 14} {
		assert.Equal(t, ticket.CardDigest, w.cards[5+i].Kind)
		assert.Equal(t, id, w.cards[5+i].TicketID)
		assert.Equal(t, lost, w.cards[5+i].Place)
	}

	w = withDigest(t)
	effects = w.receives(press(anna, "take:14", fields{"message": lostDigest()}))
	assert.Equal(t, message.PressTakenInDigest, answered(t, effects).Text)
	assert.Contains(t, effects, ticket.DigestEdit(lost))
	assert.Len(t, w.cards, 7)

	w = withDigest(t)
	gone := lostDigest()
	gone["reply_markup"] = fields{"inline_keyboard": [][]fields{{{"text": "x", "callback_data": "take:998"}, {"text": "x", "callback_data": "take:999"}}}}
	effects = w.receives(press(anna, "take:998", fields{"message": gone}))
	assert.Equal(t, message.PressGone, answered(t, effects).Text)
	assert.Len(t, w.cards, 5)
}

func TestADigestIsNoTicketsOrder(t *testing.T) {
	t.Parallel()
	w := withDigest(t)
	key := func(parts ...fields) string {
		return w.handler.OrderKey(t.Context(), read(t, fields{"message": inGroup(parts...)}))
	}
	assert.Equal(t, "user:5", key(pdf(), toDigest()))
	assert.Equal(t, "user:5", key(pdf(), fields{"reply_to_message": lostDigest()}))
	assert.Equal(t, ticket.Lane(14), key(pdf(), caption("/done 14"), toDigest()))
}
