package notify_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/notify"
	"vinbot/internal/outbox"
	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	anna   = int64(100) // an owner
	admin  = int64(200)
	group  = int64(-10)
	other  = int64(-20)
	super  = int64(-1010) // what group becomes
	honda  = "1HGCM82633A004352"
	annas  = "Anna Karenina"
	boriss = "Boris Godunov"
)

// world is the notifier with a real outbox, database and domain behind it, and
// a Telegram that answers as the test says. Its time is the bubble's.
type world struct {
	*testing.T
	store    *store.Store
	tickets  *ticket.Service
	talk     *ticket.Talk
	groups   *account.Groups
	telegram *fakeTelegram
	notifier *notify.Notifier
	door     fakeDoor
	patience *patience
	log      *bytes.Buffer
	relay    *outbox.Relay
	db       *sql.DB
	fault    atomic.Pointer[error] // of everything that the notifier reads
	vins     int                   // how many tickets a crowd has opened
	full     atomic.Bool           // the groups' limits are used up but for one message
	digested atomic.Int64          // tickets that digests showed when they were posted
}

// DigestPosted counts.
func (w *world) DigestPosted(tickets int) { w.digested.Add(int64(tickets)) }

// in runs a test in a world with these groups; one if none is named.
func in(t *testing.T, test func(w *world), groups ...ticket.Place) {
	t.Helper()
	if len(groups) == 0 {
		groups = []ticket.Place{{Chat: group}}
	}
	synctest.Test(t, func(t *testing.T) {
		test(newWorld(t, groups))
	})
}

func newWorld(t *testing.T, places []ticket.Place) *world {
	t.Helper()
	w := &world{T: t, log: &bytes.Buffer{}, patience: &patience{}, telegram: &fakeTelegram{answer: func(call) error { return nil }}}
	path := litetest.File(t)
	log := zerolog.New(zerolog.SyncWriter(w.log))
	var err error
	w.store, err = store.Open(t.Context(), store.Options{
		Database: store.SQLite(path), Clock: time.Now, Log: log,
		OnCommit: func(heads []outbox.Head, fleeting []store.Fleeting) {
			w.relay.Announce(heads)
			for _, f := range fleeting {
				w.relay.Fleet(outbox.Job{Head: outbox.Head{Kind: string(f.Effect.Kind)}, Payload: f.Payload, Attempt: 1})
			}
		},
	})
	require.NoError(t, err)
	w.groups = account.NewGroups(places, w.store.Accounts())
	w.tickets = ticket.NewService(w.store, w.groups)
	w.talk = ticket.NewTalk(w.store, w.store.Lines(), w.groups)
	book, err := message.NewBook()
	require.NoError(t, err)
	w.notifier = notify.New(notify.Options{
		Sender: w.telegram, Store: flaky{w.store, w}, Tickets: w.tickets, People: w.store.Accounts(), Groups: w.groups,
		Talk: w.talk, Bans: w.store.Bans(), Showings: flaky{w.store, w}, Forgetting: ticket.NewForgetting(w.tickets, w.store, w.store.Erasures()),
		Roles: account.Roles{Admins: []int64{admin}}, Book: book, BotName: func() string { return "vin_bot" },
		Language: message.English, Zone: time.UTC, MaxPDF: 20 << 20, MaxVINs: 5,
		Deadlines: w.patience, Clock: time.Now, Meter: w,
		Stats: stats.New(w.store.Stats(), time.UTC, time.Now), Door: &w.door,
	})
	kinds := map[string]outbox.Kind{}
	for kind, k := range w.notifier.Kinds() {
		kinds[string(kind)] = k
	}
	w.relay = outbox.New(outbox.Options{
		Store: w.store.Outbox(), Kinds: kinds, Gate: open{w}, Meter: uncounted{}, Log: log, Clock: time.Now,
		Context: func(ctx context.Context, _ outbox.Job) context.Context { return log.WithContext(ctx) },
	})
	w.db, err = sql.Open("sqlite3", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro"}).String())
	require.NoError(t, err)
	require.NoError(t, w.relay.Start(t.Context()))
	t.Cleanup(func() {
		require.NoError(t, w.relay.Stop(context.WithoutCancel(t.Context())))
		require.NoError(t, w.db.Close())
		require.NoError(t, w.store.Close())
	})
	w.meets(anna, annas)
	return w
}

func (w *world) meets(id int64, name string) {
	w.Helper()
	w.meetsIn(id, name, message.English)
}

func (w *world) meetsIn(id int64, name, lang string) {
	w.Helper()
	_, err := w.store.Accounts().Seen(w.Context(), account.User{ID: id, Name: name, Language: lang})
	require.NoError(w, err)
}

// enqueue has effects carried out, and waits until nothing moves.
func (w *world) enqueue(effects ...ticket.Effect) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		for _, e := range effects {
			if err := tx.Enqueue(ctx, e); err != nil {
				return err
			}
		}
		return nil
	}))
	synctest.Wait()
}

