package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// fewCards is how many cards go one by one though a group's limit holds them
// back: of so few none waits for long, and a card is more handy than a line.
const fewCards = 4

// digests gathers cards that a group's limit holds back.
func (n *Notifier) digests() *outbox.Gathering {
	return &outbox.Gathering{Handle: n.postDigest, Least: fewCards + 1, Most: message.MaxDigest}
}

// postDigest posts the cards of many tickets as one message, a line each, but
// of those that have a card in the place.
func (n *Notifier) postDigest(ctx context.Context, jobs []outbox.Job) outbox.Outcome {
	refs := make([]ticket.CardRef, len(jobs))
	for i, job := range jobs {
		if err := json.Unmarshal(job.Payload, &refs[i]); err != nil { // each alone, the others can be posted
			return outbox.Failed(fmt.Errorf("read the payload of %s: %w", job.Kind, err))
		}
	}
	to := ticket.Place{Chat: n.Groups.Now(refs[0].At.Chat), Topic: refs[0].At.Topic}
	if n.foreign(to.Chat) {
		zerolog.Ctx(ctx).Info().Int64("chat", to.Chat).Int("tickets", len(refs)).
			Msg("no cards: the group is no longer in MANAGER_CHAT")
		return outbox.Done(nil)
	}
	shown, err := n.unseen(ctx, refs, to)
	switch {
	case err != nil:
		return broken(err)
	case len(shown) == 0:
		return outbox.Done(nil)
	case len(shown) == 1:
		return n.postCard(ctx, ticket.CardRef{Ticket: shown[0].ID, At: to})
	}
	at, err := n.post(ctx, to, n.Book.Digest(n.Language, message.DigestView{Tickets: shown}))
	if err != nil {
		return n.failed(ctx, at.Chat, err)
	}
	zerolog.Ctx(ctx).Info().Int64("chat", at.Chat).Int("tickets", len(shown)).Msg("a digest was posted")
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.DigestPosted(ctx, at, shown)
	}).Then(func() { n.Meter.DigestPosted(len(shown)) })
}

// unseen reads the tickets that have no card in a place yet, by number. Those
// that were deleted meanwhile are left out.
func (n *Notifier) unseen(ctx context.Context, refs []ticket.CardRef, in ticket.Place) ([]ticket.Ticket, error) {
	var found []ticket.Ticket
	for _, ref := range refs {
		cards, err := n.Store.Cards(ctx, ref.Ticket)
		if err != nil {
			return nil, fmt.Errorf("read the cards: %w", err)
		}
		if slices.ContainsFunc(cards, func(known ticket.Card) bool { return n.stands(known, in) }) {
			continue
		}
		t, err := n.Store.Ticket(ctx, ref.Ticket)
		if ticket.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the ticket of a card: %w", err)
		}
		found = append(found, t)
	}
	slices.SortFunc(found, func(a, b ticket.Ticket) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

// editDigest makes a digest show the present state of its tickets.
func (n *Notifier) editDigest(ctx context.Context, d ticket.DigestRef) outbox.Outcome {
	if n.foreign(d.At.Chat) {
		return outbox.Done(nil)
	}
	lines, err := n.Store.Digest(ctx, d.At.Chat, d.At.Message)
	if err != nil {
		return broken(fmt.Errorf("read a digest: %w", err))
	}
	var view message.DigestView
	for _, line := range lines {
		t, err := n.Store.Ticket(ctx, line.TicketID)
		switch {
		case err == nil:
			view.Tickets = append(view.Tickets, t)
		case !ticket.IsNotFound(err): // else it was deleted just now
			return broken(fmt.Errorf("read a ticket of a digest: %w", err))
		}
	}
	text := n.Book.Digest(n.Language, view)
	return n.redraw(ctx, d.At, text, func(ctx context.Context) error { return n.Tickets.DigestGone(ctx, d.At) })
}

// redraw changes a message that shows tickets; gone replaces one that cannot be
// changed any more.
func (n *Notifier) redraw(
	ctx context.Context, at ticket.Place, text message.Text, gone func(ctx context.Context) error,
) outbox.Outcome {
	err := n.edit(ctx, at, text)
	switch class := telegram.ClassOf(err); {
	case err == nil:
		n.heard(ticket.Place{Chat: at.Chat})
		return outbox.Done(nil)
	case n.nothingToEdit(at.Chat, err):
		return outbox.Done(nil)
	case class == telegram.ClassPostAnew, class == telegram.ClassTopicGone: // the topic's messages went with it
		return outbox.Done(gone)
	}
	return n.failed(ctx, at.Chat, err)
}
