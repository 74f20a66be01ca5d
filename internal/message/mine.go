package message

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
)

const (
	// MinePage is how many past reports a page of an owner's tickets has.
	MinePage = 5
	// maxOpen is how many open tickets are shown; the others are counted.
	maxOpen = 15
)

// MineView is what an owner reads of their tickets.
type MineView struct {
	Open []Waiting       // oldest first
	Done []ticket.Ticket // of this page, newest first
	// Page is the page of past reports, from 1, and Total how many reports
	// there are in all.
	Page, Total int
	// Wait is how long it usually takes from a VIN to its report; zero where
	// nobody can tell.
	Wait time.Duration
	Zone *time.Location // nil is UTC
}

// Waiting is an open ticket.
type Waiting struct {
	Ticket ticket.Ticket
	// Place in the queue, from 1; 0 of a ticket that is not in it.
	Place int
}

// Mine renders an owner's tickets: the open ones with their place in the queue,
// and the past reports, with a button each that brings it again.
func (b *Book) Mine(lang string, v MineView) Text {
	if len(v.Open) == 0 && v.Total == 0 {
		return Text{HTML: b.word(lang, "mine.none", values{})}
	}
	var blocks []string
	if len(v.Open) > 0 {
		blocks = append(blocks, b.openTickets(lang, v))
	}
	rows := [][]models.InlineKeyboardButton{}
	if v.Total > 0 {
		lines := []string{b.word(lang, "mine.done", values{Count: v.Total})}
		for _, t := range v.Done {
			lines = append(lines, b.word(lang, "mine.report", values{
				Ticket: t.ID, VIN: code(t.VIN), Time: b.moment(lang, t.ClosedAt, v.Zone), Car: b.car(lang, t.VIN, t.OpenedAt.Year()),
			}))
			rows = append(rows, []models.InlineKeyboardButton{
				b.numberButton(lang, "📄", Press{Kind: PressKindAgain, ID: t.ID, VIN: t.VIN}),
			})
		}
		blocks = append(blocks, strings.Join(append(lines, b.word(lang, "mine.again", values{})), "\n"))
	}
	rows = append(rows, b.pager(v), []models.InlineKeyboardButton{
		b.button(lang, "button.refresh", Press{Kind: PressKindMine, ID: int64(max(v.Page, 1))}),
	})
	return Text{HTML: strings.Join(blocks, "\n\n"), Keyboard: keyboard(rows...)}
}

func (b *Book) openTickets(lang string, v MineView) string {
	lines := []string{b.word(lang, "mine.open", values{})}
	for i, w := range v.Open {
		if i == maxOpen {
			lines = append(lines, b.word(lang, "mine.more", values{Count: len(v.Open) - maxOpen}))
			break
		}
		t := w.Ticket
		since := t.OpenedAt
		if t.Status == ticket.Taken {
			since = t.TakenAt
		}
		lines = append(lines, b.word(lang, "mine.ticket", values{
			Ticket: t.ID, VIN: code(t.VIN), Car: b.car(lang, t.VIN, t.OpenedAt.Year()),
			Shown: b.word(lang, "mine.state."+string(t.Status), values{Count: w.Place, Time: b.moment(lang, since, v.Zone)}),
		}))
	}
	if v.Wait > 0 {
		lines = append(lines, "", b.word(lang, "mine.wait", values{Time: b.span(lang, v.Wait)}))
	}
	return strings.Join(lines, "\n")
}

// pager has the buttons to the pages before and behind; none where all is on
// one.
func (b *Book) pager(v MineView) []models.InlineKeyboardButton {
	pages := Pages(v.Total)
	if pages < 2 {
		return nil
	}
	to := func(label string, page int) models.InlineKeyboardButton {
		page = (page-1+pages)%pages + 1 // behind the last comes the first
		return models.InlineKeyboardButton{Text: label, CallbackData: Press{Kind: PressKindMine, ID: int64(page)}.String()}
	}
	return []models.InlineKeyboardButton{
		to("◀️", v.Page-1), to(strconv.Itoa(v.Page)+" / "+strconv.Itoa(pages), v.Page), to("▶️", v.Page+1),
	}
}

// Pages is how many pages so many past reports fill.
func Pages(reports int) int { return (reports + MinePage - 1) / MinePage }