// after lets time pass.
func (w *world) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// longAfter lets much time pass in which nothing is sent: nobody looks each second
// whether something may be.
func (w *world) longAfter(d time.Duration) {
	w.Helper()
	require.NoError(w, w.relay.Stop(w.Context()))
	w.after(d)
	require.NoError(w, w.relay.Start(w.Context()))
}

// opens opens Anna's ticket, whose card is posted.
func (w *world) opens() ticket.Ticket {
	w.Helper()
	t, _, err := w.tickets.Open(w.Context(), ticket.Opening{Owner: anna, VIN: honda})
	require.NoError(w, err)
	synctest.Wait()
	return t
}

// ticket gives a ticket as it is now.
func (w *world) ticket(id int64) ticket.Ticket {
	w.Helper()
	t, err := w.store.Ticket(w.Context(), id)
	require.NoError(w, err)
	return t
}

// row is a row of the outbox.
type row struct {
	kind, state, fault string
	in                 time.Duration // until its next try
}

// rows lists the rows of the outbox that are not done.
func (w *world) rows() []row {
	w.Helper()
	found, err := w.db.QueryContext(w.Context(),
		`SELECT kind, state, coalesce(last_error, ''), run_at FROM outbox WHERE state <> 'done' ORDER BY id`)
	require.NoError(w, err)
	defer found.Close()
	var rows []row
	for found.Next() {
		var r row
		var at time.Time
		require.NoError(w, found.Scan(&r.kind, &r.state, &r.fault, &at))
		r.in = time.Until(at).Round(time.Millisecond)
		rows = append(rows, r)
	}
	require.NoError(w, found.Err())
	return rows
}

// sayTo is an answer to somebody.
func sayTo(chat int64) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectSay, Lane: ticket.ChatLane(chat), Chat: chat,
		Payload: ticket.Say{Text: message.TextHelp, To: ticket.Place{Chat: chat, Message: 7}, User: max(chat, 0)},
	}
}

// call is one call to Telegram.
type call struct {
	method string
	chat   int64
	topic  int
	text   string
	params any
}

// fakeTelegram answers calls as a test says and remembers them.
type fakeTelegram struct {
	mu     sync.Mutex
	calls  []call
	last   int // message id
	answer func(c call) error
}

// answers says what becomes of calls from now on.
func (f *fakeTelegram) answers(answer func(c call) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// refuses refuses the calls of one method; all where none is named.
func (f *fakeTelegram) refuses(method string, class telegram.Class) {
	f.answers(func(c call) error {
		if method != "" && c.method != method {
			return nil
		}
		return refusal(class)
	})
}

func refusal(class telegram.Class) *telegram.Error {
	return &telegram.Error{Method: "x", Class: class, Status: 400, Text: "words"}
}

// takes ends what was said, and gives the calls that were made.
func (f *fakeTelegram) takes() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = func(call) error { return nil }
	made := f.calls
	f.calls = nil
	return made
}

