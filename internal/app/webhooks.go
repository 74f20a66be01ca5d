package app

import (
	"context"
	"fmt"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/outbox"
	"vinbot/internal/webhook"
)

// hooks are the parts of the program that tell other systems what happens.
type hooks struct {
	service *webhook.Service
	sender  *webhook.Sender
	relay   *outbox.Relay
}

// webhookAge is how long a delivery to a webhook may wait before the process is
// called degraded.
const webhookAge = 5 * time.Minute

func (a *App) buildHooks() {
	kept, private := a.store.Webhooks(), bool(a.Config.WebhookAllowPrivate)
	gate := outbox.NewSlots(webhook.MostAtOnce)
	a.hooks.sender = webhook.NewSender(webhook.SenderOptions{
		Store: kept, Tickets: a.store, Work: a.store, Gate: gate, Meter: a.metrics, Log: a.Log, Clock: a.Clock, Show: api.ShowTicket,
		Admins: a.Config.AdminIDs, Groups: a.groups, Private: private, Transport: a.Receivers,
	})
	a.hooks.relay = outbox.New(outbox.Options{
		Store: kept.Queue(), Kinds: a.hooks.sender.Kinds(), Gate: gate, Meter: jobMeter{a.metrics}, Log: a.Log, Clock: a.Clock,
		Context: a.jobContext, Chats: "webhook", Repeatable: true,
	})
	a.hooks.service = webhook.NewService(webhook.ServiceOptions{
		Store: kept, Work: a.store, Private: private, Wake: a.follow.Wake,
	})
}

// Webhooks is what operators do with the endpoints that other systems listen at.
func (a *App) Webhooks() *webhook.Service { return a.hooks.service }

// probeWebhooks looks at how long deliveries have waited. It names the endpoint
// by its number.
func (a *App) probeWebhooks(ctx context.Context) httpd.Status {
	backlogs, err := a.store.Webhooks().Backlogs(ctx)
	if err != nil {
		return httpd.Status{Reason: err.Error()}
	}
	status := httpd.Status{OK: true}
	for _, b := range backlogs {
		age := a.age(b.Oldest)
		if status.Age = max(status.Age, age); age >= webhookAge {
			status.OK = false
			status.Reason = fmt.Sprintf("%d deliveries wait for webhook %d", b.Waiting, b.Endpoint)
		}
	}
	return status
}

// watchWebhooks has the metrics ask how much waits for webhooks.
func (a *App) watchWebhooks() error {
	return a.metrics.WatchWebhooks(a.watched(func(ctx context.Context) (b backlog, err error) {
		backlogs, err := a.store.Webhooks().Backlogs(ctx)
		for _, of := range backlogs {
			b.add(of.Waiting, of.Oldest)
		}
		return b, err
	}))
}
