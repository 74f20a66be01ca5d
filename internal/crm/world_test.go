package crm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/crm"
	"vinbot/internal/crm/crmtest"
	"vinbot/internal/feed"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/store/litetest"
	"vinbot/internal/ticket"
	"vinbot/internal/worker"
)

const (
	admin   = int64(200)
	manager = int64(300)
	owner   = int64(777)
	group   = int64(-7)
	vinA    = "1HGCM82633A004352"
	vinB    = "WBAFW51040C245397"
)

// system is a simulator.
type system interface {
	http.RoundTripper
	Deals() []crmtest.Deal
	Contacts() []crmtest.Contact
	Meet(telegram int64, name string)
	Behave(how func(what string) crmtest.Mood)
	Asked() []string
	Complaints() []string
	Limited() int
	DeleteDeals()
	DeleteDeal(id int64)
	DeleteContacts()
}

// vendor is a CRM with its simulator.
type vendor struct {
	name   string
	stages string
	sim    func() system
	crm    func(o crm.Options) crm.CRM
	secret string
}

func vendors() []vendor {
	return []vendor{
		{
			"bitrix24", crmtest.Bitrix24Stages,
			func() system { return crmtest.NewBitrix24(time.Now) },
			func(o crm.Options) crm.CRM { return crm.NewBitrix24(crmtest.Bitrix24Hook+"/", o) }, "abcdef0123456789",
		},
		{
			"amocrm", crmtest.AmoCRMStages,
			func() system { return crmtest.NewAmoCRM(time.Now) },
			func(o crm.Options) crm.CRM { return crm.NewAmoCRM(crmtest.AmoCRMBase, crmtest.AmoCRMToken, o) }, crmtest.AmoCRMToken,
		},
	}
}

// world is the room over the real database, in made-up time: the feed, the relay
// of jobs, and a CRM that is no further than a function.
type world struct {
	*testing.T
	vendor
	sim     system
	path    string
	store   *store.Store
	tickets *ticket.Service
	carrier *crm.Carrier
	relay   *outbox.Relay
	follow  *worker.Loop
	log     *lines
	admins  []int64
	link    string

	mu      *sync.Mutex
	asked   map[string]int // by result
	without bool           // no CRM is set
}

// onEach tells a story to every vendor's CRM, in bubbles of made-up time.
func onEach(t *testing.T, tell func(w *world)) {
	t.Helper()
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &world{
					T: t, vendor: v, sim: v.sim(), path: litetest.File(t), admins: []int64{admin},
					mu: &sync.Mutex{}, asked: map[string]int{}, log: &lines{}, link: "https://vin.example.com",
				}
				w.begins()
				tell(w)
				w.ends()
				assert.Empty(w, w.sim.Complaints())
				assert.Zero(w, w.sim.Limited(), "the limits are kept ahead of time")
				for _, secret := range []string{v.secret, vinA, vinB, "Лариска"} {
					assert.NotContains(w, w.log.String(), secret)
				}
			})
		})
	}
}

// begins starts the program, on the database that an earlier one left.
func (w *world) begins() {
	w.Helper()
	var err error
	w.store, err = store.Open(w.Context(), store.Options{
		Database: store.SQLite(w.path), Clock: time.Now, Log: zerolog.New(w.log),
		OnQueued: func(_ store.Queue, heads []outbox.Head) { w.relay.Announce(heads) },
		OnEvents: func([]ticket.Event) { w.follow.Wake() },
	})
	require.NoError(w, err)
	w.tickets = ticket.NewService(w.store, w)
	stages := map[ticket.Status]string{}
	for part := range strings.SplitSeq(w.stages, ",") {
		status, stage, _ := strings.Cut(part, "=")
		stages[ticket.Status(status)] = stage
	}
	made := w.crm(crm.Options{Meter: w, Clock: time.Now, Language: "ru", Transport: w.sim})
	w.carrier = crm.NewCarrier(crm.CarrierOptions{
		CRM: made, Store: w.store.CRM(), Tickets: w.store, Owner: w.owner, Links: w, Stages: stages, Bot: 42, Language: "ru", Zone: time.UTC,
		Work: w.store, Admins: w.admins, Groups: w, Log: zerolog.New(w.log), Clock: time.Now,
	})
	w.relay = outbox.New(outbox.Options{
		Store: w.store.CRM().Queue(), Kinds: w.carrier.Kinds(), Gate: crm.NewGate(), Meter: w, Log: zerolog.New(w.log), Clock: time.Now,
		Chats: "crm", Repeatable: true,
		Context: func(ctx context.Context, job outbox.Job) context.Context {
			return ticket.WithRequestID(ctx, job.RequestID)
		},
	})
	audiences := []feed.Audience{crm.NewAudience(w.store.CRM())}
	if w.without {
		audiences = nil
	} else {
		require.NoError(w, w.store.CRM().Begin(w.Context(), made.Account()))
	}
	w.follow = worker.NewFinishingLoop(feed.New(feed.Options{
		History: w.store, Audiences: audiences, Work: w.store, Log: zerolog.New(w.log), Pause: time.Hour,
	}).Turn)
	require.NoError(w, w.follow.Start(w.Context()))
	require.NoError(w, w.relay.Start(w.Context()))
}

