package message

import (
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

// MaxList is how many tickets a list shows: with the longest names and cars
// they fit into one message.
const MaxList = 25

// ListView is what a list of tickets shows.
type ListView struct {
	Kind    ticket.ListKind
	Tickets []ticket.Ticket // MaxList at most
	Total   int             // of all pages, and where the list has none, of all there are
	Page    int             // from 1
	VIN     string          // what was looked for
	Now     time.Time
}

// List renders a list of tickets, a line for each.
func (b *Book) List(lang string, v ListView) Text {
	pages := (v.Total + MaxList - 1) / MaxList
	head := values{Count: max(v.Total, len(v.Tickets)), From: strconv.Itoa(v.Page), To: strconv.Itoa(pages), VIN: code(tidy(v.VIN, maxShown))}
	id := "list." + string(v.Kind)
	if len(v.Tickets) == 0 {
		if v.Total > 0 {
			return Text{HTML: b.word(lang, "list.no_page", head)}
		}
		return Text{HTML: b.word(lang, id+".none", head)}
	}
	lines := []string{b.word(lang, id, head), ""}
	for _, t := range v.Tickets {
		lines = append(lines, b.listLine(lang, t, v))
	}
	switch rest := v.Total - len(v.Tickets); {
	case v.Kind == ticket.ListQueue && v.Page < pages:
		head.From = strconv.Itoa(v.Page + 1)
		lines = append(lines, "", b.word(lang, "list.more", head))
	case v.Kind != ticket.ListQueue && rest > 0:
		lines = append(lines, "", b.word(lang, "list.rest."+string(v.Kind), values{Count: rest}))
	}
	return Text{HTML: strings.Join(lines, "\n")}
}

// listLine is a ticket in one line: how urgent it is unless it is as most are,
// its number, the VIN, how it stands, and its age.
func (b *Book) listLine(lang string, t ticket.Ticket, v ListView) string {
	mark := ""
	if id := "list.priority." + string(t.Priority); t.Status.Open() && b.known[id] {
		mark = b.word(lang, id, values{})
	}
	state := ""
	if v.Kind != ticket.ListQueue { // there they are all the same
		state = b.word(lang, "list.state."+string(t.Status), values{Name: b.shortName(lang, t.AssigneeName)})
	}
	vin := code(t.VIN)
	if t.Erased() {
		vin = "…"
	}
	return b.word(lang, "list.line", values{
		Ticket: t.ID, VIN: vin, Hint: mark, Shown: state, Time: b.age(lang, v.Now.Sub(t.OpenedAt)),
	})
}

func (b *Book) shortName(lang, name string) string {
	if name = tidy(name, maxLineName); name != "" {
		return escape(name)
	}
	return b.word(lang, "part.admin", values{})
}

// age tells in the fewest words how long something is ago.
func (b *Book) age(lang string, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Hour:
		return b.word(lang, "part.age.minutes", values{Count: max(0, int(d/time.Minute))})
	case d < 2*day:
		return b.word(lang, "part.age.hours", values{Count: int(d / time.Hour)})
	default:
		return b.word(lang, "part.age.days", values{Count: int(d / day)})
	}
}
