// Package user talks with car owners in their private chats: it greets,
// explains, reads VINs and opens tickets for them, shows, cancels and has rated
// what they have. It answers everything that
// a person can send, and never waits for the network: answers go into the
// outbox in the transaction that consumes the update.
package user

import (
	"cmp"
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// tickets is what an owner can have done.
type tickets interface {
	Open(ctx context.Context, o ticket.Opening) (t ticket.Ticket, fresh bool, err error)
	OwnerReturned(ctx context.Context, owner int64) (int, error)
	Cancel(ctx context.Context, id, owner int64) (ticket.Ticket, ticket.CancelOutcome, error)
	Rate(ctx context.Context, id, owner int64, stars int) (ticket.RateOutcome, error)
	SendAgain(ctx context.Context, id, owner int64) error
}

// talk is what owners answer to managers.
type talk interface {
	Answer(ctx context.Context, a ticket.Answering) (ticket.Answered, error)
	AnswerTo(ctx context.Context, question int64, a ticket.Answering) (ticket.Answered, error)
	Spoken(ctx context.Context, at ticket.Place) (bool, error)
	OwnerReturned(ctx context.Context, owner int64) error
}

// forgetting erases people.
type forgetting interface {
	Confirm(ctx context.Context, e ticket.Erasure) error
}

// bans are those who may not use the bot.
type bans interface {
	Banned(ctx context.Context, user int64) (account.Ban, error)
	Told(ctx context.Context, user int64) error
}

// store opens the transaction that everything joins.
type store interface {
	Within(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error
}

// people remembers who writes.
type people interface {
	Seen(ctx context.Context, u account.User) (account.User, error)
	User(ctx context.Context, id int64) (account.User, error)
	SetUnreachable(ctx context.Context, id int64, unreachable bool) error
	ChooseLanguage(ctx context.Context, id int64, language string) error
}

// languages knows which languages there are texts in.
type languages interface {
	// Language gives ours for a code such as ru-RU, or nothing.
	Language(code string) string
}

// meter counts what was made of the VINs that owners sent, once for each number
// that was taken for one.
type meter interface {
	VINJudged(verdict, reason string)
	// CheckDigitMismatched counts a VIN whose check digit is wrong, whether or not
	// that matters: by the maker's code as the table has it, or otherMaker.
	CheckDigitMismatched(wmi, verdict string)
	// OwnerLimited counts what is over a limit on owners.
	OwnerLimited(limit string)
}

// otherMaker stands for every maker's code that is not in the table, so that
// what owners type makes no labels.
const otherMaker = "other"

// Config is what the handler works with.
type Config struct {
	Tickets tickets
	Talk    talk
	Bans    bans
	// Forgetting carries out /delete_me.
	Forgetting forgetting
	// Retention is how many days the data of closed tickets are kept; 0 is for
	// ever.
	Retention int
	Store     store
	People    people
	Languages languages
	Policy    vin.Policy    // of check digits
	BotName   func() string // without @; empty while it is not known
	Meter     meter         // nil: nobody counts
	Limits    Limits
}

// Handler answers the updates of private chats.
type Handler struct {
	Config
	pace      *pace
	reminders reminders
}

// New makes a handler.
func New(c Config) *Handler {
	if c.Meter == nil {
		c.Meter = uncounted{}
	}
	return &Handler{Config: c, pace: newPace(c.Limits.Messages)}
}

type uncounted struct{}

func (uncounted) VINJudged(string, string)            {}
func (uncounted) CheckDigitMismatched(string, string) {}
func (uncounted) OwnerLimited(string)                 {}

// count counts what was made of a number.
func (h *Handler) count(r request) {
	verdict := r.judged.Verdict.String()
	h.Meter.VINJudged(verdict, r.judged.Reason.String())
	v := r.judged.VIN
	if !vin.WellFormed(v) {
		return
	}
	const checkPosition = 8
	if digit, ok := vin.CheckDigit(v); ok && digit != v[checkPosition] {
		h.Meter.CheckDigitMismatched(cmp.Or(vin.Decode(v, r.year).WMI, otherMaker), verdict)
	}
}

// Handle answers an update of a private chat; any other is none of its
// business and changes nothing. It joins the transaction that ctx carries. An
// error means that nothing has happened and that the update may come again.
func (h *Handler) Handle(ctx context.Context, u *models.Update) error {
	err := h.Store.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
		switch {
		case u.Message != nil:
			return h.message(ctx, tx, u.Message)
		case u.EditedMessage != nil:
			return h.edited(ctx, tx, u.EditedMessage)
		case u.CallbackQuery != nil:
			return h.press(ctx, tx, u.CallbackQuery)
		case u.MyChatMember != nil:
			return h.membership(ctx, u.MyChatMember)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("handle an owner's update: %w", err)
	}
	return nil
}

// OrderKey is what the updates share that must be handled in order: in
// private, the chat. It is empty for an update that is not of a private chat. A
// press of which Telegram does not say where it was counts as private.
func OrderKey(u *models.Update) string {
	chat := int64(0)
	switch {
	case u.Message != nil:
		chat = u.Message.Chat.ID
	case u.EditedMessage != nil:
		chat = u.EditedMessage.Chat.ID
	case u.CallbackQuery != nil:
		chat = u.CallbackQuery.From.ID
		if at, known := message.PressedAt(u.CallbackQuery); known {
			chat = at.Chat
		}
	case u.MyChatMember != nil:
		chat = u.MyChatMember.Chat.ID
	}
	if chat <= 0 { // groups and channels have negative ids
		return ""
	}
	return ticket.ChatLane(chat)
}