func (w *world) ends() {
	w.Helper()
	require.NoError(w, w.follow.Stop(w.Context()))
	require.NoError(w, w.relay.Stop(w.Context()))
	require.NoError(w, w.store.Close())
}

// passes lets time go by, and what is due be done.
func (w *world) passes(d time.Duration) {
	w.Helper()
	time.Sleep(d)
	synctest.Wait()
}

// owner tells how an owner is called.
func (w *world) owner(ctx context.Context, id int64) (name, username string, err error) {
	user, err := w.store.Accounts().User(ctx, id)
	if ticket.IsNotFound(err) {
		return "", "", nil
	}
	return user.Name, "@" + user.Username, err
}

// Ticket and Report make it the links.
func (w *world) Ticket(id int64) string { return fmt.Sprintf("%s/tickets/%d", w.link, id) }
func (w *world) Report(id int64) string { return w.Ticket(id) + "#report" }

// Current and Now make it the groups.
func (w *world) Current() []ticket.Place { return []ticket.Place{{Chat: group}} }
func (w *world) Now(chat int64) int64    { return chat }

// CRMAsked and the others make it the meters.
func (w *world) CRMAsked(result string, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[result]++
}
func (w *world) JobEnded(string, string, time.Duration) {}
func (w *world) JobResent(string)                       {}

func (w *world) results() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	copied := map[string]int{}
	for k, v := range w.asked {
		copied[k] = v
	}
	return copied
}

// knows has a person write to the bot.
func (w *world) knows(id int64) { //nolint:unparam // a story says who
	w.Helper()
	_, err := w.store.Accounts().Seen(w.Context(), account.User{ID: id, Name: "Лариска", Username: "lariska"})
	require.NoError(w, err)
}

// opens opens a ticket.
func (w *world) opens(owner int64, vin string) ticket.Ticket {
	w.Helper()
	t, fresh, err := w.tickets.Open(ticket.WithRequestID(w.Context(), "r-open"), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(w, err)
	require.True(w, fresh)
	return t
}

// opensMany opens tickets of as many owners.
func (w *world) opensMany(n int) (all []ticket.Ticket) {
	w.Helper()
	for i := range n {
		all = append(all, w.opens(owner+int64(i), vinA))
	}
	return all
}

// takes has the manager take a ticket.
func (w *world) takes(id int64) {
	w.Helper()
	_, outcome, err := w.tickets.Take(w.Context(), id, ticket.Actor{ID: manager, Name: "Чебурашка"})
	require.NoError(w, err)
	require.Equal(w, ticket.TakenNow, outcome)
}

// moves moves a ticket as the domain would, without what surrounds it.
func (w *world) moves(id int64, to ticket.Status, e ticket.Event) {
	w.Helper()
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, tx ticket.Tx) error {
		t, err := tx.Ticket(ctx, id)
		if err != nil {
			return err
		}
		e.TicketID, e.From, e.To = id, t.Status, to
		t.Status = to
		if err := tx.Update(ctx, &t); err != nil {
			return err
		}
		return tx.AddEvent(ctx, e)
	}))
}

// delivers brings a ticket that is taken to its end.
func (w *world) delivers(id int64) {
	w.Helper()
	w.moves(id, ticket.Delivering, ticket.Event{Kind: ticket.EventReportAccepted})
	w.moves(id, ticket.Done, ticket.Event{Kind: ticket.EventDelivered})
}

// deal is the one deal that there is.
func (w *world) deal() crmtest.Deal {
	w.Helper()
	all := w.sim.Deals()
	require.Len(w, all, 1)
	return all[0]
}

// waiting counts the jobs that wait.
func (w *world) waiting() int {
	w.Helper()
	depths, err := w.store.CRM().Queue().Depths(w.Context())
	require.NoError(w, err)
	return depths[0].Waiting
}

// alarms are the texts that the CRM refuses us which wait to be sent to a chat.
func (w *world) alarms(chat int64) []ticket.Say {
	w.Helper()
	return w.says(chat, ticket.TextCRMRefused)
}

// says takes the texts of a kind that wait to be sent to a chat.
func (w *world) says(chat int64, text string) (said []ticket.Say) {
	w.Helper()
	heads, err := w.store.Outbox().Waiting(w.Context(), 0, 1000)
	require.NoError(w, err)
	var ids []int64
	for _, h := range heads {
		if h.Chat == chat && h.Kind == string(ticket.EffectSay) {
			ids = append(ids, h.ID)
		}
	}
	jobs, err := w.store.Outbox().Claim(w.Context(), ids, time.Minute)
	require.NoError(w, err)
	for _, j := range jobs {
		var s ticket.Say
		require.NoError(w, json.Unmarshal(j.Payload, &s))
		if s.Text == text {
			said = append(said, s)
		}
	}
	return said
}

// always is a mood for everything.
func always(m crmtest.Mood) func(string) crmtest.Mood {
	return func(string) crmtest.Mood { return m }
}

// once is a mood for the first request of a kind.
func once(m crmtest.Mood, what string) func(string) crmtest.Mood {
	done := false
	return func(asked string) crmtest.Mood {
		if done || asked != what {
			return crmtest.Well
		}
		done = true
		return m
	}
}

// lines is a log.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
