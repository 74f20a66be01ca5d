package crm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

const (
	// doubt is how long it is not known whether what was tried to make is there,
	// though a search does not find it: the vendors work on a request for a
	// minute at most.
	doubt = 70 * time.Second
	// refusedPause lies between two tries while the CRM refuses us.
	refusedPause = 5 * time.Minute
	// alarmPause is how long after an alarm there is no other, should the CRM
	// refuse this and take that.
	alarmPause = time.Hour
	// movedPause is how long after somebody was told of a deal in another pipeline
	// nobody is told of the next.
	movedPause = 24 * time.Hour
	// restShort and restLong bound the pauses between tries while it is away.
	restShort, restLong = 5 * time.Second, time.Minute
	// invalidWait is how long what it does not understand waits: twice as long
	// each time, invalidLong at most, and after invalidLife it is given up.
	invalidWait, invalidLong, invalidLife = time.Minute, time.Hour, 7 * 24 * time.Hour
)

// tickets are what deals are made of.
type tickets interface {
	Ticket(ctx context.Context, id int64) (ticket.Ticket, error)
	Events(ctx context.Context, ticket int64) ([]ticket.Event, error)
}

// Links are where a ticket can be looked at.
type Links interface {
	Ticket(id int64) string
	Report(id int64) string
}

// groups tells where the managers are.
type groups interface{ Current() []ticket.Place }

// work is where whoever stops the queue says so.
type work interface {
	Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error
}

// CarrierOptions are those of a carrier.
type CarrierOptions struct {
	CRM     CRM
	Store   Store
	Tickets tickets
	// Owner tells how an owner is called; of one who is not known, nothing.
	Owner func(ctx context.Context, id int64) (name, username string, err error)
	Links Links
	// Stages are the deals' by the status of their tickets; of a status that has
	// none deals stay where they are.
	Stages map[ticket.Status]string
	// Bot is the bot's id.
	Bot      int64
	Language string // ru or en
	Zone     *time.Location
	Work     work
	// Admins are told when the CRM refuses us; where there are none, Groups are.
	Admins []int64
	Groups groups
	Log    zerolog.Logger
	Clock  func() time.Time
}

// Carrier carries out jobs.
type Carrier struct {
	CarrierOptions

	misses  atomic.Int64 // since the CRM answered last
	trouble atomic.Pointer[string]
}

var _ outbox.Handler = (*Carrier)(nil)

// NewCarrier makes a carrier.
func NewCarrier(o CarrierOptions) *Carrier { return &Carrier{CarrierOptions: o} }

// Close lets go of connections to the CRM.
func (c *Carrier) Close() { c.CRM.Close() }

// Kinds gives what the relay of jobs carries out.
func (c *Carrier) Kinds() map[string]outbox.Kind { return map[string]outbox.Kind{Kind: {Handler: c}} }

// Trouble says what the last job failed of; empty: it did not.
func (c *Carrier) Trouble() string {
	if said := c.trouble.Load(); said != nil {
		return *said
	}
	return ""
}

// Handle carries a job out.
func (c *Carrier) Handle(ctx context.Context, job outbox.Job) outbox.Outcome {
	j, err := c.Store.Job(ctx, job.ID)
	if err != nil {
		return broken(fmt.Errorf("read a job of the CRM: %w", err))
	}
	err = c.carry(ctx, j, job.Attempt > 1)
	if err != nil && ctx.Err() != nil { // the program ends
		return outbox.Later(errors.New("cut off"), 0)
	}
	if err != nil {
		return c.failed(ctx, job, j, err)
	}
	c.misses.Store(0)
	c.trouble.Store(nil)
	return outbox.Done(func(ctx context.Context) error {
		if err := c.Store.Accepted(ctx); err != nil {
			return err
		}
		return c.Store.Done(ctx, j.ID)
	})
}

// carry does what a job is about. Again says that it was tried before, and may
// have done anything.
func (c *Carrier) carry(ctx context.Context, j Job, again bool) error {
	var err error
	switch j.What {
	case jobTicket:
		err = c.bring(ctx, j.Ticket, again)
	case jobDeal:
		err = c.cleanDeal(ctx, j)
	case jobContact:
		err = c.cleanContact(ctx, j)
	}
	if errors.Is(err, errErased) {
		return nil
	}
	return err
}