func (f *fakeTelegram) do(c call) (*models.Message, error) {
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.last++
	id, answer := f.last, f.answer
	f.mu.Unlock()
	if err := answer(c); err != nil {
		return nil, err
	}
	return &models.Message{ID: id}, nil
}

func (f *fakeTelegram) SendMessage(_ context.Context, p *bot.SendMessageParams) (*models.Message, error) {
	return f.do(call{"sendMessage", idOf(p.ChatID), p.MessageThreadID, p.Text, p})
}

func (f *fakeTelegram) EditMessageText(_ context.Context, p *bot.EditMessageTextParams) (*models.Message, error) {
	return f.do(call{"editMessageText", idOf(p.ChatID), 0, p.Text, p})
}

func (f *fakeTelegram) EditMessageReplyMarkup(_ context.Context, p *bot.EditMessageReplyMarkupParams) (*models.Message, error) {
	return f.do(call{"editMessageReplyMarkup", idOf(p.ChatID), 0, "", p})
}

func (f *fakeTelegram) SendDocument(_ context.Context, p *bot.SendDocumentParams) (*models.Message, error) {
	return f.do(call{"sendDocument", idOf(p.ChatID), 0, p.Caption, p})
}

func (f *fakeTelegram) CopyMessage(_ context.Context, p *bot.CopyMessageParams) (*models.MessageID, error) {
	m, err := f.do(call{"copyMessage", idOf(p.ChatID), p.MessageThreadID, "", p})
	if err != nil {
		return nil, err
	}
	return &models.MessageID{ID: m.ID}, nil
}

func (f *fakeTelegram) DeleteMessage(_ context.Context, p *bot.DeleteMessageParams) error {
	_, err := f.do(call{"deleteMessage", idOf(p.ChatID), 0, "", p})
	return err
}

func (f *fakeTelegram) SendPhoto(_ context.Context, p *bot.SendPhotoParams) (*models.Message, error) {
	return f.do(call{"sendPhoto", idOf(p.ChatID), p.MessageThreadID, p.Caption, p})
}

func (f *fakeTelegram) AnswerCallbackQuery(_ context.Context, p *bot.AnswerCallbackQueryParams) error {
	_, err := f.do(call{"answerCallbackQuery", 0, 0, p.Text, p})
	return err
}

func (f *fakeTelegram) SetMessageReaction(_ context.Context, p *bot.SetMessageReactionParams) error {
	_, err := f.do(call{"setMessageReaction", idOf(p.ChatID), 0, p.Reaction[0].ReactionTypeEmoji.Emoji, p})
	return err
}

func (f *fakeTelegram) LeaveChat(_ context.Context, chat int64) error {
	_, err := f.do(call{"leaveChat", chat, 0, "", nil})
	return err
}

func (f *fakeTelegram) SetMyCommands(_ context.Context, p *bot.SetMyCommandsParams) error {
	c := call{method: "setMyCommands", text: p.LanguageCode, params: p}
	if scope, ok := p.Scope.(*models.BotCommandScopeChat); ok {
		c.chat = idOf(scope.ChatID)
	}
	_, err := f.do(c)
	return err
}

// String shows a call in a failed test.
func (c call) String() string {
	return fmt.Sprintf("%s(%d/%d, %.40q)", c.method, c.chat, c.topic, c.text)
}

// open is a gate that lets all go.
type open struct{ w *world }

func (open) Admit(int64, int, time.Time) time.Duration { return 0 }
func (o open) Room(int64, int, time.Time) int {
	if o.w.full.Load() {
		return 0
	}
	return math.MaxInt
}
func (open) Release(int64, time.Time)                 {}
func (open) Penalize(int64, time.Duration, time.Time) {}

type uncounted struct{}

func (uncounted) JobEnded(string, string, time.Duration) {}
func (uncounted) JobResent(string)                       {}

// idOf is a chat's id, which the library takes as anything.
func idOf(chat any) int64 {
	id, _ := chat.(int64)
	return id
}
