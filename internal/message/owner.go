package message

import (
	"strconv"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// ownersButtons gives the buttons of a question to an owner, one below the
// other: what they name needs the whole width of a phone.
func (b *Book) ownersButtons(lang string, s ticket.Say) (rows [][]models.InlineKeyboardButton) {
	row := func(buttons ...models.InlineKeyboardButton) { rows = append(rows, buttons) }
	switch s.Text {
	case TextCancelAsk:
		row(b.button(lang, "button.cancel", Press{Kind: PressKindCancel, ID: s.Ticket}),
			b.button(lang, "button.keep", Press{Kind: PressKindKeep, ID: s.Ticket}))
	case TextCancelWhich:
		for _, n := range s.Numbers {
			row(b.numberButton(lang, "✖️", Press{Kind: PressKindCancel, ID: n.Ticket, VIN: n.VIN}))
		}
		if len(s.Numbers) > 0 {
			row(b.button(lang, "button.keep_all", Press{Kind: PressKindKeep, ID: s.Numbers[0].Ticket}))
		}
	case TextLanguage:
		var names []models.InlineKeyboardButton
		for _, l := range Languages() { // each is called what its speakers call it
			names = append(names, b.button(l, "part.language", Press{Kind: PressKindLanguage, Word: l}))
		}
		row(names...)
	}
	return rows
}

// numberButton is a button for one of several tickets; what the press names of
// a VIN is shown, not carried.
func (b *Book) numberButton(lang, sign string, p Press) models.InlineKeyboardButton {
	return models.InlineKeyboardButton{
		Text:         b.word(lang, "part.ticket", values{Shown: sign, Ticket: p.ID, VIN: p.VIN}),
		CallbackData: Press{Kind: p.Kind, ID: p.ID}.String(),
	}
}

// Stars is the keyboard below a report by which its owner rates the ticket; the
// rating that there is, if any, is marked.
func (b *Book) Stars(id int64, given int) *models.InlineKeyboardMarkup {
	var row []models.InlineKeyboardButton
	for stars := ticket.MinStars; stars <= ticket.MaxStars; stars++ {
		label := strconv.Itoa(stars) + " ⭐"
		if stars == given {
			label = "✅ " + strconv.Itoa(stars)
		}
		row = append(row, models.InlineKeyboardButton{
			Text: label, CallbackData: Press{Kind: PressKindRate, ID: id, Word: strconv.Itoa(stars)}.String(),
		})
	}
	return keyboard(row)
}
