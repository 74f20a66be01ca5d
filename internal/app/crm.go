package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/config"
	"vinbot/internal/crm"
	"vinbot/internal/httpd"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// deals are the parts of the program that keep the CRM up to date; without one
// there are none.
type deals struct {
	carrier *crm.Carrier
	relay   *outbox.Relay
	account string
}

// crmAge is how long a job for the CRM may wait before the process is called
// degraded.
const crmAge = 5 * time.Minute

// NewCRM is the CRM that the settings name; nil where they name none.
func NewCRM(cfg config.Config, o crm.Options) crm.CRM {
	switch cfg.CRM {
	case config.Bitrix24:
		return crm.NewBitrix24(cfg.Bitrix24WebhookURL.Reveal(), o)
	case config.AmoCRM:
		return crm.NewAmoCRM(string(cfg.AmoCRMBaseURL), cfg.AmoCRMToken.Reveal(), o)
	}
	return nil
}

// buildCRM makes what keeps the CRM up to date, if there is one.
func (a *App) buildCRM() {
	cfg := a.Config
	system := NewCRM(cfg, crm.Options{Meter: a.metrics, Clock: a.Clock, Language: string(cfg.DefaultLanguage), Transport: a.CRM})
	if system == nil {
		return
	}
	stages := map[ticket.Status]string{}
	for _, status := range ticket.Statuses() {
		stages[status] = cfg.CRMStages.Of(string(status))
	}
	kept := a.store.CRM()
	a.deals.account = system.Account()
	a.deals.carrier = crm.NewCarrier(crm.CarrierOptions{
		CRM: system, Store: kept, Tickets: a.store, Owner: a.owner, Links: panelLinks{string(cfg.Site(string(cfg.HTTPAddr)))}, Stages: stages,
		Bot: a.client.ID(), Language: string(cfg.DefaultLanguage), Zone: cfg.Timezone.Location(), Work: a.store,
		Admins: cfg.AdminIDs, Groups: a.groups, Log: a.Log, Clock: a.Clock,
	})
	a.deals.relay = outbox.New(outbox.Options{
		Store: kept.Queue(), Kinds: a.deals.carrier.Kinds(), Gate: crm.NewGate(), Meter: jobMeter{a.metrics}, Log: a.Log, Clock: a.Clock,
		Context: a.jobContext, Chats: "crm", Repeatable: true,
	})
}

// beginCRM notes which account is kept up to date, before anything happens that
// it should be told of.
func (a *App) beginCRM(ctx context.Context) error {
	if a.deals.relay == nil {
		return nil
	}
	return a.store.CRM().Begin(ctx, a.deals.account)
}

// owner tells how an owner is called.
func (a *App) owner(ctx context.Context, id int64) (name, username string, err error) {
	user, err := a.store.Accounts().User(ctx, id)
	if ticket.IsNotFound(err) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read an owner: %w", err)
	}
	if user.Username != "" {
		username = "@" + user.Username
	}
	return user.Name, username, nil
}

// panelLinks are where the panel shows tickets.
type panelLinks struct{ site string }

func (l panelLinks) Ticket(id int64) string { return l.site + "/tickets/" + strconv.FormatInt(id, 10) }
func (l panelLinks) Report(id int64) string { return l.Ticket(id) + "#report" }

// probeCRM looks at how long jobs for the CRM have waited, and whether it takes
// them.
func (a *App) probeCRM(ctx context.Context) httpd.Status {
	state, err := a.store.CRM().State(ctx)
	if err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	waits, err := a.crmBacklog(ctx)
	if err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	age := a.age(waits.oldest)
	given, err := a.givenUp(ctx)
	switch {
	case err != nil:
		return httpd.Status{Reason: err.Error()}
	case !state.RefusedAt.IsZero():
		return httpd.Status{Age: age, Reason: fmt.Sprintf("the CRM refuses us (%s); %d jobs wait", state.Reason, waits.waiting)}
	case age >= crmAge:
		return httpd.Status{Age: age, Reason: fmt.Sprintf("%d jobs wait for the CRM; %s", waits.waiting, reasonOr(a.deals.carrier.Trouble(), "it takes them slowly"))}
	case given > 0:
		return a.namesGivenUp(ctx, given)
	}
	return httpd.Status{OK: true, Age: age}
}

// givenUp counts the jobs that were given up, since the CRM did not understand
// them for a week.
func (a *App) givenUp(ctx context.Context) (n int, err error) {
	kinds, err := a.store.DeadCRMJobs().AsideKinds(ctx)
	for _, k := range kinds {
		n += k.Count
	}
	return n, err
}

// namedGivenUp is how many tickets are named whose jobs were given up.
const namedGivenUp = 5

// namesGivenUp says whose jobs were given up, and why the last one was.
func (a *App) namesGivenUp(ctx context.Context, n int) httpd.Status {
	last, err := a.store.DeadCRMJobs().Asides(ctx, "", namedGivenUp)
	if err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	var of []string
	for _, job := range last {
		if job.Ticket != 0 { // what is cleaned names nobody any more
			of = append(of, "№"+strconv.FormatInt(job.Ticket, 10))
		}
	}
	reason := fmt.Sprintf("jobs for the CRM that were given up: %d", n)
	if len(of) > 0 {
		reason += ", last of the tickets " + strings.Join(of, ", ")
	}
	if len(last) > 0 {
		reason += "; " + last[0].Reason
	}
	return httpd.Status{Reason: reason}
}

// crmBacklog tells how many jobs wait for the CRM, and since when the oldest does.
func (a *App) crmBacklog(ctx context.Context) (b backlog, err error) {
	depths, err := a.store.CRM().Queue().Depths(ctx)
	for _, d := range depths {
		b.add(d.Waiting, d.Oldest)
	}
	return b, err
}

// watchCRM has the metrics ask how much waits for the CRM.
func (a *App) watchCRM() error {
	if a.deals.relay == nil {
		return nil
	}
	given := figure[int]{app: a, question: a.givenUp}
	return a.metrics.WatchCRM(a.watched(a.crmBacklog), given.get)
}
