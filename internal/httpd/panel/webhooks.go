package panel

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// webhooks is what operators do with the endpoints that other systems listen at.
type webhooks interface {
	List(ctx context.Context) ([]webhook.Endpoint, error)
	Create(ctx context.Context, d webhook.Draft) (webhook.Endpoint, error)
	Read(ctx context.Context, id int64) (webhook.Endpoint, error)
	Change(ctx context.Context, id int64, fn func(e webhook.Endpoint, d *webhook.Draft) error) (webhook.Endpoint, error)
	Delete(ctx context.Context, id int64, allow func(webhook.Endpoint) error) error
	Rotate(ctx context.Context, id int64, allow func(webhook.Endpoint) error) (webhook.Endpoint, error)
	Try(ctx context.Context, id int64) (webhook.Delivery, error)
	Deliveries(ctx context.Context, id int64, p webhook.Page) ([]webhook.Delivery, error)
	Delivery(ctx context.Context, endpoint, id int64) (webhook.Delivery, []webhook.Attempt, error)
	Redeliver(ctx context.Context, endpoint, id int64) (webhook.Delivery, error)
	RedeliverDead(ctx context.Context, endpoint int64, from, to time.Time) (int, bool, error)
	Backlogs(ctx context.Context) ([]webhook.Backlog, error)
	Succeeded(ctx context.Context) (map[int64]time.Time, error)
	Notice()
}

func (p *Panel) webhookRoutes() []route {
	return []route{
		{"GET", "/webhooks", admins, (*visit).showWebhooks},
		{"POST", "/webhooks", admins, (*visit).createWebhook},
		{"GET", "/webhooks/{id}", admins, (*visit).showWebhook},
		{"POST", "/webhooks/{id}", admins, (*visit).changeWebhook},
		{"POST", "/webhooks/{id}/on", admins, (*visit).switchWebhook},
		{"POST", "/webhooks/{id}/off", admins, (*visit).switchWebhook},
		{"POST", "/webhooks/{id}/rotate", admins, (*visit).rotateWebhook},
		{"POST", "/webhooks/{id}/test", admins, (*visit).testWebhook},
		{"POST", "/webhooks/{id}/delete", admins, (*visit).deleteWebhook},
		{"POST", "/webhooks/{id}/redeliver", admins, (*visit).redeliverDead},
		{"GET", "/webhooks/{id}/deliveries/{delivery}", admins, (*visit).showDelivery},
		{"POST", "/webhooks/{id}/deliveries/{delivery}/redeliver", admins, (*visit).redeliver},
	}
}

// webhookLine is an endpoint as the list shows it.
type webhookLine struct {
	webhook.Endpoint

	Host    string
	State   string    // on, off, failing, or why the program switched it off
	Success time.Time // when it took something last; zero: not within a week
	Backlog webhook.Backlog
}

// webhooksPage is the list, with what a form for another asks.
type webhooksPage struct {
	Lines []webhookLine
	Types []eventType
}

// eventType is a type of message that an endpoint may ask for.
type eventType struct {
	Type   webhook.Type
	Chosen bool
}

func eventTypes(chosen []webhook.Type) []eventType {
	var all []eventType
	for _, t := range webhook.Types() {
		all = append(all, eventType{t, slices.Contains(chosen, t)})
	}
	return all
}

// stateOf says in a word how an endpoint is.
func stateOf(e webhook.Endpoint) string {
	switch {
	case !e.Active && e.Stopped != "":
		return "stopped_" + e.Stopped
	case !e.Active:
		return "off"
	case !e.FailingSince.IsZero():
		return "failing"
	default:
		return "on"
	}
}

// hostOf is what of a URL may be shown in passing: the rest may be as good as a
// password.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

// webhookLines adds to endpoints how they do.
func (v *visit) webhookLines(endpoints []webhook.Endpoint) ([]webhookLine, error) {
	took, err := v.Webhooks.Succeeded(v.ctx())
	if err != nil {
		return nil, err
	}
	due, err := v.Webhooks.Backlogs(v.ctx())
	if err != nil {
		return nil, err
	}
	lines := make([]webhookLine, len(endpoints))
	for i, e := range endpoints {
		lines[i] = webhookLine{Endpoint: e, Host: hostOf(e.URL), State: stateOf(e), Success: took[e.ID]}
		for _, b := range due {
			if b.Endpoint == e.ID {
				lines[i].Backlog = b
			}
		}
	}
	return lines, nil
}

// showWebhooks lists the endpoints.
func (v *visit) showWebhooks() error {
	list, err := v.Webhooks.List(v.ctx())
	if err != nil {
		return err
	}
	lines, err := v.webhookLines(list)
	if err != nil {
		return err
	}
	return v.show("webhooks", "webhooks.title", webhooksPage{lines, eventTypes(nil)})
}

// wishedWebhook reads what somebody wants of an endpoint.
func (v *visit) wishedWebhook(d *webhook.Draft) {
	d.URL, d.Description = strings.TrimSpace(v.r.PostFormValue("url")), v.r.PostFormValue("description")
	d.Events = nil
	for _, name := range v.r.PostForm["event"] {
		d.Events = append(d.Events, webhook.Type(name))
	}
}

