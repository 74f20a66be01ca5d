package panel

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// queueSize is how many tickets a page of the queue shows.
const queueSize = 50

func (p *Panel) queueRoutes() []route {
	return []route{
		{"GET", "/{$}", managers, (*visit).showQueue},
		{"POST", "/bulk", managers, (*visit).doInBulk},
	}
}

// desk is what everything about tickets needs to know besides the ticket.
type desk struct {
	People     []account.User // whom tickets may be given to
	Priorities []ticket.Priority
	Reasons    []string
	Back       string // where a form without a script leads back to
	Admin      bool
	Me         int64

	// What somebody chooses from is the same in each row, and made once.
	ChoosePerson, ChooseReason template.HTML
	priorities                 map[ticket.Priority]template.HTML // by the present one
}

func (v *visit) desk(back string) (desk, error) {
	people, err := v.colleagues()
	if err != nil {
		return desk{}, err
	}
	d := desk{
		People: people, Priorities: ticket.Priorities(), Reasons: ticket.UsualRejections(), Back: back,
		Admin: v.role >= account.Admin, Me: v.session.User, priorities: map[ticket.Priority]template.HTML{},
	}
	if d.ChoosePerson, err = v.render("choose.person", d); err != nil {
		return d, err
	}
	if d.ChooseReason, err = v.render("choose.reason", d); err != nil {
		return d, err
	}
	for _, p := range d.Priorities {
		d.priorities[p], err = v.render("choose.priority", struct {
			Now        ticket.Priority
			Priorities []ticket.Priority
		}{p, d.Priorities})
		if err != nil {
			return d, err
		}
	}
	return d, nil
}

// line is a ticket as the queue shows it.
type line struct {
	ticket.Ticket
	desk

	Car    string
	Owner  string
	Holder string
	Due    *due
	Age    string // how long ago it was opened
	target string // what a change of it is put in place of; empty: its row
}

// Takes, and the others, say what may be done to it.
func (l line) Takes() bool       { return l.Status == ticket.New }
func (l line) Releases() bool    { return l.Status == ticket.Taken }
func (l line) Assigns() bool     { return l.Status == ticket.New || l.Status == ticket.Taken }
func (l line) Rejects() bool     { return l.Status.May(ticket.Rejected) }
func (l line) Prioritizes() bool { return l.Status.Open() }

// ChoosePriority is what a priority is chosen from.
func (l line) ChoosePriority() template.HTML { return l.priorities[l.Priority] }

// ChoosePriority is that for many tickets.
func (q queue) ChoosePriority() template.HTML { return q.priorities[ticket.Normal] }

// bulkAsk is a question about many tickets, with what is to be chosen for it.
type bulkAsk struct {
	Verb   verb
	Class  string
	Choose template.HTML
}

// Asks are the questions about the tickets that are ticked.
func (q queue) Asks() []bulkAsk {
	return []bulkAsk{
		{Verb: take},
		{Verb: release},
		{Verb: prioritize, Choose: q.ChoosePriority()},
		{Verb: assign, Choose: q.ChoosePerson},
		{Verb: reject, Class: "danger", Choose: q.ChooseReason},
	}
}

// Act is what a form needs that does something to it.
func (l line) Act(wanted verb, class string) action {
	a := action{line: l, Verb: wanted, Class: class, Target: l.target}
	if a.Target == "" {
		a.Target = "row-" + number(l.ID)
	}
	return a
}

// action is a form that does something to a ticket.
type action struct {
	line

	Verb          verb
	Class, Target string
}

// Words reports whether its owner is told why.
func (a action) Words() bool { return a.Verb == reject }

// Statuses are the choices of a status, besides what is open.
func (q queue) Statuses() []string {
	return []string{"new", "taken", "delivering", "undelivered", "done", "rejected", "cancelled", "closed", "all"}
}

// Stamp tells whether what is shown of it is still so.
func (l line) Stamp() string {
	stamp := number(l.Version) + l.Owner
	if l.Due != nil && l.Due.Over {
		stamp += "late"
	}
	return stamp
}

// queue is what the page of the queue shows.
type queue struct {
	desk
	filter

	Lines     []line
	Counts    []count
	Ages      []age
	Until     time.Time // until when the clock stands
	Next      string    // the address of the next page
	Searching bool
}

// count is how many open tickets stand somewhere.
type count struct {
	Status  ticket.Status
	Number  int
	Address string
	Current bool
}

// showQueue lists what is to be done, or what the filter chooses.
func (v *visit) showQueue() error {
	f, err := v.filter(v.r.URL.Query())
	if err != nil {
		return err
	}
	shown, err := v.queue(f)
	if err != nil {
		return err
	}
	if v.partial() {
		return v.part("queue.list", shown)
	}
	return v.showAs(http.StatusOK, "queue", page{Title: "queue.title", Extra: extra{Scripts: []string{"parts.js"}, Styles: []string{"tickets.css"}}}, shown)
}

// queue finds what a filter chooses.
func (v *visit) queue(f filter) (queue, error) {
	at, err := v.desk(f.Address())
	if err != nil {
		return queue{}, err
	}
	q := queue{desk: at, filter: f, Ages: ages(), Until: v.standsUntil(), Searching: f.Q != ""}
	found, err := v.chosen(f)
	if err != nil {
		return queue{}, err
	}
	if len(found) > queueSize {
		found = found[:queueSize]
		last := found[queueSize-1]
		if q.Next = f.at(listCursor(last.ID)); f.inWork() {
			q.Next = f.at(workCursor(ticket.PlaceOf(last)))
		}
	}
	met := map[int64]account.User{}
	for _, t := range found {
		l, err := v.line(t, at, met)
		if err != nil {
			return queue{}, err
		}
		q.Lines = append(q.Lines, l)
	}
	q.Counts, err = v.counts(f)
	return q, err
}

