package user_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

const (
	ivan    = int64(7)
	goodVIN = "1HGCM82633A004352" // its check digit is right
	typoVIN = "1HGCM82643A004352" // a North American one whose check digit is wrong
	hintVIN = "WBA3A5C50CF256551" // BMW's, whose check digit need not be right
)

var errStore = errors.New("the store fell over")

// world is everything that the handler touches, in memory.
type world struct {
	t       *testing.T
	handler *user.Handler
	book    *message.Book

	tickets  []ticket.Ticket
	prompts  []ticket.Prompt
	opened   []ticket.Opening
	returned int
	talk     fakeTalk
	bans     fakeBans
	people   map[int64]account.User
	effects  []ticket.Effect
	now      time.Time
	request  int // the number of the update that is handled
	rated    [][2]int64
	rating   ticket.RateOutcome
	fail     error // of every Enqueue
}

func newWorld(t *testing.T, change ...func(*user.Config)) *world {
	t.Helper()
	book, err := message.NewBook()
	require.NoError(t, err)
	w := &world{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), book: book, people: map[int64]account.User{}, bans: fakeBans{}}
	c := user.Config{
		Tickets: w, Talk: &w.talk, Bans: w.bans, Store: w, People: w, Languages: book, Policy: vin.PolicyAuto, BotName: func() string { return "vin_bot" },
	}
	for _, f := range change {
		f(&c)
	}
	w.handler = user.New(c)
	return w
}

// Do joins nothing: the fakes have no transactions to roll back.
func (w *world) Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return fn(ctx, fakeTx{w: w})
}

func (w *world) Within(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return w.Do(ctx, fn)
}

func (w *world) Open(_ context.Context, o ticket.Opening) (ticket.Ticket, bool, error) {
	if t, err := w.openTicket(o.Owner, o.VIN); err == nil {
		return t, false, nil
	}
	t := ticket.Ticket{
		ID: int64(len(w.tickets) + 1), VIN: o.VIN, OwnerID: o.Owner, Status: ticket.New, Confirmed: o.Confirmed, OpenedAt: w.now,
	}
	w.tickets = append(w.tickets, t)
	w.opened = append(w.opened, o)
	return t, true, nil
}

func (w *world) openTicket(owner int64, v string) (ticket.Ticket, error) {
	for _, t := range w.tickets {
		if t.OwnerID == owner && t.VIN == v && t.Status.Open() {
			return t, nil
		}
	}
	return ticket.Ticket{}, ticket.NewError(ticket.CodeNotFound, "no such ticket", nil)
}

func (w *world) OwnerReturned(context.Context, int64) (int, error) {
	w.returned++
	return 1, nil
}

func (w *world) Seen(_ context.Context, u account.User) (account.User, error) {
	u.Unreachable = w.people[u.ID].Unreachable
	stored := u
	stored.Unreachable = false
	w.people[u.ID] = stored
	return u, nil
}

func (w *world) User(_ context.Context, id int64) (account.User, error) {
	if u, ok := w.people[id]; ok {
		return u, nil
	}
	return account.User{}, ticket.NewError(ticket.CodeNotFound, "no such person", nil)
}

func (w *world) SetUnreachable(_ context.Context, id int64, unreachable bool) error {
	u := w.people[id]
	u.Unreachable = unreachable
	w.people[id] = u
	return nil
}

func (w *world) Cancel(_ context.Context, id, owner int64) (ticket.Ticket, ticket.CancelOutcome, error) {
	for i, t := range w.tickets {
		switch {
		case t.ID != id || t.OwnerID != owner:
		case t.Status == ticket.Cancelled:
			return t, ticket.CancelledBefore, nil
		case !t.Status.May(ticket.Cancelled):
			return t, ticket.CancelTooLate, nil
		default:
			w.tickets[i].Status = ticket.Cancelled
			return w.tickets[i], ticket.CancelledNow, nil
		}
	}
	return ticket.Ticket{}, ticket.CancelTooLate, ticket.NewError(ticket.CodeNotFound, "no such ticket", nil)
}

func (w *world) Rate(_ context.Context, id, _ int64, stars int) (ticket.RateOutcome, error) {
	w.rated = append(w.rated, [2]int64{id, int64(stars)})
	return w.rating, nil
}

func (w *world) SendAgain(_ context.Context, id, owner int64) error {
	for _, t := range w.tickets {
		if t.ID == id && t.OwnerID == owner && t.Status == ticket.Done {
			return nil
		}
	}
	return ticket.NewError(ticket.CodeNotFound, "no such report", nil)
}

func (w *world) ChooseLanguage(_ context.Context, id int64, language string) error {
	u := w.people[id]
	u.Language, u.LanguageChosen = language, true
	w.people[id] = u
	return nil
}

// fakeTx has what the handler may use; anything else panics.
type fakeTx struct {
	ticket.Tx
	w *world
}

