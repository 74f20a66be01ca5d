package panel

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

const (
	// boardPage is how many open tickets the board reads at a time, boardReads how
	// often at most: more open tickets than that nobody has, and nobody reads.
	boardPage, boardReads = 500, 10
	// boardSize is how many tickets it shows of each kind.
	boardSize = 50
	// missedSize is how many missed deadlines it lists.
	missedSize = 50
	// nearShare is from which part of the time that is left on a deadline is near.
	nearShare = 4
)

// misses is where missed deadlines are read.
type misses interface {
	Missed(ctx context.Context, since time.Time, limit int) ([]ticket.Miss, error)
	CountMissed(ctx context.Context, since time.Time) (int, error)
}

func (p *Panel) slaRoutes() []route {
	return []route{{"GET", "/sla", managers, (*visit).showBoard}}
}

// board is what the page of deadlines shows.
type board struct {
	Until   time.Time // until when the clock stands
	Groups  []waiting
	Later   int // how many have time
	Today   int
	Week    int
	Missed  []miss
	Allowed []allowance
	None    bool // there are no deadlines
	More    bool // there are more open tickets than were looked at
}

// waiting are the tickets of a kind whose time is over or nearly so.
type waiting struct {
	Kind  string // over_take, over_done, near_take, near_done
	Lines []line
	More  int
}

// miss is a deadline that was missed.
type miss struct {
	ticket.Miss

	Holder string
}

// allowance is how long tickets of a priority may take.
type allowance struct {
	Priority   ticket.Priority
	Take, Done string
}

// showBoard shows what is over its deadline or near it.
func (v *visit) showBoard() error {
	b, err := v.board()
	if err != nil {
		return err
	}
	if v.partial() {
		return v.part("sla", b)
	}
	return v.showAs(http.StatusOK, "sla", page{Title: "sla.title", Extra: extra{Scripts: []string{"parts.js"}, Styles: []string{"tickets.css"}}}, b)
}

func (v *visit) board() (b board, err error) {
	b.Until = v.standsUntil()
	if b.Allowed, err = v.allowances(); err != nil {
		return b, err
	}
	b.None = len(b.Allowed) == 0
	if err := v.sortOut(&b); err != nil {
		return b, err
	}
	midnight := v.Clock().In(v.Zone)
	midnight = time.Date(midnight.Year(), midnight.Month(), midnight.Day(), 0, 0, 0, 0, v.Zone)
	week := midnight.AddDate(0, 0, -6)
	if b.Today, err = v.Misses.CountMissed(v.ctx(), midnight); err != nil {
		return b, err
	}
	if b.Week, err = v.Misses.CountMissed(v.ctx(), week); err != nil {
		return b, err
	}
	missed, err := v.Misses.Missed(v.ctx(), week, missedSize)
	for _, m := range missed {
		who := ""
		if err == nil {
			who, err = v.holder(m.Ticket)
		}
		b.Missed = append(b.Missed, miss{m, who})
	}
	return b, err
}

// allowances are how long tickets of each priority may take; none where there
// are no deadlines.
func (v *visit) allowances() (all []allowance, err error) {
	const never = 10 * 365 * 24 * time.Hour
	for _, p := range slices.Backward(ticket.Priorities()) {
		take, done := v.Deadlines.Allowed(p)
		if take > never {
			return nil, nil
		}
		a := allowance{Priority: p}
		if a.Take, err = v.exactly(take); err != nil {
			return nil, err
		}
		if a.Done, err = v.exactly(done); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// exactly is span to the second.
func (v *visit) exactly(d time.Duration) (string, error) {
	said, err := v.span(d)
	seconds := d % time.Minute
	if err != nil || seconds == 0 || d < time.Minute {
		return said, err
	}
	rest, err := v.span(seconds)
	return said + " " + rest, err
}

// sortOut divides the open tickets by how near their deadline is.
func (v *visit) sortOut(b *board) error {
	at, err := v.desk("/sla")
	if err != nil {
		return err
	}
	open, more, err := v.open()
	if err != nil {
		return err
	}
	b.More = more
	kinds := map[string][]timed{}
	for _, t := range open {
		deadline := v.Deadlines.Deadline(t)
		if deadline.IsZero() {
			continue
		}
		if kind := v.nearness(t, deadline); kind != "" {
			kinds[kind] = append(kinds[kind], timed{t, deadline})
		} else {
			b.Later++
		}
	}
	met := map[int64]account.User{}
	for _, kind := range []string{"over_take", "over_done", "near_take", "near_done"} {
		all := kinds[kind]
		slices.SortFunc(all, func(x, y timed) int {
			return cmp.Or(cmp.Compare(len(x.Priority.Higher()), len(y.Priority.Higher())), x.at.Compare(y.at), cmp.Compare(x.ID, y.ID))
		})
		w := waiting{Kind: kind, More: max(0, len(all)-boardSize)}
		for _, t := range all[:min(len(all), boardSize)] {
			l, err := v.line(t.Ticket, at, met)
			if err != nil {
				return err
			}
			w.Lines = append(w.Lines, l)
		}
		b.Groups = append(b.Groups, w)
	}
	return nil
}

// timed is a ticket with its deadline.
type timed struct {
	ticket.Ticket

	at time.Time
}

// nearness says which deadline of a ticket is over or near; empty for none.
func (v *visit) nearness(t ticket.Ticket, deadline time.Time) string {
	take, done := v.Deadlines.Allowed(t.Priority)
	left, allowed, what := deadline.Sub(v.Clock()), take, "take"
	if t.Status == ticket.Taken {
		allowed, what = done, "done"
	}
	switch {
	case left < 0:
		return "over_" + what
	case left < allowed/nearShare:
		return "near_" + what
	}
	return ""
}

// open lists the open tickets, and says whether there are more.
func (v *visit) open() (all []ticket.Ticket, more bool, err error) {
	after := int64(0)
	for range boardReads {
		some, err := v.Store.OpenTickets(v.ctx(), after, boardPage)
		if err != nil {
			return nil, false, err
		}
		all = append(all, some...)
		if len(some) < boardPage {
			return all, false, nil
		}
		after = some[len(some)-1].ID
	}
	return all, true, nil
}
