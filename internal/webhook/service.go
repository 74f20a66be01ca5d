package webhook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vinbot/internal/ticket"
)

const (
	// maxEndpoints is how many endpoints there may be: each costs a look at
	// every event.
	maxEndpoints = 50
	// maxDescription is how many characters a description may have.
	maxDescription = 200
	// maxPage is how many deliveries are listed at a time: a page of the API's, and
	// one that says that another page follows.
	maxPage = 101
	// maxAgain is how many are sent again at a time: they are one transaction.
	maxAgain = 500
)

// ServiceOptions are those of a service.
type ServiceOptions struct {
	Store Store
	Work  work
	// Wake has the feed look at the endpoints.
	Wake func()
	// Private lets endpoints be at addresses that are not the public internet's.
	Private bool
}

// Service is what operators do with endpoints. Each method is a unit of work: it
// joins the transaction that ctx carries, or makes its own.
type Service struct{ ServiceOptions }

// NewService makes a service.
func NewService(o ServiceOptions) *Service { return &Service{o} }

// Draft is what an operator says of an endpoint.
type Draft struct {
	URL         string
	Description string
	Events      []Type // none: all
	Active      bool
}

// Create stores an endpoint. Its secret is shown to whoever made it, and never
// again.
func (s *Service) Create(ctx context.Context, d Draft) (e Endpoint, err error) {
	if err := s.check(&d); err != nil {
		return Endpoint{}, err
	}
	e = Endpoint{URL: d.URL, Description: d.Description, Events: d.Events, Active: d.Active, Secret: newSecret()}
	err = s.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		all, err := s.Store.Endpoints(ctx)
		if err != nil {
			return err
		}
		if len(all) >= maxEndpoints {
			return ticket.NewError(ticket.CodeConflict, "there are as many webhooks as there may be", nil)
		}
		e.Version, e.CreatedAt, e.UpdatedAt = 1, tx.Now(), tx.Now()
		return s.Store.InsertEndpoint(ctx, &e)
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("create a webhook: %w", err)
	}
	s.Wake()
	return e, nil
}

// List lists the endpoints, the oldest first.
func (s *Service) List(ctx context.Context) ([]Endpoint, error) { return s.Store.Endpoints(ctx) }

// Read finds an endpoint.
func (s *Service) Read(ctx context.Context, id int64) (Endpoint, error) {
	return s.Store.Endpoint(ctx, id)
}

// Change has fn change what is said of an endpoint, and stores that. One that
// is switched off gives up what waits for it; one that is switched on starts
// anew, and is told nothing of what happened meanwhile.
func (s *Service) Change(ctx context.Context, id int64, fn func(e Endpoint, d *Draft) error) (Endpoint, error) {
	return s.change(ctx, id, func(ctx context.Context, e *Endpoint) error {
		d := Draft{URL: e.URL, Description: e.Description, Events: e.Events, Active: e.Active}
		if err := fn(*e, &d); err != nil {
			return err
		}
		if err := s.check(&d); err != nil {
			return err
		}
		off := e.Active && !d.Active
		e.URL, e.Description, e.Events, e.Active = d.URL, d.Description, d.Events, d.Active
		if e.Active {
			e.Stopped = ""
		}
		if off {
			return s.Store.GiveUp(ctx, id, FaultStopped)
		}
		return nil
	})
}

// Delete removes an endpoint with its secrets and its deliveries, once allow has
// seen it.
func (s *Service) Delete(ctx context.Context, id int64, allow func(Endpoint) error) error {
	err := s.Work.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		e, err := s.Store.Endpoint(ctx, id)
		if err != nil {
			return err
		}
		if err := allow(e); err != nil {
			return err
		}
		return s.Store.DeleteEndpoint(ctx, id, e.Version)
	})
	if err != nil {
		return fmt.Errorf("delete webhook %d: %w", id, err)
	}
	return nil
}

// Rotate gives an endpoint a new secret, once allow has seen it. For a day the
// old one signs, too.
func (s *Service) Rotate(ctx context.Context, id int64, allow func(Endpoint) error) (Endpoint, error) {
	return s.change(ctx, id, func(_ context.Context, e *Endpoint) error {
		if err := allow(*e); err != nil {
			return err
		}
		e.OldSecret, e.Secret = e.Secret, newSecret()
		return nil
	})
}

// change stores what fn changes of an endpoint.
func (s *Service) change(ctx context.Context, id int64, fn func(ctx context.Context, e *Endpoint) error) (e Endpoint, err error) {
	err = s.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		if e, err = s.Store.Endpoint(ctx, id); err != nil {
			return err
		}
		secret := e.Secret
		if err := fn(ctx, &e); err != nil {
			return err
		}
		if e.Secret != secret {
			e.OldUntil = tx.Now().Add(oldSecretLife)
		}
		return s.Store.UpdateEndpoint(ctx, &e)
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("change webhook %d: %w", id, err)
	}
	s.Wake()
	return e, nil
}