// counts are the open tickets by where they stand, each with the filter that
// shows them.
func (v *visit) counts(f filter) ([]count, error) {
	open, err := v.Store.OpenByStatus(v.ctx())
	if err != nil {
		return nil, err
	}
	all := count{Address: "/", Current: !f.Any()}
	counts := []count{all}
	for _, s := range ticket.Statuses() {
		if s.Open() {
			counts[0].Number += open[s]
			counts = append(counts, count{s, open[s], filter{Status: string(s)}.Address(), f.Status == string(s)})
		}
	}
	return counts, nil
}

// chosen lists the tickets of a page, and one more where another page follows.
func (v *visit) chosen(f filter) ([]ticket.Ticket, error) {
	if f.inWork() {
		return v.work(f)
	}
	before, ok := f.before()
	if !ok {
		return nil, v.refuse(http.StatusBadRequest, "queue.bad_filter")
	}
	by := ticket.Selection{Priority: ticket.Priority(f.Priority), Before: before, Limit: queueSize + 1}
	by.Statuses, _ = groupsOf(f.Status)
	if f.Status == "open" {
		by.Statuses = []ticket.Status{ticket.New, ticket.Taken, ticket.Delivering, ticket.Undelivered}
	}
	switch f.Assignee {
	case "nobody":
		if len(by.Statuses) > 0 && !slices.Contains(by.Statuses, ticket.New) {
			return nil, nil
		}
		by.Statuses = []ticket.Status{ticket.New}
	case "me":
		by.Assignee = v.session.User
	default:
		by.Assignee, _ = theirNumber(f.Assignee)
	}
	if long := f.long(); long > 0 {
		newest, err := v.Store.OpenedUntil(v.ctx(), v.Clock().Add(-long))
		if err != nil {
			return nil, err
		}
		by.Before = min(by.Before, newest+1)
	}
	if f.Q != "" {
		return v.search(by, f.Q)
	}
	return v.Store.Select(v.ctx(), by)
}

// work lists open tickets in the order in which they are worked off.
func (v *visit) work(f filter) ([]ticket.Ticket, error) {
	by := ticket.Work{Priority: ticket.Priority(f.Priority), Limit: queueSize + 1}
	if f.Status != "open" {
		by.Status = ticket.Status(f.Status)
	}
	var ok bool
	if by.After, ok = f.place(); !ok {
		return nil, v.refuse(http.StatusBadRequest, "queue.bad_filter")
	}
	switch f.Assignee {
	case "nobody":
		if by.Status != "" && by.Status != ticket.New {
			return nil, nil
		}
		by.Status = ticket.New
	case "me":
		by.Assignee = v.session.User
	default:
		by.Assignee, _ = theirNumber(f.Assignee)
	}
	if long := f.long(); long > 0 {
		by.OpenedUntil = v.Clock().Add(-long)
	}
	if by.Assignee != 0 && by.Assignee != v.session.User {
		return v.workByName(by)
	}
	return v.Store.Work(v.ctx(), by)
}

// workByName is what somebody else has of work, but for what they have hiding, of
// which nothing tells.
func (v *visit) workByName(by ticket.Work) (kept []ticket.Ticket, err error) {
	for {
		found, err := v.Store.Work(v.ctx(), by)
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			if t.AssigneeName != "" {
				kept = append(kept, t)
			}
		}
		if len(found) < by.Limit || len(kept) >= by.Limit {
			return kept[:min(len(kept), by.Limit)], nil
		}
		by.After = ticket.PlaceOf(found[len(found)-1])
	}
}

// row is one line of the queue by itself, as a change of it is answered.
func (v *visit) row(id int64) (line, error) {
	t, err := v.Store.Ticket(v.ctx(), id)
	if err != nil {
		return line{}, err
	}
	at, err := v.desk(v.cameFrom("/"))
	if err != nil {
		return line{}, err
	}
	return v.line(t, at, nil)
}

func (v *visit) line(t ticket.Ticket, at desk, met map[int64]account.User) (l line, err error) {
	l = line{Ticket: t, desk: at, Car: v.car(t.VIN)}
	owner, err := v.ownerOf(t, met)
	if err != nil {
		return l, err
	}
	if owner.ID != 0 {
		l.Owner = nameOf(owner)
	}
	if l.Holder, err = v.holder(t); err != nil {
		return l, err
	}
	if l.Due, err = v.dueOf(t); err != nil {
		return l, err
	}
	l.Age, err = v.span(max(0, v.Clock().Sub(t.OpenedAt)))
	return l, err
}

// car names a car in a few words, as far as its VIN tells.
func (v *visit) car(number string) string {
	car := vin.Decode(number, v.Clock().In(v.Zone).Year())
	words := ""
	if brands := car.Brands(); len(brands) > 0 {
		words = brands[0]
	}
	if years := car.Years.Candidates(); len(years) == 1 && years[0].Certainty == vin.Certain {
		words += " " + strconv.Itoa(years[0].Model)
	}
	if words == "" {
		words = car.Country.Name(v.lang)
	}
	return words
}
