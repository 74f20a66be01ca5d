package panel

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// dossierSize is how many reports, and how many messages of a conversation, the
// page of a ticket shows.
const dossierSize = 50

func (p *Panel) ticketRoutes() []route {
	return []route{
		{"GET", "/tickets/{id}", managers, (*visit).showTicket},
		{"POST", "/tickets/{id}/take", managers, (*visit).takeTicket},
		{"POST", "/tickets/{id}/release", managers, (*visit).releaseTicket},
		{"POST", "/tickets/{id}/priority", managers, (*visit).priorityTicket},
		{"POST", "/tickets/{id}/assign", managers, (*visit).assignTicket},
		{"POST", "/tickets/{id}/reject", managers, (*visit).rejectTicket},
		{"POST", "/tickets/{id}/reopen", managers, (*visit).reopenTicket},
		{"POST", "/tickets/{id}/cancel", managers, (*visit).cancelTicket},
		{"POST", "/tickets/{id}/retry", managers, (*visit).redeliverTicket},
		{"POST", "/tickets/{id}/delete", admins, (*visit).removeTicket},
		{"POST", "/tickets/{id}/ask", managers, (*visit).askOwner},
		{"POST", "/tickets/{id}/reports", managers, (*visit).uploadReport},
		{"POST", "/tickets/{id}/reports/{report}/confirm", managers, (*visit).confirmReport},
		{"GET", "/tickets/{id}/reports/{report}/{file}", managers, (*visit).sendReport},
	}
}

// dossier is what the page of a ticket shows.
type dossier struct {
	line

	Facts   facts
	Person  account.User // its owner; the zero one for none
	Ban     *account.Ban // of the owner
	Lines   []utterance
	Known   int64 // the number of the last line
	Reports []sent
	Events  []happening
	Cards   []string // addresses
	MaxMB   int64
	Files   int // how many a report may hold
}

// Asks, and the others, say what may be done to it.
func (d dossier) Asks() bool    { return d.Status.Open() && d.OwnerID != 0 && !d.Fetched }
func (d dossier) Uploads() bool { return d.Status.Open() || d.Status == ticket.Done && !d.Erased() }
func (d dossier) Retries() bool { return d.Status == ticket.Undelivered }
func (d dossier) Reopens() bool { return !d.Status.Open() && !d.Erased() }
func (d dossier) Cancels() bool { return d.Status.May(ticket.Cancelled) }

// facts are what a VIN tells.
type facts struct {
	Maker, Country string
	Years          []vin.Year
	// Check says what the check digit tells: right, confirmed, wrong, hint or unused.
	Check string
}

// showTicket shows a ticket with all that belongs to it.
func (v *visit) showTicket() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	shown, err := v.dossier(id)
	if err != nil {
		return err
	}
	if v.partial() {
		return v.part("ticket", shown)
	}
	return v.showAs(http.StatusOK, "ticket", page{Title: "ticket.title", Extra: extra{Scripts: []string{"parts.js", "upload.js"}, Styles: []string{"tickets.css"}}}, shown)
}

func (v *visit) dossier(id int64) (d dossier, err error) {
	t, err := v.Store.Ticket(v.ctx(), id)
	if err != nil {
		return d, err
	}
	at, err := v.desk("/tickets/" + number(id))
	if err != nil {
		return d, err
	}
	if d.line, err = v.line(t, at, nil); err != nil {
		return d, err
	}
	d.target, d.Facts, d.MaxMB, d.Files = "ticket", v.facts(t), v.Uploads.Max>>20, ticket.MaxFiles
	if d.Person, err = v.ownerOf(t, nil); err != nil {
		return d, err
	}
	if t.OwnerID != 0 {
		if d.Ban, err = v.banOf(t.OwnerID); err != nil {
			return d, err
		}
	}
	if d.Reports, err = v.reportsOf(t); err != nil {
		return d, err
	}
	if d.Lines, err = v.conversation(t); err != nil {
		return d, err
	}
	if len(d.Lines) > 0 {
		d.Known = d.Lines[len(d.Lines)-1].ID
	}
	if d.Events, err = v.happened(t, d.Reports); err != nil {
		return d, err
	}
	d.Cards, err = v.cardsOf(t)
	return d, err
}