// Try sends an endpoint a test, whatever it asks for; one that is off is a
// [ticket.CodeConflict] error.
func (s *Service) Try(ctx context.Context, id int64) (d Delivery, err error) {
	err = s.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		e, err := s.Store.Endpoint(ctx, id)
		if err != nil {
			return err
		}
		if !e.Active {
			return errOff()
		}
		d = Delivery{
			Endpoint: id, State: Waiting, MessageID: newMessageID(), Type: Test, RequestID: ticket.RequestID(ctx),
			CreatedAt: tx.Now(), QueuedAt: tx.Now(), NextAt: tx.Now(),
		}
		return s.Store.InsertDelivery(ctx, &d)
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("test webhook %d: %w", id, err)
	}
	return d, nil
}

// Deliveries lists what an endpoint was sent, the newest first.
func (s *Service) Deliveries(ctx context.Context, id int64, p Page) ([]Delivery, error) {
	if _, err := s.Store.Endpoint(ctx, id); err != nil {
		return nil, err
	}
	if p.Limit <= 0 || p.Limit > maxPage {
		p.Limit = maxPage
	}
	return s.Store.Deliveries(ctx, id, p)
}

// Delivery finds what an endpoint was sent, with every try at it, the oldest
// first.
func (s *Service) Delivery(ctx context.Context, endpoint, id int64) (Delivery, []Attempt, error) {
	d, err := s.Store.Delivery(ctx, id)
	if err != nil {
		return Delivery{}, nil, err
	}
	if d.Endpoint != endpoint {
		return Delivery{}, nil, ticket.NewError(ticket.CodeNotFound, "the webhook was not sent that", nil)
	}
	tries, err := s.Store.Attempts(ctx, id)
	return d, tries, err
}

// Redeliver sends a delivery that ended once more, with the same webhook-id. One
// that has not ended, or whose endpoint is off, is a [ticket.CodeConflict]
// error.
func (s *Service) Redeliver(ctx context.Context, endpoint, id int64) (d Delivery, err error) {
	err = s.Work.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		if d, _, err = s.Delivery(ctx, endpoint, id); err != nil {
			return err
		}
		e, err := s.Store.Endpoint(ctx, endpoint)
		if err != nil {
			return err
		}
		if !e.Active {
			return errOff()
		}
		queued, err := s.Store.Requeue(ctx, id)
		if err != nil {
			return err
		}
		if !queued {
			return ticket.NewError(ticket.CodeConflict, "it is being delivered already", nil)
		}
		d, err = s.Store.Delivery(ctx, id)
		return err
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("redeliver %d: %w", id, err)
	}
	return d, nil
}

// RedeliverDead sends again what an endpoint was sent that was given up within a
// time, the oldest first, and tells how much of it: not all where more remains.
func (s *Service) RedeliverDead(ctx context.Context, endpoint int64, from, to time.Time) (n int, more bool, err error) {
	err = s.Work.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		e, err := s.Store.Endpoint(ctx, endpoint)
		if err != nil {
			return err
		}
		if !e.Active {
			return errOff()
		}
		ids, err := s.Store.DeadBetween(ctx, endpoint, from, to, maxAgain+1)
		if err != nil {
			return err
		}
		if more = len(ids) > maxAgain; more {
			ids = ids[:maxAgain]
		}
		n = 0
		for _, id := range ids {
			queued, err := s.Store.Requeue(ctx, id)
			if err != nil {
				return err
			}
			if queued {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, false, fmt.Errorf("redeliver what webhook %d was not sent: %w", endpoint, err)
	}
	return n, more, nil
}

// Backlogs tells how much is due at each endpoint that has something due.
func (s *Service) Backlogs(ctx context.Context) ([]Backlog, error) { return s.Store.Backlogs(ctx) }

// Succeeded tells when each endpoint took something last.
func (s *Service) Succeeded(ctx context.Context) (map[int64]time.Time, error) {
	return s.Store.Succeeded(ctx)
}

// Notice has the feed look at the endpoints. Whoever changes one within a
// transaction of their own calls it after that.
func (s *Service) Notice() { s.Wake() }

func errOff() error {
	return ticket.NewError(ticket.CodeConflict, "the webhook is off: switch it on first", nil)
}

// check refuses what an endpoint cannot be, and puts the rest in order.
func (s *Service) check(d *Draft) error {
	if err := CheckURL(d.URL, s.Private); err != nil {
		return err
	}
	d.Description = ticket.Words(d.Description)
	if !utf8.ValidString(d.Description) || strings.Contains(d.Description, "\x00") || utf8.RuneCountInString(d.Description) > maxDescription {
		return ticket.NewError(ticket.CodeInvalid, "description: must be a text of 200 characters at most", nil)
	}
	var inOrder []Type
	for _, t := range Types() {
		if slices.Contains(d.Events, t) {
			inOrder = append(inOrder, t)
		}
	}
	for _, t := range d.Events {
		if !slices.Contains(inOrder, t) {
			return ticket.NewError(ticket.CodeInvalid, "events: there is no such type", nil)
		}
	}
	d.Events = inOrder
	return nil
}
