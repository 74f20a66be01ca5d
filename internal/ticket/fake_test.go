package ticket_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// world is a service over a store in memory.
type world struct {
	*ticket.Service
	t      require.TestingT
	now    time.Time
	groups []ticket.Place
	moved  map[int64]int64 // groups that became supergroups
	data
	fault func(op string) error // asked before each write
}

// data is what a transaction can undo.
type data struct {
	tickets map[int64]ticket.Ticket
	reports map[int64]ticket.Report
	ratings map[int64]ticket.Rating
	cards   []ticket.Card
	prompts []ticket.Prompt
	events  []ticket.Event
	effects []ticket.Effect
}

func (d data) clone() data {
	return data{
		tickets: maps.Clone(d.tickets), reports: maps.Clone(d.reports), ratings: maps.Clone(d.ratings),
		cards: slices.Clone(d.cards), prompts: slices.Clone(d.prompts),
		events: slices.Clone(d.events), effects: slices.Clone(d.effects),
	}
}

const (
	owner   = int64(100)
	group   = int64(-7)
	vin     = "XTA210990Y2766389"
	another = "WVWZZZ1JZ3W386752"
)

func anna() ticket.Actor  { return ticket.Actor{ID: 1, Name: "Anna"} }
func boris() ticket.Actor { return ticket.Actor{ID: 2, Name: "Boris"} }

func newWorld(t require.TestingT) *world {
	w := &world{
		t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		groups: []ticket.Place{{Chat: group}}, moved: map[int64]int64{},
		data: data{
			tickets: map[int64]ticket.Ticket{}, reports: map[int64]ticket.Report{}, ratings: map[int64]ticket.Rating{},
		},
	}
	w.Service = ticket.NewService(w, w)
	return w
}

// Current and Now make it the groups.
func (w *world) Current() []ticket.Place { return w.groups }
func (w *world) Now(chat int64) int64    { return cmp.Or(w.moved[chat], chat) }

type inTx struct{}

// Do makes it the store.
func (w *world) Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	before := w.clone()
	w.now = w.now.Add(time.Second)
	err := fn(context.WithValue(ctx, inTx{}, true), tx{w})
	if err != nil {
		w.data = before
	}
	return err
}

func (w *world) Within(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return w.Do(ctx, fn)
}

// tx is a transaction of a world.
type tx struct{ *world }

var _ ticket.Tx = tx{}

func (x tx) Now() time.Time { return x.now }

func (x tx) After(fn func()) { fn() } // nobody here counts

func (x tx) SetRating(_ context.Context, r ticket.Rating) error {
	x.ratings[r.Ticket] = r
	return x.write("rating")
}

func (w *world) write(op string) error {
	if w.fault == nil {
		return nil
	}
	return w.fault(op)
}

func (x tx) Insert(ctx context.Context, t *ticket.Ticket) error {
	if _, err := x.OpenTicket(ctx, t.OwnerID, t.VIN); err == nil {
		return ticket.NewError(ticket.CodeConflict, "its owner has an open one for the VIN", nil)
	}
	t.ID, t.Version = int64(len(x.tickets)+1), 1
	x.tickets[t.ID] = *t
	return x.write("insert")
}

func (x tx) Update(_ context.Context, t *ticket.Ticket) error {
	if x.tickets[t.ID].Version != t.Version {
		return ticket.NewError(ticket.CodeConflict, "changed meanwhile", nil)
	}
	t.Version++
	x.tickets[t.ID] = *t
	return x.write("update")
}

func (x tx) Take(_ context.Context, read ticket.Ticket, by ticket.Actor) (bool, error) {
	t, ok := x.tickets[read.ID]
	if !ok || t.Status != ticket.New || t.Deleted() {
		return false, x.write("take")
	}
	t.Status, t.AssigneeID, t.AssigneeName, t.TakenAt = ticket.Taken, by.ID, by.Name, x.now
	t.ToTake, t.Late = read.ToTake, read.Late
	t.Version++
	x.tickets[t.ID] = t
	return true, x.write("take")
}

func (x tx) AddEvent(_ context.Context, e ticket.Event) error {
	e.At = x.now
	x.events = append(x.events, e)
	return x.write("event")
}

func (x tx) AddCard(_ context.Context, c ticket.Card) error {
	x.cards = slices.DeleteFunc(x.cards, func(known ticket.Card) bool {
		return known.Place == c.Place && (c.Kind != ticket.CardDigest || known.TicketID == c.TicketID)
	})
	x.cards = append(x.cards, c)
	return x.write("card")
}

func (x tx) PostCard(ctx context.Context, c ticket.Card) (int64, error) {
	t, ok := x.tickets[c.TicketID]
	if !ok {
		return 0, ticket.NewError(ticket.CodeNotFound, "no such ticket", nil)
	}
	return t.Version, x.AddCard(ctx, c)
}

func (x tx) DropCard(_ context.Context, chat int64, message int) error {
	x.cards = slices.DeleteFunc(x.cards, func(c ticket.Card) bool {
		return c.Place.Chat == chat && c.Place.Message == message
	})
	return x.write("drop")
}

func (x tx) AddPrompt(_ context.Context, p ticket.Prompt) error {
	x.prompts = append(x.prompts, p)
	return x.write("prompt")
}

func (x tx) DropPrompts(_ context.Context, id int64) error {
	x.prompts = slices.DeleteFunc(x.prompts, func(p ticket.Prompt) bool { return p.TicketID == id })
	return x.write("drop prompts")
}

func (x tx) InsertReport(ctx context.Context, r *ticket.Report) error {
	r.ID = int64(len(x.reports) + 1)
	x.reports[r.ID] = *r
	return x.UpdateReport(ctx, r)
}

func (x tx) UpdateReport(_ context.Context, r *ticket.Report) error {
	x.reports[r.ID] = *r
	for _, other := range x.reports {
		if other.ID != r.ID && other.TicketID == r.TicketID && other.Status.Live() && r.Status.Live() {
			return fmt.Errorf("two live reports of ticket %d", r.TicketID)
		}
	}
	return x.write("report")
}

func (x tx) Withdraw(_ context.Context, kind ticket.EffectKind, merge string) (bool, error) {
	before := len(x.effects)
	x.effects = slices.DeleteFunc(x.effects, func(e ticket.Effect) bool { return e.Kind == kind && e.Merge == merge })
	return len(x.effects) < before, x.write("withdraw")
}

func (x tx) NamesCopy(context.Context, ticket.Copy) (bool, error) {
	return false, errors.New("nobody asks here")
}

func (x tx) Supersede(ctx context.Context, e ticket.Effect) error { return x.Enqueue(ctx, e) }

func (x tx) Enqueue(_ context.Context, e ticket.Effect) error {
	x.effects = append(x.effects, e)
	return x.write("enqueue")
}
