package message

import (
	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// MaxQuestion is how many characters a question to an owner may have, in
// UTF-16 units as Telegram counts them: what is written around it must fit, too.
const MaxQuestion = 3500

// maxReason is how many characters of a ban's reason are shown.
const maxReason = 300

// Question is what the owner of a ticket is asked, in the manager's own words.
func (b *Book) Question(lang string, t ticket.Ticket, words string) Text {
	return Text{HTML: b.word(lang, "ask.question", values{Ticket: t.ID, VIN: code(t.VIN), Shown: escape(words)})}
}

// Said is the button below the copy of an owner's answer in a group: it tells
// whose words these are, and what about.
func (b *Book) Said(lang string, id int64) *models.InlineKeyboardMarkup {
	return keyboard([]models.InlineKeyboardButton{{
		Text:         b.word(lang, "button.said", values{Ticket: id}),
		CallbackData: Press{Kind: PressKindSaid, ID: id}.String(),
	}})
}

// talkButtons are those of the texts about questions and answers.
func (b *Book) talkButtons(lang string, s ticket.Say) [][]models.InlineKeyboardButton {
	switch s.Text {
	case TextAskOffer:
		return [][]models.InlineKeyboardButton{{
			b.button(lang, "button.ask", Press{Kind: PressKindAsk, ID: s.Ticket}),
			b.button(lang, "button.no_ask", Press{Kind: PressKindNoAsk, ID: s.Ticket}),
		}}
	case TextForget:
		return [][]models.InlineKeyboardButton{
			{b.button(lang, "button.forget", Press{Kind: PressKindForget, ID: s.User})},
			{b.button(lang, "button.forget_not", Press{Kind: PressKindForgetNot, ID: s.User})},
		}
	case TextAnswerUnclear:
		var rows [][]models.InlineKeyboardButton
		for _, n := range s.Numbers {
			rows = append(rows, []models.InlineKeyboardButton{{
				Text:         b.word(lang, "button.reply", values{Ticket: n.Ticket, VIN: n.VIN}),
				CallbackData: Press{Kind: PressKindReply, ID: n.Question}.String(),
			}})
		}
		return rows
	default:
		return nil
	}
}
