package telegramtest

import (
	"slices"
	"strconv"
	"strings"
)

const (
	maxText    = 4096
	maxCaption = 1024
)

// run carries a method out; the lock is held.
func (s *Sim) run(q *query) (any, *apiError) {
	switch q.method {
	case "sendMessage":
		return s.sendMessage(q)
	case "sendDocument":
		return s.sendDocument(q)
	case "sendPhoto":
		return s.sendPhoto(q)
	case "copyMessage":
		return s.copyMessage(q)
	case "editMessageText", "editMessageCaption":
		return s.editMessage(q)
	case "editMessageReplyMarkup":
		return s.editMarkup(q)
	case "deleteMessage":
		return s.deleteMessage(q)
	case "setMessageReaction":
		return s.setMessageReaction(q)
	case "answerCallbackQuery":
		return s.answerCallbackQuery(q)
	case "getFile":
		return s.getFile(q)
	default:
		return s.runRest(q)
	}
}

// formatted reads a text or caption with its entities.
func (s *Sim) formatted(q *query, field string) (string, []Entity, *apiError) {
	text, entities := q.text(field), []Entity(nil)
	most, tooLong, given := maxCaption, "message caption is too long", "caption_entities"
	if field == "text" {
		most, tooLong, given = maxText, "message is too long", "entities"
	}
	switch strings.ToLower(q.text("parse_mode")) {
	case "html":
		var err error
		if text, entities, err = parseHTML(text); err != nil {
			return "", nil, s.fault(q, "can't parse entities: %v", err)
		}
	case "":
		if err := q.decode(given, &entities); err != nil {
			return "", nil, s.fault(q, "can't parse entities: %v", err)
		}
	default:
		return "", nil, s.fault(q, "unsupported parse_mode") // the program writes HTML or entities
	}
	if trimmed := strings.TrimSpace(text); len(entities) == 0 {
		text = trimmed
	}
	if utf16Len(text) > most {
		return "", nil, s.fault(q, "%s", tooLong)
	}
	if field == "text" && strings.TrimSpace(text) == "" {
		return "", nil, s.fault(q, "message text is empty")
	}
	return text, append(entities, detectEntities(text)...), nil
}

// sentReply is reply_parameters.
type sentReply struct {
	MessageID int    `json:"message_id"`
	ChatID    any    `json:"chat_id"`
	Optional  bool   `json:"allow_sending_without_reply"`
	Quote     string `json:"quote"`
	QuoteMode string `json:"quote_parse_mode"`
	Entities  any    `json:"quote_entities"`
	Position  int    `json:"quote_position"`
	Checklist int    `json:"checklist_task_id"`
	Option    string `json:"poll_option_id"`
}

// outgoing checks all that sends have in common: chat, topic, keyboard, the message replied to, rights and limits.
func (s *Sim) outgoing(q *query, m *message, what string) (*chat, *apiError) {
	private := q.chat > 0
	keyboard, failure := s.keyboard(q, private)
	if failure != nil {
		return nil, failure
	}
	c, failure := s.chatOf(q, "chat_id", toWrite)
	if failure != nil {
		return nil, failure
	}
	if m.Topic, failure = s.topicOf(c, q); failure != nil {
		return nil, failure
	}
	if failure = s.linkReply(q, c, m); failure != nil {
		return nil, failure
	}
	if failure = s.mayWrite(c, what); failure != nil {
		return nil, failure
	}
	m.From, m.Keyboard = s.bot, keyboard
	return c, nil
}

func (s *Sim) linkReply(q *query, c *chat, m *message) *apiError {
	var reply sentReply
	if err := q.decode("reply_parameters", &reply); err != nil {
		s.violate("%v", err)
		return badRequest("can't parse reply parameters JSON object")
	}
	if reply.MessageID == 0 {
		return nil
	}
	if to := c.find(reply.MessageID); to != nil && s.sameChat(reply, c) {
		m.ReplyTo = reply.MessageID
		return nil
	}
	if reply.Optional {
		return nil
	}
	return badRequest("message to be replied not found")
}

