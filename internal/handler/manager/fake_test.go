package manager_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
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

// fakeTx has what the handler may use; anything else panics.
type fakeTx struct {
	ticket.Tx
	world *world
}

func (tx fakeTx) Now() time.Time { return tx.world.now }

func (tx fakeTx) Ticket(_ context.Context, id int64) (ticket.Ticket, error) {
	if t, ok := tx.world.tickets[id]; ok {
		return t, nil
	}
	return ticket.Ticket{}, notFound()
}

func (tx fakeTx) LiveReport(_ context.Context, id int64) (ticket.Report, error) {
	for _, r := range tx.world.reports {
		if r.TicketID == id && r.Status.Live() {
			return r, nil
		}
	}
	return ticket.Report{}, notFound()
}

func (tx fakeTx) OpenTicket(_ context.Context, owner int64, vin string) (ticket.Ticket, error) {
	return tx.world.openTicket(owner, vin)
}

func (tx fakeTx) CardAt(ctx context.Context, chat int64, message int) (ticket.Card, error) {
	return tx.world.CardAt(ctx, chat, message)
}

func (tx fakeTx) Digest(_ context.Context, chat int64, message int) (lines []ticket.Card, err error) {
	for _, c := range tx.world.cards {
		if c.Kind == ticket.CardDigest && c.Place.Chat == chat && c.Place.Message == message {
			lines = append(lines, c)
		}
	}
	return lines, nil
}

func (tx fakeTx) Report(ctx context.Context, id int64) (ticket.Report, error) {
	return tx.world.Report(ctx, id)
}

func (tx fakeTx) ReportAt(_ context.Context, chat int64, message int) (ticket.Report, error) {
	return tx.world.reportAt(chat, message)
}

func (tx fakeTx) PromptAt(_ context.Context, chat int64, message int) (ticket.Prompt, error) {
	for _, p := range tx.world.prompts {
		if p.Place.Chat == chat && p.Place.Message == message {
			return p, nil
		}
	}
	return ticket.Prompt{}, notFound()
}

func (tx fakeTx) DropPrompts(_ context.Context, id int64) error {
	tx.world.prompts = slices.DeleteFunc(tx.world.prompts, func(p ticket.Prompt) bool { return p.TicketID == id })
	return nil
}

func (tx fakeTx) AddCard(_ context.Context, c ticket.Card) error {
	tx.world.cards = append(tx.world.cards, c)
	return nil
}

func (tx fakeTx) Enqueue(_ context.Context, e ticket.Effect) error {
	if tx.world.fail != nil {
		return tx.world.fail
	}
	tx.world.effects = append(tx.world.effects, e)
	return nil
}

// fields are parts of an update as Telegram writes them.
type fields map[string]any

// read makes an update of its parts, by way of JSON as it would come.
func read(t *testing.T, f fields) *models.Update {
	t.Helper()
	body, err := json.Marshal(f)
	require.NoError(t, err)
	var u models.Update
	require.NoError(t, json.Unmarshal(body, &u), string(body))
	return &u
}

// receives handles an update and gives what it led to.
func (w *world) receives(f fields) []ticket.Effect {
	w.t.Helper()
	w.effects = nil
	require.NoError(w.t, w.handler.Handle(w.t.Context(), read(w.t, f)))
	return w.effects
}

// inGroup is message 60 in the group, from Anna unless the parts say otherwise.
func inGroup(parts ...fields) fields {
	m := fields{
		"message_id": 60, "date": 1, "chat": fields{"id": group, "type": "supergroup"},
		"from": fields{"id": anna, "first_name": "Анна", "last_name": "К"},
	}
	for _, p := range parts {
		for name, value := range p {
			m[name] = value
		}
	}
	return m
}

func (w *world) writes(parts ...fields) []ticket.Effect {
	w.t.Helper()
	return w.receives(fields{"message": inGroup(parts...)})
}

func (w *world) edits(parts ...fields) []ticket.Effect {
	w.t.Helper()
	return w.receives(fields{"edited_message": inGroup(parts...)})
}

func from(id int64) fields { return fields{"from": fields{"id": id, "first_name": "Некто"}} }

// anonymous is how an admin's message looks who writes as the group.
func anonymous() fields {
	return fields{
		"from":        fields{"id": 1087968824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"},
		"sender_chat": fields{"id": group, "type": "supergroup"},
	}
}

func text(s string) fields { return fields{"text": s} }

func caption(s string) fields { return fields{"caption": s} }

// pdf is a report's file.
func pdf() fields {
	return fields{"document": fields{
		"file_id": "F", "file_unique_id": "U", "file_name": "report.pdf", "mime_type": "application/pdf", "file_size": 1000,
	}}
}

func file(name, mime string, size int64) fields {
	return fields{"document": fields{"file_id": "F", "file_unique_id": "U", "file_name": name, "mime_type": mime, "file_size": size}}
}

// replyTo makes a reply to a message of the group.
func replyTo(id int, parts ...fields) fields {
	return fields{"reply_to_message": inGroup(append([]fields{{"message_id": id}}, parts...)...)}
}

// toCard makes a reply to the card of ticket 12.
func toCard() fields { return replyTo(cardAt, fields{"from": fields{"id": botID, "is_bot": true}}) }

// presses has somebody press a button of the message with the card.
func (w *world) presses(by int64, data string) []ticket.Effect {
	w.t.Helper()
	return w.receives(press(by, data, fields{"message": inGroup(fields{"message_id": cardAt})}))
}

func press(by int64, data string, more fields) fields {
	q := fields{"id": "q1", "from": fields{"id": by, "first_name": "Анна", "last_name": "К"}, "data": data}
	for name, value := range more {
		q[name] = value
	}
	return fields{"callback_query": q}
}

// said gives the one text among the effects.
func said(t *testing.T, effects []ticket.Effect) ticket.Say {
	t.Helper()
	var all []ticket.Say
	for _, e := range effects {
		if s, ok := e.Payload.(ticket.Say); ok {
			all = append(all, s)
		}
	}
	require.Len(t, all, 1)
	return all[0]
}

// answered gives the one answer to a press among the effects.
func answered(t *testing.T, effects []ticket.Effect) ticket.PressAnswer {
	t.Helper()
	var all []ticket.PressAnswer
	for _, e := range effects {
		if a, ok := e.Payload.(ticket.PressAnswer); ok {
			require.True(t, e.Fleeting)
			require.Zero(t, e.Chat, "answers to presses are free")
			all = append(all, a)
		}
	}
	require.Len(t, all, 1)
	return all[0]
}

// kinds lists the kinds of the effects.
func kinds(effects []ticket.Effect) []ticket.EffectKind {
	var all []ticket.EffectKind
	for _, e := range effects {
		all = append(all, e.Kind)
	}
	return all
}
