package telegramtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// runRest carries out the methods that are about the bot and about chats.
func (s *Sim) runRest(q *query) (any, *apiError) {
	switch q.method {
	case "getMe":
		return s.getMe(), nil
	case "getWebhookInfo":
		return s.webhookInfo(), nil
	case "setWebhook":
		return s.setWebhook(q)
	case "deleteWebhook":
		return s.deleteWebhook(q), nil
	case "getChat":
		return s.getChat(q)
	case "getChatMember":
		return s.getChatMember(q)
	case "getChatAdministrators":
		return s.getChatAdministrators(q)
	case "leaveChat":
		return s.leaveChat(q)
	case "setMyCommands", "deleteMyCommands", "getMyCommands":
		return s.myCommands(q)
	case "setMyDescription", "setMyShortDescription":
		return s.describe(q)
	default:
		s.violate("method %s is in the table, but is not carried out", q.method)
		return nil, notFound()
	}
}

func (s *Sim) getMe() any {
	return struct {
		*wireUser
		CanJoin    bool `json:"can_join_groups"`
		ReadsAll   bool `json:"can_read_all_group_messages"`
		Inline     bool `json:"supports_inline_queries"`
		Business   bool `json:"can_connect_to_business"`
		MainWebApp bool `json:"has_main_web_app"`
	}{wireUser: s.bot.shape, CanJoin: true, ReadsAll: s.opts.ReadsAllMessages}
}

func (s *Sim) webhookInfo() any {
	return struct {
		URL     string   `json:"url"`
		Cert    bool     `json:"has_custom_certificate"`
		Pending int      `json:"pending_update_count"`
		Allowed []string `json:"allowed_updates,omitempty"`
	}{URL: s.webhook, Pending: len(s.queue.pending), Allowed: s.queue.allowed}
}

func (s *Sim) setWebhook(q *query) (any, *apiError) {
	s.webhook = q.text("url")
	if s.webhook != "" {
		s.sendPollerAway(conflict(webhookSet))
	}
	s.setAllowed(q)
	s.dropPending(q)
	return true, nil
}

func (s *Sim) deleteWebhook(q *query) any {
	s.webhook = ""
	s.dropPending(q)
	return true
}

func (s *Sim) dropPending(q *query) {
	if q.bool("drop_pending_updates") {
		s.confirm(s.queue.nextID)
	}
}

type memberUpdate struct {
	Chat *wireChat      `json:"chat"`
	From *wireUser      `json:"from"`
	Date int64          `json:"date"`
	Old  map[string]any `json:"old_chat_member"`
	New  map[string]any `json:"new_chat_member"`
}

// memberShape is a ChatMember: each standing has fields of its own.
func memberShape(u *User, st standing) map[string]any {
	out := map[string]any{"user": u.shape, "status": st}
	switch st {
	case standingHidden:
		out = memberShape(u, standingAdmin)
		out["is_anonymous"] = true
	case standingMember, standingLeft: // no more to say
	case standingOwner:
		out["is_anonymous"] = false
	case standingKicked:
		out["until_date"] = 0
	case standingAdmin:
		for _, right := range []string{
			"is_anonymous", "can_promote_members", "can_change_info", "can_post_stories", "can_edit_stories",
			"can_delete_stories",
		} {
			out[right] = false
		}
		for _, right := range []string{
			"can_be_edited", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
			"can_restrict_members", "can_invite_users", "can_pin_messages",
		} {
			out[right] = true
		}
	}
	return out
}

func (s *Sim) getChat(q *query) (any, *apiError) {
	c, failure := s.chatOf(q, "chat_id", toRead)
	if failure != nil {
		return nil, failure
	}
	out := map[string]any{
		"id": c.id, "type": c.kind, "accent_color_id": 0, "max_reaction_count": 11,
		"accepted_gift_types": map[string]bool{
			"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
			"gifts_from_channels": false,
		},
	}
	if c.user != nil {
		out["first_name"] = c.user.FirstName
		return out, nil
	}
	out["title"] = c.title
	if c.forum {
		out["is_forum"] = true
	}
	permissions := map[string]bool{}
	for _, right := range []string{"can_send_messages", "can_send_documents", "can_send_photos"} {
		permissions[right] = !c.muted
	}
	out["permissions"] = permissions
	return out, nil
}

