package ticket

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// DigestEdit is the effect that makes a posted digest show the present state of
// its tickets. Those that wait are one.
func DigestEdit(at Place) Effect {
	lane := MessageLane(at)
	return Effect{
		Kind: EffectDigestEdit, Lane: lane, Chat: at.Chat, Urgency: ForEdit, Merge: lane,
		Payload: DigestRef{At: at},
	}
}

// CardBesides is the effect that posts the card of a ticket which a digest shows
// already, when there is room for it, and as long as the ticket is open. What is
// said about the ticket does not wait for that.
func CardBesides(id int64, in Place) Effect {
	e := CardPost(id, in)
	e.Gather, e.Urgency = "", ForShown
	e.Lane = "beside:" + strconv.FormatInt(id, 10) + ":" + strconv.Itoa(in.Topic)
	e.Merge = e.Lane + ":" + strconv.FormatInt(in.Chat, 10)
	e.Payload = CardRef{Ticket: id, At: Place{Chat: in.Chat, Topic: in.Topic}, WhileOpen: true}
	return e
}

// DigestPosted remembers a digest that Telegram has accepted, and the tickets as
// it shows them. If one of them moved on meanwhile, an edit follows; if the
// group did, another card of each that is open in its new place.
func (s *Service) DigestPosted(ctx context.Context, at Place, shown []Ticket) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		stale := false
		for _, was := range shown {
			version, err := tx.PostCard(ctx, Card{
				TicketID: was.ID, Place: at, Kind: CardDigest, Rendered: was.Version, PostedAt: tx.Now(),
			})
			var is Ticket
			if err == nil {
				is, err = tx.Ticket(ctx, was.ID)
			}
			if IsNotFound(err) { // erased, or in the bin
				stale = true
				continue
			}
			if err != nil {
				return err
			}
			stale = stale || version != was.Version
			if err := s.cardAfterDigest(ctx, tx, is, at); err != nil {
				return err
			}
		}
		if !stale {
			return nil
		}
		return tx.Enqueue(ctx, DigestEdit(at))
	})
	if err != nil {
		return fmt.Errorf("remember a digest of %d tickets: %w", len(shown), err)
	}
	return nil
}

// cardAfterDigest has a card posted of what a new digest shows where that is not
// enough: in a group that became another, or of a ticket that somebody has.
func (s *Service) cardAfterDigest(ctx context.Context, tx Tx, t Ticket, at Place) error {
	switch {
	case !t.Status.Open():
		return nil
	case s.groups.Now(at.Chat) != at.Chat:
		return tx.Enqueue(ctx, CardPost(t.ID, s.placeNow(at)))
	default:
		return s.cardBesides(ctx, tx, t, at)
	}
}

// cardBesides has a ticket's own card posted beside a digest, if somebody has it
// and there is no card yet.
func (s *Service) cardBesides(ctx context.Context, tx Tx, t Ticket, digest Place) error {
	if t.Status == New || !t.Status.Open() || s.groups.Now(digest.Chat) != digest.Chat {
		return nil
	}
	cards, err := tx.Cards(ctx, t.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(cards, func(c Card) bool {
		return c.Kind == CardMain && c.Place.Chat == digest.Chat && c.Place.Topic == digest.Topic
	}) {
		return nil
	}
	in := Place{Chat: digest.Chat, Topic: digest.Topic}
	if !slices.Contains(s.groups.Current(), in) {
		in = s.placeNow(in)
	}
	return tx.Enqueue(ctx, CardBesides(t.ID, in))
}

// editDigest has a digest show the present state of one of its tickets, which
// gets a card of its own when somebody has it.
func (s *Service) editDigest(ctx context.Context, tx Tx, line Card) error {
	t, err := tx.Ticket(ctx, line.TicketID)
	if err == nil {
		err = s.cardBesides(ctx, tx, t, line.Place)
	}
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, DigestEdit(line.Place))
}

// DigestGone forgets a digest whose message cannot be edited any more, and posts
// cards of those of its tickets that are open and have none.
func (s *Service) DigestGone(ctx context.Context, at Place) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		lines, err := tx.Digest(ctx, at.Chat, at.Message)
		if err != nil {
			return err
		}
		if err := tx.DropCard(ctx, at.Chat, at.Message); err != nil {
			return err
		}
		for _, line := range lines {
			t, err := tx.Ticket(ctx, line.TicketID)
			if IsNotFound(err) || err == nil && !t.Status.Open() {
				continue
			}
			if err != nil {
				return err
			}
			if err := tx.Enqueue(ctx, CardPost(t.ID, s.placeNow(at))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("replace a digest: %w", err)
	}
	return nil
}
