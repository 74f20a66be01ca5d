package message

import (
	"html"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

// MaxDigest is how many tickets a digest holds: a line each fits into a message
// whatever they say, and their buttons under it.
const MaxDigest = 30

// DigestView is what a digest shows.
type DigestView struct {
	Tickets []ticket.Ticket // in the order of the lines; MaxDigest at most
}

const (
	perRow      = 3  // buttons of a digest: "Взять 12345" is read on a phone
	maxLineName = 20 // characters of a name in a digest's line
)

// Digest renders many tickets as one message: a line and a button for each, in
// its present state. Where the lines are too long for a message they go without
// the cars, which stand on the cards.
func (b *Book) Digest(lang string, v DigestView) Text {
	if len(v.Tickets) == 0 { // they were deleted
		return Text{HTML: b.word(lang, "digest.empty", values{})}
	}
	head := values{Count: len(v.Tickets), Ticket: v.Tickets[0].ID}
	lines := []string{b.word(lang, "digest.title", head), b.word(lang, "digest.how", head), ""}
	text := strings.Join(append(lines, b.digestLines(lang, v, true)...), "\n")
	if shownUnits(text) > maxText {
		text = strings.Join(append(lines, b.digestLines(lang, v, false)...), "\n")
	}
	return Text{HTML: text, Keyboard: b.digestButtons(lang, v)}
}

func (b *Book) digestLines(lang string, v DigestView, cars bool) []string {
	lines := make([]string, len(v.Tickets))
	for i, t := range v.Tickets {
		line := values{Ticket: t.ID, VIN: code(t.VIN), Shown: b.digestState(lang, t)}
		if t.Erased() {
			lines[i] = b.word(lang, "digest.erased", line)
			continue
		}
		if cars {
			line.Car = b.car(lang, t.VIN, t.OpenedAt.Year())
		}
		if t.Confirmed {
			line.Hint = b.word(lang, "digest.confirmed", values{})
		}
		lines[i] = b.word(lang, "digest.line", line)
	}
	return lines
}

// digestState says in few words what has become of a ticket; of one that waits,
// how urgent it is, unless it is as most are.
func (b *Book) digestState(lang string, t ticket.Ticket) string {
	id := "digest.state." + string(t.Status)
	if t.Status == ticket.New {
		id = "digest.priority." + string(t.Priority)
	}
	if !b.known[id] {
		return ""
	}
	name := b.word(lang, "part.admin", values{})
	if own := tidy(t.AssigneeName, maxLineName); own != "" {
		name = escape(own)
	}
	return b.word(lang, id, values{Name: name})
}

// digestButtons keeps a button for each ticket also when it is taken: its words
// show that, and whoever presses it is told who has it.
func (b *Book) digestButtons(lang string, v DigestView) *models.InlineKeyboardMarkup {
	var buttons []models.InlineKeyboardButton
	for _, t := range v.Tickets {
		buttons = append(buttons, models.InlineKeyboardButton{
			Text:         b.word(lang, b.member("button.digest", digestButton(t)), values{Ticket: t.ID}),
			CallbackData: Press{Kind: PressKindTake, ID: t.ID}.String(),
		})
	}
	return keyboard(slices.Collect(slices.Chunk(buttons, perRow))...)
}

func digestButton(t ticket.Ticket) string {
	if t.Erased() {
		return "erased"
	}
	return string(t.Status)
}

// TicketsOf reads which tickets a digest shows from its own buttons; nothing of
// any other message. It is how a digest is known whose id was never stored.
func TicketsOf(m *models.Message) []int64 {
	var ids []int64
	for p := range presses(m) {
		if p.Kind != PressKindTake {
			return nil
		}
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) < 2 {
		return nil
	}
	return ids
}

// shownUnits is the length of an HTML text of ours as Telegram counts it: in
// UTF-16 units, without the marks.
func shownUnits(text string) int {
	inTag := false
	plain := strings.Map(func(r rune) rune {
		inTag = inTag && r != '>' || r == '<'
		if inTag || r == '>' {
			return -1
		}
		return r
	}, text)
	return len(utf16.Encode([]rune(html.UnescapeString(plain))))
}
