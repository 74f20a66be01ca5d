package telegramtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// cast is who takes part in a refusal's scene.
type cast struct {
	*world
	anna, stranger *telegramtest.User
	group          *telegramtest.Group
	card           telegramtest.Message // the bot's, in the group
}

func newCast(t *testing.T) cast {
	t.Helper()
	w := newWorld(t, telegramtest.Options{Spec: officialSpec(t)})
	c := cast{world: w, anna: w.User("Анна", "ru"), stranger: w.User("Nobody", "en")}
	c.group = w.Group("Managers", w.User("Борис", "ru"))
	c.anna.Start("")
	c.card = w.card(c.group, "take:1")
	return c
}

// What Telegram refuses, in its own words. A violation is a request that a careful client never makes.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const violation, honest = true, false
	to := func(c cast) args { return args{"chat_id": c.anna.ID, "text": "hi"} }
	with := func(name string, value any) func(cast) args {
		return func(c cast) args { p := to(c); p[name] = value; return p }
	}
	button := func(b args) func(cast) args {
		return with("reply_markup", args{"inline_keyboard": [][]args{{b}}})
	}
	edit := func(name string, value any) func(cast) args {
		return func(c cast) args {
			p := args{"chat_id": c.group.ID(), "message_id": c.card.ID, "text": "x"}
			p[name] = value
			return p
		}
	}
	for _, tc := range []struct {
		name     string
		prepare  func(cast)
		method   string
		params   func(cast) args
		code     int
		words    string
		violates bool
	}{
		{"unknown method", nil, "sendCoffee", to, 404, "Not Found: method not found", violation},
		{"unknown parameter", nil, "sendMessage", with("colour", "red"), 400, "has no parameter colour", violation},
		{"missing chat", nil, "sendMessage", func(cast) args { return args{"text": "x"} }, 400, "Bad Request: chat_id is empty", violation},
		{"missing text", nil, "sendMessage", func(c cast) args { return args{"chat_id": c.anna.ID} }, 400, "Bad Request: message text is empty", violation},
		{"empty text", nil, "sendMessage", with("text", " \n"), 400, "Bad Request: message text is empty", violation},
		{"wrong type", nil, "sendMessage", with("message_thread_id", "one"), 400, "must be of type int", violation},
		{"null", nil, "sendMessage", with("entities", nil), 400, "must be of type array", violation},
		{"null markup", nil, "sendMessage", with("reply_markup", nil), 400, "Bad Request: object expected as reply markup", violation},
		{"nil rows", nil, "sendMessage", with("reply_markup", args{"inline_keyboard": nil}), 400, `field "inline_keyboard" must be of type Array`, violation},
		{"unknown markup field", nil, "sendMessage", with("reply_markup", args{"inline": 1}), 400, "can't parse reply keyboard markup", violation},
		{"long text", nil, "sendMessage", with("text", strings.Repeat("я", 4097)), 400, "Bad Request: message is too long", violation},
		{"unclosed tag", nil, "sendMessage", func(c cast) args { p := to(c); p["text"], p["parse_mode"] = "<b>x", "HTML"; return p }, 400, `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`, violation},
		{"other parse mode", nil, "sendMessage", with("parse_mode", "Telepathy"), 400, "unsupported parse_mode", violation},
		{"long callback data", nil, "sendMessage", button(args{"text": "x", "callback_data": strings.Repeat("d", 65)}), 400, "Bad Request: BUTTON_DATA_INVALID", violation},
		{"local link", nil, "sendMessage", button(args{"text": "x", "url": "http://localhost:8080/login"}), 400, "Bad Request: inline keyboard button URL 'http://localhost:8080/login' is invalid: Wrong HTTP URL", violation},
		{"long copy text", nil, "sendMessage", button(args{"text": "x", "copy_text": args{"text": strings.Repeat("c", 257)}}), 400, "BUTTON_COPY_TEXT_INVALID", violation},
		{"text button", nil, "sendMessage", button(args{"text": "x", "copy_text": args{"text": ""}}), 400, "Text buttons are unallowed in the inline keyboard", violation},
		{"button without text", nil, "sendMessage", button(args{"text": "", "callback_data": "d"}), 400, "BUTTON_TEXT_INVALID", violation},
		{"web app over http", nil, "sendMessage", button(args{"text": "x", "web_app": args{"url": "http://x.org"}}), 400, "Only HTTPS links are allowed", violation},
		{"web app in a group", nil, "sendMessage", func(c cast) args {
			return args{"chat_id": c.group.ID(), "text": "x", "reply_markup": args{"inline_keyboard": [][]args{{{"text": "x", "web_app": args{"url": "https://x.org"}}}}}}
		}, 400, "Bad Request: BUTTON_TYPE_INVALID", violation},
		{"101 buttons", nil, "sendMessage", func(c cast) args {
			row := make([]args, 101)
			for i := range row {
				row[i] = args{"text": "x", "callback_data": "d"}
			}
			return args{"chat_id": c.anna.ID, "text": "x", "reply_markup": args{"inline_keyboard": [][]args{row}}}
		}, 400, "REPLY_MARKUP_TOO_LONG", violation},
		{"unknown chat", nil, "sendMessage", with("chat_id", 42), 400, "Bad Request: chat not found", honest},
		{"a name for a chat", nil, "sendMessage", with("chat_id", "@nobody"), 400, "Bad Request: chat not found", honest},
		{"a user whom the bot never saw", nil, "sendMessage", func(c cast) args { return args{"chat_id": c.stranger.ID, "text": "x"} }, 400, "Bad Request: chat not found", honest},
		{"a user known only from a group", func(c cast) { c.group.Join(c.stranger) }, "sendMessage", func(c cast) args { return args{"chat_id": c.stranger.ID, "text": "x"} }, 403, "Forbidden: bot can't initiate conversation with a user", honest},
		{"a user who blocked the bot", func(c cast) { c.anna.Block() }, "sendMessage", to, 403, "Forbidden: bot was blocked by the user", honest},
		{"a deleted account", func(c cast) { c.anna.Deactivate() }, "sendMessage", to, 403, "Forbidden: user is deactivated", honest},
		{"itself", nil, "sendMessage", func(c cast) args { return args{"chat_id": c.Bot().ID, "text": "x"} }, 403, "Forbidden: bots can't send messages to bots", honest},
		{"a dead reply", nil, "sendMessage", with("reply_parameters", args{"message_id": 999}), 400, "Bad Request: message to be replied not found", honest},
		{"a reply into another chat", nil, "sendMessage", with("reply_parameters", args{"message_id": 1, "chat_id": 5}), 400, "Bad Request: message to be replied not found", honest},
		{"an unknown field of a reply", nil, "sendMessage", with("reply_parameters", args{"message": 1}), 400, "", violation},
		{"a topic where there are none", nil, "sendMessage", with("message_thread_id", 1), 400, "Bad Request: message thread not found", honest},
		{"kicked", func(c cast) { c.group.KickBot() }, "editMessageText", edit("text", "y"), 403, "Forbidden: bot was kicked from the group chat", honest},
		{"not a member", func(c cast) { c.call("leaveChat", args{"chat_id": c.group.ID()}) }, "editMessageText", edit("text", "y"), 403, "Forbidden: bot is not a member of the group chat", honest},
		{"deleted group", func(c cast) { c.group.Delete() }, "sendMessage", func(c cast) args { return args{"chat_id": c.group.ID(), "text": "x"} }, 403, "Forbidden: the group chat was deleted", honest},
		{"muted", func(c cast) { c.group.DemoteBot(); c.group.MuteBot(true) }, "sendMessage", func(c cast) args { return args{"chat_id": c.group.ID(), "text": "x"} }, 400, "Bad Request: not enough rights to send text messages to the chat", honest},
		{"edit of nothing", nil, "editMessageText", edit("message_id", 999), 400, "Bad Request: message to edit not found", honest},
		{"edit of a deleted message", func(c cast) { c.group.DeleteMessage(c.card) }, "editMessageText", edit("text", "y"), 400, "Bad Request: message to edit not found", honest},
		{"edit without a chat", nil, "editMessageText", func(cast) args { return args{"message_id": 1, "text": "x"} }, 400, "chat_id is empty", violation},
		{"edit without a message", nil, "editMessageText", func(c cast) args { return args{"chat_id": c.anna.ID, "text": "x"} }, 400, "message identifier is not specified", violation},
		{"edit of another's message", nil, "editMessageText", func(c cast) args {
			return args{"chat_id": c.anna.ID, "message_id": c.Messages(c.anna)[0].ID, "text": "x"}
		}, 400, "Bad Request: message can't be edited", honest},
		{"edit that changes nothing", nil, "editMessageText", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID, "text": "card", "reply_markup": keyboard("take:1")}
		}, 400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message", honest},
		{"keyboard that changes nothing", nil, "editMessageReplyMarkup", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID, "reply_markup": keyboard("take:1")}
		}, 400, "message is not modified", honest},
		{"caption of a text", nil, "editMessageCaption", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID, "caption": "x"}
		}, 400, "there is no caption in the message to edit", honest},
		{"reaction to nothing", nil, "setMessageReaction", func(c cast) args {
			return args{"chat_id": c.anna.ID, "message_id": 999, "reaction": []args{{"type": "emoji", "emoji": "👀"}}}
		}, 400, "Bad Request: message to react not found", honest},
		{"reaction with any emoji", nil, "setMessageReaction", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID, "reaction": []args{{"type": "emoji", "emoji": "🚗"}}}
		}, 400, "Bad Request: REACTION_INVALID", honest},
		{"forbidden reaction", func(c cast) { c.group.ForbidReactions() }, "setMessageReaction", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID, "reaction": []args{{"type": "emoji", "emoji": "👀"}}}
		}, 400, "Bad Request: REACTION_INVALID", honest},
		{"two reactions", nil, "setMessageReaction", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID, "reaction": []args{{"type": "emoji", "emoji": "👀"}, {"type": "emoji", "emoji": "👍"}}}
		}, 400, "REACTIONS_TOO_MANY", honest},
		{"delete nothing", nil, "deleteMessage", func(c cast) args { return args{"chat_id": c.anna.ID, "message_id": 999} }, 400, "Bad Request: message to delete not found", honest},
		{"delete after two days", func(c cast) { c.clock.Advance(49 * time.Hour) }, "deleteMessage", func(c cast) args {
			return args{"chat_id": c.group.ID(), "message_id": c.card.ID}
		}, 400, "Bad Request: message can't be deleted", honest},
		{"copy nothing", nil, "copyMessage", func(c cast) args {
			return args{"chat_id": c.anna.ID, "from_chat_id": c.group.ID(), "message_id": 999}
		}, 400, "Bad Request: message to copy not found", honest},
		{"another bot's file", nil, "sendDocument", func(c cast) args { return args{"chat_id": c.anna.ID, "document": "BQAC"} }, 400, "Bad Request: wrong file identifier/HTTP URL specified", honest},
		{"no document", nil, "sendDocument", func(c cast) args { return args{"chat_id": c.anna.ID} }, 400, "Bad Request: there is no document in the request", violation},
		{"long caption", nil, "sendDocument", func(c cast) args {
			return args{"chat_id": c.anna.ID, "document": "x", "caption": strings.Repeat("x", 1025)}
		}, 400, "Bad Request: message caption is too long", violation},
		{"unknown file", nil, "getFile", func(cast) args { return args{"file_id": "BQAC"} }, 400, "Bad Request: invalid file_id", honest},
		{"unknown press", nil, "answerCallbackQuery", func(cast) args { return args{"callback_query_id": "1"} }, 400, "Bad Request: query is too old and response timeout expired or query ID is invalid", honest},
		{"long answer", nil, "answerCallbackQuery", func(cast) args {
			return args{"callback_query_id": "1", "text": strings.Repeat("x", 201)}
		}, 400, "Bad Request: MESSAGE_TOO_LONG", violation},
		{"somebody unknown", nil, "getChatMember", func(c cast) args { return args{"chat_id": c.group.ID(), "user_id": 42} }, 400, "PARTICIPANT_ID_INVALID", honest},
		{"members without being an admin", func(c cast) { c.group.DemoteBot() }, "getChatMember", func(c cast) args {
			return args{"chat_id": c.group.ID(), "user_id": c.anna.ID}
		}, 400, "CHAT_ADMIN_REQUIRED", honest},
		{"admins of a private chat", nil, "getChatAdministrators", func(c cast) args { return args{"chat_id": c.anna.ID} }, 400, "there are no administrators in the private chat", honest},
		{"bad command", nil, "setMyCommands", func(cast) args { return args{"commands": []args{{"command": "Bad", "description": "x"}}} }, 400, "BOT_COMMAND_INVALID", violation},
		{"command without a word about it", nil, "setMyCommands", func(cast) args { return args{"commands": []args{{"command": "ok", "description": ""}}} }, 400, "BOT_COMMAND_DESCRIPTION_INVALID", violation},
		{"bad language", nil, "getMyCommands", func(cast) args { return args{"language_code": "rus"} }, 400, "invalid language code specified", violation},
		{"long description", nil, "setMyShortDescription", func(cast) args { return args{"short_description": strings.Repeat("x", 121)} }, 400, "BOT_ABOUT_TOO_LONG", violation},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t)
			if tc.prepare != nil {
				tc.prepare(c)
			}
			a := c.call(tc.method, tc.params(c))
			assert.False(t, a.OK)
			assert.Equal(t, tc.code, a.Code)
			assert.Contains(t, a.Description, tc.words)
			assert.Equal(t, tc.violates, len(c.Violations()) > 0, c.Violations())
		})
	}
}

