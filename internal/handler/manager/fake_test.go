package manager_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

const (
	group    = int64(-1001)
	anna     = int64(5)
	boris    = int64(6)
	stranger = int64(66)
	admin    = int64(1)
	botID    = int64(100)
	cardAt   = 50 // the message with the card of ticket 12
	vin12    = "1HGCM82633A004352"
)

var errStore = errors.New("the store fell over")

// world is everything that the handler touches, in memory: a group with ticket
// 12 and its card.
type world struct {
	t       *testing.T
	handler *manager.Handler
	groups  *account.Groups

	tickets  map[int64]ticket.Ticket
	cards    []ticket.Card
	reports  []ticket.Report
	people   map[int64]account.User
	next     map[int64]int64
	asked    []ticket.Asking
	bans     fakeBans
	shown    []int64    // whose cards were edited
	moved    [][2]int64 // groups that became others
	answers  []bool     // given to ConfirmReport
	prompts  []ticket.Prompt
	reusable string             // the file of a report for the same VIN
	refused  []ticket.Rejection // given to Reject
	effects  []ticket.Effect
	fail     error // of every Enqueue
	now      time.Time
	parcels  []ticket.Parcel
	held     map[int64][]ticket.ParcelFile // by parcel
}

func newWorld(t *testing.T, change ...func(*manager.Config)) *world {
	t.Helper()
	book, err := message.NewBook()
	require.NoError(t, err)
	w := &world{
		t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), held: map[int64][]ticket.ParcelFile{}, people: map[int64]account.User{}, next: map[int64]int64{}, bans: fakeBans{},
		tickets: map[int64]ticket.Ticket{12: {ID: 12, VIN: vin12, Status: ticket.New, OwnerID: 7}},
		cards:   []ticket.Card{{TicketID: 12, Place: ticket.Place{Chat: group, Message: cardAt}, Kind: ticket.CardMain}},
	}
	w.groups = account.NewGroups([]ticket.Place{{Chat: group}}, w)
	c := manager.Config{
		Tickets: w, Talk: w, Bans: w.bans, Store: w, Parcels: fakeParcels{w}, Groups: w.groups, People: w, Languages: book,
		Roles: account.Roles{Managers: []int64{anna, boris}, Admins: []int64{admin, 2}}, Roster: manager.NewRoster(),
		BotID: botID, BotName: func() string { return "vin_bot" }, MaxPDF: 20 << 20,
	}
	for _, f := range change {
		f(&c)
	}
	w.handler = manager.New(c)
	return w
}

func notFound() error { return ticket.NewError(ticket.CodeNotFound, "there is none", nil) }

func (w *world) Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return fn(ctx, fakeTx{world: w})
}

func (w *world) Within(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return w.Do(ctx, fn)
}

func (w *world) CardAt(_ context.Context, chat int64, message int) (ticket.Card, error) {
	for _, c := range w.cards {
		if c.Place.Chat == chat && c.Place.Message == message {
			if c.Kind == ticket.CardDigest {
				c.TicketID = 0
			}
			return c, nil
		}
	}
	if r, err := w.reportAt(chat, message); err == nil {
		return ticket.Card{TicketID: r.TicketID, Place: r.Source, Kind: ticket.CardNote}, nil
	}
	return ticket.Card{}, notFound()
}

func (w *world) reportAt(chat int64, message int) (ticket.Report, error) {
	for _, r := range slices.Backward(w.reports) {
		if r.Source.Chat == chat && r.Source.Message == message {
			return r, nil
		}
	}
	return ticket.Report{}, notFound()
}

func (w *world) Report(_ context.Context, id int64) (ticket.Report, error) {
	for _, r := range w.reports {
		if r.ID == id {
			return r, nil
		}
	}
	return ticket.Report{}, notFound()
}

func (w *world) Take(_ context.Context, id int64, by ticket.Actor) (ticket.Ticket, ticket.TakeOutcome, error) {
	t, ok := w.tickets[id]
	switch {
	case !ok:
		return t, ticket.NotTakeable, fmt.Errorf("take: %w", notFound())
	case t.Status == ticket.New:
		t.Status, t.AssigneeID, t.AssigneeName = ticket.Taken, by.ID, by.Name
		w.tickets[id] = t
		return t, ticket.TakenNow, nil
	case t.Status != ticket.Taken:
		return t, ticket.NotTakeable, nil
	case t.AssigneeID == by.ID:
		return t, ticket.TakenBefore, nil
	default:
		return t, ticket.TakenByOther, nil
	}
}

func (w *world) ReceiveReport(_ context.Context, in ticket.Incoming) (ticket.Report, error) {
	r := ticket.Report{
		ID: int64(len(w.reports) + 1), TicketID: in.Ticket, Status: ticket.ReportChecking, FileID: in.FileID,
		UniqueID: in.UniqueID, Size: in.Size, More: in.More, Source: in.Source, SenderID: in.By.ID, SenderName: in.By.Name,
	}
	w.reports = append(w.reports, r)
	return r, nil
}

