package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/inbox"
	"vinbot/internal/ticket"
)

// decode reads an update. Telegram grows faster than the library, which gives
// up a whole update for one new kind of thing in it: the origin of a forwarded
// PDF, say. What this program lives on has been the same for years, so an
// update that cannot be read whole is read for that alone.
func decode(body []byte) (*models.Update, error) {
	var whole models.Update
	err := json.Unmarshal(body, &whole)
	if err == nil {
		return &whole, nil
	}
	var parts map[string]json.RawMessage
	if json.Unmarshal(body, &parts) != nil {
		return nil, harmless(err)
	}
	for _, name := range []string{"message", "edited_message", "callback_query"} {
		if raw, ok := parts[name]; ok {
			parts[name] = essence(raw)
		}
	}
	var known models.Update
	if text, failed := json.Marshal(parts); failed != nil || json.Unmarshal(text, &known) != nil {
		return nil, harmless(err)
	}
	return &known, nil
}

// essence keeps of a message, or of a press with its message, what this
// program lives on. What is no object is left as it is.
func essence(raw json.RawMessage) json.RawMessage {
	var parts map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		return raw
	}
	for name, part := range parts {
		switch {
		case slices.Contains([]string{"message", "reply_to_message", "external_reply"}, name):
			parts[name] = essence(part)
		case !slices.Contains(essentials(), name):
			delete(parts, name)
		}
	}
	text, err := json.Marshal(parts)
	if err != nil {
		return raw
	}
	return text
}

// essentials are the fields of a message, and of a press, that are read.
func essentials() []string {
	return []string{
		"id", "data", "chat_instance",
		"message_id", "message_thread_id", "is_topic_message", "from", "sender_chat", "chat", "date", "edit_date",
		"text", "entities", "caption", "caption_entities", "media_group_id", "via_bot", "is_automatic_forward",
		"sender_business_bot", "business_connection_id", "reply_markup", "migrate_to_chat_id", "migrate_from_chat_id",
		"document", "animation", "photo", "video", "video_note", "audio", "voice", "sticker", "contact", "location",
	}
}

// sketch is the little that is read of an update when nothing else can be.
type sketch struct {
	Message *struct {
		ID       int             `json:"message_id"`
		Chat     sketchedChat    `json:"chat"`
		From     *sketchedUser   `json:"from"`
		Document json.RawMessage `json:"document"`
		Text     string          `json:"text"`
		Caption  string          `json:"caption"`
	} `json:"message"`
	Press *struct {
		ID      string       `json:"id"`
		From    sketchedUser `json:"from"`
		Message struct {
			Chat sketchedChat `json:"chat"`
		} `json:"message"`
	} `json:"callback_query"`
}

type sketchedChat struct {
	ID   int64           `json:"id"`
	Type models.ChatType `json:"type"`
}

type sketchedUser struct {
	ID       int64  `json:"id"`
	Language string `json:"language_code"`
}

// unreadable is what is done with an update that cannot be read: somebody's
// message in a private chat is answered, and any other is set aside, which
// whoever waits for an answer is told.
func (r *router) unreadable(u inbox.Update, why error) inbox.Route {
	route := inbox.Route{Key: "update:" + strconv.FormatInt(u.Seq, 10)}
	var s sketch
	if json.Unmarshal(u.Body, &s) != nil {
		s = sketch{}
	}
	switch m, p := s.Message, s.Press; {
	case m != nil && m.From != nil && m.Chat.Type == models.ChatTypePrivate:
		route.Key = ticket.ChatLane(m.Chat.ID)
		route.Handle = func(ctx context.Context) error {
			ctx = requestContext(ctx, r.log, u, m.Chat.ID)
			zerolog.Ctx(ctx).Warn().Msg("a message with content that is not known")
			return r.owners.HandleUnknown(ctx, m.Chat.ID, m.From.ID, m.From.Language)
		}
		return route
	case m != nil && r.allowed(m.Chat.ID) && (len(m.Document) > 0 || isCommand(m.Text+m.Caption)):
		route.Tell = r.tellingFor(u, m.Chat.ID, failedMessage(ticket.Place{Chat: m.Chat.ID, Message: m.ID}))
	case p != nil && p.ID != "":
		route.Tell = r.tellingFor(u, p.Message.Chat.ID, failedPress(p.ID, p.From.ID, p.Message.Chat.Type))
	}
	route.Err = fmt.Errorf("the update cannot be read: %w", why)
	return route
}

// harmless keeps what went wrong with a piece of JSON and drops what it held.
func harmless(err error) error {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		value, _, _ := strings.Cut(kind.Value, " ") // of a number it tells the digits
		return errors.New("unexpected " + value + " in " + kind.Field)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return errors.New("broken JSON at byte " + strconv.FormatInt(syntax.Offset, 10))
	}
	return errors.New("content of an unknown kind")
}
