package message_test

import (
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// talkSamples has what is said about questions and answers.
func talkSamples(facts message.Facts) []sample {
	var all []sample
	of := func(text string, chat int64, reasons ...string) {
		for _, reason := range reasons {
			say := ticket.Say{Text: text, To: ticket.Place{Chat: chat}, Ticket: 12, Reason: reason, Count: message.MaxQuestion}
			all = append(all, sample{title: text + " " + reason, say: say, facts: facts})
		}
	}
	of(message.TextAnswerPassed, 7, message.PassedVIN, message.PassedClosed)
	of(message.TextAnswerUnclear, 7, message.PassedAlbum)
	of(message.TextAskRefused, -1, message.AskEmpty, message.AskNoTicket, message.AskWordsOnly, message.AskTooLong,
		message.AskClosed, message.AskNobody, message.AskBanned)
	of(message.TextBanRefused, -1, message.BanNotAdmin, message.BanNoTarget, message.BanNoReason, message.BanNobody, message.BanTeam)
	of(ticket.TextAskUndelivered, -1, ticket.UndeliveredBlocked, ticket.UndeliveredDeactivated, ticket.UndeliveredNoChat)
	for _, text := range []string{message.TextBanDone, message.TextBanAgain, message.TextUnbanDone, message.TextUnbanNone} {
		all = append(all, sample{title: text + " of a user", say: ticket.Say{Text: text, Count: 123456789}})
	}
	all = append(all, sample{title: "owner.banned with a reason", say: ticket.Say{Text: message.TextBanned, Input: "спам & <реклама>"}})
	return append(all, sample{title: "answer.unclear with its buttons", facts: facts, say: ticket.Say{
		Text: message.TextAnswerUnclear, To: ticket.Place{Chat: 7}, Numbers: []ticket.Number{
			{VIN: sampleVIN, Ticket: 12, Question: 3}, {VIN: "WBAFW51050C245397", Ticket: 13, Question: 4},
		},
	}})
}

func TestAQuestionFitsIntoOneMessage(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		text := book.Question(lang, sampleTicket(), "<&"+strings.Repeat("ы", message.MaxQuestion-2))
		assert.LessOrEqual(t, visible(text.HTML), 4096)
		assert.Contains(t, text.HTML, "&lt;&amp;ы", "what a manager writes is shown as text only")
		assert.Nil(t, text.Keyboard)
	}
}

func TestAnAnswersButtonsTellWhatItIsAbout(t *testing.T) {
	t.Parallel()
	m := &models.Message{ReplyMarkup: newBook(t).Said("ru", 12)}
	id, as, ok := message.TicketOf(m)
	assert.True(t, ok)
	assert.Equal(t, int64(12), id)
	assert.Equal(t, ticket.CardNote, as, "it is no card: nothing may write over it")
	text := newBook(t).Card("ru", message.CardView{Ticket: sampleTicket()})
	_, as, ok = message.TicketOf(&models.Message{ReplyMarkup: text.Keyboard})
	assert.True(t, ok)
	assert.Equal(t, ticket.CardMain, as)
}