func (w *world) ConfirmReport(ctx context.Context, id int64, _ ticket.Actor, send bool) (ticket.Report, error) {
	w.answers = append(w.answers, send)
	w.reports[id-1].Status = ticket.ReportChecking
	return w.Report(ctx, id)
}

func (w *world) GroupMoved(_ context.Context, from, to int64) error {
	w.moved = append(w.moved, [2]int64{from, to})
	return w.fail
}

func (w *world) Release(_ context.Context, id int64, _ ticket.Actor) (ticket.Ticket, bool, error) {
	return w.change(id, func(t *ticket.Ticket) bool {
		done := t.Status == ticket.Taken
		if done {
			t.Status, t.AssigneeID, t.AssigneeName = ticket.New, 0, ""
		}
		return done
	})
}

func (w *world) Prioritize(_ context.Context, id int64, p ticket.Priority, _ ticket.Actor) (ticket.Ticket, bool, error) {
	return w.change(id, func(t *ticket.Ticket) bool {
		done := t.Status.Open() && t.Priority != p
		if done {
			t.Priority = p
		}
		return done
	})
}

func (w *world) Assign(_ context.Context, id int64, to, _ ticket.Actor) (ticket.Ticket, bool, error) {
	return w.change(id, func(t *ticket.Ticket) bool {
		done := (t.Status == ticket.New || t.Status == ticket.Taken) && t.AssigneeID != to.ID
		if done {
			t.Status, t.AssigneeID, t.AssigneeName = ticket.Taken, to.ID, to.Name
		}
		return done
	})
}

func (w *world) Reopen(_ context.Context, id int64, _ ticket.Actor) (ticket.Ticket, bool, error) {
	if k := w.tickets[id]; k.ID != 0 && !k.Status.Open() {
		if _, err := w.openTicket(k.OwnerID, k.VIN); err == nil {
			return k, false, ticket.NewError(ticket.CodeConflict, "another is open", nil)
		}
	}
	return w.change(id, func(t *ticket.Ticket) bool {
		done := !t.Status.Open()
		if done {
			t.Status, t.AssigneeID, t.AssigneeName = ticket.New, 0, ""
		}
		return done
	})
}

func (w *world) ReuseReport(ctx context.Context, id int64, by ticket.Actor, at ticket.Place) (ticket.Report, error) {
	if w.reusable == "" {
		return ticket.Report{}, fmt.Errorf("reuse: %w", notFound())
	}
	return w.ReceiveReport(ctx, ticket.Incoming{Ticket: id, FileID: w.reusable, Source: at, By: by})
}

func (w *world) openTicket(owner int64, vin string) (ticket.Ticket, error) {
	for _, t := range w.tickets {
		if t.OwnerID == owner && t.VIN == vin && t.Status.Open() {
			return t, nil
		}
	}
	return ticket.Ticket{}, notFound()
}

func (w *world) Reject(_ context.Context, id int64, why ticket.Rejection, _ ticket.Actor) (ticket.Ticket, bool, error) {
	return w.change(id, func(t *ticket.Ticket) bool {
		done := t.Status.May(ticket.Rejected)
		if done {
			t.Status = ticket.Rejected
			w.refused = append(w.refused, why)
		}
		return done
	})
}

// change does something to a ticket, if it exists.
func (w *world) change(id int64, do func(*ticket.Ticket) bool) (ticket.Ticket, bool, error) {
	t, ok := w.tickets[id]
	if !ok {
		return t, false, fmt.Errorf("change a ticket: %w", notFound())
	}
	done := do(&t)
	w.tickets[id] = t
	return t, done, nil
}

func (w *world) Seen(_ context.Context, u account.User) (account.User, error) {
	u.Unreachable = w.people[u.ID].Unreachable
	stored := u
	stored.Unreachable = false // as the store does
	w.people[u.ID] = stored
	return u, nil
}

func (w *world) User(_ context.Context, id int64) (account.User, error) { return w.people[id], nil }

func (w *world) ByUsername(_ context.Context, username string) (account.User, error) {
	for _, u := range w.people {
		if u.Username != "" && strings.EqualFold(u.Username, username) {
			return u, nil
		}
	}
	return account.User{}, notFound()
}

func (w *world) SetUnreachable(_ context.Context, id int64, unreachable bool) error {
	u := w.people[id]
	u.Unreachable = unreachable
	w.people[id] = u
	return nil
}

func (w *world) Successors(context.Context) (map[int64]int64, error) { return w.next, nil }

func (w *world) Migrated(_ context.Context, from, to int64) (bool, error) {
	_, known := w.next[from]
	w.next[from] = to
	return !known, nil
}
