package message

import (
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// CardView is what a ticket's card shows.
type CardView struct {
	Ticket ticket.Ticket
	// Report is the newest delivered report, zero while there is none.
	Report ticket.Report
	// Reusable is a report for the same VIN, not long ago; zero for none.
	Reusable      ticket.Report
	Now           time.Time // of that
	OwnerName     string
	OwnerUsername string // without @, empty for none
	OwnerBanned   bool
	Zone          *time.Location // nil is UTC
	BotName       string         // without @; empty while it is not known
	// Deadline is until when it must be taken, or once it is, done; zero for
	// never.
	Deadline time.Time
}

// Card renders a ticket's card. That of a deleted or an erased one shows
// nothing of it but its number.
func (b *Book) Card(lang string, v CardView) Text {
	t := v.Ticket
	switch {
	case t.Deleted():
		return Text{HTML: b.word(lang, "card.title", values{Ticket: t.ID}) + "\n\n" +
			b.word(lang, "card.deleted", values{Time: b.moment(lang, t.DeletedAt, v.Zone)})}
	case t.Erased():
		return Text{HTML: b.word(lang, "card.title", values{Ticket: t.ID}) + "\n\n" +
			b.word(lang, "card.erased", values{Time: b.moment(lang, t.ErasedAt, v.Zone)})}
	}
	lines := []string{
		b.word(lang, "card.title", values{Ticket: t.ID}),
		"VIN: " + code(t.VIN) + b.carLine(lang, t.VIN, t.OpenedAt.Year()),
		b.word(lang, "card.owner", values{Name: b.ownerOf(lang, v)}),
		b.word(lang, "card.opened", values{Time: b.moment(lang, t.OpenedAt, v.Zone)}),
	}
	if id := "card.priority." + string(t.Priority); b.known[id] {
		lines = append(lines, b.word(lang, id, values{}))
	}
	if t.Confirmed {
		lines = append(lines, b.word(lang, "card.confirmed", values{}))
	}
	if v.OwnerBanned && t.Status.Open() {
		lines = append(lines, b.word(lang, "card.banned", values{}))
	}
	if v.Reusable.ID != 0 {
		lines = append(lines, b.word(lang, "card.reuse", values{
			Time: b.age(lang, v.Now.Sub(v.Reusable.DeliveredAt)), Ticket: v.Reusable.TicketID,
		}))
	}
	lines = append(lines, "", b.state(lang, v))
	if t.Status == ticket.Done && v.Report.Scanned() {
		lines = append(lines, b.word(lang, "card.no_text", values{}))
	}
	if awaitsReport(t.Status) && !v.Deadline.IsZero() {
		lines = append(lines, b.word(lang, "card.deadline."+string(t.Status), values{Time: b.moment(lang, v.Deadline, v.Zone)}))
	}
	if v.BotName != "" && awaitsReport(t.Status) {
		lines = append(lines, `<a href="`+escape(doneLink(v.BotName))+`">`+b.word(lang, "card.link", values{})+"</a>")
	}
	return Text{HTML: strings.Join(lines, "\n"), Keyboard: b.cardButtons(lang, v)}
}

// awaitsReport tells whether a manager still has to send something.
func awaitsReport(s ticket.Status) bool { return s == ticket.New || s == ticket.Taken }

func (b *Book) ownerOf(lang string, v CardView) string {
	if v.Ticket.OwnerID == 0 {
		return b.word(lang, "part.program", values{})
	}
	name := escape(tidy(v.OwnerName, maxName))
	if name == "" {
		name = b.word(lang, "part.nameless", values{})
	}
	if username := tidy(v.OwnerUsername, maxName); username != "" {
		name += " · @" + escape(username)
	}
	return name
}

// state is the line about what has become of the ticket, and by whom.
func (b *Book) state(lang string, v CardView) string {
	t := v.Ticket
	id := b.member("card.state."+string(t.Status), t.Undeliverable)
	who, when := t.AssigneeName, time.Time{}
	switch t.Status {
	case ticket.Taken:
		when = t.TakenAt
	case ticket.Done:
		when = t.ClosedAt
		if v.Report.SenderID != 0 { // whoever sent it, whoever took it
			who = v.Report.SenderName
		}
		if when.Before(v.Report.DeliveredAt) { // a correction came later
			when = v.Report.DeliveredAt
		}
	case ticket.Rejected:
		who, when = t.RejectedBy, t.ClosedAt
	case ticket.Cancelled:
		when = t.ClosedAt
	case ticket.New, ticket.Delivering, ticket.Undelivered:
	}
	return b.word(lang, id, values{
		Name: b.name(lang, who), Time: b.moment(lang, when, v.Zone), Words: b.rejection(lang, t),
	})
}

// moment writes a time as people of the language do; nothing for none.
func (b *Book) moment(lang string, t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format(b.word(lang, "part.time", values{}))
}

// cardButtons gives what can be done with a ticket as it stands: a row to work
// on it, once it is taken a row of the other priorities (one press each, and no
// edit to open a menu, which would count against the group's limit), and a row
// beside the work.
func (b *Book) cardButtons(lang string, v CardView) *models.InlineKeyboardMarkup {
	t := v.Ticket
	var work, ready, levels, aside []models.InlineKeyboardButton
	press := func(id string, kind PressKind) models.InlineKeyboardButton {
		return b.button(lang, id, Press{Kind: kind, ID: t.ID})
	}
	if t.Status == ticket.New {
		work = append(work, press("button.take", PressKindTake))
	}
	if t.Status.Open() {
		work = append(work, press("button.done_hint", PressKindDoneHint))
	}
	if v.Reusable.ID != 0 {
		ready = append(ready, press("button.reuse", PressKindReuse))
	}
	if t.Status == ticket.Taken {
		work = append(work, press("button.release", PressKindRelease))
		levels = b.priorityButtons(lang, t)
	}
	if t.Status == ticket.Taken || t.Status == ticket.Undelivered {
		aside = append(aside, press("button.reject", PressKindReject))
	}
	return keyboard(work, ready, levels, append(aside, models.InlineKeyboardButton{
		Text: b.word(lang, "button.copy_vin", values{}), CopyText: models.CopyTextButton{Text: t.VIN},
	}))
}

// priorityButtons offers the priorities that a ticket does not have, the lowest
// first.
func (b *Book) priorityButtons(lang string, t ticket.Ticket) []models.InlineKeyboardButton {
	var row []models.InlineKeyboardButton
	for _, p := range ticket.Priorities() {
		if p != t.Priority {
			row = append(row, b.button(lang, "button.priority."+string(p), Press{Kind: PressKindPriority, ID: t.ID, Word: string(p)}))
		}
	}
	return row
}

// button makes a button that carries a press.
func (b *Book) button(lang, id string, p Press) models.InlineKeyboardButton {
	return models.InlineKeyboardButton{Text: b.word(lang, id, values{}), CallbackData: p.String()}
}

// keyboard puts rows of buttons together and leaves out the empty ones.
func keyboard(rows ...[]models.InlineKeyboardButton) *models.InlineKeyboardMarkup {
	var filled [][]models.InlineKeyboardButton
	for _, row := range rows {
		if len(row) > 0 {
			filled = append(filled, row)
		}
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: filled}
}
