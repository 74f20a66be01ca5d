package message

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// Facts are what a text may need besides what was stored with it, read when it
// is sent.
type Facts struct {
	Ticket  ticket.Ticket // zero where the text concerns none
	Report  ticket.Report // likewise
	BotName string        // without @; empty while it is not known
	MaxPDF  int64         // bytes
	MaxVINs int           // of one message that an owner may have tickets for
}

// doneStart is what the deep link to the long form of the Done hint carries.
const doneStart = "done"

// Say renders a text. An unknown name is an error.
func (b *Book) Say(lang string, s ticket.Say, f Facts) (Text, error) {
	id := b.member(s.Text, s.Reason, f.Report.Reason, f.Ticket.Undeliverable, string(f.Ticket.Status), room(s))
	v := values{
		Ticket: f.Ticket.ID, VIN: code(f.Ticket.VIN), Bot: escape(f.BotName),
		Megabytes: f.MaxPDF >> 20, Chat: s.To.Chat, Count: s.Count, Most: f.MaxVINs,
	}
	if s.Ticket != 0 {
		v.Ticket = s.Ticket
	}
	if s.VIN != "" {
		v.VIN = code(s.VIN)
	}
	v.Name, v.Words = b.name(lang, s.Name), b.rejection(lang, f.Ticket)
	if s.Mention != 0 { // Telegram tells that person
		v.Name = `<a href="tg://user?id=` + strconv.FormatInt(s.Mention, 10) + `">` + v.Name + "</a>"
	}
	if s.Name != "" {
		v.Group = b.word(lang, "part.group", values{Name: v.Name})
	}
	if f.BotName != "" {
		v.Link = b.word(lang, "part.link", values{Address: doneLink(f.BotName)})
	}
	if s.Text == TextHelp {
		v.Commands = b.explained(lang)
	}
	if s.Wait > 0 {
		v.Time = b.span(lang, time.Duration(s.Wait)*time.Second)
	}
	if s.Text == TextLimited {
		v.Limit = b.word(lang, "part.limit."+s.Reason, values{Count: s.Limit, Time: v.Time})
	}
	b.describe(lang, s, &v)
	b.enumerate(lang, s, &v)
	if s.Text == TextGroupHelp {
		v.Shown = b.explainedForGroup(lang)
	}
	html, err := b.look(lang, id, v)
	if err != nil {
		return Text{}, err
	}
	html = b.album(lang, s, f.Report, html)
	return Text{HTML: strings.TrimSpace(html), Keyboard: b.buttonsOf(lang, s)}, nil
}

// room names the member of a family that is meant for groups, as far as there
// is one; and for a ticket that has no number.
func room(s ticket.Say) string {
	switch {
	case s.Text == TextNoSuchTicket && s.Count == 0:
		return "none"
	case s.To.Chat < 0:
		return "group"
	}
	return ""
}

// describe fills in what is said about an owner's VIN.
func (b *Book) describe(lang string, s ticket.Say, v *values) {
	if len(s.Changes) > 0 {
		v.Changes = b.word(lang, "part.changes", values{Swaps: b.swaps(lang, s.Changes)})
	}
	if s.Reason == vin.ReasonCheckDigit.String() {
		v.Hint = b.word(lang, "part.hint", values{})
	}
	v.Car = b.carLine(lang, s.VIN, s.Year)
	v.Repairs = b.repairs(lang, s.Repairs)
	v.Shown = point(s.Input, vin.NoSpot)
	if s.Text == TextPrivacy && s.Count > 0 {
		v.Time = b.word(lang, "part.days", values{Count: s.Count})
	}
	if s.Text == TextBanned {
		v.Shown = escape(tidy(s.Input, maxReason))
	}
	if s.Text != TextRefused {
		return
	}
	if s.Input == "" { // a frame number without its dash is hard to recognise
		v.Shown = point(s.VIN, spotOf(s))
	}
	v.Character = escape(tidy(characterAt(s.VIN, spotOf(s)), 1))
	size := utf8.RuneCountInString(s.VIN)
	v.Characters = b.word(lang, "part.characters", values{Count: size})
	if id := "part.short." + vin.ShortPart(s.VIN).String(); b.known[id] {
		v.Short = b.word(lang, id, values{})
	}
	if size < vin.Length {
		v.Difference = b.word(lang, "part.missing", values{Count: vin.Length - size})
	} else {
		v.Difference = b.word(lang, "part.extra", values{Count: size - vin.Length})
	}
}

