package telegramtest

import (
	"slices"
	"time"
)

const deletable = 48 * time.Hour

// toEditMessage finds the bot's message that a call wants to change.
func (s *Sim) toEditMessage(q *query) (*chat, *message, *apiError) {
	if _, ok := q.lookup("chat_id"); !ok {
		return nil, nil, s.missing(q, "chat_id")
	}
	if q.int("message_id") == 0 {
		return nil, nil, s.fault(q, "message identifier is not specified")
	}
	c, failure := s.chatOf(q, "chat_id", toEdit)
	if failure != nil {
		return nil, nil, failure
	}
	m := c.find(q.int("message_id"))
	if m == nil {
		return nil, nil, badRequest("message to edit not found")
	}
	if !m.FromBot {
		return nil, nil, badRequest("message can't be edited")
	}
	return c, m, nil
}

// editMessage changes a text or a caption, and replaces the keyboard: without reply_markup it goes.
func (s *Sim) editMessage(q *query) (any, *apiError) {
	field := "text"
	if q.method == "editMessageCaption" {
		field = "caption"
	}
	text, entities, failure := s.formatted(q, field)
	if failure != nil {
		return nil, failure
	}
	keyboard, failure := s.keyboard(q, q.chat > 0)
	if failure != nil {
		return nil, failure
	}
	c, m, failure := s.toEditMessage(q)
	if failure != nil {
		return nil, failure
	}
	if (m.Kind == KindText) != (field == "text") {
		return nil, badRequest("there is no %s in the message to edit", field)
	}
	if failure = s.mayEdit(c); failure != nil {
		return nil, failure
	}
	if m.Text == text && sameEntities(m.Entities, entities) && sameKeyboard(m.Keyboard, keyboard) {
		return nil, badRequest(notModified)
	}
	m.Text, m.Entities = text, entities
	s.edited(c, m, keyboard)
	return c.wire(m, true), nil
}

func (s *Sim) editMarkup(q *query) (any, *apiError) {
	keyboard, failure := s.keyboard(q, q.chat > 0)
	if failure != nil {
		return nil, failure
	}
	c, m, failure := s.toEditMessage(q)
	if failure != nil {
		return nil, failure
	}
	if failure = s.mayEdit(c); failure != nil {
		return nil, failure
	}
	if sameKeyboard(m.Keyboard, keyboard) {
		return nil, badRequest(notModified)
	}
	s.edited(c, m, keyboard)
	return c.wire(m, true), nil
}

// mayEdit counts an edit in the same bucket as sends. The rights to send do not matter for it.
func (s *Sim) mayEdit(c *chat) *apiError {
	if c.user != nil && c.user.blocked {
		return forbidden("bot was blocked by the user")
	}
	return s.pass(c)
}

func (s *Sim) edited(c *chat, m *message, keyboard [][]Button) {
	m.setKeyboard(keyboard)
	m.Edited++
	m.EditedAt = s.now()
	s.changed(c, m, MessageEdited)
}

func (s *Sim) deleteMessage(q *query) (any, *apiError) {
	c, failure := s.chatOf(q, "chat_id", toWrite)
	if failure != nil {
		return nil, failure
	}
	m := c.find(q.int("message_id"))
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	if s.now().Sub(m.Date) > deletable || (!m.FromBot && !c.isPrivate() && !c.bot.admin()) {
		return nil, badRequest("message can't be deleted")
	}
	s.deleted(c, m)
	return true, nil
}

func (s *Sim) deleted(c *chat, m *message) {
	m.Deleted = true
	s.changed(c, m, MessageDeleted)
}

// setMessageReaction replaces the bot's reactions. On an album they land on its first message.
func (s *Sim) setMessageReaction(q *query) (any, *apiError) {
	var sent []struct {
		Type   string `json:"type"`
		Emoji  string `json:"emoji"`
		Custom string `json:"custom_emoji_id"`
	}
	if err := q.decode("reaction", &sent); err != nil {
		return nil, s.fault(q, "can't parse reaction types JSON object")
	}
	c, failure := s.chatOf(q, "chat_id", toRead)
	if failure != nil {
		return nil, failure
	}
	m := c.find(q.int("message_id"))
	if m == nil {
		return nil, badRequest("message to react not found")
	}
	var reactions []string
	for _, r := range sent {
		if r.Type != "emoji" || c.noReacts || !slices.Contains(reactionEmoji(), r.Emoji) {
			return nil, badRequest("REACTION_INVALID")
		}
		reactions = append(reactions, r.Emoji)
	}
	if len(reactions) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	if m.Album != "" {
		m = c.messages[slices.IndexFunc(c.messages, func(o *message) bool { return o.Album == m.Album })]
	}
	m.Reactions = reactions
	s.changed(c, m, ReactionSet)
	return true, nil
}

// reactionEmoji are the emoji that Telegram allows as reactions.
func reactionEmoji() []string {
	return []string{
		"❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊", "🤡",
		"🥱", "🥴", "😍", "🐳", "❤‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈",
		"😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿",
		"🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷", "🤷‍♀", "😡",
	}
}
