package message

import (
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// ReportCaption is what the owner reads under the report's next file. A ticket
// that is done already gets a correction. Of several files the last one says
// that it is done.
func (b *Book) ReportCaption(lang string, t ticket.Ticket, r ticket.Report) string {
	id, number, of := "report.caption", 0, len(r.Files())
	if of > 1 {
		number, _ = r.Next()
	}
	switch {
	case t.Status == ticket.Done:
		id += ".correction"
	case number < of && of > 1:
		id += ".again"
	}
	return b.whichFile(lang, number, of) + b.word(lang, id, values{Ticket: t.ID, VIN: code(t.VIN)})
}

// ReportAgainCaption is what the owner reads under a file of a report that they
// asked for once more; number is 0 where it is the only one.
func (b *Book) ReportAgainCaption(lang string, t ticket.Ticket, number, of int) string {
	return b.whichFile(lang, number, of) + b.word(lang, "report.caption.again", values{Ticket: t.ID, VIN: code(t.VIN)})
}

// whichFile is the line that says which of several files something is about;
// nothing for number 0.
func (b *Book) whichFile(lang string, number, of int) string {
	if number == 0 {
		return ""
	}
	return b.word(lang, "part.file", values{Count: number, Most: of}) + "\n"
}

// ReportQuestion asks the managers whether a report is to be sent all the
// same, for the report's reason.
func (b *Book) ReportQuestion(lang string, r ticket.Report, t ticket.Ticket) Text {
	id := b.member("report.question", r.Reason)
	v := values{Ticket: t.ID, VIN: code(t.VIN), Shown: code(tidy(r.FoundVIN, maxShown))}
	if len(r.More) > 0 {
		v.Count = len(r.Files())
		if id = "report.question.album"; r.Reason != ticket.ReasonCorrection {
			id, v.Shown = "report.question.doubts", b.doubts(lang, r)
		}
	}
	return Text{
		HTML: b.word(lang, id, v),
		Keyboard: keyboard([]models.InlineKeyboardButton{
			b.button(lang, "button.report_send", Press{Kind: PressKindReportSend, ID: r.ID}),
			b.button(lang, "button.report_drop", Press{Kind: PressKindReportDrop, ID: r.ID}),
		}),
	}
}

// doubts lists what is doubtful about the files of an album, a line each.
func (b *Book) doubts(lang string, r ticket.Report) string {
	var lines []string
	for i, f := range r.Files() {
		switch v := (values{Count: i + 1, Shown: code(tidy(f.FoundVIN, maxShown))}); {
		case f.FoundVIN != "":
			lines = append(lines, b.word(lang, "part.doubt.other_vin", v))
		case f.Unchecked:
			lines = append(lines, b.word(lang, "part.doubt.unchecked", v))
		}
	}
	return strings.Join(lines, "\n")
}

// album puts what is said about one of several files of a report between which
// one it is and what that means for the others.
func (b *Book) album(lang string, s ticket.Say, r ticket.Report, html string) string {
	number, of, rest := s.File, s.Limit, "part.album.none"
	if r.ReasonFile != 0 {
		number, of = r.ReasonFile, len(r.Files())
	}
	if s.Text != ticket.TextReportRefused || number == 0 {
		return html
	}
	if r.OwnerMessage != 0 {
		rest = "part.album.some"
	}
	return b.whichFile(lang, number, of) + html + "\n" + b.word(lang, rest, values{})
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
