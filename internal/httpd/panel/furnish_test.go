package panel_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/config"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// wellEnough is how a program is that does its work, with one thing to look at.
type wellEnough struct{}

// Health tells it.
func (wellEnough) Health(context.Context) panel.Health {
	return panel.Health{
		Checks: []httpd.State{
			{Name: "database", Status: "ok"},
			{Name: "polling", Status: "ok", Age: 12},
			{Name: "outbox", Status: "ok"},
			{Name: "refresh", Status: "ok"},
			{Name: "archive", Status: "ok"},
			{Name: "webhooks", Status: "degraded", Age: 1500, Reason: "14 deliveries wait for webhook 2"},
		},
		Version: "v1.0.0", Commit: "0123456789ab", Go: "go1.26.0", Schema: 16, Database: "PostgreSQL 17.2", Begun: noon().Add(-50 * time.Hour), Leads: true,
		Processes: 2, LastPoll: noon().Add(20 * time.Minute),
		Queues:   []panel.Queue{{Name: "updates"}, {Name: "effects", Waiting: 2, Oldest: noon().Add(20 * time.Minute)}, {Name: "deliveries", Waiting: 14, Oldest: noon().Add(-5 * time.Minute)}},
		DiskFree: 87 << 30, DiskTotal: 120 << 30,
	}
}

// settled has a panel show a program that somebody has set up.
func settled(o *panel.Options) {
	o.Status, o.Settings = wellEnough{}, nil
	for _, v := range config.InForce([]string{
		"BOT_TOKEN=1:x", "MANAGER_CHAT=-1001234567890:4", "ADMIN_IDS=30", "DATABASE_URL=postgres://x", "HTTP_ADDR=:8080",
		"PUBLIC_URL=https://vin.example.org", "WORK_HOURS=Mon-Fri 09:00-18:00",
	}, "testdata") {
		o.Settings = append(o.Settings, panel.Setting(v))
	}
}

// furnished is a world in which everything has happened that pages show.
func furnished(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, settled)
	w.furnishPeople()
	w.furnishHistory()
	w.furnishDeeds()
	k := w.furnishTickets()
	w.about = k
	w.furnishTokens()
	w.furnishWebhooks(k.ID)
	w.setsAside("read the message: invalid character '}' looking for beginning of value", `{"update_id":1,"message":{}}`, `{"update_id":2,"callback_query":{}}`, `[`)
	w.buries(k.ID, "failed 10 times: send the message: Bad Request: chat not found")
	w.buries(0, "Forbidden: bot was kicked from the supergroup chat")
	return w
}

// furnishTickets has tickets stand in all ways that the queue shows, and gives
// the one that the pages of one ticket are about.
func (w *world) furnishTickets() ticket.Ticket {
	w.Helper()
	ctx := w.Context()
	by := ticket.Actor{ID: boris, Name: "Boris Volkov"}
	must := func(_ any, _ any, err error) { w.Helper(); require.NoError(w, err) }
	k := w.opens(someone+7, honda)
	urgent, rejected, hers := w.opens(someone+8, bmw), w.opens(someone+9, "1FTEX1CM8EFB88051"), w.opens(someone+10, "1C4NJDEB5FD340542")
	must(w.tickets.Prioritize(ctx, urgent.ID, ticket.Urgent, by))
	must(w.tickets.Reject(ctx, rejected.ID, ticket.Rejection{Reason: ticket.RejectNoData}, by))
	must(w.tickets.Take(ctx, hers.ID, ticket.Actor{ID: vera, Name: "Vera Orlova"}))
	w.later(10 * time.Minute)
	must(w.tickets.Take(ctx, k.ID, by))
	must(w.tickets.Prioritize(ctx, k.ID, ticket.High, by))
	_, err := w.talk.Ask(ctx, ticket.Asking{Ticket: k.ID, By: by, Text: "Is the mileage in the ad the one on the clock?"})
	require.NoError(w, err)
	require.NoError(w, w.talk.Asked(ctx, 1, 55))
	_, err = w.talk.Answer(ctx, ticket.Answering{Owner: someone + 7, Source: ticket.Place{Chat: someone + 7, Message: 56}, To: 55, Plain: true})
	require.NoError(w, err)
	w.later(8 * time.Minute)
	for i, v := range []string{honda, bmw, "1FTEX1CM8EFB88051"} {
		waits := w.opens(int64(someone+11+i), v)
		if i == 2 {
			must(w.tickets.Prioritize(ctx, waits.ID, ticket.Low, by))
		}
	}
	w.later(2 * time.Minute)
	w.joins(boris)
	w.joins(vera)
	return k
}

func (w *world) furnishTokens() {
	w.Helper()
	for _, made := range []account.Token{
		{Name: "Dealer's web site", Scopes: []account.Scope{account.ScopeTicketsRead, account.ScopeTicketsWrite, account.ScopeReportsRead}, PerMinute: 600},
		{Name: "Accounting", Scopes: []account.Scope{account.ScopeTicketsRead}, PerMinute: 60},
		{Name: "Old scripts", Scopes: account.Scopes(), PerMinute: 60},
	} {
		_, hash := account.NewSecret(account.PrefixToken)
		_, err := w.store.Tokens().Create(w.Context(), made, hash)
		require.NoError(w, err)
	}
	_, err := w.store.Tokens().Revoke(w.Context(), 3)
	require.NoError(w, err)
}

func (w *world) furnishWebhooks(about int64) {
	w.Helper()
	hooks := w.store.Webhooks()
	var all []webhook.Endpoint
	for _, e := range []webhook.Endpoint{
		{URL: "https://crm.example.com/hook", Description: "Deals in the CRM"},
		{URL: "https://pay.example.net/vin", Description: "Invoices", Events: []webhook.Type{webhook.TicketDone, webhook.RatingGiven}},
		{URL: "https://old.example.org/", Description: "The old site"},
	} {
		e.Secret, e.Active, e.Version, e.CreatedAt, e.UpdatedAt = "whsec_c2VjcmV0", true, 1, w.now(), w.now()
		require.NoError(w, hooks.InsertEndpoint(w.Context(), &e))
		all = append(all, e)
	}
	w.sends(all[0], about, webhook.FaultStatus, "<h1>502 Bad Gateway</h1>")
	w.sends(all[0], about, "", "ok")
	w.sends(all[0], 0, "", "")
	require.NoError(w, hooks.NoteFailure(w.Context(), all[1].ID, w.now(), time.Hour))
	d := webhook.Delivery{Endpoint: all[1].ID, MessageID: "msg_waits", Type: webhook.TicketDone, Ticket: about, CreatedAt: w.now(), QueuedAt: w.now().Add(-time.Hour), NextAt: w.now()}
	require.NoError(w, hooks.InsertDelivery(w.Context(), &d))
	all[2].Active, all[2].Stopped = false, webhook.StoppedFailing
	require.NoError(w, hooks.UpdateEndpoint(w.Context(), &all[2]))
}