func (s *Sim) sameChat(reply sentReply, c *chat) bool {
	switch id := reply.ChatID.(type) {
	case nil:
		return true
	case float64:
		return int64(id) == c.id
	case string:
		return id == strconv.FormatInt(c.id, 10)
	}
	return false
}

func (s *Sim) sendMessage(q *query) (any, *apiError) {
	text, entities, failure := s.formatted(q, "text")
	if failure != nil {
		return nil, failure
	}
	var preview struct {
		IsDisabled bool   `json:"is_disabled"`
		URL        string `json:"url"`
		Small      bool   `json:"prefer_small_media"`
		Large      bool   `json:"prefer_large_media"`
		Above      bool   `json:"show_above_text"`
	}
	if err := q.decode("link_preview_options", &preview); err != nil {
		return nil, s.fault(q, "can't parse link preview options JSON object")
	}
	m := &message{Message: Message{Kind: KindText, Text: text, Entities: entities, NoPreview: preview.IsDisabled}}
	c, failure := s.outgoing(q, m, "text messages")
	if failure != nil {
		return nil, failure
	}
	return c.wire(s.add(c, m), true), nil
}

func (s *Sim) sendDocument(q *query) (any, *apiError) {
	m := &message{Message: Message{Kind: KindDocument}}
	c, f, failure := s.sendFile(q, m, "document")
	if failure != nil {
		return nil, failure
	}
	m.Document = &f.File
	return c.wire(s.add(c, m), true), nil
}

func (s *Sim) sendPhoto(q *query) (any, *apiError) {
	m := &message{Message: Message{Kind: KindPhoto}}
	c, f, failure := s.sendFile(q, m, "photo")
	if failure != nil {
		return nil, failure
	}
	m.photo = f.photo()
	photo := f.File
	m.Photo = &photo
	return c.wire(s.add(c, m), true), nil
}

func (s *Sim) sendFile(q *query, m *message, field string) (*chat, *storedFile, *apiError) {
	caption, entities, failure := s.formatted(q, "caption")
	if failure != nil {
		return nil, nil, failure
	}
	m.Text, m.Entities = caption, entities
	f, failure := s.sentFile(q, field, m.Kind)
	if failure != nil {
		return nil, nil, failure
	}
	c, failure := s.outgoing(q, m, field+"s")
	return c, f, failure
}

func (s *Sim) copyMessage(q *query) (any, *apiError) {
	from, failure := s.chatOf(q, "from_chat_id", toRead)
	if failure != nil {
		return nil, failure
	}
	source := from.find(q.int("message_id"))
	if source == nil {
		return nil, badRequest("message to copy not found")
	}
	if source.Kind == KindService {
		return nil, badRequest("message can't be copied")
	}
	m := &message{Message: source.Message}
	m.Edited, m.Reactions, m.ReplyTo, m.Album, m.external, m.crossReply = 0, nil, 0, "", nil, false
	if _, ok := q.lookup("caption"); ok && source.Kind != KindText {
		if m.Text, m.Entities, failure = s.formatted(q, "caption"); failure != nil {
			return nil, failure
		}
	}
	c, failure := s.outgoing(q, m, "messages")
	if failure != nil {
		return nil, failure
	}
	sent := s.add(c, m)
	return map[string]int{"message_id": sent.ID}, nil
}

func sameKeyboard(a, b [][]Button) bool {
	return slices.EqualFunc(a, b, slices.Equal[[]Button])
}

func sameEntities(a, b []Entity) bool {
	return slices.EqualFunc(a, b, func(x, y Entity) bool {
		sameUser := (x.User == nil) == (y.User == nil) && (x.User == nil || x.User.ID == y.User.ID)
		x.User, y.User = nil, nil
		return sameUser && x == y
	})
}