// spotOf gives the position to point at. Only some reasons have one: the zero
// of the others is no position, and a wrong check digit tells nothing about
// where the typo is.
func spotOf(s ticket.Say) int {
	switch s.Reason {
	case vin.ReasonBadCharacter.String(), vin.ReasonTailNotDigits.String():
		return s.Spot
	default:
		return vin.NoSpot
	}
}

// characterAt is the character at a position, nothing where there is none.
func characterAt(text string, spot int) string {
	if characters := []rune(text); spot >= 0 && spot < len(characters) {
		return string(characters[spot])
	}
	return ""
}

// point shows a text in monospace, with a mark under the character at spot.
func point(text string, spot int) string {
	shown := tidy(text, maxShown)
	if shown == "" {
		return ""
	}
	if spot < 0 || spot >= min(maxShown, utf8.RuneCountInString(shown)) {
		return code(shown)
	}
	return "<pre>" + escape(shown) + "\n" + strings.Repeat(" ", spot) + "▲</pre>"
}

// swaps lists the characters that were read as others, each pair once. Russian
// letters that look like what they were read as are named together: "Н as H"
// tells nobody anything.
func (b *Book) swaps(lang string, changes []ticket.Swap) string {
	var pairs, alike []string
	seen := map[ticket.Swap]bool{}
	for _, c := range changes {
		if seen[c] {
			continue
		}
		seen[c] = true
		if looksAlike(c) {
			alike = append(alike, code(c.From))
			continue
		}
		pairs = append(pairs, b.word(lang, "part.swap", values{From: code(tidy(c.From, 1)), To: code(tidy(c.To, 1))}))
	}
	if len(alike) > 0 {
		named := b.word(lang, "part.cyrillic", values{From: b.list(lang, alike), Count: len(alike)})
		pairs = append([]string{named}, pairs...)
	}
	return b.list(lang, pairs)
}

// looksAlike tells a Cyrillic letter that was read as the Latin letter of the
// same shape.
func looksAlike(c ticket.Swap) bool {
	from, _ := utf8.DecodeRuneInString(c.From)
	to, _ := utf8.DecodeRuneInString(c.To)
	return unicode.Is(unicode.Cyrillic, from) && unicode.IsLetter(to) && utf8.RuneCountInString(c.From) == 1
}

// list puts things in a row, the last one with an "and".
func (b *Book) list(lang string, things []string) string {
	last := len(things) - 1
	if last <= 0 {
		return strings.Join(things, "")
	}
	return strings.Join(things[:last], ", ") + b.word(lang, "part.and", values{}) + things[last]
}

// name gives somebody's name as HTML; nobody's name is an anonymous admin's.
func (b *Book) name(lang, name string) string {
	if name = tidy(name, maxName); name != "" {
		return escape(name)
	}
	return b.word(lang, "part.admin", values{})
}

func doneLink(bot string) string { return "https://t.me/" + bot + "?start=" + doneStart }

// buttonsOf gives the buttons that belong to a text.
func (b *Book) buttonsOf(lang string, s ticket.Say) *models.InlineKeyboardMarkup {
	rows := repairButtons(s.Repairs)
	if s.Text == TextConfirm {
		rows = append(rows, []models.InlineKeyboardButton{
			b.button(lang, "button.vin_fix", Press{Kind: PressKindVINFix, VIN: s.VIN}),
			b.button(lang, "button.vin_ok", Press{Kind: PressKindVINOK, VIN: s.VIN}),
		})
	}
	rows = append(rows, b.talkButtons(lang, s)...)
	if s.Text == TextRejectAsk {
		rows = append(rows, b.rejectionButtons(lang, s.Ticket)...)
	}
	rows = append(rows, b.ownersButtons(lang, s)...)
	if len(rows) == 0 {
		return nil
	}
	return keyboard(rows...)
}