func (tx fakeTx) Enqueue(_ context.Context, e ticket.Effect) error {
	if tx.w.fail != nil {
		return tx.w.fail
	}
	tx.w.effects = append(tx.w.effects, e)
	return nil
}

func (tx fakeTx) Supersede(ctx context.Context, e ticket.Effect) error {
	tx.w.effects = slices.DeleteFunc(tx.w.effects, func(o ticket.Effect) bool { return o.Kind == e.Kind && o.Merge == e.Merge })
	return tx.Enqueue(ctx, e)
}

func (tx fakeTx) Now() time.Time { return tx.w.now }

func (tx fakeTx) After(fn func()) { fn() }

func (tx fakeTx) PromptAt(_ context.Context, chat int64, message int) (ticket.Prompt, error) {
	for _, p := range tx.w.prompts {
		if p.Place.Chat == chat && p.Place.Message == message {
			return p, nil
		}
	}
	return ticket.Prompt{}, ticket.NewError(ticket.CodeNotFound, "no such prompt", nil)
}

func (tx fakeTx) AddPrompt(_ context.Context, p ticket.Prompt) error {
	tx.w.prompts = append(tx.w.prompts, p)
	return nil
}

func (tx fakeTx) OpenTicket(_ context.Context, owner int64, v string) (ticket.Ticket, error) {
	return tx.w.openTicket(owner, v)
}

func (tx fakeTx) TicketsOf(_ context.Context, owner int64, in ...ticket.Status) (found []ticket.Ticket, err error) {
	for _, t := range tx.w.tickets {
		if t.OwnerID == owner && slices.Contains(in, t.Status) {
			found = append(found, t)
		}
	}
	return found, nil
}

func (tx fakeTx) Demand(_ context.Context, owner int64, nth int) (s ticket.Demand, err error) {
	for _, t := range slices.Backward(tx.w.tickets) {
		if t.OwnerID != owner {
			continue
		}
		if t.Status.Open() {
			s.Open++
		}
		if nth--; nth == 0 {
			s.Nth = t.OpenedAt
		}
	}
	return s, nil
}

// context carries the id of the update that is handled.
func (w *world) context() context.Context {
	return ticket.WithRequestID(w.t.Context(), "r"+strconv.Itoa(w.request))
}

// update reads an update as Telegram writes it.
func update(t *testing.T, body string) *models.Update {
	t.Helper()
	var u models.Update
	require.NoError(t, json.Unmarshal([]byte(body), &u), body)
	return &u
}

// receives handles an update and gives what it led to.
func (w *world) receives(u *models.Update) []ticket.Effect {
	w.t.Helper()
	w.effects = nil
	require.NoError(w.t, w.handler.Handle(w.context(), u))
	return w.effects
}

// writes has Ivan send a message with these JSON fields.
func (w *world) writes(fields string) []ticket.Effect {
	w.t.Helper()
	return w.receives(update(w.t, `{"update_id":1,"message":`+ivansMessage(fields)+`}`))
}

func ivansMessage(fields string) string {
	return `{"message_id":41,"date":1,"chat":{"id":7,"type":"private","first_name":"Иван"},` +
		`"from":{"id":7,"first_name":"Иван","last_name":"Петров","username":"ivan","language_code":"en-GB"},` + fields + `}`
}

// text has Ivan send a text.
func (w *world) text(text string) []ticket.Effect {
	w.t.Helper()
	quoted, err := json.Marshal(text)
	require.NoError(w.t, err)
	return w.writes(`"text":` + string(quoted))
}

// presses has Ivan press a button of the bot's message 40.
func (w *world) presses(data string) []ticket.Effect {
	w.t.Helper()
	return w.receives(update(w.t, `{"callback_query":{"id":"q1","from":{"id":7,"first_name":"Иван"},`+
		`"message":{"message_id":40,"date":1,"chat":{"id":7,"type":"private"}},"data":"`+data+`"}}`))
}

// says gives all texts among the effects.
func says(effects []ticket.Effect) (all []ticket.Say) {
	for _, e := range effects {
		if s, ok := e.Payload.(ticket.Say); ok {
			all = append(all, s)
		}
	}
	return all
}

// said gives the one text among the effects.
func said(t *testing.T, effects []ticket.Effect) ticket.Say {
	t.Helper()
	all := says(effects)
	require.Len(t, all, 1)
	return all[0]
}

// pressAnswer gives the answer to a press among the effects.
func pressAnswer(t *testing.T, effects []ticket.Effect) ticket.PressAnswer {
	t.Helper()
	for _, e := range effects {
		if a, ok := e.Payload.(ticket.PressAnswer); ok {
			require.True(t, e.Fleeting)
			require.Zero(t, e.Chat, "answers to presses are free")
			return a
		}
	}
	require.Fail(t, "the press was not answered")
	return ticket.PressAnswer{}
}