// faultOfWebhook says in the reader's language what is wrong with a wish.
func (v *visit) faultOfWebhook(err error) error {
	if ticket.CodeOf(err) != ticket.CodeInvalid {
		return err
	}
	if strings.Contains(err.Error(), "url: ") {
		return v.refuse(http.StatusUnprocessableEntity, "webhooks.bad_url")
	}
	return v.refuse(http.StatusUnprocessableEntity, "webhooks.bad_description")
}

// didWebhook makes a change of an endpoint, notes it, and has it looked at.
func (v *visit) didWebhook(action string, id int64, details map[string]string, change func(ctx context.Context) error) error {
	deed := account.Deed{Action: action, Target: webhookTarget(id), Details: details}
	if err := v.did(deed, change); err != nil {
		return v.faultOfWebhook(err)
	}
	v.Webhooks.Notice()
	return nil
}

func webhookTarget(id int64) string { return "webhook:" + number(id) }

func webhookPath(id int64) string { return "/webhooks/" + number(id) }

// createWebhook makes an endpoint, and shows its secret this once.
func (v *visit) createWebhook() error {
	wish := webhook.Draft{Active: true}
	v.wishedWebhook(&wish)
	var made webhook.Endpoint
	deed := account.Deed{Action: "webhook.create"}
	err := v.didTo(&deed, func(ctx context.Context) (err error) {
		made, err = v.Webhooks.Create(ctx, wish)
		deed.Target = webhookTarget(made.ID)
		return err
	})
	if ticket.CodeOf(err) == ticket.CodeConflict {
		return v.refuse(http.StatusConflict, "webhooks.too_many")
	}
	if err != nil {
		return v.faultOfWebhook(err)
	}
	v.Webhooks.Notice()
	return v.showSecretOf(made, "webhooks.made")
}

// showSecretOf shows an endpoint with its secret, this once.
func (v *visit) showSecretOf(e webhook.Endpoint, text string) error {
	if err := v.say(text, "Number", e.ID); err != nil {
		return err
	}
	return v.showWebhookWith(e, e.Secret)
}

// changeWebhook changes what is said of an endpoint, unless somebody else did
// meanwhile.
func (v *visit) changeWebhook() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.didWebhook("webhook.change", id, nil, func(ctx context.Context) error {
		_, err := v.Webhooks.Change(ctx, id, func(e webhook.Endpoint, d *webhook.Draft) error {
			if number(e.Version) != v.r.PostFormValue("version") {
				return v.refuse(http.StatusConflict, "error.conflict")
			}
			v.wishedWebhook(d)
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	return v.done(webhookPath(id), "webhooks.changed", "Number", id)
}

// switchWebhook switches an endpoint on or off: the path says which.
func (v *visit) switchWebhook() error {
	on := strings.HasSuffix(v.r.URL.Path, "/on")
	id, err := v.number("id")
	if err != nil {
		return err
	}
	action, text := "webhook.off", "webhooks.switched_off"
	if on {
		action, text = "webhook.on", "webhooks.switched_on"
	}
	err = v.didWebhook(action, id, nil, func(ctx context.Context) error {
		_, err := v.Webhooks.Change(ctx, id, func(e webhook.Endpoint, d *webhook.Draft) error {
			if e.Active == on {
				return v.refuse(http.StatusConflict, "error.conflict")
			}
			d.Active = on
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	return v.done(webhookPath(id), text, "Number", id)
}

// rotateWebhook gives an endpoint a new secret, and shows it this once.
func (v *visit) rotateWebhook() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	var changed webhook.Endpoint
	err = v.didWebhook("webhook.rotate", id, nil, func(ctx context.Context) (err error) {
		changed, err = v.Webhooks.Rotate(ctx, id, func(webhook.Endpoint) error { return nil })
		return err
	})
	if err != nil {
		return err
	}
	return v.showSecretOf(changed, "webhooks.rotated")
}

// testWebhook sends an endpoint a test.
func (v *visit) testWebhook() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.didWebhook("webhook.test", id, nil, func(ctx context.Context) error {
		_, err := v.Webhooks.Try(ctx, id)
		return v.offOr(err)
	})
	if err != nil {
		return err
	}
	return v.done(webhookPath(id), "webhooks.tested")
}

// offOr says what a conflict of sending is: the endpoint is off, or it is being
// sent already.
func (v *visit) offOr(err error) error {
	if ticket.CodeOf(err) == ticket.CodeConflict {
		return v.refuse(http.StatusConflict, "webhooks.cannot_send")
	}
	return err
}

// deleteWebhook removes an endpoint with its log.
func (v *visit) deleteWebhook() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.didWebhook("webhook.delete", id, nil, func(ctx context.Context) error {
		return v.Webhooks.Delete(ctx, id, func(webhook.Endpoint) error { return nil })
	})
	if err != nil {
		return err
	}
	return v.done("/webhooks", "webhooks.deleted", "Number", id)
}
