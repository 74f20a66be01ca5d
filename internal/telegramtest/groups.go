package telegramtest

import "sync/atomic"

// Group is a group that the bot is in, or was. It stays the same when it becomes a supergroup.
type Group struct {
	sim  *Sim
	chat *chat
	id   atomic.Int64 // of the chat; read without the lock, so that a Group can stand in any call
}

var _ Chat = (*Group)(nil)

// Group makes a basic group with the bot as an admin and these members, the first of them its owner.
func (s *Sim) Group(title string, members ...*User) *Group {
	return s.newGroup(&chat{kind: typeGroup, title: title, bot: standingAdmin}, members)
}

// Supergroup makes a supergroup with the bot as an admin.
func (s *Sim) Supergroup(title string, members ...*User) *Group {
	return s.newGroup(&chat{kind: typeSupergroup, title: title, bot: standingAdmin}, members)
}

// Forum makes a supergroup with topics.
func (s *Sim) Forum(title string, members ...*User) *Group {
	return s.newGroup(&chat{kind: typeSupergroup, title: title, bot: standingAdmin, forum: true}, members)
}

// ForeignGroup makes a group whose owner adds the bot to it as a plain member.
func (s *Sim) ForeignGroup(title string, owner *User) *Group {
	g := s.newGroup(&chat{kind: typeGroup, title: title, bot: standingLeft}, []*User{owner})
	g.AddBot(owner)
	return g
}

func (s *Sim) newGroup(c *chat, members []*User) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.kind == typeGroup {
		c.id = s.nextGroup
		s.nextGroup--
	} else {
		c.id = s.nextSuper
		s.nextSuper--
	}
	s.newChat(c)
	for i, u := range members {
		c.members[u.ID] = standingMember
		if i == 0 {
			c.members[u.ID] = standingOwner
		}
		c.order = append(c.order, u)
		u.seen = true
	}
	g := &Group{sim: s, chat: c}
	g.id.Store(c.id)
	return g
}

// Chat is the group's present id.
func (g *Group) Chat() int64 { return g.id.Load() }

// ID is the group's present id.
func (g *Group) ID() int64 { return g.Chat() }

// Join adds a person: a service message, and a chat_member update for a bot that asked for them.
func (g *Group) Join(u *User) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	before := g.standingOf(u)
	g.chat.members[u.ID] = standingMember
	g.chat.order = append(g.chat.order, u)
	u.seen = true
	g.sim.addService(g.chat, u, "new_chat_members", []*wireUser{u.shape})
	g.memberChanged(u, before, standingMember)
}

// Leave takes a person out.
func (g *Group) Leave(u *User) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	before := g.standingOf(u)
	g.chat.members[u.ID] = standingLeft
	g.sim.addService(g.chat, u, "left_chat_member", u.shape)
	g.memberChanged(u, before, standingLeft)
}

// Promote makes a member an admin.
func (g *Group) Promote(u *User) { g.promote(u, standingAdmin) }

// PromoteAnonymous makes a member an admin who remains anonymous: the list of admins says so, and what they write comes
// in the group's name (see Member.Anonymously).
func (g *Group) PromoteAnonymous(u *User) { g.promote(u, standingHidden) }

func (g *Group) promote(u *User, to standing) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	before := g.standingOf(u)
	g.chat.members[u.ID] = to
	g.memberChanged(u, before, to)
}

func (g *Group) standingOf(u *User) standing {
	if st, ok := g.chat.members[u.ID]; ok {
		return st
	}
	return standingLeft
}

// memberChanged tells the bot about somebody else, which is promised only to an admin.
func (g *Group) memberChanged(u *User, before, after standing) {
	if g.chat.bot.admin() {
		g.sim.enqueue("chat_member", memberUpdate{
			Chat: g.chat.shape, From: u.shape, Date: g.sim.now().Unix(),
			Old: memberShape(u, before), New: memberShape(u, after),
		})
	}
}

// AddBot puts the bot into the group as a plain member.
func (g *Group) AddBot(by *User) { g.setBot(by, standingMember) }