func TestASendIsSeenAsItWasMeant(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	first := c.send(c.anna, "  first  ")
	a := c.call("sendMessage", args{
		"chat_id": c.anna.ID, "text": "<b>VIN</b> &lt;1HG&gt; https://example.org", "parse_mode": "HTML",
		"link_preview_options": args{"is_disabled": true}, "reply_parameters": args{"message_id": first},
		"reply_markup": args{"inline_keyboard": [][]args{
			{{"text": "take", "callback_data": "take:1"}, {"text": "copy", "copy_text": args{"text": "1HG"}}},
			{{"text": "open", "url": "https://t.me/vin_report_bot?start=done"}, {"text": "app", "web_app": args{"url": "https://x.org"}}},
		}},
	})
	require.True(t, a.OK, a.Description)
	sent := c.FromBot(c.anna)
	require.Len(t, sent, 2)
	assert.Equal(t, "first", sent[0].Text)
	m := sent[1]
	assert.Equal(t, "VIN <1HG> https://example.org", m.Text)
	assert.Equal(t, []telegramtest.Entity{{Type: "bold", Length: 3}, {Type: "url", Offset: 10, Length: 19}}, m.Entities)
	assert.True(t, m.NoPreview)
	assert.Equal(t, first, m.ReplyTo)
	assert.Equal(t, []string{"take:1"}, m.Callbacks())
	found, ok := m.Button("copy")
	assert.True(t, ok)
	assert.Equal(t, "1HG", found.CopyText)
	_, ok = m.Button("nothing")
	assert.False(t, ok)
	assert.Empty(t, c.Violations())
	if spec := officialSpec(t); spec != nil {
		require.NoError(t, spec.Check("Message", a.Result))
	}
}

