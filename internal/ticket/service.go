package ticket

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"
)

// Groups tells where cards go now.
type Groups interface {
	Current() []Place
	// Now gives the id that a chat has now: its supergroup's, or its own.
	Now(chat int64) int64
}

// Service is the one place that changes tickets. Each method is a unit of
// work: it joins the transaction that ctx carries, or makes its own, writes
// the event, and enqueues what the others must be told: the cards, the owner,
// the manager who sent the report.
type Service struct {
	store  Store
	groups Groups
	hours  Hours
	reuse  time.Duration
}

// Option sets what a service has a usual value for.
type Option func(*Service)

// WithHours has the service measure time in working hours.
func WithHours(h Hours) Option { return func(s *Service) { s.hours = h } }

// WithReuse offers a report again for the same VIN as long after its delivery.
func WithReuse(as time.Duration) Option { return func(s *Service) { s.reuse = as } }

// NewService makes the service. Without [WithHours] the managers work always,
// there are no deadlines, and without [WithReuse] no report is offered again.
func NewService(store Store, groups Groups, options ...Option) *Service {
	s := &Service{store: store, groups: groups, hours: noHours{}}
	for _, set := range options {
		set(s)
	}
	return s
}

// Opening is an owner's request.
type Opening struct {
	Owner     int64
	VIN       string // normalised
	Confirmed bool   // the owner said that it is right despite its check digit
	// Fetched is the ticket's: the owner, if any, has no chat with the bot.
	Fetched bool
	// By is who opens it for the owner; the zero Actor is the owner.
	By Actor
}

// Open makes a ticket and has its card posted in every group. The same owner
// with the same VIN still open gets that ticket, and fresh is false.
func (s *Service) Open(ctx context.Context, o Opening) (t Ticket, fresh bool, err error) {
	err = s.store.Within(ctx, func(ctx context.Context, tx Tx) error {
		t = Ticket{
			VIN: o.VIN, Status: New, Priority: Normal, OwnerID: o.Owner, Fetched: o.Fetched, Confirmed: o.Confirmed,
			OpenedAt: tx.Now(), BeganAt: tx.Now(), QueuedAt: tx.Now(), Cycle: 1,
		}
		if err = tx.Insert(ctx, &t); CodeOf(err) == CodeConflict {
			t, err = tx.OpenTicket(ctx, o.Owner, o.VIN)
			return err
		}
		if err != nil {
			return err
		}
		fresh = true
		if err = tx.AddEvent(ctx, Event{
			TicketID: t.ID, Kind: EventOpened, From: New, To: New, ActorID: cmp.Or(o.By.ID, o.Owner),
		}); err != nil {
			return err
		}
		for _, place := range s.groups.Current() {
			if err = tx.Enqueue(ctx, CardPost(t.ID, place)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("open a ticket: %w", err)
	}
	return t, fresh, nil
}

// TakeOutcome says what became of a press of Take.
type TakeOutcome int

// The outcomes.
const (
	TakenNow     TakeOutcome = iota // by this call
	TakenBefore                     // by the same person, earlier
	TakenByOther                    // somebody else has it
	NotTakeable                     // being delivered, or closed
)

// Take gives a new ticket to a manager. Of many who try at once one wins.
func (s *Service) Take(ctx context.Context, id int64, by Actor) (t Ticket, outcome TakeOutcome, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		s.measureTake(&t, tx.Now())
		won, err := tx.Take(ctx, t, by)
		if err != nil {
			return err
		}
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		if !won {
			outcome = t.heldBy(by)
			return nil
		}
		told, err := wasTaken(ctx, tx, id)
		if err != nil {
			return err
		}
		if err = s.noted(ctx, tx, t, Event{Kind: EventTaken, From: New, ActorID: by.ID}); err != nil || told {
			return err
		}
		return s.tellOwner(ctx, tx, t, TextOwnerTaken)
	})
	if err != nil {
		return Ticket{}, NotTakeable, fmt.Errorf("take ticket %d: %w", id, err)
	}
	return t, outcome, nil
}

// heldBy says how a ticket that could not be taken stands to a manager.
func (t Ticket) heldBy(by Actor) TakeOutcome {
	switch {
	case t.Status != Taken:
		return NotTakeable
	case t.AssigneeID == by.ID:
		return TakenBefore
	default:
		return TakenByOther
	}
}

// Lane is the order key of everything that concerns the ticket in the groups.
func Lane(id int64) string { return "ticket:" + strconv.FormatInt(id, 10) }

// ChatLane is the order key of everything in one private chat.
func ChatLane(chat int64) string { return "chat:" + strconv.FormatInt(chat, 10) }

// MessageLane is the order key of the changes of one message of ours. They wait
// apart from what is said about its ticket: edits come last, and an answer must
// not stand behind one.
func MessageLane(at Place) string {
	return "message:" + strconv.FormatInt(at.Chat, 10) + ":" + strconv.Itoa(at.Message)
}

// CardPost is the effect that posts a ticket's card in a group, unless it is
// there already. Where the group's limit holds many of them back, those for one
// place are gathered into a digest.
func CardPost(id int64, in Place) Effect {
	return Effect{
		Kind: EffectCardPost, Lane: Lane(id), Chat: in.Chat, Gather: "topic:" + strconv.Itoa(in.Topic),
		Urgency: ForCard, TicketID: id,
		Payload: CardRef{Ticket: id, At: Place{Chat: in.Chat, Topic: in.Topic}},
	}
}

// CardAgain is the effect that posts a ticket's card in a place although one
// stands there already, as a reply where the place names a message. Somebody
// asked for it, so that it waits for no others and is not gathered with them.
func CardAgain(id int64, in Place) Effect {
	e := CardPost(id, in)
	e.Gather, e.Urgency = "", ForGroup
	e.Payload = CardRef{Ticket: id, At: Place{Chat: in.Chat, Topic: in.Topic}, Again: true, ReplyTo: in.Message}
	return e
}

// CardEdit is the effect that makes a posted card show the ticket's present
// state. Those that wait are one.
func CardEdit(id int64, at Place) Effect {
	return Effect{
		Kind: EffectCardEdit, Lane: MessageLane(at), Chat: at.Chat, Urgency: ForEdit, TicketID: id,
		Merge:   strconv.FormatInt(at.Chat, 10) + ":" + strconv.Itoa(at.Message),
		Payload: CardRef{Ticket: id, At: at},
	}
}

// editCards has every card of the ticket, and every digest that names it, show
// its present state. A card that is not posted yet needs no edit: it will show
// that state.
func (s *Service) editCards(ctx context.Context, tx Tx, id int64) error {
	cards, err := tx.Cards(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range cards {
		switch c.Kind {
		case CardMain:
			err = tx.Enqueue(ctx, CardEdit(id, c.Place))
		case CardDigest:
			err = s.editDigest(ctx, tx, c)
		case CardNote:
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tellOwner sends the ticket's owner one of the texts.
func (s *Service) tellOwner(ctx context.Context, tx Tx, t Ticket, text string) error {
	if t.OwnerID == 0 || t.Fetched {
		return nil
	}
	return tx.Enqueue(ctx, Effect{
		Kind: EffectSay, Lane: ChatLane(t.OwnerID), Chat: t.OwnerID, Urgency: ForOwner, TicketID: t.ID,
		Payload: Say{Text: text, To: Place{Chat: t.OwnerID}, User: t.OwnerID, Ticket: t.ID, VIN: t.VIN, Reason: t.Rejection},
	})
}
