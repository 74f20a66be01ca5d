package telegramtest_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

func contextEnded(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

// What a bot hears of a group in privacy mode.
func TestPrivacyMode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		opts  telegramtest.Options
		admin bool
		spoke bool
		say   func(me telegramtest.Member, card telegramtest.Message)
		heard bool
	}{
		{"chatter", telegramtest.Options{}, false, true, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("hi") }, false},
		{"chatter, to an admin", telegramtest.Options{}, true, true, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("hi") }, true},
		{"chatter, without privacy", telegramtest.Options{ReadsAllMessages: true}, false, true, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("hi") }, true},
		{"a reply to the bot", telegramtest.Options{}, false, true, func(me telegramtest.Member, card telegramtest.Message) { me.ReplyPDF(card, []byte("%PDF"), "") }, true},
		{"an addressed command", telegramtest.Options{}, false, false, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("/done@VIN_report_bot 1") }, true},
		{"another bot's command", telegramtest.Options{}, false, true, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("/done@other_bot 1") }, false},
		{"a bare command after the bot spoke", telegramtest.Options{}, false, true, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("/done 1") }, true},
		{"a bare command after somebody spoke", telegramtest.Options{}, false, false, func(me telegramtest.Member, _ telegramtest.Message) { me.Send("/done 1") }, false},
		{"a caption", telegramtest.Options{}, false, true, func(me telegramtest.Member, _ telegramtest.Message) {
			me.SendPDF([]byte("%PDF"), "/done@vin_report_bot 1")
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.opts)
			boris := w.User("Boris", "en")
			g := w.Group("Managers", boris)
			card := w.card(g, "x")
			if !tc.admin {
				g.DemoteBot()
			}
			if !tc.spoke {
				boris.In(g).Send("between")
			}
			w.updates(args{"offset": -1})
			before := w.Calls().Unconfirmed
			tc.say(boris.In(g), card)
			assert.Equal(t, tc.heard, w.Calls().Unconfirmed > before)
		})
	}
}

func TestAGroupBecomesASupergroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	boris := w.User("Boris", "en")
	g := w.Group("Managers", boris)
	card := w.card(g, "take:1")
	before := g.ID()
	old := g.MigrateToSupergroup()
	assert.Equal(t, before, int64(old))
	assert.NotEqual(t, before, g.ID())
	list := w.updates(nil)
	require.Len(t, list, 3)
	assert.Contains(t, string(list[0]["message"]), "migrate_to_chat_id")
	assert.Contains(t, string(list[1]["my_chat_member"]), `"status":"left"`)
	assert.Contains(t, string(list[2]["message"]), "migrate_from_chat_id")

	refused := w.call("sendMessage", args{"chat_id": old, "text": "x"})
	assert.Equal(t, "Bad Request: group chat was upgraded to a supergroup chat", refused.Description)
	assert.Equal(t, g.ID(), refused.Parameters.MigrateTo)
	assert.True(t, w.call("editMessageText", args{"chat_id": old, "message_id": card.ID, "text": "moved"}).OK, "old cards stay editable")
	w.send(g, "first in the new one")
	assert.Equal(t, 400, w.call("sendMessage", args{"chat_id": g.ID(), "text": "x", "reply_parameters": args{"message_id": card.ID + 100}}).Code)
	press := boris.In(g).Press(card, "take:1")
	assert.True(t, w.call("answerCallbackQuery", args{"callback_query_id": press.ID}).OK)
	assert.Len(t, w.FromBot(g), 1)
	assert.Equal(t, "moved", w.FromBot(old)[0].Text)

	g.KickBot()
	assert.Equal(t, "Forbidden: bot was kicked from the supergroup chat", w.call("sendMessage", args{"chat_id": g.ID(), "text": "x"}).Description)
	g.AddBot(boris)
	w.send(g, "back")
	w.call("leaveChat", args{"chat_id": g.ID()})
	assert.False(t, g.HasBot())
	assert.Equal(t, "Forbidden: bot is not a member of the supergroup chat", w.call("sendMessage", args{"chat_id": g.ID(), "text": "x"}).Description)
	boris.In(g).Send("unheard")
	g.Delete()
	assert.Equal(t, "Bad Request: chat not found", w.call("sendMessage", args{"chat_id": g.ID(), "text": "x"}).Description)
}

func TestTopics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	boris := w.User("Boris", "en")
	forum := w.Forum("Managers", boris)
	topic := forum.Topic("Reports")
	send := func(thread int) answer {
		return w.call("sendMessage", args{"chat_id": forum.ID(), "text": "x", "message_thread_id": thread})
	}
	require.True(t, send(topic).OK)
	assert.Equal(t, topic, w.FromBot(forum)[0].Topic)
	assert.Equal(t, "Bad Request: message thread not found", send(1).Description, "General has no thread id")

	w.updates(args{"offset": -1})
	plain := boris.In(forum).InTopic(topic).Send("plain")
	boris.In(forum).InTopic(topic).Reply(plain, "an answer")
	boris.In(forum).Reply(plain, "from General")
	list := w.updates(nil)
	list = list[len(list)-3:]
	type shape struct {
		Thread  int `json:"message_thread_id"`
		ReplyTo *struct {
			ID    int `json:"message_id"`
			Reply any `json:"reply_to_message"`
		} `json:"reply_to_message"`
		External *struct {
			ID   int `json:"message_id"`
			Chat struct {
				ID int64 `json:"id"`
			} `json:"chat"`
		} `json:"external_reply"`
	}
	got := make([]shape, 3)
	for i, u := range list {
		require.NoError(t, json.Unmarshal(u["message"], &got[i]))
	}
	assert.Equal(t, topic, got[0].Thread)
	assert.Equal(t, topic, got[0].ReplyTo.ID, "a plain message answers the topic's service message")
	assert.Equal(t, plain.ID, got[1].ReplyTo.ID)
	assert.Nil(t, got[1].ReplyTo.Reply, "replies are one level deep")
	assert.Nil(t, got[2].ReplyTo)
	assert.Equal(t, plain.ID, got[2].External.ID)
	assert.Equal(t, forum.ID(), got[2].External.Chat.ID)

	forum.DemoteBot()
	forum.CloseTopic(topic)
	assert.Equal(t, "Bad Request: TOPIC_CLOSED", send(topic).Description)
	forum.DeleteTopic(topic)
	assert.Equal(t, "Bad Request: message thread not found", send(topic).Description)
}