func TestARepliedMessageMayBeGoneIfTheSenderAllowsIt(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	a := c.call("sendMessage", args{
		"chat_id": c.anna.ID, "text": "x",
		"reply_parameters": args{"message_id": 999, "allow_sending_without_reply": true, "chat_id": c.anna.ID},
	})
	require.True(t, a.OK)
	assert.Zero(t, c.FromBot(c.anna)[0].ReplyTo)
}

func TestEditsReplaceTextAndKeyboard(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	require.True(t, c.call("editMessageText", args{
		"chat_id": c.group.ID(), "message_id": c.card.ID, "text": "taken", "reply_markup": keyboard("release:1"),
	}).OK)
	now, ok := c.Now(c.card)
	require.True(t, ok)
	assert.Equal(t, "taken", now.Text)
	assert.True(t, now.HasButton("release:1"))
	assert.False(t, now.HasButton("take:1"))
	require.True(t, c.call("editMessageReplyMarkup", args{"chat_id": c.group.ID(), "message_id": c.card.ID}).OK)
	now, _ = c.Now(c.card)
	assert.Empty(t, now.Keyboard)
	assert.Equal(t, 2, now.Edited)
	assert.Equal(t, "card", c.card.Text, "a snapshot does not change")

	c.group.KickBot()
	_, ok = c.Now(telegramtest.Message{ChatID: 1})
	assert.False(t, ok)
}

