// Package notify carries out the outbox kinds that are Telegram messages:
// it renders with the message room what is true at the moment of sending,
// sends it, and has the domain note the outcome in the transaction that ends
// the job.
//
// What a refusal means decides what becomes of a job: every job ends, or waits
// for somebody who may yet change something, never in vain and never hot.
package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vinbot/internal/account"
	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// sender is the part of the Bot API that is needed here. Its errors are
// *telegram.Error.
type sender interface {
	SendMessage(ctx context.Context, p *bot.SendMessageParams) (*models.Message, error)
	CopyMessage(ctx context.Context, p *bot.CopyMessageParams) (*models.MessageID, error)
	DeleteMessage(ctx context.Context, p *bot.DeleteMessageParams) error
	EditMessageText(ctx context.Context, p *bot.EditMessageTextParams) (*models.Message, error)
	EditMessageReplyMarkup(ctx context.Context, p *bot.EditMessageReplyMarkupParams) (*models.Message, error)
	SendDocument(ctx context.Context, p *bot.SendDocumentParams) (*models.Message, error)
	SendPhoto(ctx context.Context, p *bot.SendPhotoParams) (*models.Message, error)
	AnswerCallbackQuery(ctx context.Context, p *bot.AnswerCallbackQueryParams) error
	SetMessageReaction(ctx context.Context, p *bot.SetMessageReactionParams) error
	LeaveChat(ctx context.Context, chat int64) error
	SetMyCommands(ctx context.Context, p *bot.SetMyCommandsParams) error
}

// tickets notes what became of what was sent.
type tickets interface {
	CardPosted(ctx context.Context, c ticket.Card) error
	CardGone(ctx context.Context, id int64, at ticket.Place) error
	Offered(ctx context.Context, t ticket.Ticket, now time.Time) (ticket.Report, error)
	Prompted(ctx context.Context, p ticket.Prompt) error
	DigestPosted(ctx context.Context, at ticket.Place, shown []ticket.Ticket) error
	DigestGone(ctx context.Context, at ticket.Place) error
	GroupMoved(ctx context.Context, from, to int64) error
	Delivered(ctx context.Context, report int64, message int) error
	Uploaded(ctx context.Context, report int64, message int, file ticket.SentFile) error
	Undelivered(ctx context.Context, report int64, why string) error
	FileRefused(ctx context.Context, report int64) error
	OwnerReturned(ctx context.Context, owner int64) (int, error)
	SentAgain(ctx context.Context, report int64) error
}

// talk is what managers and owners say to each other.
type talk interface {
	Line(ctx context.Context, id int64) (ticket.Line, error)
	Asked(ctx context.Context, line int64, message int) error
	NotAsked(ctx context.Context, line int64, why string) error
	NotAnyMore(ctx context.Context, line int64, refused bool) error
	OwnerReturned(ctx context.Context, owner int64) error
	Copied(ctx context.Context, line int64, at ticket.Place) error
	NotCopied(ctx context.Context, line int64) error
}

// forgetting knows who wants to be forgotten.
type forgetting interface {
	Erasure(ctx context.Context, id int64) (ticket.Erasure, error)
	Forgotten(ctx context.Context, id int64) error
}

// bans knows who may not use the bot.
type bans interface {
	Banned(ctx context.Context, user int64) (account.Ban, error)
}

// showings answers in one question what a card, or a message about a ticket,
// needs to know.
type showings interface {
	Showing(ctx context.Context, ticket int64) (account.Showing, error)
	Addressed(ctx context.Context, ticket int64) (account.Showing, error)
}

// people knows who reads what, and who cannot be reached.
type people interface {
	User(ctx context.Context, id int64) (account.User, error)
	SetUnreachable(ctx context.Context, id int64, unreachable bool) error
}

// groups knows the managers' groups, and what they became.
type groups interface {
	Current() []ticket.Place
	Now(chat int64) int64
	Allowed(chat int64) bool
	Follow(ctx context.Context, from, to int64) (bool, error)
}

// deadlines knows how much time the managers have.
type deadlines interface {
	// Deadline is until when a ticket must be taken or done; zero for never.
	Deadline(t ticket.Ticket) time.Time
	// Owed reports whether a step still is right about a ticket, and in how
	// much time it is working time.
	Owed(t ticket.Ticket, step ticket.Step, now time.Time) (owed bool, wait time.Duration)
	// Worked is the working time between two instants.
	Worked(from, to time.Time) time.Duration
}

// archive keeps the files that were uploaded.
type archive interface {
	Open(ctx context.Context, key string) (io.ReadCloser, error)
}

// meter counts.
type meter interface {
	DigestPosted(tickets int)
}

