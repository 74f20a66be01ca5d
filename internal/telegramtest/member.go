package telegramtest

import "strings"

// Member is a person's voice in a group.
type Member struct {
	user      *User
	group     *Group
	topic     int
	anonymous bool
	signature string
}

// In gives a person a voice in a group.
func (u *User) In(g *Group) Member { return Member{user: u, group: g} }

// InTopic speaks in a topic of a forum.
func (m Member) InTopic(id int) Member {
	m.topic = id
	return m
}

// Anonymously speaks as an anonymous admin: messages come from the group, with the admin's title if not empty. A press
// still carries the real user.
func (m Member) Anonymously(title string) Member {
	m.anonymous, m.signature = true, title
	return m
}

// Send writes a text.
func (m Member) Send(text string) Message { return m.Sends(Text(text)) }

// SendPDF sends a PDF with a caption.
func (m Member) SendPDF(pdf []byte, caption string) Message {
	return m.Sends(PDF("report.pdf", pdf).WithCaption(caption))
}

// Reply answers a message.
func (m Member) Reply(to Message, text string) Message { return m.Sends(Text(text).ReplyingTo(to)) }

// ReplyPDF answers a message with a PDF.
func (m Member) ReplyPDF(to Message, pdf []byte, caption string) Message {
	return m.Sends(PDF("report.pdf", pdf).WithCaption(caption).ReplyingTo(to))
}

// Press presses a button.
func (m Member) Press(on Message, data string) *Press { return m.user.sim.press(m.user, on, data) }

// Edit changes a message that the member wrote.
func (m Member) Edit(msg Message, text string) Message {
	s := m.user.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.editByPerson(m.group.chat, msg, text)
}

// Sends writes anything. The bot hears of it unless privacy mode hides it.
func (m Member) Sends(content Content) Message {
	s := m.user.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	c := m.group.chat
	m.user.seen = true
	author := m.user
	if m.anonymous {
		author = s.anybody
		if m.signature != "" {
			content = content.With("author_signature", jsonString(m.signature))
		}
	}
	msg := content.inTopic(s, c, author, m.topic)
	msg.Anonymous = m.anonymous
	heard := s.hears(c, msg)
	s.add(c, msg)
	if heard {
		s.enqueue("message", c.wire(msg, true))
	}
	return msg.Message
}

func (c Content) inTopic(s *Sim, in *chat, from *User, topic int) *message {
	reply := c.replyTo
	c.replyTo = nil
	msg := c.message(s, in, from)
	msg.Topic = topic
	if reply != nil {
		s.replyByPerson(in, msg, *reply)
	}
	return msg
}

// hears tells whether the bot gets a message of a group: all of them as an admin or with privacy mode off; otherwise
// replies to itself, commands addressed to it, and bare commands if it was the last to speak. Captions do not count.
func (s *Sim) hears(c *chat, m *message) bool {
	if !c.bot.in() || c.gone {
		return false
	}
	if c.bot.admin() || s.opts.ReadsAllMessages {
		return true
	}
	if to := c.find(m.ReplyTo); to != nil && to.FromBot {
		return true
	}
	command, _, _ := strings.Cut(m.Text, " ")
	if m.Kind != KindText || !strings.HasPrefix(command, "/") {
		return false
	}
	_, addressee, addressed := strings.Cut(command, "@")
	if addressed {
		return strings.EqualFold(addressee, s.bot.Username)
	}
	return c.botSpoke
}
