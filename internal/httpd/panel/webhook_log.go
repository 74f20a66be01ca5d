package panel

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"vinbot/internal/webhook"
)

const (
	// logSize is how many deliveries a page of the log shows.
	logSize = 50
	// freshTime is how long after it was queued a delivery is waited for by the
	// page itself.
	freshTime = time.Minute
	// fieldTime is how browsers write a time in a form.
	fieldTime = "2006-01-02T15:04"
)

// webhookPage is what the page of an endpoint shows.
type webhookPage struct {
	webhookLine

	Types  []eventType
	Secret string // that was just made; empty: none
	Log    deliveryLog
	// From and To are the period that is offered for sending again.
	From, To string
}

// deliveryLog is a part of what an endpoint was sent.
type deliveryLog struct {
	Endpoint   int64
	State      webhook.State // that was asked for; empty: all
	States     []webhook.State
	Deliveries []webhook.Delivery
	Next       int64 // 0: it is the last page
	// Fresh says that something was sent a moment ago whose end is not known yet.
	Fresh bool
}

// showWebhook shows an endpoint with what it was sent, or to htmx that alone.
func (v *visit) showWebhook() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	e, err := v.Webhooks.Read(v.ctx(), id)
	if err != nil {
		return err
	}
	if !v.partial() {
		return v.showWebhookWith(e, "")
	}
	list, err := v.deliveryLog(id)
	if err != nil {
		return err
	}
	return v.part("webhook.log", list)
}

func (v *visit) showWebhookWith(e webhook.Endpoint, secret string) error {
	lines, err := v.webhookLines([]webhook.Endpoint{e})
	if err != nil {
		return err
	}
	list, err := v.deliveryLog(e.ID)
	if err != nil {
		return err
	}
	now := v.Clock().In(v.Zone)
	return v.showAs(http.StatusOK, "webhook", page{Title: "webhooks.title", Extra: extra{Scripts: []string{"copy.js"}}}, webhookPage{
		webhookLine: lines[0], Types: eventTypes(e.Events), Secret: secret, Log: list,
		From: now.Add(-24 * time.Hour).Format(fieldTime), To: now.Add(time.Minute).Format(fieldTime),
	})
}

// deliveryLog reads a page of what an endpoint was sent.
func (v *visit) deliveryLog(id int64) (deliveryLog, error) {
	list := deliveryLog{Endpoint: id, States: []webhook.State{webhook.Waiting, webhook.Leased, webhook.Done, webhook.Dead}}
	for _, s := range list.States {
		if v.r.FormValue("state") == string(s) {
			list.State = s
		}
	}
	before, err := strconv.ParseInt(v.r.FormValue("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	list.Deliveries, err = v.Webhooks.Deliveries(v.ctx(), id, webhook.Page{Before: before, Limit: logSize + 1, State: list.State})
	if err != nil {
		return list, err
	}
	if len(list.Deliveries) > logSize {
		list.Deliveries = list.Deliveries[:logSize]
		list.Next = list.Deliveries[logSize-1].ID
	}
	for _, d := range list.Deliveries {
		list.Fresh = list.Fresh || d.EndedAt.IsZero() && v.Clock().Sub(d.QueuedAt) < freshTime
	}
	return list, nil
}

// deliveryPage is what the page of a delivery shows.
type deliveryPage struct {
	webhook.Delivery

	Attempts []webhook.Attempt
	Host     string
}

// showDelivery shows what an endpoint was sent, with every try at it.
func (v *visit) showDelivery() error {
	endpoint, id, err := v.deliveryNumbers()
	if err != nil {
		return err
	}
	d, tries, err := v.Webhooks.Delivery(v.ctx(), endpoint, id)
	if err != nil {
		return err
	}
	e, err := v.Webhooks.Read(v.ctx(), endpoint)
	if err != nil {
		return err
	}
	return v.show("webhook.delivery", "webhooks.delivery", deliveryPage{d, tries, hostOf(e.URL)})
}

func (v *visit) deliveryNumbers() (endpoint, id int64, err error) {
	if endpoint, err = v.number("id"); err == nil {
		id, err = v.number("delivery")
	}
	return endpoint, id, err
}

// redeliver sends once more what an endpoint was sent.
func (v *visit) redeliver() error {
	endpoint, id, err := v.deliveryNumbers()
	if err != nil {
		return err
	}
	details := map[string]string{"delivery": number(id)}
	err = v.didWebhook("webhook.redeliver", endpoint, details, func(ctx context.Context) error {
		_, err := v.Webhooks.Redeliver(ctx, endpoint, id)
		return v.offOr(err)
	})
	if err != nil {
		return err
	}
	return v.done(webhookPath(endpoint), "webhooks.redelivered", "Number", id)
}

// redeliverDead sends again what an endpoint was sent that was given up within a
// period.
func (v *visit) redeliverDead() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	from, err := v.fieldTime("from")
	if err != nil {
		return err
	}
	to, err := v.fieldTime("to")
	if err != nil {
		return err
	}
	var n int
	var more bool
	details := map[string]string{"from": from.UTC().Format(time.RFC3339), "to": to.UTC().Format(time.RFC3339)}
	err = v.didWebhook("webhook.redeliver_dead", id, details, func(ctx context.Context) (err error) {
		n, more, err = v.Webhooks.RedeliverDead(ctx, id, from, to)
		details["count"] = strconv.Itoa(n)
		return v.offOr(err)
	})
	switch {
	case err != nil:
		return err
	case more:
		return v.done(webhookPath(id), "webhooks.redelivered_some", "Count", n)
	}
	return v.done(webhookPath(id), "webhooks.redelivered_all", "Count", n)
}

// fieldTime reads a time from a form, in the operator's zone.
func (v *visit) fieldTime(name string) (time.Time, error) {
	text := v.r.PostFormValue(name)
	for _, layout := range []string{fieldTime, fieldTime + ":05"} {
		if at, err := time.ParseInLocation(layout, text, v.Zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, v.refuse(http.StatusUnprocessableEntity, "error.bad_time")
}
