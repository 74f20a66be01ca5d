package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// tickets finds the tickets that messages are about.
type tickets interface {
	Ticket(ctx context.Context, id int64) (ticket.Ticket, error)
}

// groups tells where the managers are.
type groups interface{ Current() []ticket.Place }

// work is where whoever switches an endpoint off says so.
type work interface {
	Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error
}

// meter counts.
type meter interface {
	// WebhookTried counts a try by its outcome: delivered, failed, or dead.
	WebhookTried(outcome string, took time.Duration)
	// WebhookStopped counts an endpoint that was switched off, by reason.
	WebhookStopped(reason string)
}

// SenderOptions are those of a sender.
type SenderOptions struct {
	Store   Store
	Tickets tickets
	Work    work
	Gate    *outbox.Slots
	Meter   meter
	Log     zerolog.Logger
	Clock   func() time.Time
	// Show makes what messages tell of a ticket, as JSON.
	Show func(ticket.Ticket) any
	// Admins are told when an endpoint is switched off; where there are none,
	// Groups are.
	Admins []int64
	Groups groups
	// Private lets messages go to addresses that are not the public internet's.
	Private bool
	// Transport carries the messages in place of the network: for tests. Nil is
	// the network.
	Transport http.RoundTripper
}

// Sender carries out deliveries.
type Sender struct {
	SenderOptions

	poster poster
	idle   func() // closes the connections that wait
}

var _ outbox.Handler = (*Sender)(nil)

// NewSender makes a sender.
func NewSender(o SenderOptions) *Sender {
	s := &Sender{SenderOptions: o, idle: func() {}}
	if o.Transport == nil {
		network := newTransport(o.Private, nil)
		s.idle, o.Transport = network.CloseIdleConnections, network
	}
	s.poster = newPoster(o.Transport, o.Clock)
	return s
}

// Close closes the connections to receivers that are not in use.
func (s *Sender) Close() { s.idle() }

// Kinds gives what the relay of deliveries carries out.
func (s *Sender) Kinds() map[string]outbox.Kind { return map[string]outbox.Kind{Kind: {Handler: s}} }

// Handle sends a delivery once.
func (s *Sender) Handle(ctx context.Context, job outbox.Job) outbox.Outcome {
	d, err := s.Store.Delivery(ctx, job.ID)
	if err != nil {
		return broken(fmt.Errorf("read a delivery: %w", err))
	}
	to, err := s.Store.Endpoint(ctx, d.Endpoint)
	if err != nil {
		return broken(fmt.Errorf("read a webhook: %w", err))
	}
	if !to.Active {
		return outbox.Dead(errors.New(FaultStopped), nil)
	}
	if wait := s.recall(to); wait > 0 {
		return outbox.Later(errPaused, wait)
	}
	text, err := s.bodyOf(ctx, d)
	if ticket.IsNotFound(err) {
		return outbox.Dead(errors.New(FaultTicket), nil)
	}
	if err != nil {
		return broken(err)
	}
	a, err := s.poster.post(ctx, to, message{id: d.MessageID, requestID: d.RequestID, body: text})
	if err != nil {
		return outbox.Failed(err)
	}
	if ctx.Err() != nil { // the program ends: it was cut off, which is no fault of the receiver's
		return outbox.Later(errors.New(FaultConnect), 0)
	}
	a.Delivery = d.ID
	s.Gate.Note(to.ID, a.Error != "")
	if a.Error == "" {
		s.Meter.WebhookTried("delivered", a.Took)
		return outbox.Done(func(ctx context.Context) error { return s.delivered(ctx, to, a.Attempt) })
	}
	return s.failed(ctx, to, d, a)
}

// errPaused says that an endpoint asked for a pause.
var errPaused = errors.New("pause")

