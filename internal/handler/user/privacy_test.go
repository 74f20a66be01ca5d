package user_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// fakeForgetting remembers who wants to be forgotten.
type fakeForgetting struct{ confirmed []ticket.Erasure }

func (f *fakeForgetting) Confirm(_ context.Context, e ticket.Erasure) error {
	f.confirmed = append(f.confirmed, e)
	return nil
}

func private(t *testing.T) (*world, *fakeForgetting) {
	t.Helper()
	f := &fakeForgetting{}
	return newWorld(t, func(c *user.Config) { c.Forgetting, c.Retention = f, 90 }), f
}

func TestPrivacyIsExplained(t *testing.T) {
	t.Parallel()
	w, _ := private(t)
	s := said(t, w.text("/privacy"))
	assert.Equal(t, message.TextPrivacy, s.Text)
	assert.Equal(t, 90, s.Count)
}

func TestToBeForgottenIsAskedAboutAndThenDone(t *testing.T) {
	t.Parallel()
	w, f := private(t)
	assert.Equal(t, message.TextForget, said(t, w.text("/delete_me")).Text)
	assert.Empty(t, f.confirmed)
	assert.Equal(t, message.PressNotForgot, pressAnswer(t, w.presses("forgetno:7")).Text)
	assert.Equal(t, message.PressUnknown, pressAnswer(t, w.presses("forget:8")).Text, "nobody does it for another")
	assert.Empty(t, f.confirmed)
	w.people[ivan] = account.User{ID: ivan, Language: "en"}
	assert.Equal(t, message.PressForgetting, pressAnswer(t, w.presses("forget:7")).Text)
	require.Len(t, f.confirmed, 1)
	assert.Equal(t, ivan, f.confirmed[0].Owner)
	assert.Equal(t, 40, f.confirmed[0].Message)
}

func TestWhoeverIsBannedMayBeForgotten(t *testing.T) {
	t.Parallel()
	w, f := private(t)
	w.bans[ivan] = account.Ban{Told: true}
	assert.Equal(t, message.TextPrivacy, said(t, w.text("/privacy")).Text)
	assert.Equal(t, message.TextForget, said(t, w.text("/delete_me")).Text)
	assert.Equal(t, message.PressForgetting, pressAnswer(t, w.presses("forget:7")).Text)
	assert.Len(t, f.confirmed, 1)
	assert.Empty(t, w.text("/help"))
}

func TestOfAStrangerWhoBlocksTheBotNothingIsKept(t *testing.T) {
	t.Parallel()
	w, _ := private(t)
	const blocks = `{"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"Иван"},"date":1,` +
		`"old_chat_member":{"status":"member","user":{"id":100,"is_bot":true}},"new_chat_member":{"status":"kicked","user":{"id":100,"is_bot":true},"until_date":0}}}`
	w.receives(update(t, blocks))
	assert.Empty(t, w.people[ivan].Name)
}