func TestAnonymousAdmins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	boris := w.User("Boris", "en")
	g := w.Group("Managers", boris)
	card := w.card(g, "take:1")
	boss := boris.In(g).Anonymously("Boss")
	assert.True(t, boss.Send("/queue").Anonymous)
	boss.Press(card, "take:1")
	list := w.updates(nil)
	var m struct {
		From      struct{ ID int64 }
		Sender    struct{ ID int64 } `json:"sender_chat"`
		Signature string             `json:"author_signature"`
	}
	require.NoError(t, json.Unmarshal(list[0]["message"], &m))
	assert.Equal(t, int64(1087968824), m.From.ID)
	assert.Equal(t, g.ID(), m.Sender.ID)
	assert.Equal(t, "Boss", m.Signature)
	require.NoError(t, json.Unmarshal(list[1]["callback_query"], &m))
	assert.Equal(t, boris.ID, m.From.ID, "a press carries the real user")
}

func TestWhatABotMayAskAboutChats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{Spec: officialSpec(t)})
	boris, anna := w.User("Boris", "en"), w.User("Anna", "en")
	anna.Start("")
	g, forum := w.Group("Managers", boris), w.Forum("Forum", boris)
	g.Join(anna)
	g.Promote(anna)
	stranger := w.User("Nobody", "en")
	for _, tc := range []struct {
		method string
		params args
		kind   string
		holds  string
	}{
		{"getChat", args{"chat_id": g.ID()}, "ChatFullInfo", `"title":"Managers"`},
		{"getChat", args{"chat_id": forum.ID()}, "ChatFullInfo", `"is_forum":true`},
		{"getChat", args{"chat_id": anna.ID}, "ChatFullInfo", `"first_name":"Anna"`},
		{"getChatMember", args{"chat_id": g.ID(), "user_id": w.Bot().ID}, "ChatMember", `"status":"administrator"`},
		{"getChatMember", args{"chat_id": g.ID(), "user_id": boris.ID}, "ChatMember", `"status":"creator"`},
		{"getChatMember", args{"chat_id": g.ID(), "user_id": stranger.ID}, "ChatMember", `"status":"left"`},
		{"getChatMember", args{"chat_id": anna.ID, "user_id": anna.ID}, "ChatMember", `"status":"member"`},
		{"getChatAdministrators", args{"chat_id": g.ID()}, "Array of ChatMember", `"status":"creator"`},
		{"getMe", nil, "User", `"can_read_all_group_messages":false`},
		{"getWebhookInfo", nil, "WebhookInfo", `"url":""`},
	} {
		a := w.call(tc.method, tc.params)
		require.True(t, a.OK, a.Description)
		assert.Contains(t, string(a.Result), tc.holds)
		if spec := officialSpec(t); spec != nil && tc.kind != "ChatFullInfo" {
			require.NoError(t, spec.Check(tc.kind, a.Result), tc.method)
		}
	}
	assert.Equal(t, 400, w.call("leaveChat", args{"chat_id": anna.ID}).Code)
	assert.Empty(t, w.Violations())
}

func TestCommandsAndDescriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{Spec: officialSpec(t)})
	g := w.Group("Managers", w.User("Boris", "en"))
	list := []telegramtest.Command{{Command: "done", Description: "Finish"}}
	scope := args{"type": "chat", "chat_id": g.ID()}
	require.True(t, w.call("setMyCommands", args{"commands": list, "scope": scope, "language_code": "ru"}).OK)
	assert.Equal(t, list, w.Commands(telegramtest.CommandScope{Type: "chat", Chat: g.ID(), Language: "ru"}))
	assert.Empty(t, w.Commands(telegramtest.CommandScope{}))
	assert.JSONEq(t, `[{"command":"done","description":"Finish"}]`, string(w.call("getMyCommands", args{"scope": scope, "language_code": "ru"}).Result))
	require.True(t, w.call("deleteMyCommands", args{"scope": scope, "language_code": "ru"}).OK)
	assert.JSONEq(t, `[]`, string(w.call("getMyCommands", args{"scope": scope, "language_code": "ru"}).Result))
	assert.Equal(t, "Bad Request: chat not found", w.call("setMyCommands", args{"commands": list, "scope": args{"type": "chat", "chat_id": 1}}).Description)
	require.True(t, w.call("setMyDescription", args{"description": "Reports", "language_code": "en"}).OK)
	assert.Equal(t, "Reports", w.About("description", "en"))
	assert.Empty(t, w.Violations())
}
