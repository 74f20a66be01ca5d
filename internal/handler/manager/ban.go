package manager

import (
	"context"
	"fmt"
	"strings"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// culprit is whom a ban is about.
type culprit struct {
	user   int64
	ticket ticket.Ticket // by which they were named; zero for none
	named  bool          // whether anybody was
	words  string        // what else was written
}

// say begins the answer about them.
func (c culprit) say(text string) ticket.Say {
	s := ticket.Say{Text: text, Ticket: c.ticket.ID}
	if s.Ticket == 0 {
		s.Count = int(c.user)
	}
	return s
}

// ban bans an owner, or lifts a ban. Whom, says the card replied to, the number
// of a ticket, or a Telegram id: a number is a ticket's where there is such a
// ticket, and with "id" in front always a person's. Admins may; where none is
// named in the settings, every manager.
func (h *Handler) ban(ctx context.Context, tx ticket.Tx, e errand) error {
	if e.edited {
		return nil
	}
	if hidesSender(e.m) {
		return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextAsYourself})
	}
	if !h.Roles.MayBan(e.m.From.ID) {
		return h.refuseBan(ctx, tx, e, culprit{}, message.BanNotAdmin)
	}
	c, err := h.culprit(ctx, tx, e)
	if err != nil {
		return err
	}
	switch {
	case !c.named:
		return h.refuseBan(ctx, tx, e, c, message.BanNoTarget)
	case c.user == 0:
		return h.refuseBan(ctx, tx, e, c, message.BanNobody)
	case e.command.Name == message.CommandUnban:
		return h.unban(ctx, tx, e, c)
	case c.user == e.m.From.ID || h.Roles.Named(c.user):
		return h.refuseBan(ctx, tx, e, c, message.BanTeam)
	case c.words == "":
		return h.refuseBan(ctx, tx, e, c, message.BanNoReason)
	}
	fresh, err := h.Bans.Ban(ctx, c.user, c.words, e.m.From.ID)
	if err != nil {
		return fmt.Errorf("ban an owner: %w", err)
	}
	text := message.TextBanAgain
	if fresh {
		text = message.TextBanDone
	}
	return h.banned(ctx, tx, e, c, text)
}

func (h *Handler) unban(ctx context.Context, tx ticket.Tx, e errand, c culprit) error {
	lifted, err := h.Bans.Unban(ctx, c.user)
	if err != nil {
		return fmt.Errorf("lift a ban: %w", err)
	}
	text := message.TextUnbanNone
	if lifted {
		text = message.TextUnbanDone
	}
	return h.banned(ctx, tx, e, c, text)
}

func (h *Handler) refuseBan(ctx context.Context, tx ticket.Tx, e errand, c culprit, why string) error {
	s := c.say(message.TextBanRefused)
	s.Reason = why
	return h.reply(ctx, tx, e.m, s)
}

// banned says what became of a command, notes it in the history of the ticket
// by which it was given, and shows it on the cards.
func (h *Handler) banned(ctx context.Context, tx ticket.Tx, e errand, c culprit, text string) error {
	zerolog.Ctx(ctx).Info().Int64("user", c.user).Int64("by", e.m.From.ID).Str("answer", text).Msg("a ban was asked for")
	kinds := map[string]ticket.EventKind{message.TextBanDone: ticket.EventBanned, message.TextUnbanDone: ticket.EventUnbanned}
	if kind, changed := kinds[text]; changed {
		if c.ticket.ID != 0 {
			if err := tx.AddEvent(ctx, ticket.Event{
				TicketID: c.ticket.ID, Kind: kind, From: c.ticket.Status, To: c.ticket.Status, ActorID: e.m.From.ID,
			}); err != nil {
				return fmt.Errorf("note a ban: %w", err)
			}
		}
		if err := h.Tickets.ShowOwner(ctx, c.user); err != nil {
			return fmt.Errorf("show a ban: %w", err)
		}
	}
	return h.reply(ctx, tx, e.m, c.say(text))
}

// culprit reads whom a command is about.
func (h *Handler) culprit(ctx context.Context, tx ticket.Tx, e errand) (culprit, error) {
	id, err := h.linked(ctx, tx, e.m)
	if err != nil {
		return culprit{}, err
	}
	if id != 0 {
		return h.ownerOf(ctx, tx, id, e.command.Words)
	}
	first, reason := message.CutWord(e.command.Words)
	if digits, person := strings.CutPrefix(strings.ToLower(first), "id"); person {
		user := message.Command{Arguments: digits}.Done().ID
		return culprit{user: user, named: user != 0, words: reason}, nil
	}
	number, rest := e.command.NumberOfWords()
	if number.ID == 0 {
		return culprit{}, nil
	}
	c, err := h.ownerOf(ctx, tx, number.ID, rest)
	if err != nil || c.named {
		return c, err
	}
	return culprit{user: number.ID, named: true, words: rest}, nil
}

// ownerOf is whose ticket it is; nobody is named where there is none.
func (h *Handler) ownerOf(ctx context.Context, tx ticket.Tx, id int64, words string) (culprit, error) {
	t, err := tx.Ticket(ctx, id)
	if ticket.IsNotFound(err) {
		return culprit{}, nil
	}
	if err != nil {
		return culprit{}, fmt.Errorf("look for the ticket: %w", err)
	}
	return culprit{user: t.OwnerID, ticket: t, named: true, words: words}, nil
}
