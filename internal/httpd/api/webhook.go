package api

import (
	"context"
	"net/http"
	"strconv"
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
}

// aboutWebhooks are the routes of who sets webhooks up.
func (a *API) aboutWebhooks() {
	const one = root + "/webhooks/{id}"
	op := func(id, method, path, summary string, errors ...int) operation {
		return operation{
			ID: id, Method: method, Path: path, Tag: "Webhooks", Summary: summary, Scope: account.ScopeManage, Errors: errors,
		}
	}
	add(a, op("listWebhooks", http.MethodGet, root+"/webhooks", "The webhooks, the oldest first"), a.listWebhooks)
	create := op("createWebhook", http.MethodPost, root+"/webhooks", "Have another system told what happens", http.StatusConflict)
	create.Status, create.Details = http.StatusCreated, "The secret is in this answer, and never again. What happened before is not told."
	add(a, create, a.createWebhook)
	add(a, op("getWebhook", http.MethodGet, one, "A webhook", http.StatusNotFound), a.getWebhook)
	change := op("changeWebhook", http.MethodPatch, one, "Change what is given, or switch it on or off",
		http.StatusNotFound, http.StatusPreconditionFailed)
	change.Details = "One that is switched off gives up what waits for it. One that is switched on is not told what happened meanwhile."
	add(a, change, a.changeWebhook)
	remove := op("deleteWebhook", http.MethodDelete, one, "Remove a webhook with its secret and its deliveries",
		http.StatusNotFound, http.StatusPreconditionFailed)
	remove.Status = http.StatusNoContent
	add(a, remove, a.deleteWebhook)
	rotate := op("rotateWebhook", http.MethodPost, one+"/rotate", "Make a new secret",
		http.StatusNotFound, http.StatusPreconditionFailed)
	rotate.Details = "For a day messages are signed with both. The new one is in this answer, and never again."
	add(a, rotate, a.rotateWebhook)
	a.aboutDeliveries(op, one)
}

// Webhook is an endpoint that another system listens at.
type Webhook struct {
	ID           int64      `json:"id"`
	URL          string     `json:"url"`
	Description  string     `json:"description"`
	Events       []string   `json:"events" nullable:"false" doc:"What it is told; empty: everything."`
	Active       bool       `json:"active"`
	Stopped      string     `json:"stopped,omitempty" enum:"failing,gone" doc:"Why the program switched it off: nothing arrived there for three days, or it answered 410."`
	Secret       string     `json:"secret,omitempty" doc:"Only in the answer that made it."`
	OldUntil     *time.Time `json:"old_secret_until,omitempty" doc:"Until when the secret before the last rotation signs as well."`
	FailingSince *time.Time `json:"failing_since,omitempty" doc:"Since when nothing arrives there."`
	PausedUntil  *time.Time `json:"paused_until,omitempty" doc:"Until when it asked to be left alone, by Retry-After."`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	Version      int64      `json:"version" doc:"Grows with every change; also the ETag."`
}

func viewWebhook(e webhook.Endpoint) Webhook {
	v := Webhook{
		ID: e.ID, URL: e.URL, Description: e.Description, Events: []string{}, Active: e.Active, Stopped: e.Stopped,
		OldUntil: moment(e.OldUntil), FailingSince: moment(e.FailingSince), PausedUntil: moment(e.PausedUntil), CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt, Version: e.Version,
	}
	for _, t := range e.Events {
		v.Events = append(v.Events, string(t))
	}
	return v
}

// webhookOutput is an answer with a webhook.
type webhookOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Webhook
}

func showWebhook(e webhook.Endpoint) *webhookOutput {
	return &webhookOutput{ETag: tagOf(e), Body: viewWebhook(e)}
}

func tagOf(e webhook.Endpoint) string { return `"` + strconv.FormatInt(e.Version, 10) + `"` }

// known refuses a change of a webhook that is not as its caller knows it.
func known(match string) func(webhook.Endpoint) error {
	return func(e webhook.Endpoint) error {
		if match == "" || match == "*" {
			return nil
		}
		for tag := range strings.SplitSeq(match, ",") {
			if strings.TrimSpace(tag) == tagOf(e) {
				return nil
			}
		}
		return changed("its ETag is " + tagOf(e))
	}
}

func changed(how string) *Problem {
	return problem(http.StatusPreconditionFailed, codePrecondition, "the webhook has changed: "+how)
}

