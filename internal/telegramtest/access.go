package telegramtest

import "strconv"

// access is what a call needs from a chat.
type access int

const (
	toRead access = iota
	toEdit
	toWrite
)

// chatOf finds the chat of a call and checks the bot's standing there, in the order and words of the real server.
func (s *Sim) chatOf(q *query, field string, need access) (*chat, *apiError) {
	id, err := strconv.ParseInt(q.text(field), 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	c, ok := s.chats[id]
	if !ok {
		return nil, badRequest("chat not found")
	}
	switch c.kind {
	case typePrivate:
		return c, s.privateAccess(c, need)
	case typeGroup:
		return c, groupAccess(c, need)
	default:
		return c, supergroupAccess(c)
	}
}

func (s *Sim) privateAccess(c *chat, need access) *apiError {
	u := c.user
	switch {
	case u == s.bot:
		return forbidden("bots can't send messages to bots")
	case !u.started && !u.seen:
		return badRequest("chat not found")
	case u.deactivated && need != toRead:
		return forbidden("user is deactivated")
	}
	return nil
}

func groupAccess(c *chat, need access) *apiError {
	switch {
	case c.movedTo != 0 && need == toWrite:
		failure := badRequest("group chat was upgraded to a supergroup chat")
		failure.MigrateTo = c.movedTo
		return failure
	case c.movedTo != 0 || need == toRead:
		return nil
	case c.gone && need == toWrite:
		return forbidden("the group chat was deleted")
	case c.bot == standingKicked:
		return forbidden("bot was kicked from the group chat")
	case c.bot == standingLeft:
		return forbidden("bot is not a member of the group chat")
	}
	return nil
}

func supergroupAccess(c *chat) *apiError {
	switch {
	case c.gone:
		return badRequest("chat not found")
	case c.bot == standingKicked:
		return forbidden("bot was kicked from the supergroup chat")
	case !c.bot.in():
		return forbidden("bot is not a member of the supergroup chat")
	}
	return nil
}

// mayWrite is what the server finds only when it sends: rights, blocks and limits. What is being sent goes into words:
// "text messages", "documents".
func (s *Sim) mayWrite(c *chat, what string) *apiError {
	if u := c.user; u != nil {
		switch {
		case !u.started:
			return forbidden("bot can't initiate conversation with a user")
		case u.blocked:
			return forbidden("bot was blocked by the user")
		}
	}
	if c.muted && !c.bot.admin() {
		return badRequest("not enough rights to send %s to the chat", what)
	}
	return s.pass(c)
}

// topicOf checks the thread of a send. General is addressed without one; 1 is refused.
func (s *Sim) topicOf(c *chat, q *query) (int, *apiError) {
	id := q.int("message_thread_id")
	if id == 0 {
		return 0, nil
	}
	t, ok := c.topics[id]
	switch {
	case !ok || t.gone:
		return 0, badRequest("message thread not found")
	case t.closed && !c.bot.admin():
		return 0, badRequest("TOPIC_CLOSED")
	}
	return id, nil
}
