package manager

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// assign gives the ticket to a manager: one whom the bot has seen, by @name, or
// anybody by a mention that carries who they are.
func (h *Handler) assign(ctx context.Context, tx ticket.Tx, o order) (*ticket.Say, error) {
	if o.rest == "" {
		return o.usage(), nil
	}
	if _, err := tx.Ticket(ctx, o.id); ticket.IsNotFound(err) {
		return o.unknown(), nil
	} else if err != nil {
		return nil, fmt.Errorf("look for the ticket: %w", err)
	}
	to, no, err := h.assignee(ctx, o)
	if err != nil || no != nil {
		return no, err
	}
	t, done, err := h.Tickets.Assign(ctx, o.id, to, o.by)
	switch {
	case err != nil:
		return nil, fmt.Errorf("assign a ticket: %w", err)
	case done:
		say := &ticket.Say{Text: message.TextAssigned, Ticket: t.ID, Name: to.Name}
		if to.Name != "" { // one who hides is not mentioned, either
			say.Mention = to.ID
		}
		return say, nil
	case t.AssigneeID == to.ID && t.Status.Open():
		return &ticket.Say{Text: message.TextAssignedBefore, Ticket: t.ID, Name: t.AssigneeName}, nil
	}
	return stillStands(t), nil
}

// assignee reads who is to have the ticket, or says why nobody can tell.
func (h *Handler) assignee(ctx context.Context, o order) (ticket.Actor, *ticket.Say, error) {
	who, err := h.mentioned(ctx, o)
	if ticket.IsNotFound(err) {
		return ticket.Actor{}, &ticket.Say{Text: message.TextUnknownPerson, Ticket: o.id, Name: o.rest}, nil
	}
	if err != nil {
		return ticket.Actor{}, nil, fmt.Errorf("look for a person: %w", err)
	}
	if !h.Roles.MayAct(who.ID) {
		return ticket.Actor{}, &ticket.Say{Text: message.TextNotManager, Ticket: o.id, Name: who.Name}, nil
	}
	to := ticket.Actor{ID: who.ID, Name: who.Name}
	if h.Roster.Hides(o.m.Chat.ID, who.ID) {
		to.Name = ""
	}
	return to, nil, nil
}

// mentioned finds the person whom a command mentions: by a text mention, which
// carries them, or by their @name. Telegram turns no name into a person.
func (h *Handler) mentioned(ctx context.Context, o order) (account.User, error) {
	text, entities := o.m.Text, o.m.Entities
	if text == "" {
		text, entities = o.m.Caption, o.m.CaptionEntities
	}
	for _, e := range entities {
		switch {
		case e.Type == models.MessageEntityTypeTextMention && e.User != nil && !e.User.IsBot:
			if err := h.meet(ctx, *e.User); err != nil {
				return account.User{}, err
			}
			return h.People.User(ctx, e.User.ID)
		case e.Type == models.MessageEntityTypeMention:
			return h.People.ByUsername(ctx, strings.TrimPrefix(cut(text, e), "@"))
		}
	}
	if !strings.HasPrefix(o.rest, "@") {
		return account.User{}, ticket.NewError(ticket.CodeNotFound, "nobody is mentioned", nil)
	}
	name, _, _ := strings.Cut(o.rest[1:], " ")
	return h.People.ByUsername(ctx, name)
}

// cut gives the part of a text that an entity marks, which counts in UTF-16
// units.
func cut(text string, e models.MessageEntity) string {
	units := utf16.Encode([]rune(text))
	from := min(max(0, e.Offset), len(units))
	to := min(max(from, e.Offset+e.Length), len(units))
	return string(utf16.Decode(units[from:to]))
}