// raced makes of a change that another process was quicker than what it is to
// the caller: one of a webhook that is not as they know it.
func raced(err error) error {
	if ticket.CodeOf(err) == ticket.CodeConflict {
		return changed("read it again")
	}
	return err
}

// placed gives what the service refuses of a request its place there.
func placed(err error) error {
	if ticket.CodeOf(err) != ticket.CodeInvalid {
		return err
	}
	field, message, found := strings.Cut(problemOf(err).Detail, ": ")
	if !found {
		return err
	}
	return invalid(FieldFault{Location: "body." + field, Message: message})
}

type webhooksOutput struct {
	Body struct {
		Items []Webhook `json:"items" nullable:"false"`
	}
}

func (a *API) listWebhooks(ctx context.Context, _ *struct{}) (*webhooksOutput, error) {
	found, err := a.Webhooks.List(ctx)
	if err != nil {
		return nil, err
	}
	said := &webhooksOutput{}
	said.Body.Items = make([]Webhook, len(found))
	for i, e := range found {
		said.Body.Items[i] = viewWebhook(e)
	}
	return said, nil
}

type createWebhookInput struct {
	Body struct {
		URL         string   `json:"url" maxLength:"2048" doc:"Where messages are posted: https." example:"https://crm.example.com/hooks/vin"`
		Description string   `json:"description,omitempty" maxLength:"200"`
		Events      []string `json:"events,omitempty" maxItems:"20" doc:"What it is told; none: everything." example:"[\"ticket.done\"]"`
		Active      *bool    `json:"active,omitempty" doc:"On unless this says false."`
	}
}

func (a *API) createWebhook(ctx context.Context, in *createWebhookInput) (*webhookOutput, error) {
	d := webhook.Draft{URL: in.Body.URL, Description: in.Body.Description, Events: typesOf(in.Body.Events), Active: true}
	if in.Body.Active != nil {
		d.Active = *in.Body.Active
	}
	e, err := a.Webhooks.Create(ctx, d)
	if err != nil {
		return nil, placed(err)
	}
	said := showWebhook(e)
	said.Body.Secret = e.Secret
	said.Location = root + "/webhooks/" + strconv.FormatInt(e.ID, 10)
	return said, nil
}

func typesOf(names []string) []webhook.Type {
	types := make([]webhook.Type, len(names))
	for i, name := range names {
		types[i] = webhook.Type(name)
	}
	return types
}

type webhookInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (a *API) getWebhook(ctx context.Context, in *webhookInput) (*webhookOutput, error) {
	e, err := a.Webhooks.Read(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return showWebhook(e), nil
}

type changeWebhookInput struct {
	ID    int64  `path:"id" minimum:"1"`
	Match string `header:"If-Match" doc:"The ETag of the webhook as the caller knows it: where it has changed since, nothing is done."`
	Body  struct {
		URL         *string   `json:"url,omitempty" maxLength:"2048"`
		Description *string   `json:"description,omitempty" maxLength:"200"`
		Events      *[]string `json:"events,omitempty" maxItems:"20"`
		Active      *bool     `json:"active,omitempty"`
	}
}

func (a *API) changeWebhook(ctx context.Context, in *changeWebhookInput) (*webhookOutput, error) {
	e, err := a.Webhooks.Change(ctx, in.ID, func(e webhook.Endpoint, d *webhook.Draft) error {
		if err := known(in.Match)(e); err != nil {
			return err
		}
		set(&d.URL, in.Body.URL)
		set(&d.Description, in.Body.Description)
		set(&d.Active, in.Body.Active)
		if in.Body.Events != nil {
			d.Events = typesOf(*in.Body.Events)
		}
		return nil
	})
	if err != nil {
		return nil, placed(raced(err))
	}
	return showWebhook(e), nil
}

// set changes what is given.
func set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}

type knownWebhookInput struct {
	ID    int64  `path:"id" minimum:"1"`
	Match string `header:"If-Match" doc:"As of every change."`
}

func (a *API) deleteWebhook(ctx context.Context, in *knownWebhookInput) (*struct{}, error) {
	return &struct{}{}, raced(a.Webhooks.Delete(ctx, in.ID, known(in.Match)))
}

func (a *API) rotateWebhook(ctx context.Context, in *knownWebhookInput) (*webhookOutput, error) {
	e, err := a.Webhooks.Rotate(ctx, in.ID, known(in.Match))
	if err != nil {
		return nil, raced(err)
	}
	said := showWebhook(e)
	said.Body.Secret = e.Secret
	return said, nil
}
