// Package manager works in the managers' groups: it takes tickets for those
// who press Take, understands by which message a ticket is to be finished,
// says what is wrong with one that will not do, and follows the group where it
// goes. It acts nowhere else, and never waits for the network: answers go into
// the outbox in the transaction that consumes the update.
package manager

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// tickets is what a manager can have done.
type tickets interface {
	Take(ctx context.Context, id int64, by ticket.Actor) (ticket.Ticket, ticket.TakeOutcome, error)
	ReceiveReport(ctx context.Context, in ticket.Incoming) (ticket.Report, error)
	ConfirmReport(ctx context.Context, report int64, by ticket.Actor, send bool) (ticket.Report, error)
	GroupMoved(ctx context.Context, from, to int64) error
	Release(ctx context.Context, id int64, by ticket.Actor) (ticket.Ticket, bool, error)
	Prioritize(ctx context.Context, id int64, p ticket.Priority, by ticket.Actor) (ticket.Ticket, bool, error)
	Assign(ctx context.Context, id int64, to, by ticket.Actor) (ticket.Ticket, bool, error)
	ReuseReport(ctx context.Context, id int64, by ticket.Actor, at ticket.Place) (ticket.Report, error)
	Reopen(ctx context.Context, id int64, by ticket.Actor) (ticket.Ticket, bool, error)
	Reject(ctx context.Context, id int64, why ticket.Rejection, by ticket.Actor) (ticket.Ticket, bool, error)
	ShowOwner(ctx context.Context, owner int64) error
}

// talk is what managers can ask owners.
type talk interface {
	Ask(ctx context.Context, a ticket.Asking) (ticket.Line, error)
	Spoken(ctx context.Context, at ticket.Place) (bool, error)
}

// bans are the owners who may not use the bot.
type bans interface {
	Ban(ctx context.Context, user int64, reason string, by int64) (fresh bool, err error)
	Unban(ctx context.Context, user int64) (lifted bool, err error)
	Banned(ctx context.Context, user int64) (account.Ban, error)
}

// store opens the transaction that everything joins, and answers what a
// message stands for.
type store interface {
	Within(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error
	CardAt(ctx context.Context, chat int64, message int) (ticket.Card, error)
	Report(ctx context.Context, id int64) (ticket.Report, error)
}

// groups knows where the bot may act.
type groups interface {
	Allowed(chat int64) bool
	Now(chat int64) int64
	Follow(ctx context.Context, from, to int64) (bool, error)
}

// people remembers who acts.
type people interface {
	Seen(ctx context.Context, u account.User) (account.User, error)
	User(ctx context.Context, id int64) (account.User, error)
	ByUsername(ctx context.Context, username string) (account.User, error)
	SetUnreachable(ctx context.Context, id int64, unreachable bool) error
}

// languages knows which languages there are texts in.
type languages interface {
	// Language gives ours for a code such as ru-RU, or nothing.
	Language(code string) string
}

// Config is what the handler works with.
type Config struct {
	Tickets   tickets
	Talk      talk
	Bans      bans
	Store     store
	Parcels   ticket.Parcels
	Groups    groups
	People    people
	Languages languages
	Roles     account.Roles
	Roster    *Roster       // who acts anonymously; nil: nobody
	BotID     int64         // the number in front of the token
	BotName   func() string // without @; empty while it is not known
	MaxPDF    int64         // bytes
}

// Handler answers the updates of groups.
type Handler struct{ Config }

// New makes a handler.
func New(c Config) *Handler {
	if c.Roster == nil {
		c.Roster = NewRoster()
	}
	return &Handler{c}
}

// Handle deals with an update of a group; one of a private chat is none of its
// business and changes nothing. It joins the transaction that ctx carries. An
// error means that nothing has happened and that the update may come again.
func (h *Handler) Handle(ctx context.Context, u *models.Update) error {
	err := h.Store.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
		switch {
		case u.Message != nil:
			return h.message(ctx, tx, u.Message, false)
		case u.EditedMessage != nil:
			return h.message(ctx, tx, u.EditedMessage, true)
		case u.CallbackQuery != nil:
			return h.press(ctx, tx, u.CallbackQuery)
		case u.MyChatMember != nil:
			return h.membership(ctx, tx, u.MyChatMember)
		case u.ChatMember != nil:
			h.Roster.Note(u.ChatMember.Chat.ID, u.ChatMember.NewChatMember)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("handle a group's update: %w", err)
	}
	return nil
}

// message deals with a message in a group, new or edited.
func (h *Handler) message(ctx context.Context, tx ticket.Tx, m *models.Message, edited bool) error {
	switch {
	case !isGroup(m.Chat):
		return nil
	case m.MigrateToChatID != 0:
		return h.migrated(ctx, m.Chat.ID, m.MigrateToChatID)
	case m.MigrateFromChatID != 0:
		return h.migrated(ctx, m.MigrateFromChatID, m.Chat.ID)
	}
	e := h.readErrand(m)
	e.edited = edited
	switch {
	case !h.Groups.Allowed(m.Chat.ID):
		return h.strangeGroup(ctx, tx, e)
	case fromProgram(m):
		return nil
	case e.help && !edited:
		return h.help(ctx, tx, e)
	case e.command.Name == message.CommandAsk:
		return h.ask(ctx, tx, e)
	case e.command.Name == message.CommandBan, e.command.Name == message.CommandUnban:
		return h.ban(ctx, tx, e)
	}
	if do := h.verb(e.command.Name); do != nil {
		return h.obey(ctx, tx, e, do)
	}
	if given, err := h.answerPrompt(ctx, tx, e); given || err != nil {
		return err
	}
	if e.command.Name == "" && !e.own {
		return h.offer(ctx, tx, e)
	}
	return h.finish(ctx, tx, e)
}

func isGroup(c models.Chat) bool {
	return c.Type == models.ChatTypeGroup || c.Type == models.ChatTypeSupergroup
}