// PromoteBot makes the bot an admin: it then reads all messages, privacy mode or not.
func (g *Group) PromoteBot() { g.setBot(g.owner(), standingAdmin) }

// DemoteBot makes the bot a plain member.
func (g *Group) DemoteBot() { g.setBot(g.owner(), standingMember) }

// KickBot removes the bot for good.
func (g *Group) KickBot() { g.setBot(g.owner(), standingKicked) }

func (g *Group) owner() *User {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	if len(g.chat.order) > 0 {
		return g.chat.order[0]
	}
	return g.sim.anybody
}

func (g *Group) setBot(by *User, to standing) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	before := g.chat.bot
	if before == to {
		return
	}
	g.chat.bot = to
	s := g.sim
	s.enqueueBotStanding(g.chat, by, before, to)
	switch {
	case !before.in() && to.in():
		s.addService(g.chat, by, "new_chat_members", []*wireUser{s.bot.shape})
	case before.in() && !to.in() && g.chat.kind == typeGroup:
		s.addService(g.chat, by, "left_chat_member", s.bot.shape)
	}
}

func (s *Sim) enqueueBotStanding(c *chat, by *User, before, after standing) {
	s.enqueue("my_chat_member", memberUpdate{
		Chat: c.shape, From: by.shape, Date: s.now().Unix(),
		Old: memberShape(s.bot, before), New: memberShape(s.bot, after),
	})
}

// MuteBot takes away the right to write by the group's default permissions, which brings no update. An admin is not
// touched by it: demote the bot first.
func (g *Group) MuteBot(muted bool) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	g.chat.muted = muted
}

// ForbidReactions forbids all reactions.
func (g *Group) ForbidReactions() {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	g.chat.noReacts = true
}

// Delete deletes the group.
func (g *Group) Delete() {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	g.chat.gone = true
}

// HasBot tells whether the bot is in the group: it may have left.
func (g *Group) HasBot() bool {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	return g.chat.bot.in()
}

// DeleteMessage deletes a message, as its author or an admin may. The bot is not told.
func (g *Group) DeleteMessage(m Message) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	if found := g.chat.find(m.ID); found != nil {
		g.sim.deleted(g.chat, found)
	}
}

// Topic opens a topic of a forum, and returns its id.
func (g *Group) Topic(name string) int {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	const blue = 7322096
	m := g.sim.addService(g.chat, g.chat.order[0], "forum_topic_created", wireTopic{Name: name, IconColor: blue})
	m.Topic = m.ID
	g.chat.topics[m.ID] = &topic{name: name}
	return m.ID
}

// CloseTopic closes a topic: only admins write there.
func (g *Group) CloseTopic(id int) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	if t, ok := g.chat.topics[id]; ok {
		t.closed = true
	}
}

// DeleteTopic deletes a topic with all that is in it.
func (g *Group) DeleteTopic(id int) {
	g.sim.mu.Lock()
	defer g.sim.mu.Unlock()
	if t, ok := g.chat.topics[id]; ok {
		t.gone = true
	}
}

// MigrateToSupergroup makes the group a supergroup with a new id. Message ids belong to a chat: the old ones are dead
// for sends and replies in the new chat, while old cards stay editable, and their buttons work, at the old id. It
// returns the old id.
func (g *Group) MigrateToSupergroup() ChatID {
	s := g.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	old := g.chat
	next := s.newChat(&chat{id: s.nextSuper, kind: typeSupergroup, title: old.title, bot: old.bot})
	s.nextSuper--
	next.members, next.order, next.muted = old.members, old.order, old.muted
	by := s.anybody
	if len(old.order) > 0 {
		by = old.order[0]
	}
	s.addService(old, by, "migrate_to_chat_id", next.id)
	old.movedTo = next.id
	g.chat = next
	g.id.Store(next.id)
	s.enqueueBotStanding(next, by, standingLeft, next.bot)
	s.addService(next, s.anybody, "migrate_from_chat_id", old.id)
	return ChatID(old.id)
}
