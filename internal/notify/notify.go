// Package notify carries out the outbox kinds that are Telegram messages:
// it renders with the message room what is true at the moment of sending,
// sends it, and has the domain note the outcome in the transaction that ends
// the job.
package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Sender is the part of the Bot API that is needed here. Its errors are
// *telegram.Error.
type Sender interface {
	SendMessage(ctx context.Context, p *bot.SendMessageParams) (*models.Message, error)
	EditMessageText(ctx context.Context, p *bot.EditMessageTextParams) (*models.Message, error)
	EditMessageReplyMarkup(ctx context.Context, p *bot.EditMessageReplyMarkupParams) (*models.Message, error)
	SendDocument(ctx context.Context, p *bot.SendDocumentParams) (*models.Message, error)
	AnswerCallbackQuery(ctx context.Context, p *bot.AnswerCallbackQueryParams) error
	SetMessageReaction(ctx context.Context, p *bot.SetMessageReactionParams) error
	LeaveChat(ctx context.Context, chat int64) error
	SetMyCommands(ctx context.Context, p *bot.SetMyCommandsParams) error
}

// Options of a notifier.
type Options struct {
	Sender   Sender
	Store    ticket.Store
	Tickets  *ticket.Service
	Accounts account.Store
	Groups   *account.Groups
	Roles    account.Roles
	Book     *message.Book
	Log      zerolog.Logger
	// BotName is the bot's username, empty while it is not known.
	BotName func() string
	// Language is that of people who have none of their own, and the groups'.
	Language string
	Zone     *time.Location
	MaxPDF   int64 // bytes
}

// Notifier handles the kinds.
type Notifier struct {
	Options

	mu    sync.Mutex
	muted map[int64]bool // groups that the admins were told of
}

// New makes a notifier.
func New(o Options) *Notifier {
	return &Notifier{Options: o, muted: map[int64]bool{}}
}

// Kinds lists the kinds that the notifier carries out.
func (n *Notifier) Kinds() map[ticket.EffectKind]outbox.Kind {
	return map[ticket.EffectKind]outbox.Kind{
		ticket.EffectSay:            handles(n.say),
		ticket.EffectRetract:        handles(n.retract),
		ticket.EffectCardPost:       handles(n.postCard),
		ticket.EffectCardEdit:       handles(n.editCard),
		ticket.EffectPressAnswer:    handles(n.answerPress),
		ticket.EffectReaction:       handles(n.react),
		ticket.EffectReportQuestion: handles(n.askAboutReport),
		ticket.EffectReportDeliver:  handles(n.deliverReport),
		ticket.EffectLeaveChat:      handles(n.leaveChat),
		ticket.EffectCommands:       handles(n.registerCommands),
	}
}

// handles makes an outbox kind of a function that takes the kind's payload.
func handles[P any](handle func(ctx context.Context, payload P) outbox.Outcome) outbox.Kind {
	return outbox.Kind{Handler: outbox.HandlerFunc(func(ctx context.Context, job outbox.Job) outbox.Outcome {
		var payload P
		if err := json.Unmarshal(job.Payload, &payload); err != nil {
			return outbox.Dead(fmt.Errorf("read the payload of %s: %w", job.Kind, err), nil)
		}
		return handle(ctx, payload)
	})}
}

// language gives the language of a person; 0 is nobody.
func (n *Notifier) language(ctx context.Context, user int64) (string, error) {
	if user == 0 {
		return n.Language, nil
	}
	u, err := n.Accounts.User(ctx, user)
	switch {
	case ticket.IsNotFound(err):
		return n.Language, nil
	case err != nil:
		return "", fmt.Errorf("read a person's language: %w", err)
	case u.Language == "":
		return n.Language, nil
	}
	return u.Language, nil
}

// facts reads what a text may need.
func (n *Notifier) facts(ctx context.Context, id, report int64) (message.Facts, error) {
	f := message.Facts{BotName: n.BotName(), MaxPDF: n.MaxPDF}
	var err error
	if id != 0 {
		if f.Ticket, err = n.Store.Ticket(ctx, id); err != nil && !ticket.IsNotFound(err) {
			return f, fmt.Errorf("read the ticket of a message: %w", err)
		}
	}
	if report != 0 {
		if f.Report, err = n.Store.Report(ctx, report); err != nil && !ticket.IsNotFound(err) {
			return f, fmt.Errorf("read the report of a message: %w", err)
		}
	}
	return f, nil
}
