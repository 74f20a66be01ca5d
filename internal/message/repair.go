package message

import (
	"strings"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/vin"
)

// repairs lists what may have been meant, with what would change made visible;
// nothing where there are no candidates.
func (b *Book) repairs(lang string, candidates []vin.Candidate) string {
	var lines []string
	for _, c := range candidates {
		lines = append(lines, repaired(c))
	}
	if len(lines) == 0 {
		return ""
	}
	return b.word(lang, "part.repairs", values{Shown: strings.Join(lines, "\n"), Count: len(lines)})
}

// repaired shows a candidate: what is new in bold, what is left out struck
// through. Where all of it is new it stands in monospace, which has room for no
// other marks.
func repaired(c vin.Candidate) string {
	behind := c.At + len(c.To)
	if c.At < 0 || behind > len(c.VIN) || len(c.To) == len(c.VIN) {
		return code(c.VIN)
	}
	mark := "<s>" + escape(tidy(c.From, maxShown)) + "</s>"
	if c.To != "" {
		mark = "<b>" + escape(c.VIN[c.At:behind]) + "</b>"
	}
	return escape(c.VIN[:c.At]) + mark + escape(c.VIN[behind:])
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
