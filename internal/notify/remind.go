package notify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// remind tells a place of an overdue ticket, unless it has moved on, and only
// within working hours. In a group it is a reply to the card, and replies to it
// mean the ticket.
func (n *Notifier) remind(ctx context.Context, r ticket.Reminder) outbox.Outcome {
	late, wait, err := n.late(ctx, r.Overdue)
	switch {
	case err != nil:
		return broken(err)
	case late == nil || n.foreign(r.To.Chat):
		return outbox.Done(nil)
	case wait > 0:
		return n.inTime(ticket.Remind(r.Overdue, r.To), wait)
	}
	text, err := n.reminder(ctx, r, *late)
	if err != nil {
		return broken(err)
	}
	to := r.To
	if to.Chat < 0 {
		if to.Message, err = n.cardIn(ctx, r.Ticket, to); err != nil {
			return broken(err)
		}
	}
	at, err := n.post(ctx, to, text)
	if err != nil {
		return n.notReminded(ctx, at, []ticket.Overdue{r.Overdue}, err)
	}
	if at.Chat > 0 {
		return outbox.Done(nil)
	}
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.CardPosted(ctx, ticket.Card{TicketID: r.Ticket, Place: at, Kind: ticket.CardNote})
	})
}

// tellBacklog tells a place of all overdue tickets at once, but for those that
// have moved on.
func (n *Notifier) tellBacklog(ctx context.Context, b ticket.Backlog) outbox.Outcome {
	if n.foreign(b.To.Chat) {
		return outbox.Done(nil)
	}
	all, left := make([]message.Late, 0, len(b.Overdue)), make([]ticket.Overdue, 0, len(b.Overdue))
	for _, o := range b.Overdue {
		late, wait, err := n.late(ctx, o)
		switch {
		case err != nil:
			return broken(err)
		case late == nil:
		case wait > 0:
			return n.inTime(ticket.TellBacklog(b.Overdue, b.To), wait)
		default:
			all, left = append(all, *late), append(left, o)
		}
	}
	if len(all) == 0 {
		return outbox.Done(nil)
	}
	lang, err := n.languageIn(ctx, b.To)
	if err != nil {
		return broken(err)
	}
	at, err := n.post(ctx, b.To, n.Book.Backlog(lang, all))
	if err != nil {
		return n.notReminded(ctx, at, left, err)
	}
	return outbox.Done(nil)
}

// late reads what is to be told of a ticket whose time is up; nil where it has
// moved on. Outside working hours it is told later: wait is how much.
func (n *Notifier) late(ctx context.Context, o ticket.Overdue) (late *message.Late, wait time.Duration, err error) {
	t, err := n.Store.Ticket(ctx, o.Ticket)
	if ticket.IsNotFound(err) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read a ticket that is overdue: %w", err)
	}
	l := &message.Late{Step: o.Step, Ticket: t, Zone: n.Zone, Deadline: n.Deadlines.Deadline(t)}
	now := n.Clock()
	switch {
	case o.Step == ticket.StepRelease: // it was put back into the queue, and nobody has taken it since
		if t.Status != ticket.New || t.Cycle != o.Cycle+1 {
			return nil, 0, nil
		}
		who, err := n.person(ctx, o.User)
		l.Who = message.Person{ID: who.ID, Name: who.Name}
		return l, 0, err
	case o.Cycle != 0 && o.Cycle != t.Cycle:
		return nil, 0, nil
	}
	owed, wait := n.Deadlines.Owed(t, o.Step, now)
	if !owed {
		return nil, 0, nil
	}
	since := t.QueuedAt
	if t.Status == ticket.Taken {
		since = t.TakenAt
		l.Who = message.Person{ID: max(t.AssigneeID, 0), Name: t.AssigneeName} // a program has no id that Telegram knows
	}
	l.Passed = n.Deadlines.Worked(since, now)
	return l, wait, nil
}

// inTime has an effect carried out when the managers work again. It waits as
// one that was not tried: nothing is wrong with it.
func (n *Notifier) inTime(e ticket.Effect, wait time.Duration) outbox.Outcome {
	e.After = wait
	return outbox.Done(func(ctx context.Context) error {
		return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.Enqueue(ctx, e) })
	})
}

func (n *Notifier) reminder(ctx context.Context, r ticket.Reminder, late message.Late) (message.Text, error) {
	lang, err := n.languageIn(ctx, r.To)
	if err != nil {
		return message.Text{}, err
	}
	if r.Step == ticket.StepOwner {
		return n.Book.Say(lang, ticket.Say{Text: ticket.TextOwnerLate, To: r.To}, message.Facts{Ticket: late.Ticket})
	}
	return n.Book.Reminder(lang, late), nil
}

// languageIn gives the language that is spoken in a place.
func (n *Notifier) languageIn(ctx context.Context, at ticket.Place) (string, error) {
	if at.Chat < 0 {
		return n.Language, nil
	}
	return n.language(ctx, at.Chat)
}

// cardIn finds the message of a ticket's card in a place, or of the digest that
// shows it there; 0 where there is none yet.
func (n *Notifier) cardIn(ctx context.Context, id int64, at ticket.Place) (int, error) {
	cards, err := n.Store.Cards(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("read the cards: %w", err)
	}
	at.Chat = n.Groups.Now(at.Chat)
	for _, c := range slices.Backward(ticket.Standing(cards)) {
		line := c.Kind == ticket.CardDigest && c.Place.Chat == at.Chat && c.Place.Topic == at.Topic
		if line || n.stands(c, at) {
			return c.Place.Message, nil
		}
	}
	return 0, nil
}

// notReminded is the outcome of a reminder that did not arrive. One for an
// admin who never started the bot, or blocked it, goes to the groups instead,
// once for all such admins.
func (n *Notifier) notReminded(ctx context.Context, at ticket.Place, overdue []ticket.Overdue, err error) outbox.Outcome {
	escalated := slices.ContainsFunc(overdue, func(o ticket.Overdue) bool {
		return o.Step == ticket.StepTakeAdmins || o.Step == ticket.StepDoneAdmins
	})
	if at.Chat < 0 || !escalated || outOfReach(telegram.ClassOf(err)) == "" {
		return n.failed(ctx, at.Chat, err)
	}
	zerolog.Ctx(ctx).Warn().Err(err).Int64("user", at.Chat).
		Msg("an admin cannot be told that tickets are overdue: they must start the bot; the group is told instead")
	return outbox.Done(func(ctx context.Context) error {
		if err := n.markUnreachable(ctx, at.Chat); err != nil {
			return err
		}
		return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			for _, p := range n.Groups.Current() {
				if err := tx.Enqueue(ctx, instead(overdue, p)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// instead is what tells a group what admins cannot be told. While it waits for
// a moment, what another admin cannot be told is the same.
func instead(overdue []ticket.Overdue, to ticket.Place) ticket.Effect {
	e := ticket.TellBacklog(overdue, to)
	if len(overdue) == 1 {
		e = ticket.Remind(overdue[0], to)
	}
	e.After = alarmPause
	e.Merge = fmt.Sprintf("%s:%d:%d", overdue[0].Step, overdue[0].Ticket, to.Chat) + ":" + strconv.Itoa(to.Topic)
	return e
}

// noDeadlines are those of managers who have all the time in the world.
type noDeadlines struct{}

func (noDeadlines) Deadline(ticket.Ticket) time.Time { return time.Time{} }

func (noDeadlines) Owed(ticket.Ticket, ticket.Step, time.Time) (bool, time.Duration) { return false, 0 }

func (noDeadlines) Worked(from, to time.Time) time.Duration { return to.Sub(from) }
