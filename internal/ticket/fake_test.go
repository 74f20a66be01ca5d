package ticket_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
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

func missing(what string) error { return ticket.NewError(ticket.CodeNotFound, what+" not found", nil) }

// first gives the first that matches by id, or a CodeNotFound error.
func first[T any](of map[int64]T, what string, match func(T) bool) (T, error) {
	for _, id := range slices.Sorted(maps.Keys(of)) {
		if match(of[id]) {
			return of[id], nil
		}
	}
	var none T
	return none, missing(what)
}

func (w *world) Ticket(_ context.Context, id int64) (ticket.Ticket, error) {
	return first(w.tickets, "ticket", func(t ticket.Ticket) bool { return t.ID == id && !t.Deleted() })
}

func (w *world) OpenTicket(_ context.Context, owner int64, vin string) (ticket.Ticket, error) {
	return first(w.tickets, "open ticket", func(t ticket.Ticket) bool {
		return t.OwnerID == owner && t.VIN == vin && t.Status.Open() && !t.Deleted()
	})
}

func (w *world) TicketsOf(context.Context, int64, ...ticket.Status) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) OpenTickets(_ context.Context, after int64, limit int) (found []ticket.Ticket, err error) {
	for _, id := range slices.Sorted(maps.Keys(w.tickets)) {
		if id > after && w.tickets[id].Status.Open() && w.shown(id) && len(found) < limit {
			found = append(found, w.tickets[id])
		}
	}
	return found, nil
}

func (w *world) CardAt(context.Context, int64, int) (ticket.Card, error) {
	return ticket.Card{}, errors.New("the service does not ask")
}

func (w *world) Digest(_ context.Context, chat int64, message int) (found []ticket.Card, err error) {
	for _, c := range w.cards {
		if c.Kind == ticket.CardDigest && c.Place.Chat == chat && c.Place.Message == message {
			found = append(found, c)
		}
	}
	return found, nil
}

func (w *world) Cards(_ context.Context, id int64) (found []ticket.Card, err error) {
	for _, c := range w.cards {
		if c.TicketID == id && w.shown(id) {
			found = append(found, c)
		}
	}
	return found, nil
}

func (w *world) Report(_ context.Context, id int64) (ticket.Report, error) {
	return first(w.reports, "report", func(r ticket.Report) bool { return r.ID == id && w.shown(r.TicketID) })
}

func (w *world) ReportAt(_ context.Context, chat int64, message int) (ticket.Report, error) {
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(w.reports))) {
		if r := w.reports[id]; r.Source.Chat == chat && r.Source.Message == message && w.shown(r.TicketID) {
			return r, nil
		}
	}
	return ticket.Report{}, missing("report")
}

func (w *world) LiveReport(_ context.Context, id int64) (ticket.Report, error) {
	return first(w.reports, "live report", func(r ticket.Report) bool {
		return r.TicketID == id && r.Status.Live() && w.shown(id)
	})
}

func (w *world) WaitingReport(_ context.Context, id int64) (ticket.Report, error) {
	return first(w.reports, "waiting report", func(r ticket.Report) bool {
		return r.TicketID == id && r.Status == ticket.ReportReceived && w.shown(id)
	})
}

func (w *world) UndeliveredReports(_ context.Context, owner int64) (found []ticket.Report, err error) {
	for _, id := range slices.Sorted(maps.Keys(w.reports)) {
		if r := w.reports[id]; r.Status == ticket.ReportUndelivered && w.tickets[r.TicketID].OwnerID == owner && w.shown(r.TicketID) {
			found = append(found, r)
		}
	}
	return found, nil
}

func (w *world) LastReport(_ context.Context, id int64) (ticket.Report, error) {
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(w.reports))) {
		if r := w.reports[n]; r.TicketID == id && r.Status == ticket.ReportDelivered && w.shown(id) {
			return r, nil
		}
	}
	return ticket.Report{}, missing("delivered report")
}

func (w *world) Events(_ context.Context, id int64) (found []ticket.Event, err error) {
	for _, e := range w.events {
		if e.TicketID == id && w.shown(id) {
			found = append(found, e)
		}
	}
	return found, nil
}

func (w *world) Ahead(context.Context, ticket.Ticket) (int, error) {
	return 0, errors.New("the service does not ask")
}

func (w *world) Demand(context.Context, int64, int) (ticket.Demand, error) {
	return ticket.Demand{}, errors.New("the service does not ask")
}

func (w *world) DoneOf(context.Context, int64, int, int) ([]ticket.Ticket, int, error) {
	return nil, 0, errors.New("the service does not ask")
}

func (w *world) DoneSince(context.Context, time.Time, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) Rating(_ context.Context, id int64) (ticket.Rating, error) {
	r, ok := w.ratings[id]
	if !ok {
		return ticket.Rating{}, missing("rating")
	}
	return r, nil
}

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

