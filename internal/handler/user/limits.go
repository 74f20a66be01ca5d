package user

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// Limits are how much one owner may ask for; 0 is no limit.
type Limits struct {
	Messages int // in any minute, presses of buttons included
	Tickets  int // in an hour
	Open     int // tickets at a time
}

const (
	// limitMessages names the limit on messages; those on tickets are named in
	// the message room.
	limitMessages = "messages"
	ticketWindow  = time.Hour
	// silence is how long an owner with too many open tickets is not told so
	// again: nobody knows when one of them will close.
	silence = time.Hour
)

// tooMuch is a limit that an owner has reached.
type tooMuch struct {
	limit string
	most  int
	wait  time.Duration // until it may be tried again; 0 where nobody knows
}

// ticketLimit looks whether an owner may open another ticket; nothing where they
// may. What was opened is in the database, so a start forgets none of it.
func (h *Handler) ticketLimit(ctx context.Context, tx ticket.Tx, owner int64) (*tooMuch, error) {
	mostOpen, most := h.Limits.Open, h.Limits.Tickets
	if mostOpen <= 0 && most <= 0 {
		return nil, nil //nolint:nilnil // no limit is set
	}
	demand, err := tx.Demand(ctx, owner, max(most, 1))
	if err != nil {
		return nil, fmt.Errorf("count an owner's tickets: %w", err)
	}
	if mostOpen > 0 && demand.Open >= mostOpen {
		return &tooMuch{limit: message.LimitOpen, most: mostOpen}, nil
	}
	if most > 0 && !demand.Nth.IsZero() {
		if wait := demand.Nth.Add(ticketWindow).Sub(tx.Now()); wait > 0 {
			return &tooMuch{limit: message.LimitTickets, most: most, wait: wait}, nil
		}
	}
	return nil, nil //nolint:nilnil // no limit is reached
}

// limited is what an owner reads whose VIN opens no ticket for a limit.
func (r request) limited(over tooMuch) ticket.Say {
	s := r.say(message.TextLimited)
	s.Reason, s.Limit, s.Wait = over.limit, over.most, seconds(over.wait)
	return s
}

// seconds rounds up: who comes back then must not be early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// tooFast answers a message that is one too many: the first of them, once. It
// reports whether that is all there is to do.
func (h *Handler) tooFast(ctx context.Context, tx ticket.Tx, a arrival) (bool, error) {
	speed, wait := h.pace.admit(a.from, beatOf(ctx, tx, a.sent))
	if speed == inTime {
		return false, nil
	}
	tx.After(func() { h.Meter.OwnerLimited(limitMessages) })
	if speed == ignored {
		return true, nil
	}
	zerolog.Ctx(ctx).Info().Int64("user", a.from).Dur("wait", wait).Msg("an owner writes too fast")
	a.in.Message = 0
	return true, say(ctx, tx, ticket.Say{Text: message.TextTooFast, To: a.in, User: a.from, Wait: seconds(wait)})
}

// arrival is something that a person sent.
type arrival struct {
	from int64
	in   ticket.Place
	sent int // by Telegram's clock, in seconds; 0 where it does not say
}

// tooFastPress does the same for a press, which is answered in any case: the
// button must not wait.
func (h *Handler) tooFastPress(ctx context.Context, tx ticket.Tx, q *models.CallbackQuery) (bool, error) {
	speed, wait := h.pace.admit(q.From.ID, beatOf(ctx, tx, 0))
	if speed == inTime {
		return false, nil
	}
	tx.After(func() { h.Meter.OwnerLimited(limitMessages) })
	return true, answerPress(ctx, tx, ticket.PressAnswer{
		Press: q.ID, Text: message.PressTooFast, User: q.From.ID, Wait: seconds(wait),
	})
}

// beatOf is an update for the pace: by the request that it serves, which stays
// the same when it is tried again, and by when Telegram says that it was sent,
// or else now.
func beatOf(ctx context.Context, tx ticket.Tx, sent int) beat {
	at := tx.Now()
	if then := time.Unix(int64(sent), 0); sent > 0 && then.Before(at) {
		at = then
	}
	return beat{key: ticket.RequestID(ctx), at: at}
}

// reminders remember which owners know that they have reached a limit on
// tickets, so that they are told once. A start forgets it: they are told once
// more.
type reminders struct {
	mu    sync.Mutex
	known map[reminder]reminded
}

type reminder struct {
	owner int64
	limit string
}

type reminded struct {
	key   string // of the update that was answered so
	until time.Time
}

// remind reports whether an owner is to be told, and takes it as told. The same
// update again is answered again: its first try was undone.
func (r *reminders) remind(owner int64, over tooMuch, b beat) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for who, known := range r.known {
		if !b.at.Before(known.until) {
			delete(r.known, who)
		}
	}
	about := reminder{owner, over.limit}
	if known, ok := r.known[about]; ok && known.key != b.key {
		return false
	}
	until := b.at.Add(silence)
	if over.wait > 0 {
		until = b.at.Add(over.wait)
	}
	if r.known == nil {
		r.known = map[reminder]reminded{}
	}
	r.known[about] = reminded{b.key, until}
	return true
}

// forget has an owner told again, since they opened a ticket.
func (r *reminders) forget(owner int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, limit := range message.TicketLimits() {
		delete(r.known, reminder{owner, limit})
	}
}
