package message

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/vin"
)

// repairs lists what may have been meant, with what would change made visible;
// nothing where there are no candidates.
func (b *Book) repairs(lang string, candidates []vin.Candidate) string {
	var lines []string
	for _, c := range candidates {
		lines = append(lines, b.repaired(lang, c))
	}
	if len(lines) == 0 {
		return ""
	}
	return b.word(lang, "part.repairs", values{Shown: strings.Join(lines, "\n"), Count: len(lines)})
}

// repaired shows a candidate and what is other than in what was sent: what is new
// in bold, what is left out in words, since a character that is not there cannot be
// marked. Where all of it is new it stands in monospace.
func (b *Book) repaired(lang string, c vin.Candidate) string {
	behind := c.At + len(c.To)
	switch {
	case c.At < 0 || behind > len(c.VIN) || len(c.To) == len(c.VIN):
		return code(c.VIN)
	case c.To != "":
		return escape(c.VIN[:c.At]) + "<b>" + escape(c.VIN[c.At:behind]) + "</b>" + escape(c.VIN[behind:])
	}
	size := utf8.RuneCountInString(c.From)
	place := strconv.Itoa(c.At + 1)
	if size > 1 {
		place += "–" + strconv.Itoa(c.At+size)
	}
	return b.word(lang, "part.without", values{
		VIN: escape(c.VIN), Count: size, Place: place, From: escape(tidy(c.From, maxShown)),
	})
}

// repairButtons has a button for each candidate, one below the other: a VIN
// needs the whole width of a phone.
func repairButtons(candidates []vin.Candidate) [][]models.InlineKeyboardButton {
	var rows [][]models.InlineKeyboardButton
	for _, c := range candidates {
		rows = append(rows, []models.InlineKeyboardButton{{
			Text: c.VIN, CallbackData: Press{Kind: PressKindVINRepair, VIN: c.VIN}.String(),
		}})
	}
	return rows
}
