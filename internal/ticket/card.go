package ticket

import (
	"context"
	"fmt"
	"slices"
)

// repostPage is how many tickets are read at a time when all open cards are
// posted anew or refreshed.
const repostPage = 500

// Standing chooses, of a ticket's cards, those that a word about it belongs
// under: its own, and a digest where the chat has none of its own.
func Standing(cards []Card) []Card {
	var standing []Card
	for _, c := range cards {
		own := func(other Card) bool { return other.Kind == CardMain && other.Place.Chat == c.Place.Chat }
		if c.Kind == CardMain || c.Kind == CardDigest && !slices.ContainsFunc(cards, own) {
			standing = append(standing, c)
		}
	}
	return standing
}

// CardPosted remembers a card that Telegram has accepted. If the ticket moved
// on while the card was under way, an edit follows; if the group did, another
// card in its new place.
func (s *Service) CardPosted(ctx context.Context, c Card) error {
	err := s.store.Within(ctx, func(ctx context.Context, tx Tx) error {
		c.PostedAt = tx.Now()
		version, err := tx.PostCard(ctx, c)
		if err != nil || c.Kind != CardMain {
			return err
		}
		if s.groups.Now(c.Place.Chat) != c.Place.Chat {
			if err := s.followGroup(ctx, tx, c); err != nil {
				return err
			}
		}
		if version == c.Rendered {
			return nil
		}
		return tx.Enqueue(ctx, CardEdit(c.TicketID, c.Place)) // of a deleted one, too: its card shall say so
	})
	if err != nil {
		return fmt.Errorf("remember a card of ticket %d: %w", c.TicketID, err)
	}
	return nil
}

// followGroup posts the card of an open ticket where the group of one that was
// just posted has gone.
func (s *Service) followGroup(ctx context.Context, tx Tx, c Card) error {
	t, err := tx.Ticket(ctx, c.TicketID)
	if IsNotFound(err) {
		t, err = tx.DeletedTicket(ctx, c.TicketID)
	}
	if err != nil || !t.Status.Open() {
		return err
	}
	return tx.Enqueue(ctx, CardPost(t.ID, s.placeNow(c.Place)))
}

// CardGone forgets a card whose message cannot be edited any more and posts
// another.
func (s *Service) CardGone(ctx context.Context, id int64, at Place) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.DropCard(ctx, at.Chat, at.Message); err != nil {
			return err
		}
		return tx.Enqueue(ctx, CardPost(id, s.placeNow(at)))
	})
	if err != nil {
		return fmt.Errorf("replace a card of ticket %d: %w", id, err)
	}
	return nil
}

// GroupMoved goes along with a group that became another: says so there, has the
// commands registered, and posts the cards of the open tickets that have one in the
// old one again: the old message ids are dead there. The old cards' rows stay,
// since they can still be edited in the old chat. A card that is not posted yet goes
// to the new place by itself.
func (s *Service) GroupMoved(ctx context.Context, from, to int64) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		place := s.placeNow(Place{Chat: to})
		for _, e := range []Effect{Announce(Say{Text: TextGroupMigrated}, place), Commands(to)} {
			if err := tx.Enqueue(ctx, e); err != nil {
				return err
			}
		}
		return eachOpen(ctx, tx, func(t Ticket) error {
			cards, err := tx.Cards(ctx, t.ID)
			if err != nil || !slices.ContainsFunc(cards, func(c Card) bool {
				return c.Kind != CardNote && c.Place.Chat == from
			}) {
				return err
			}
			return tx.Enqueue(ctx, CardPost(t.ID, place))
		})
	})
	if err != nil {
		return fmt.Errorf("go along with group %d, which became %d: %w", from, to, err)
	}
	return nil
}

// placeNow gives the place that one in a managers' group has become.
func (s *Service) placeNow(at Place) Place {
	chat := s.groups.Now(at.Chat)
	for _, p := range s.groups.Current() {
		if p.Chat == chat {
			return p
		}
	}
	return Place{Chat: chat, Topic: at.Topic}
}

// Refresh has every open ticket's cards edited, and reports how many tickets
// are open: after a long stop their presses have expired.
func (s *Service) Refresh(ctx context.Context) (open int, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		return eachOpen(ctx, tx, func(t Ticket) error {
			open++
			return s.editCards(ctx, tx, t.ID)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("refresh the open cards: %w", err)
	}
	return open, nil
}

// ShowOwner has the cards of an owner's open tickets edited: something about
// the owner has changed.
func (s *Service) ShowOwner(ctx context.Context, owner int64) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		open, err := tx.TicketsOf(ctx, owner, New, Taken, Delivering, Undelivered)
		if err != nil {
			return err
		}
		for _, t := range open {
			if err := s.editCards(ctx, tx, t.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("show an owner on the cards: %w", err)
	}
	return nil
}

func eachOpen(ctx context.Context, tx Tx, do func(Ticket) error) error {
	after := int64(0)
	for {
		page, err := tx.OpenTickets(ctx, after, repostPage)
		if err != nil {
			return err
		}
		for _, t := range page {
			if err := do(t); err != nil {
				return err
			}
			after = t.ID
		}
		if len(page) < repostPage {
			return nil
		}
	}
}
