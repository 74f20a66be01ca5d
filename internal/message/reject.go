package message

import (
	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// MaxWords is how many characters of a manager's own words an owner reads.
const MaxWords = 500

// rejection says as HTML why a ticket was rejected: a usual reason, or the
// manager's own words; nothing for one that was not.
func (b *Book) rejection(lang string, t ticket.Ticket) string {
	if t.Rejection == ticket.RejectOther {
		return escape(tidy(t.RejectionText, MaxWords))
	}
	if id := "part.rejection." + t.Rejection; b.known[id] {
		return b.word(lang, id, values{})
	}
	return ""
}

// rejectionButtons offers the usual reasons, and the way back.
func (b *Book) rejectionButtons(lang string, id int64) [][]models.InlineKeyboardButton {
	var rows [][]models.InlineKeyboardButton
	for _, reason := range ticket.UsualRejections() {
		rows = append(rows, []models.InlineKeyboardButton{
			b.button(lang, "button.reject."+reason, Press{Kind: PressKindRejectFor, ID: id, Word: reason}),
		})
	}
	return append(rows, []models.InlineKeyboardButton{
		b.button(lang, "button.reject_not", Press{Kind: PressKindRejectNot, ID: id}),
	})
}
