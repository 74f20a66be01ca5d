package app

import (
	"context"
	"errors"
	"strings"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/handler/manager"
	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
)

// errNameless says that a command names a bot, and that this one does not know
// its own name yet. It will in a moment: getMe is asked for as long as it takes.
var errNameless = errors.New("the bot does not know its own name yet")

// chatHandler handles the updates of one kind of chat.
type chatHandler interface {
	Handle(ctx context.Context, u *models.Update) error
}

// ownerHandler also answers what the library cannot read.
type ownerHandler interface {
	chatHandler
	HandleUnknown(ctx context.Context, chatID, userID int64, languageCode string) error
}

// router reads an update, once, and says who handles it and in what order.
type router struct {
	owners   ownerHandler
	managers chatHandler
	// What the updates of a chat share that must go in order.
	ownerKey   func(u *models.Update) string
	managerKey func(ctx context.Context, u *models.Update) string
	allowed    func(chat int64) bool                             // one of the managers' groups
	noted      func(chat int64, mayWrite bool)                   // told what becomes of the bot in one
	member     func(ctx context.Context, u *models.Update) error // told who is in a group; nil: nobody
	name       func() string                                     // the bot's, empty while it is not known
	do         func(ctx context.Context, fn unit) error          // opens or joins a transaction
	log        zerolog.Logger
}

// unit is what happens in one transaction.
type unit = func(ctx context.Context, tx ticket.Tx) error

var _ inbox.Router = (*router)(nil)

// Route says what is to be done with an update. One that the library cannot
// read is still answered where somebody waits for an answer; it is set aside
// where that is not enough.
func (r *router) Route(ctx context.Context, u inbox.Update) inbox.Route {
	update, err := decode(u.Body)
	if err != nil {
		return r.unreadable(u, err)
	}
	chat := whereIs(update)
	if chat == nil {
		return inbox.Route{Key: "none", Handle: nothing}
	}
	var key string
	var from int64
	handler := r.managers
	if chat.Type == models.ChatTypePrivate {
		handler, key, from = r.owners, r.ownerKey(update), max(chat.ID, 0)
	} else {
		key = r.managerKey(requestContext(ctx, r.log, u, chat.ID), update)
	}
	route := inbox.Route{
		Key:  key,
		From: from,
		Handle: func(ctx context.Context) error {
			if r.name() == "" && namesABot(update) {
				return errNameless
			}
			if err := handler.Handle(requestContext(ctx, r.log, u, chat.ID), update); err != nil {
				return err
			}
			r.note(update.MyChatMember)
			return r.noteMembers(ctx, update)
		},
	}
	if tell := r.teller(update, *chat); tell != nil {
		route.Tell = func(ctx context.Context) error { return tell(requestContext(ctx, r.log, u, chat.ID)) }
	}
	return route
}

func nothing(context.Context) error { return nil }

// requestContext carries the update's request id and a logger that names it, the
// update and its chat: whoever logs a line adds none of them.
func requestContext(ctx context.Context, log zerolog.Logger, u inbox.Update, chat int64) context.Context {
	log = log.With().Str("request_id", u.RequestID).Int64("update_id", u.ID).Int64("chat", chat).Logger()
	return log.WithContext(ticket.WithRequestID(ctx, u.RequestID))
}

// whereIs finds the chat of an update; nil where it is of a kind that has none.
func whereIs(u *models.Update) *models.Chat {
	switch {
	case u.Message != nil:
		return &u.Message.Chat
	case u.EditedMessage != nil:
		return &u.EditedMessage.Chat
	case u.MyChatMember != nil:
		return &u.MyChatMember.Chat
	case u.ChatMember != nil:
		return &u.ChatMember.Chat
	case u.CallbackQuery != nil:
		switch m := u.CallbackQuery.Message; {
		case m.Message != nil:
			return &m.Message.Chat
		case m.InaccessibleMessage != nil:
			return &m.InaccessibleMessage.Chat
		}
		return &models.Chat{ID: u.CallbackQuery.From.ID, Type: models.ChatTypePrivate}
	}
	return nil
}

// written gives an update's message, new or edited, and its words.
func written(u *models.Update) (*models.Message, string) {
	m := u.Message
	if m == nil {
		m = u.EditedMessage
	}
	if m == nil {
		return nil, ""
	}
	return m, m.Text + m.Caption // never both
}

// namesABot reports whether a line of a message is a command with a bot's name.
func namesABot(u *models.Update) bool {
	_, words := written(u)
	for line := range strings.Lines(words) {
		command, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if isCommand(command) && strings.Contains(command, "@") {
			return true
		}
	}
	return false
}

// noteMembers passes on who came into a group, and who left.
func (r *router) noteMembers(ctx context.Context, u *models.Update) error {
	if r.member == nil {
		return nil
	}
	return r.member(ctx, u)
}

// note passes on whether the bot may write in a managers' group: whoever
// handles the update tells the admins, so that nobody else need.
func (r *router) note(c *models.ChatMemberUpdated) {
	if c != nil && r.allowed(c.Chat.ID) {
		r.noted(c.Chat.ID, manager.MayWrite(c.NewChatMember))
	}
}