// doubtError says that what was tried to make may yet appear.
type doubtError struct{ wait time.Duration }

func (doubtError) Error() string {
	return "it is not known yet whether what was tried to make is there"
}

// failed is the outcome of a try that failed: nothing is lost, and while the CRM
// takes nothing one job after the other finds that out.
func (c *Carrier) failed(ctx context.Context, job outbox.Job, j Job, err error) outbox.Outcome {
	var unsure doubtError
	if errors.As(err, &unsure) {
		return outbox.Later(err, unsure.wait)
	}
	f, ok := AsFault(err)
	if !ok {
		return broken(err)
	}
	said := f.Error()
	c.trouble.Store(&said)
	switch f.Kind {
	case Away:
		return outbox.Paused(f, c.rest())
	case Busy:
		return outbox.Paused(f, cmp.Or(f.Pause, overLimit))
	case Refused:
		if err := c.refused(ctx, f); err != nil {
			return broken(err)
		}
		return outbox.Paused(f, cmp.Or(f.Pause, refusedPause))
	case Invalid, Gone:
	}
	if c.Clock().Sub(j.CreatedAt) > invalidLife {
		return outbox.Dead(f, nil)
	}
	return outbox.Later(f, min(invalidWait<<min(job.Attempt-1, 6), invalidLong))
}

// rest is how long the CRM is left alone that is away.
func (c *Carrier) rest() time.Duration {
	return min(restShort<<min(c.misses.Add(1)-1, 4), restLong)
}

// refused has the admins told, once, that the CRM refuses us.
func (c *Carrier) refused(ctx context.Context, f *FaultError) error {
	return c.Work.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		news, err := c.Store.Refused(ctx, tx.Now(), f.Reason, alarmPause)
		if err != nil || !news {
			return err
		}
		c.Log.Error().Str("request_id", ticket.RequestID(ctx)).Err(f).Str("reason", f.Reason).Str("advice", f.Advice).Msg("the CRM refuses us; its queue waits")
		return c.alarm(ctx, tx, ticket.Say{Text: ticket.TextCRMRefused, Name: c.CRM.Account(), Reason: f.Reason})
	})
}

// alarm tells the admins something.
func (c *Carrier) alarm(ctx context.Context, tx ticket.Tx, say ticket.Say) error {
	for _, alarm := range ticket.Alarms(say, c.Admins, c.Groups.Current()) {
		if err := tx.Enqueue(ctx, alarm); err != nil {
			return err
		}
	}
	return nil
}

// broken is the outcome of a try that our own side kept from happening.
func broken(err error) outbox.Outcome {
	if errors.Is(err, outbox.ErrStoreAway) {
		return outbox.Later(err, 0)
	}
	return outbox.Failed(err)
}

// cleanDeal takes out of a deal what it tells of people, and of a car.
func (c *Carrier) cleanDeal(ctx context.Context, j Job) error {
	id, err := j.External, error(nil)
	if id == "" {
		id, err = c.CRM.FindDeal(ctx, c.key(j.Subject))
	}
	if err != nil || id == "" {
		return err
	}
	_, err = c.CRM.SaveDeal(ctx, id, Deal{
		Key: c.key(j.Subject), Title: forgotten(c.Language) + " · №" + strconv.FormatInt(j.Subject, 10),
		Stage: c.Stages[j.Status], Erased: true,
	})
	if errors.Is(err, ErrElsewhere) {
		return nil
	}
	return unlessGone(err)
}

// cleanContact takes out of a contact what we wrote there.
func (c *Carrier) cleanContact(ctx context.Context, j Job) error {
	id, err := j.External, error(nil)
	if id == "" {
		id, err = c.CRM.FindContact(ctx, strconv.FormatInt(j.Subject, 10))
	}
	if err != nil || id == "" {
		return err
	}
	_, err = c.CRM.SaveContact(ctx, id, Contact{Name: forgotten(c.Language)})
	return unlessGone(err)
}

// unlessGone is an error, but for that of cleaning what is not there.
func unlessGone(err error) error {
	if isGone(err) {
		return nil
	}
	return err
}