func TestDeletedAndCopiedMessages(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	a := c.call("copyMessage", args{"chat_id": c.anna.ID, "from_chat_id": c.group.ID(), "message_id": c.card.ID})
	require.True(t, a.OK)
	copied := c.FromBot(c.anna)[0]
	assert.Equal(t, "card", copied.Text)
	assert.Empty(t, copied.Keyboard)
	require.True(t, c.call("deleteMessage", args{"chat_id": c.group.ID(), "message_id": c.card.ID}).OK)
	_, ok := c.Now(c.card)
	assert.False(t, ok)
	assert.Empty(t, c.FromBot(c.group))
}

func TestAReactionOnAnAlbumLandsOnItsFirstMessage(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	first := c.anna.Sends(telegramtest.PDF("1.pdf", []byte("%PDF")).InAlbum("a"))
	second := c.anna.Sends(telegramtest.PDF("2.pdf", []byte("%PDF")).InAlbum("a"))
	react := func(emoji ...args) {
		require.True(t, c.call("setMessageReaction", args{"chat_id": c.anna.ID, "message_id": second.ID, "reaction": emoji}).OK)
	}
	react(args{"type": "emoji", "emoji": "👀"})
	now, _ := c.Now(first)
	assert.Equal(t, []string{"👀"}, now.Reactions)
	now, _ = c.Now(second)
	assert.Empty(t, now.Reactions)
	react([]args{}...)
	now, _ = c.Now(first)
	assert.Empty(t, now.Reactions)
}
