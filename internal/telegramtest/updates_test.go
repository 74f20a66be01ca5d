package telegramtest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

func TestUpdatesWaitUntilTheyAreConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	for _, text := range []string{"1", "2", "3", "4"} {
		anna.Send(text)
	}
	first := w.updates(args{"limit": 2})
	require.Len(t, first, 2)
	id := first[0].id(t)
	assert.Equal(t, id+1, first[1].id(t))
	assert.Equal(t, 4, w.Calls().Unconfirmed)

	again := w.updates(args{"offset": id})
	assert.Len(t, again, 4, "nothing is confirmed by its own id")
	again = w.updates(args{"offset": id})
	assert.Len(t, again, 1, "the same offset at once gives one update at a time")
	w.clock.Advance(time.Second)
	assert.Len(t, w.updates(args{"offset": id}), 4)

	assert.Len(t, w.updates(args{"offset": id + 2}), 2)
	assert.Equal(t, 2, w.Calls().Confirmed)
	last := w.updates(args{"offset": -1})
	require.Len(t, last, 1, "a negative offset forgets all but the last ones")
	assert.Equal(t, id+3, last[0].id(t))
	assert.Empty(t, w.updates(args{"offset": id + 4}))
	require.NoError(t, w.WaitConfirmed(t.Context()))
}

func TestUpdatesAreForgottenAfterADayAndPressesSooner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	anna.Start("")
	press := anna.Press(w.card(anna, "x"), "x")
	assert.Len(t, w.updates(nil), 2)
	w.clock.Advance(151 * time.Second)
	assert.Len(t, w.updates(nil), 1)
	assert.Equal(t, 400, w.call("answerCallbackQuery", args{"callback_query_id": press.ID}).Code)
	w.clock.Advance(24 * time.Hour)
	assert.Empty(t, w.updates(nil))
}

func TestAllowedUpdatesAreObeyed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna, boris := w.User("Anna", "en"), w.User("Boris", "en")
	g := w.Group("Managers", anna)
	g.Join(boris)
	kinds := func(list []wireUpdate) (out []string) {
		for _, u := range list {
			for k := range u {
				if k != "update_id" {
					out = append(out, k)
				}
			}
		}
		return out
	}
	assert.Equal(t, []string{"message"}, kinds(w.updates(nil)), "chat_member must be asked for")
	w.updates(args{"offset": -1, "allowed_updates": []string{"chat_member", "my_chat_member"}})
	g.Leave(boris)
	g.DemoteBot()
	g.Promote(boris) // not told: the bot is no admin
	anna.Send("nobody hears")
	got := w.updates(args{"offset": 100_000_002}) // the setting stays
	assert.Equal(t, []string{"chat_member", "my_chat_member"}, kinds(got))
	w.updates(args{"allowed_updates": []string{"mesage"}})
	assert.Len(t, w.Violations(), 1)
}

func TestIDsJump(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	w.JumpUpdateIDs(500_000_000)
	anna.Send("1")
	high := w.updates(nil)[0].id(t)
	assert.Equal(t, 500_000_000, high)
	w.JumpUpdateIDs(7)
	anna.Send("2")
	assert.Equal(t, high+1, w.updates(args{"offset": high + 1})[0].id(t), "a lower id waits for an empty queue")
	assert.Empty(t, w.updates(args{"offset": high + 2}))
	anna.Send("3")
	low := w.updates(args{"offset": high + 2})
	require.Len(t, low, 1, "an offset of the older sequence neither confirms nor hides")
	assert.Equal(t, 7, low[0].id(t))
	assert.Empty(t, w.updates(args{"offset": 8}))
}

func TestInjectedUpdatesStandInMidBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	anna.Send("1")
	w.Inject("message", `{"message_id":"no number"}`)
	anna.Send("2")
	got := w.updates(nil)
	require.Len(t, got, 3)
	assert.JSONEq(t, `{"message_id":"no number"}`, string(got[1]["message"]))
}

func TestALongPollEndsWithAnUpdateOrInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telegramtest.Options{Now: time.Now})
		begin := time.Now()
		assert.Empty(t, w.updates(args{"timeout": 600}))
		assert.Equal(t, 50*time.Second, time.Since(begin), "a long poll is capped")
		anna := w.User("Anna", "en")
		got := make(chan []wireUpdate)
		go func() { got <- w.updates(args{"timeout": 30}) }()
		synctest.Wait()
		assert.True(t, w.Polling())
		anna.Send("hello")
		assert.Len(t, <-got, 1)
		assert.False(t, w.Polling())
	})
}

func TestOfTwoPollersTheOlderIsSentAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telegramtest.Options{Now: time.Now})
		poll := func() <-chan answer {
			got := make(chan answer, 1)
			go func() { got <- w.call("getUpdates", args{"timeout": 30}) }()
			synctest.Wait()
			return got
		}
		older := poll()
		newer := poll()
		refused := <-older
		assert.Equal(t, 409, refused.Code)
		assert.Equal(t, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", refused.Description)
		w.SetWebhook("https://example.org/hook")
		refused = <-newer
		assert.Equal(t, "Conflict: terminated by setWebhook request", refused.Description)
		refused = w.call("getUpdates", nil)
		assert.Equal(t, 409, refused.Code)
		assert.Contains(t, refused.Description, "can't use getUpdates method while webhook is active")
		assert.Contains(t, string(w.call("getWebhookInfo", nil).Result), "example.org")
		assert.True(t, w.call("deleteWebhook", args{"drop_pending_updates": false}).OK)
		assert.Empty(t, w.Webhook())
		waiting := poll()
		assert.True(t, w.call("setWebhook", args{"url": "https://example.org/other", "drop_pending_updates": true}).OK)
		assert.Equal(t, 409, (<-waiting).Code)
	})
}

func TestAPollerThatLeavesIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telegramtest.Options{Now: time.Now})
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.URL()+"/bot"+w.Token()+"/getUpdates", strings.NewReader(`{"timeout":30}`))
			req.Header.Set("Content-Type", "application/json")
			resp, err := w.Client().Do(req)
			if err == nil {
				resp.Body.Close()
			}
			done <- err
		}()
		synctest.Wait()
		leave()
		require.ErrorIs(t, <-done, context.Canceled)
		assert.False(t, w.Polling())
		w.Close()
		w.Close()
	})
}

// Every update that the simulator makes is one by the official description.
func TestUpdatesAreOfficial(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	w.updates(args{"allowed_updates": []string{"message", "edited_message", "callback_query", "my_chat_member", "chat_member"}})
	anna, boris := w.User("Анна", "ru"), w.AddUser(telegramtest.User{FirstName: "Борис", LastName: "Б", Username: "boris"})
	g := w.Group("Managers", boris)
	anna.Start("1HGCM82633A004352")
	hello := anna.Send("hello @vin_report_bot")
	anna.Edit(hello, "hello again")
	anna.Reply(hello, "me")
	anna.SendPDF("a.pdf", []byte("%PDF"))
	anna.Sends(telegramtest.Photo().WithCaption("see"))
	anna.Sends(telegramtest.Voice())
	anna.Sends(telegramtest.Sticker("🚗"))
	anna.Sends(telegramtest.Text("Борис, see").Mentioning(boris))
	anna.Press(w.card(anna, "x"), "x")
	anna.Block()
	anna.Unblock()
	card := w.card(g, "take:1")
	boris.In(g).Anonymously("boss").Reply(card, "/done")
	boris.In(g).Press(card, "take:1")
	g.DeleteMessage(card)
	boris.In(g).Press(card, "take:1")
	g.Join(anna)
	g.Leave(anna)
	g.MigrateToSupergroup()
	g.KickBot()
	forum := w.Forum("Forum", boris)
	topic := forum.Topic("Reports")
	boris.In(forum).InTopic(topic).Send("in a topic")
	boris.In(forum).InTopic(topic).Reply(boris.In(forum).Send("in General"), "across")
	w.ForeignGroup("Spam", boris)
	w.clock.Advance(time.Second)
	list := w.updates(nil)
	assert.Len(t, list, 29)
	spec := officialSpec(t)
	if spec == nil {
		return
	}
	for _, u := range list {
		raw, err := json.Marshal(u)
		require.NoError(t, err)
		require.NoError(t, spec.Check("Update", raw), string(raw))
	}
}