func (s *Sim) getChatMember(q *query) (any, *apiError) {
	c, failure := s.chatOf(q, "chat_id", toRead)
	if failure != nil {
		return nil, failure
	}
	id, err := strconv.ParseInt(q.text("user_id"), 10, 64)
	u, ok := s.users[id]
	if err != nil || !ok {
		return nil, badRequest("PARTICIPANT_ID_INVALID")
	}
	switch {
	case u == s.bot:
		return memberShape(u, c.bot), nil
	case c.isPrivate():
		return memberShape(u, standingMember), nil
	case !c.bot.admin():
		return nil, badRequest("CHAT_ADMIN_REQUIRED")
	}
	st, ok := c.members[id]
	if !ok {
		st = standingLeft
	}
	return memberShape(u, st), nil
}

func (s *Sim) getChatAdministrators(q *query) (any, *apiError) {
	c, failure := s.chatOf(q, "chat_id", toRead)
	if failure != nil {
		return nil, failure
	}
	if c.isPrivate() {
		return nil, badRequest("there are no administrators in the private chat")
	}
	admins := []map[string]any{}
	for _, u := range c.order {
		if st := c.members[u.ID]; st.admin() {
			admins = append(admins, memberShape(u, st))
		}
	}
	if c.bot.admin() {
		admins = append(admins, memberShape(s.bot, c.bot))
	}
	return admins, nil
}

func (s *Sim) leaveChat(q *query) (any, *apiError) {
	c, failure := s.chatOf(q, "chat_id", toRead)
	if failure != nil {
		return nil, failure
	}
	if c.isPrivate() {
		return nil, badRequest("chat member status can't be changed in private chats")
	}
	before := c.bot
	c.bot = standingLeft
	s.enqueueBotStanding(c, s.bot, before, standingLeft)
	return true, nil
}

// Command is one line of the bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// CommandScope is where commands are shown: Type "default", "chat", "all_private_chats"…, and the language.
type CommandScope struct {
	Type     string `json:"type"`
	Chat     int64  `json:"chat_id"`
	User     int64  `json:"user_id"`
	Language string `json:"-"`
}

// Commands are those that the bot has set for a scope.
func (s *Sim) Commands(scope CommandScope) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	if scope.Type == "" {
		scope.Type = "default"
	}
	return slices.Clone(s.commands[scope])
}

func (s *Sim) myCommands(q *query) (any, *apiError) {
	scope := CommandScope{Type: "default"}
	if err := q.decode("scope", &scope); err != nil {
		return nil, s.fault(q, "can't parse BotCommandScope: %v", err)
	}
	scope.Language = q.text("language_code")
	if len(scope.Language) != 0 && len(scope.Language) != 2 {
		return nil, s.fault(q, "invalid language code specified")
	}
	if scope.Chat != 0 {
		if _, ok := s.chats[scope.Chat]; !ok {
			return nil, badRequest("chat not found")
		}
	}
	switch q.method {
	case "getMyCommands":
		return append([]Command{}, s.commands[scope]...), nil
	case "deleteMyCommands":
		delete(s.commands, scope)
		return true, nil
	}
	var commands []Command
	if err := json.Unmarshal([]byte(q.text("commands")), &commands); err != nil {
		return nil, s.fault(q, "can't parse commands JSON object")
	}
	for _, c := range commands {
		if !validCommand(c.Command) {
			return nil, s.fault(q, "BOT_COMMAND_INVALID")
		}
		if n := utf16Len(c.Description); n < 1 || n > 256 {
			return nil, s.fault(q, "BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.commands[scope] = commands
	return true, nil
}

func validCommand(name string) bool {
	const longest = 32
	if name == "" || len(name) > longest {
		return false
	}
	for i := range len(name) {
		if !isWordByte(name[i]) {
			return false
		}
	}
	return name == strings.ToLower(name)
}

func (s *Sim) describe(q *query) (any, *apiError) {
	field, most := "description", 512
	if q.method == "setMyShortDescription" {
		field, most = "short_description", 120
	}
	if utf16Len(q.text(field)) > most {
		return nil, s.fault(q, "BOT_ABOUT_TOO_LONG")
	}
	s.about[field+"/"+q.text("language_code")] = q.text(field)
	return true, nil
}

// About is the bot's description ("description" or "short_description") in a language, as it was set.
func (s *Sim) About(field, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.about[field+"/"+language]
}