// facts decodes a VIN.
func (v *visit) facts(t ticket.Ticket) facts {
	car := vin.Decode(t.VIN, v.Clock().In(v.Zone).Year())
	f := facts{Maker: car.Maker, Country: car.Country.Name(v.lang), Years: car.Years.Candidates()}
	digit, ok := vin.CheckDigit(t.VIN)
	verdict := vin.Check(t.VIN, vin.PolicyAuto)
	switch {
	case !ok:
	case t.VIN[8] == digit:
		f.Check = "right"
	case t.Confirmed:
		f.Check = "confirmed"
	case verdict.Verdict == vin.VerdictConfirm:
		f.Check = "wrong"
	case verdict.Reason != vin.ReasonNone:
		f.Check = "hint"
	default:
		f.Check = "unused"
	}
	return f
}

// cardsOf are the addresses of a ticket's cards in supergroups, where alone
// messages have one.
func (v *visit) cardsOf(t ticket.Ticket) (links []string, err error) {
	cards, err := v.Store.Cards(v.ctx(), t.ID)
	for _, c := range ticket.Standing(cards) {
		if link := messageLink(c.Place); link != "" {
			links = append(links, link)
		}
	}
	return links, err
}

// beforeSupergroups is the number that those of supergroups are below, by as much
// as they are called in links (https://core.telegram.org/api/bots/ids).
const beforeSupergroups = -1_000_000_000_000

// messageLink is the address of a message in a supergroup; empty where it has none.
func messageLink(at ticket.Place) string {
	if at.Chat >= beforeSupergroups || at.Message == 0 {
		return ""
	}
	link := "https://t.me/c/" + number(beforeSupergroups-at.Chat)
	if at.Topic != 0 {
		link += "/" + strconv.Itoa(at.Topic)
	}
	return link + "/" + strconv.Itoa(at.Message)
}

// happening is a line of a ticket's history in words.
type happening struct {
	At   time.Time
	Kind ticket.EventKind
	Who  string
	Why  string
}

// happened tells a ticket's history, the newest first.
func (v *visit) happened(t ticket.Ticket, reports []sent) ([]happening, error) {
	events, err := v.Store.Events(v.ctx(), t.ID)
	if err != nil {
		return nil, err
	}
	known := map[int64]string{}
	for _, r := range reports {
		known[r.SenderID] = cmp.Or(known[r.SenderID], r.SenderName)
	}
	told := make([]happening, len(events))
	for i, e := range events {
		h := happening{At: e.At, Kind: e.Kind}
		if h.Who, err = v.doer(t, e.ActorID, known); err != nil {
			return nil, err
		}
		if h.Why, err = v.why(t, e, known); err != nil {
			return nil, err
		}
		told[len(events)-1-i] = h
	}
	return told, nil
}

// why says what an event's detail means.
func (v *visit) why(t ticket.Ticket, e ticket.Event, known map[int64]string) (string, error) {
	if e.Detail == "" {
		return "", nil
	}
	switch e.Kind {
	case ticket.EventPriority:
		return v.word("priority.", e.Detail)
	case ticket.EventRejected:
		return v.word("reason.", e.Detail)
	case ticket.EventOverdue:
		return v.word("step.", e.Detail)
	case ticket.EventAssigned:
		id, _ := strconv.ParseInt(e.Detail, 10, 64)
		return v.doer(t, id, known)
	case ticket.EventRated:
		return e.Detail + "/5", nil
	case ticket.EventReportRefused, ticket.EventReportQuestion, ticket.EventReportConfirmed, ticket.EventUndelivered:
		return v.word("why.", e.Detail)
	default:
		return "", nil
	}
}

// word is a text of a family, or, of a code that the panel has no word for, the
// code.
func (v *visit) word(family, code string) (string, error) {
	if !v.pages.words.Has(family + code) {
		return code, nil
	}
	return v.pages.text(v.lang, family+code)
}