func (x tx) Take(_ context.Context, id int64, by ticket.Actor, waited ticket.Wait) (bool, error) {
	t, ok := x.tickets[id]
	if !ok || t.Status != ticket.New || t.Deleted() {
		return false, x.write("take")
	}
	t.Status, t.AssigneeID, t.AssigneeName, t.TakenAt = ticket.Taken, by.ID, by.Name, x.now
	t.ToTake, t.Late = waited.ToTake, waited.Late
	t.Version++
	x.tickets[id] = t
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

func (w *world) Queue(context.Context, int, int) ([]ticket.Ticket, int, error) {
	return nil, 0, errors.New("the service does not ask")
}

func (w *world) InHand(context.Context, int64, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) CountInHand(context.Context, int64) (int, error) {
	return 0, errors.New("the service does not ask")
}

func (w *world) CountFound(context.Context, string) (int, error) {
	return 0, errors.New("the service does not ask")
}

func (w *world) Find(context.Context, string, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) Reusable(_ context.Context, vin string, since time.Time) (ticket.Report, error) {
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(w.reports))) {
		r := w.reports[id]
		k := w.tickets[r.TicketID]
		if r.Status == ticket.ReportDelivered && !r.DeliveredAt.Before(since) && k.VIN == vin && k.Status == ticket.Done {
			return r, nil
		}
	}
	return ticket.Report{}, missing("report for the VIN")
}

func (w *world) PromptAt(_ context.Context, chat int64, message int) (ticket.Prompt, error) {
	for _, p := range w.prompts {
		if p.Place.Chat == chat && p.Place.Message == message {
			return p, nil
		}
	}
	return ticket.Prompt{}, missing("prompt")
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

// told lists what was enqueued since it was asked last, in a few words each,
// and forgets it.
func (w *world) told() []string {
	told := []string{}
	for _, e := range w.effects {
		told = append(told, describe(e))
	}
	w.effects = nil
	return told
}

func describe(e ticket.Effect) string {
	switch p := e.Payload.(type) {
	case ticket.Say:
		return fmt.Sprintf("say %s %s to %d", p.Text, p.Reason, e.Chat)
	case ticket.CardRef:
		return fmt.Sprintf("%s %d in %d:%d", e.Kind, p.Ticket, p.At.Chat, p.At.Message)
	case ticket.ReportRef:
		return fmt.Sprintf("%s %d", e.Kind, p.Report)
	case ticket.Reaction:
		return fmt.Sprintf("%s %s on %d", e.Kind, p.Emoji, p.On.Message)
	default:
		return fmt.Sprintf("%s %+v", e.Kind, p)
	}
}

// history lists a ticket's events, in a few words each.
func (w *world) history(id int64) []string {
	var lines []string
	for _, e := range w.events {
		if e.TicketID == id {
			lines = append(lines, fmt.Sprintf("%s %s>%s by %d", e.Kind, e.From, e.To, e.ActorID))
		}
	}
	return lines
}

// opened makes a ticket whose card, message 50, stands in the group.
func (w *world) opened() ticket.Ticket {
	k, fresh, err := w.Open(context.Background(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(w.t, err)
	require.True(w.t, fresh)
	require.NoError(w.t, w.CardPosted(context.Background(), ticket.Card{
		TicketID: k.ID, Place: ticket.Place{Chat: group, Message: 50}, Kind: ticket.CardMain, Rendered: k.Version,
	}))
	w.told()
	return k
}

// taken makes a ticket that Anna has taken.
func (w *world) taken() ticket.Ticket {
	k, outcome, err := w.Take(context.Background(), w.opened().ID, anna())
	require.NoError(w.t, err)
	require.Equal(w.t, ticket.TakenNow, outcome)
	w.told()
	return k
}

// pdf is what a manager sends as a message.
func pdf(id int64, message int, by ticket.Actor) ticket.Incoming {
	return ticket.Incoming{
		Ticket: id, FileID: "file", UniqueID: "unique", Size: 1000,
		Source: ticket.Place{Chat: group, Message: message}, By: by,
	}
}

// receive has a manager's PDF received.
func (w *world) receive(id int64, message int, by ticket.Actor) ticket.Report {
	r, err := w.ReceiveReport(context.Background(), pdf(id, message, by))
	require.NoError(w.t, err)
	return r
}

// delivering makes a ticket whose report is on its way to the owner.
func (w *world) delivering() (ticket.Ticket, ticket.Report) {
	k := w.taken()
	r := w.receive(k.ID, 60, anna())
	require.NoError(w.t, w.Checked(context.Background(), r.ID, ticket.Finding{SHA256: "abc", Size: 1000}))
	w.told()
	return w.tickets[k.ID], w.reports[r.ID]
}

// done makes a ticket whose report was delivered.
func (w *world) done() (ticket.Ticket, ticket.Report) {
	k, r := w.delivering()
	require.NoError(w.t, w.Delivered(context.Background(), r.ID, 900))
	w.told()
	return w.tickets[k.ID], w.reports[r.ID]
}

// closed puts a ticket into a status that nothing in the service leads to yet.
func (w *world) closed(id int64, as ticket.Status) {
	k := w.tickets[id]
	k.Status = as
	k.Version++
	w.tickets[id] = k
}

func code(t *testing.T, want ticket.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, ticket.CodeOf(err), err.Error())
}
