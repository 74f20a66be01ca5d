package manager_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func TestARepostAndANoteStandForTheTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards = append(w.cards,
		ticket.Card{TicketID: 12, Place: ticket.Place{Chat: group, Message: 51}, Kind: ticket.CardMain},
		ticket.Card{TicketID: 12, Place: ticket.Place{Chat: group, Message: 52}, Kind: ticket.CardNote})
	w.writes(pdf(), replyTo(51), fields{"message_id": 61})
	w.writes(pdf(), replyTo(52), fields{"message_id": 62})
	w.writes(pdf(), replyTo(62, pdf()), fields{"message_id": 63})
	require.Len(t, w.reports, 3, "a report's own message stands for the ticket, too")
	for _, r := range w.reports {
		assert.EqualValues(t, 12, r.TicketID)
	}
}

// lostCard is a card with its buttons, as a reply or a press shows it, whose id
// the table does not have.
func lostCard(by int64, data string) fields {
	return inGroup(fields{
		"message_id": 77, "from": fields{"id": by, "is_bot": true},
		"reply_markup": fields{"inline_keyboard": [][]fields{{{"text": "Взять", "callback_data": data}}}},
	})
}

func TestACardThatTheTableLacksIsAdopted(t *testing.T) {
	t.Parallel()
	lost := ticket.Place{Chat: group, Message: 77}

	w := newWorld(t)
	effects := w.writes(pdf(), fields{"reply_to_message": lostCard(botID, "done_hint:12")})
	require.Len(t, w.reports, 1)
	assert.EqualValues(t, 12, w.reports[0].TicketID)
	require.Len(t, w.cards, 2)
	assert.Equal(t, lost, w.cards[1].Place)
	assert.Equal(t, ticket.CardMain, w.cards[1].Kind)
	assert.Equal(t, []ticket.EffectKind{ticket.EffectCardEdit, ticket.EffectReaction}, kinds(effects))

	w = newWorld(t)
	effects = w.receives(press(anna, "take:12", fields{"message": lostCard(botID, "take:12")}))
	require.Len(t, w.cards, 2)
	assert.Equal(t, lost, w.cards[1].Place)
	assert.Equal(t, []ticket.EffectKind{ticket.EffectCardEdit, ticket.EffectPressAnswer}, kinds(effects))
}

func TestOnlyOurOwnMessagesAreAdopted(t *testing.T) {
	t.Parallel()
	for name, replied := range map[string]fields{
		"another bot's":         lostCard(9, "take:12"),
		"a ticket that is none": lostCard(botID, "take:999"),
		"a report's question":   lostCard(botID, "rsend:12"),
		"no data of ours":       lostCard(botID, "nonsense"),
		"no buttons":            inGroup(fields{"message_id": 77, "from": fields{"id": botID, "is_bot": true}}),
	} {
		w := newWorld(t)
		effects := w.writes(pdf(), fields{"reply_to_message": replied})
		assert.Len(t, w.cards, 1, name)
		assert.Empty(t, w.reports, name)
		if name == "another bot's" {
			assert.Empty(t, effects, name)
			continue
		}
		assert.Equal(t, message.TextWhichTicket, said(t, effects).Text, "%s: silence would pass for acceptance", name)
	}
}

func TestAPDFInReplyToAMessageOfOursIsAskedAbout(t *testing.T) {
	t.Parallel()
	ours := fields{"reply_to_message": inGroup(text("👍"), fields{"message_id": 77, "from": fields{"id": botID, "is_bot": true}})}
	external := fields{"external_reply": fields{
		"origin": fields{"type": "user", "date": 1, "sender_user": fields{"id": botID, "is_bot": true}},
		"chat":   fields{"id": group, "type": "supergroup"}, "message_id": 77,
	}}
	for name, reply := range map[string]fields{"here": ours, "in another topic": external} {
		w := newWorld(t)
		assert.Equal(t, message.TextWhichTicket, said(t, w.writes(pdf(), reply)).Text, name)
		assert.Empty(t, w.edits(pdf(), reply), "%s: once", name)
		assert.Empty(t, w.writes(file("price.xlsx", "application/vnd.ms-excel", 1), reply), "%s: only a PDF", name)
		assert.Empty(t, w.writes(text("спасибо"), reply), "%s: talk", name)
		assert.Empty(t, w.reports, name)
	}
}

func TestForumTopics(t *testing.T) {
	t.Parallel()
	topic := fields{"is_topic_message": true, "message_thread_id": 9}
	root := fields{"reply_to_message": inGroup(fields{"message_id": 9, "forum_topic_created": fields{"name": "Отчёты"}})}

	w := newWorld(t)
	assert.Empty(t, w.writes(topic, root, pdf()), "hanging on a topic is no reply")
	general := newWorld(t)
	general.cards[0].Place.Message = 9
	assert.Empty(t, general.writes(topic, replyTo(9), pdf()), "nor where the topic's first message is known by its number only")
	w = newWorld(t)
	s := said(t, w.writes(topic, root, text("/done 12")))
	assert.Equal(t, message.TextReportExpected, s.Text)
	assert.Equal(t, ticket.Place{Chat: group, Topic: 9, Message: 60}, s.To, "the answer goes to the topic")

	w.writes(topic, toCard(), pdf())
	require.Len(t, w.reports, 1)
	assert.Equal(t, ticket.Place{Chat: group, Topic: 9, Message: 60}, w.reports[0].Source)
}

func TestAReplyAcrossTopics(t *testing.T) {
	t.Parallel()
	external := func(chat int64, id int, parts fields) fields {
		e := fields{"origin": fields{"type": "hidden_user", "date": 1}, "chat": fields{"id": chat, "type": "supergroup"}, "message_id": id}
		for name, value := range parts {
			e[name] = value
		}
		return fields{"external_reply": e}
	}
	w := newWorld(t)
	w.writes(pdf(), external(group, cardAt, nil))
	require.Len(t, w.reports, 1, "a PDF in reply to the card in another topic")

	w = newWorld(t)
	effects := w.writes(text("/done 12"), external(group, 55, pdf()))
	understood(t, w, effects, 55)

	w = newWorld(t)
	assert.Empty(t, w.writes(pdf(), external(-999, cardAt, nil)), "another chat's messages stand for nothing")
	assert.Equal(t, ticket.ReasonNoDocument, said(t, w.writes(text("/done 12"), external(-999, 55, pdf()))).Reason)
	photo := fields{"photo": []fields{{"file_id": "P"}}}
	assert.Equal(t, ticket.ReasonNotPDF, said(t, w.writes(text("/done 12"), external(group, 55, photo))).Reason)
	assert.Equal(t, message.TextWhichTicket, said(t, w.writes(text("/done"), external(group, 55, pdf()))).Text)
}
