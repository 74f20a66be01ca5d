package telegramtest

import "strings"

// User is a person. Their private chat with the bot is theirs alone; In gives them a voice in a group.
type User struct {
	ID        int64
	FirstName string
	LastName  string
	Username  string
	Language  string

	sim         *Sim
	shape       *wireUser
	chat        *chat
	isBot       bool
	started     bool // has written to the bot, so that the bot may write
	seen        bool // the bot met them in a group
	blocked     bool
	deactivated bool
}

var _ Chat = (*User)(nil)

// User adds a person by first name and language code ("ru"; empty for a client that tells none).
func (s *Sim) User(firstName, language string) *User {
	return s.AddUser(User{FirstName: firstName, Language: language})
}

// AddUser adds a person with any of the exported fields of User; without an ID, they get the next one.
func (s *Sim) AddUser(profile User) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addUser(&User{
		ID: profile.ID, FirstName: profile.FirstName, LastName: profile.LastName,
		Username: profile.Username, Language: profile.Language,
	})
}

func (s *Sim) addUser(u *User) *User {
	if u.ID == 0 {
		u.ID = s.nextUser
		s.nextUser++
	}
	u.sim = s
	u.shape = &wireUser{
		ID: u.ID, IsBot: u.isBot, FirstName: u.FirstName, LastName: u.LastName,
		Username: u.Username, LanguageCode: u.Language,
	}
	u.chat = s.newChat(&chat{id: u.ID, kind: typePrivate, user: u})
	s.users[u.ID] = u
	return u
}

// Chat is the id of the private chat, which is the user's own.
func (u *User) Chat() int64 { return u.ID }

// Send writes a text to the bot.
func (u *User) Send(text string) Message { return u.Sends(Text(text)) }

// SendPDF sends the bot a PDF.
func (u *User) SendPDF(name string, pdf []byte) Message { return u.Sends(PDF(name, pdf)) }

// Sends sends the bot anything. Whoever blocked the bot unblocks it by that, as the app does.
func (u *User) Sends(content Content) Message {
	s := u.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.blocked {
		s.setBlocked(u, false)
	}
	u.started = true
	m := content.message(s, u.chat, u)
	s.add(u.chat, m)
	s.enqueue("message", u.chat.wire(m, true))
	return m.Message
}

// Reply answers a message in the private chat.
func (u *User) Reply(to Message, text string) Message { return u.Sends(Text(text).ReplyingTo(to)) }

// Start presses the Start button, with the payload of a deep link or an empty one.
func (u *User) Start(payload string) Message {
	return u.Send(strings.TrimSpace("/start " + payload))
}

// Edit changes a message that the user wrote, with or without a visible change.
func (u *User) Edit(m Message, text string) Message {
	u.sim.mu.Lock()
	defer u.sim.mu.Unlock()
	return u.sim.editByPerson(u.chat, m, text)
}

func (s *Sim) editByPerson(c *chat, m Message, text string) Message {
	found := c.find(m.ID)
	if found == nil {
		s.violate("message %d, which a person edits, is not in chat %d", m.ID, c.id)
		return m
	}
	found.Text, found.Entities = text, detectEntities(text)
	found.Edited++
	found.EditedAt = s.now()
	s.changed(c, found, MessageEdited)
	s.enqueue("edited_message", c.wire(found, true))
	return found.Message
}

// Block stops the bot from writing to the user.
func (u *User) Block() {
	u.sim.mu.Lock()
	defer u.sim.mu.Unlock()
	u.sim.setBlocked(u, true)
}

// Unblock lets the bot write again. The app may or may not send /start after it.
func (u *User) Unblock() {
	u.sim.mu.Lock()
	defer u.sim.mu.Unlock()
	u.sim.setBlocked(u, false)
}

// Deactivate deletes the user's account.
func (u *User) Deactivate() {
	u.sim.mu.Lock()
	defer u.sim.mu.Unlock()
	u.deactivated = true
}

func (s *Sim) setBlocked(u *User, blocked bool) {
	if u.blocked == blocked {
		return
	}
	u.blocked, u.started = blocked, true
	before, after := standingMember, standingKicked
	if !blocked {
		before, after = after, before
	}
	s.enqueue("my_chat_member", memberUpdate{
		Chat: u.chat.shape, From: u.shape, Date: s.now().Unix(),
		Old: memberShape(s.bot, before), New: memberShape(s.bot, after),
	})
}

// Press presses a button of a message in the private chat.
func (u *User) Press(m Message, data string) *Press { return u.sim.press(u, m, data) }
