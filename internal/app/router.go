package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
)

// chatHandler handles the updates of one kind of chat.
type chatHandler interface {
	Handle(ctx context.Context, u *models.Update) error
}

// ownerHandler also answers what the library cannot read.
type ownerHandler interface {
	chatHandler
	HandleUnknown(ctx context.Context, chatID, userID int64, languageCode string) error
}

// orderKey says what the updates of a chat share that must go in order.
type orderKey func(ctx context.Context, u *models.Update) string

// router reads an update, once, and says who handles it and in what order.
type router struct {
	owners     ownerHandler
	ownerKey   orderKey
	managers   chatHandler
	managerKey orderKey
	store      ticket.Store
	log        zerolog.Logger
}

var _ inbox.Router = (*router)(nil)

// Route says what is to be done with an update. One that the library cannot
// read is still answered where it is somebody's message in a private chat; any
// other that cannot be read is set aside.
func (r *router) Route(ctx context.Context, u inbox.Update) inbox.Route {
	ctx = requestContext(ctx, r.log, u)
	var update models.Update
	if err := json.Unmarshal(u.Body, &update); err != nil {
		return r.unreadable(u, err)
	}
	chat, from := whereAndWho(&update)
	if chat == nil {
		return inbox.Route{Key: "none", Handle: nothing}
	}
	handler, key := r.managers, r.managerKey
	if chat.Type == models.ChatTypePrivate {
		handler, key = r.owners, r.ownerKey
	}
	return inbox.Route{
		Key: key(ctx, &update),
		Handle: func(ctx context.Context) error {
			return handler.Handle(requestContext(ctx, r.log, u), &update)
		},
		Tell: func(ctx context.Context) error {
			return r.tell(requestContext(ctx, r.log, u), *chat, from)
		},
	}
}

func nothing(context.Context) error { return nil }

// requestContext carries the update's request id and a logger that names it.
func requestContext(ctx context.Context, log zerolog.Logger, u inbox.Update) context.Context {
	log = log.With().Str("request_id", u.RequestID).Int64("update_id", u.ID).Logger()
	return log.WithContext(ticket.WithRequestID(ctx, u.RequestID))
}

// whereAndWho finds the chat and the person of an update; nil where it is of a
// kind that has none.
func whereAndWho(u *models.Update) (*models.Chat, *models.User) {
	switch {
	case u.Message != nil:
		return &u.Message.Chat, u.Message.From
	case u.EditedMessage != nil:
		return &u.EditedMessage.Chat, u.EditedMessage.From
	case u.MyChatMember != nil:
		return &u.MyChatMember.Chat, &u.MyChatMember.From
	case u.ChatMember != nil:
		return &u.ChatMember.Chat, &u.ChatMember.From
	case u.CallbackQuery != nil:
		from := &u.CallbackQuery.From
		switch m := u.CallbackQuery.Message; {
		case m.Message != nil:
			return &m.Message.Chat, from
		case m.InaccessibleMessage != nil:
			return &m.InaccessibleMessage.Chat, from
		}
		return &models.Chat{ID: from.ID, Type: models.ChatTypePrivate}, from
	}
	return nil, nil
}

// sketch is the little that is read of an update whose details are unknown.
type sketch struct {
	Message *struct {
		Chat models.Chat  `json:"chat"`
		From *models.User `json:"from"`
	} `json:"message"`
}

func (r *router) unreadable(u inbox.Update, why error) inbox.Route {
	route := inbox.Route{Key: "update:" + strconv.FormatInt(u.ID, 10)}
	var s sketch
	if err := json.Unmarshal(u.Body, &s); err == nil && s.Message != nil && s.Message.From != nil &&
		s.Message.Chat.Type == models.ChatTypePrivate {
		route.Key = ticket.ChatLane(s.Message.Chat.ID)
		route.Handle = func(ctx context.Context) error {
			ctx = requestContext(ctx, r.log, u)
			zerolog.Ctx(ctx).Warn().Msg("a message with content that is not known")
			return r.owners.HandleUnknown(ctx, s.Message.Chat.ID, s.Message.From.ID, s.Message.From.LanguageCode)
		}
		return route
	}
	route.Err = fmt.Errorf("the update cannot be read: %w", harmless(why))
	return route
}

// harmless keeps what went wrong with a piece of JSON and drops what it held.
func harmless(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return errors.New("unexpected " + kind.Value + " in " + kind.Field)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New("broken JSON at byte " + strconv.FormatInt(syntax.Offset, 10))
	}
	return errors.New("content of an unknown kind")
}

// tell says to whoever's update was set aside that it is kept.
func (r *router) tell(ctx context.Context, chat models.Chat, from *models.User) error {
	say := ticket.Say{Text: ticket.TextUpdateFailed, To: ticket.Place{Chat: chat.ID}}
	effect := ticket.Effect{
		Kind: ticket.EffectSay, Lane: ticket.ChatLane(chat.ID), Chat: chat.ID, Urgency: ticket.ForOwner,
	}
	if chat.Type == models.ChatTypePrivate && from != nil {
		say.User = from.ID
	} else {
		effect.Urgency = ticket.ForGroup
	}
	effect.Payload = say
	err := r.store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error { return tx.Enqueue(ctx, effect) })
	if err != nil {
		return fmt.Errorf("tell whose update was set aside: %w", err)
	}
	return nil
}