// door leads into the panel.
type door interface {
	// Opens reports whether it does for a person, as far as that is known.
	Opens(ctx context.Context, user int64) (bool, error)
	// Link makes a link for a person, and tells where the panel opens inside
	// Telegram, empty for nowhere. There is no link for who may not come in.
	Link(ctx context.Context, user int64) (link, app string, err error)
}

// numbers answers what the managers have done.
type numbers interface {
	// Of is the question about a period, as of now.
	Of(p stats.Period) stats.Question
	Ask(ctx context.Context, q stats.Question) (stats.Summary, error)
}

// Options of a notifier.
type Options struct {
	Sender  sender
	Store   ticket.Store
	Tickets tickets
	Talk    talk
	People  people
	Bans    bans

	Showings showings

	Archive archive // the uploaded reports

	Forgetting forgetting
	Groups     groups
	Roles      account.Roles
	Book       *message.Book
	// BotName is the bot's username, empty while it is not known.
	BotName func() string
	// Language is that of people who have none of their own, and the groups'.
	Language string
	Zone     *time.Location
	MaxPDF   int64 // bytes
	MaxVINs  int   // of one message that an owner may have tickets for
	Stats    numbers
	Door     door
	// Deadlines are the managers'; nil: there are none.
	Deadlines deadlines
	Clock     func() time.Time
	Meter     meter
}

// Notifier handles the kinds. What is to be logged goes to the logger that the
// context carries.
type Notifier struct {
	Options

	mu     sync.Mutex
	silent map[int64]bool        // groups that take no message, of which the admins know
	closed map[ticket.Place]bool // topics that take none, of which the log knows
}

// New makes a notifier.
func New(o Options) *Notifier {
	if o.Deadlines == nil {
		o.Deadlines = noDeadlines{}
	}
	return &Notifier{Options: o, silent: map[int64]bool{}, closed: map[ticket.Place]bool{}}
}

// Kinds lists the kinds that the notifier carries out.
func (n *Notifier) Kinds() map[ticket.EffectKind]outbox.Kind {
	card := handles(n.postCard)
	card.Gather = n.digests()
	return map[ticket.EffectKind]outbox.Kind{
		ticket.EffectSay:            handles(n.say),
		ticket.EffectRetract:        quietly(handles(n.retract)),
		ticket.EffectCardPost:       card,
		ticket.EffectCardEdit:       quietly(handles(n.editCard)),
		ticket.EffectDigestEdit:     quietly(handles(n.editDigest)),
		ticket.EffectPressAnswer:    quietly(handles(n.answerPress)),
		ticket.EffectReaction:       quietly(handles(n.react)),
		ticket.EffectReportQuestion: handles(n.askAboutReport),
		ticket.EffectReportDeliver:  handles(n.deliverReport),
		ticket.EffectAsk:            handles(n.ask),
		ticket.EffectAnswer:         handles(n.copyAnswer),
		ticket.EffectDelete:         quietly(handles(n.deleteMessage)),
		ticket.EffectReportAgain:    handles(n.sendReportAgain),
		ticket.EffectStars:          quietly(handles(n.showStars)),
		ticket.EffectMine:           quietly(handles(n.showMine)),
		ticket.EffectStats:          quietly(handles(n.tellStats)),
		ticket.EffectRemind:         handles(n.remind),
		ticket.EffectBacklog:        handles(n.tellBacklog),
		ticket.EffectFarewell:       handles(n.farewell),
		ticket.EffectLeaveChat:      handles(n.leaveChat),
		ticket.EffectCommands:       quietly(handles(n.registerCommands)),
		ticket.EffectList:           quietly(handles(n.list)),
		ticket.EffectPanelLink:      handles(n.sendPanelLink),
	}
}

// quietly has a kind carried out without a line at the level info: what only shows
// how things stand, or something that was asked for to look at.
func quietly(k outbox.Kind) outbox.Kind {
	k.Quiet = true
	return k
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
	u, err := n.person(ctx, user)
	return u.Language, err
}

// person gives what is known of a person, which may be nothing but the language in
// which one speaks to whom nobody knows.
func (n *Notifier) person(ctx context.Context, id int64) (u account.User, err error) {
	if id != 0 {
		if u, err = n.People.User(ctx, id); err != nil && !ticket.IsNotFound(err) {
			return account.User{}, fmt.Errorf("read a person: %w", err)
		}
	}
	u.Language = cmp.Or(u.Language, n.Language)
	return u, nil
}

// facts reads what a text may need.
func (n *Notifier) facts(ctx context.Context, id, report int64) (message.Facts, error) {
	f := message.Facts{BotName: n.BotName(), MaxPDF: n.MaxPDF, MaxVINs: n.MaxVINs}
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
