package message

import (
	"time"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// ReportCaption is what the owner reads under the report. A ticket that is
// done already gets a correction.
func (b *Book) ReportCaption(lang string, t ticket.Ticket) string {
	id := "report.caption"
	if t.Status == ticket.Done {
		id += ".correction"
	}
	return b.word(lang, id, values{Ticket: t.ID, VIN: code(t.VIN)})
}

// ReportAgainCaption is what the owner reads under a report that they asked for
// once more.
func (b *Book) ReportAgainCaption(lang string, t ticket.Ticket) string {
	return b.word(lang, "report.caption.again", values{Ticket: t.ID, VIN: code(t.VIN)})
}

// ReportQuestion asks the managers whether a report is to be sent all the
// same, for the report's reason.
func (b *Book) ReportQuestion(lang string, r ticket.Report, t ticket.Ticket) Text {
	id := b.member("report.question", r.Reason)
	return Text{
		HTML: b.word(lang, id, values{Ticket: t.ID, VIN: code(t.VIN), Shown: code(tidy(r.FoundVIN, maxShown))}),
		Keyboard: keyboard([]models.InlineKeyboardButton{
			b.button(lang, "button.report_send", Press{Kind: PressKindReportSend, ID: r.ID}),
			b.button(lang, "button.report_drop", Press{Kind: PressKindReportDrop, ID: r.ID}),
		}),
	}
}

// Press renders the answer to a button press: plain text of 200 characters at
// most. An empty text is an answer, too: the button stops waiting.
func (b *Book) Press(lang string, p ticket.PressAnswer, f Facts) (string, error) {
	if p.Text == "" {
		return "", nil
	}
	name := tidy(p.Name, maxName)
	if name == "" {
		name = b.word(lang, "part.admin", values{})
	}
	v := values{Ticket: p.Ticket, Name: name, Count: p.Count, Bot: f.BotName}
	if p.Wait > 0 {
		v.Time = b.span(lang, time.Duration(p.Wait)*time.Second)
	}
	text, err := b.look(lang, p.Text, v)
	if err != nil {
		return "", err
	}
	return clip(text, maxAnswer), nil
}
