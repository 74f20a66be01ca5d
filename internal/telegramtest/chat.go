package telegramtest

import (
	"encoding/json"
	"slices"
	"time"
)

const (
	anonymousAdminID = 1_087_968_824

	typePrivate    = "private"
	typeGroup      = "group"
	typeSupergroup = "supergroup"
)

// standing is what a member may do in a group, in the Bot API's words.
type standing string

const (
	standingOwner  standing = "creator"
	standingAdmin  standing = "administrator"
	standingMember standing = "member"
	standingLeft   standing = "left"
	standingKicked standing = "kicked"

	// standingHidden is an admin who acts anonymously: on the wire an administrator with a flag.
	standingHidden standing = "anonymous administrator"
)

func (s standing) in() bool { return s == standingMember || s.admin() }

func (s standing) admin() bool {
	return s == standingOwner || s == standingAdmin || s == standingHidden
}

// Chat names a chat: a User is their private chat with the bot, a Group is itself, a ChatID is any by its number.
type Chat interface {
	// Chat is the chat's id in the Bot API.
	Chat() int64
}

// ChatID is a chat by its number.
type ChatID int64

// Chat is the number itself.
func (id ChatID) Chat() int64 { return int64(id) }

type topic struct {
	name   string
	closed bool
	gone   bool
}

// chat is the state of one chat.
type chat struct {
	id       int64
	kind     string
	title    string
	shape    *wireChat
	user     *User // of a private chat
	members  map[int64]standing
	order    []*User
	bot      standing
	muted    bool
	gone     bool  // the group was deleted
	movedTo  int64 // the supergroup that this group became
	forum    bool
	topics   map[int]*topic
	noReacts bool
	botSpoke bool // the bot wrote the last message: bare commands reach it in privacy mode
	ids      *int
	messages []*message // by id
	changes  []int      // ids of messages in the order of their changes
	changed  chan struct{}
	pace     window
	blocked  time.Time // calls are refused until then
}

func (c *chat) isPrivate() bool { return c.kind == typePrivate }

func (c *chat) find(id int) *message {
	i, ok := slices.BinarySearchFunc(c.messages, id, func(m *message, id int) int { return m.ID - id })
	if !ok || c.messages[i].Deleted {
		return nil
	}
	return c.messages[i]
}

// touch wakes whoever waits for a change of the chat.
func (c *chat) touch(m *message) {
	c.changes = append(c.changes, m.ID)
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (s *Sim) newChat(c *chat) *chat {
	c.shape = &wireChat{ID: c.id, Type: c.kind, Title: c.title, IsForum: c.forum}
	if c.user != nil {
		c.shape.FirstName, c.shape.LastName, c.shape.Username = c.user.FirstName, c.user.LastName, c.user.Username
	}
	c.ids = &s.messageIDs
	c.pace = window{size: privateCalls, span: privateSpan}
	if c.kind == typeSupergroup {
		first := 1 // the group's own creation, and the id of a forum's General
		c.ids = &first
	}
	if !c.isPrivate() {
		c.pace = window{size: groupCalls, span: groupSpan}
		c.members = map[int64]standing{}
		c.topics = map[int]*topic{}
	}
	s.chats[c.id] = c
	return c
}

// add puts a new message into a chat and tells those who watch.
func (s *Sim) add(c *chat, m *message) *message {
	*c.ids++
	m.ID, m.ChatID, m.Date = *c.ids, c.id, s.now()
	m.FromBot = m.From == s.bot
	m.setKeyboard(m.Keyboard)
	c.messages = append(c.messages, m)
	c.botSpoke = m.FromBot
	s.changed(c, m, MessageSent)
	return m
}

// addService puts a service message ("Anna joined") into a group.
func (s *Sim) addService(c *chat, from *User, field string, content any) *message {
	raw, err := json.Marshal(content)
	if err != nil {
		s.violate("service message %s: %v", field, err)
	}
	m := s.add(c, &message{Message: Message{
		Kind: KindService, From: from, extra: map[string]json.RawMessage{field: raw},
	}})
	s.enqueue("message", c.wire(m, true))
	return m
}

func (s *Sim) changed(c *chat, m *message, what EventKind) {
	c.touch(m)
	s.publish(Event{Kind: what, Message: m.Message})
}