// recall has the gate know of an endpoint what another process, or this one before
// it was started anew, found out: that it fails, and how long it wants to be left
// alone from now.
func (s *Sender) recall(to Endpoint) time.Duration {
	now := s.Clock()
	wait := to.PausedUntil.Sub(now)
	if wait > 0 {
		s.Gate.Penalize(to.ID, wait, now)
	}
	if !to.FailingSince.IsZero() {
		s.Gate.Note(to.ID, true)
	}
	return wait
}

// delivered notes that a delivery was taken.
func (s *Sender) delivered(ctx context.Context, to Endpoint, a Attempt) error {
	if err := s.Store.AddAttempt(ctx, a); err != nil || to.FailingSince.IsZero() {
		return err
	}
	return s.Store.NoteSuccess(ctx, to.ID)
}

// failed is the outcome of a try that failed: another later, or none.
func (s *Sender) failed(ctx context.Context, to Endpoint, d Delivery, a answer) outbox.Outcome {
	now := s.Clock()
	fault := errors.New(a.Error)
	why := s.stopFor(to, a, now)
	wait, again := backoff(d.Failures+1, d.QueuedAt, now)
	if why == "" && again {
		s.Meter.WebhookTried("failed", a.Took)
		if err := s.note(ctx, to, a); err != nil {
			return broken(err)
		}
		if a.pause > 0 { // for all that is for it, whatever this one waits
			s.Gate.Penalize(to.ID, a.pause, now)
		}
		return outbox.Later(fault, max(wait, a.pause))
	}
	s.Meter.WebhookTried("dead", a.Took)
	return outbox.Dead(fault, func(ctx context.Context) error {
		if err := s.note(ctx, to, a); err != nil || why == "" {
			return err
		}
		return s.stop(ctx, to.ID, why)
	})
}

// note notes a try that failed, and the pause that it was answered with.
func (s *Sender) note(ctx context.Context, to Endpoint, a answer) error {
	return s.Work.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		if err := s.Store.AddAttempt(ctx, a.Attempt); err != nil {
			return fmt.Errorf("note a try at a webhook: %w", err)
		}
		if a.pause > 0 {
			if err := s.Store.NotePause(ctx, to.ID, s.Clock().Add(a.pause)); err != nil {
				return err
			}
		}
		return s.Store.NoteFailure(ctx, to.ID, a.At, sameTrouble)
	})
}

// stopFor says why an endpoint is to be switched off by now; empty: it is not.
func (s *Sender) stopFor(to Endpoint, a answer, now time.Time) string {
	switch {
	case a.Error == FaultGone:
		return StoppedGone
	case now.Sub(to.FailedAt) <= sameTrouble && now.Sub(to.FailingSince) >= stopAfter:
		return StoppedFailing
	}
	return ""
}

// stop switches an endpoint off, gives up what waits for it, and has the admins
// told. Somebody who changed it meanwhile has looked after it.
func (s *Sender) stop(ctx context.Context, id int64, why string) error {
	e, err := s.Store.Endpoint(ctx, id)
	if err != nil || !e.Active {
		return err
	}
	e.Active, e.Stopped = false, why
	if err := s.Store.UpdateEndpoint(ctx, &e); err != nil {
		return err
	}
	if err := s.Store.GiveUp(ctx, id, FaultStopped); err != nil {
		return err
	}
	s.Meter.WebhookStopped(why)
	s.Log.Warn().Str("request_id", ticket.RequestID(ctx)).Int64("webhook", id).Str("reason", why).Msg("a webhook is switched off")
	return s.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		say := ticket.Say{Text: ticket.TextWebhookOff, Name: e.name(), Reason: e.Stopped}
		for _, alarm := range ticket.Alarms(say, s.Admins, s.Groups.Current()) {
			if err := tx.Enqueue(ctx, alarm); err != nil {
				return err
			}
		}
		return nil
	})
}

// broken is the outcome of a try that our own side kept from happening.
func broken(err error) outbox.Outcome {
	if errors.Is(err, outbox.ErrStoreAway) {
		return outbox.Later(err, 0)
	}
	return outbox.Failed(err)
}
