package notify_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// fakeDoor is open to the admin, with another link each time.
type fakeDoor struct {
	mu    sync.Mutex
	made  int
	fault error
}

// fails has it fail, or no longer.
func (d *fakeDoor) fails(fault error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

// links counts the links that were made.
func (d *fakeDoor) links() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.made
}

func (d *fakeDoor) Opens(_ context.Context, user int64) (bool, error) { return user == admin, nil }

func (d *fakeDoor) Link(_ context.Context, user int64) (link, app string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault != nil || user != admin {
		return "", "", d.fault
	}
	d.made++
	return "https://vin.example.org/login/vbl_" + strconv.Itoa(d.made), "https://vin.example.org/login/app", nil
}

func wantsIn(user int64) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectPanelLink, Lane: ticket.ChatLane(user), Chat: user,
		Payload: ticket.LinkRef{User: user, To: ticket.Place{Chat: user}},
	}
}

func TestALinkIsMadeWhenItIsSent(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(func(c call) error {
			if c.method == "sendMessage" && w.door.links() == 1 { // nobody knows whether it arrived
				return &telegram.Error{Method: c.method, Class: telegram.ClassUnknown}
			}
			return nil
		})
		w.enqueue(wantsIn(admin))
		w.after(time.Minute)
		assert.Empty(t, w.rows())
		var texts []string
		var menu []call
		for _, c := range w.telegram.takes() {
			switch c.method {
			case "sendMessage":
				texts = append(texts, c.text)
			case "setMyCommands":
				menu = append(menu, c)
			}
		}
		require.Len(t, texts, 2)
		assert.Contains(t, texts[0], "https://vin.example.org/login/vbl_1\n")
		assert.Contains(t, texts[1], "https://vin.example.org/login/vbl_2\n", "never the same again")
		assert.NotContains(t, w.log.String(), "vbl_")
		require.Len(t, menu, 1)
		p, ok := menu[0].params.(*bot.SetMyCommandsParams)
		require.True(t, ok)
		assert.Equal(t, message.CommandPanel, p.Commands[0].Command, "and now it is in their menu")
	})
}

func TestWhoMayNotUseThePanelReadsThatThereIsNoSuchCommand(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.enqueue(wantsIn(anna))
		calls := w.telegram.takes()
		require.Len(t, calls, 1)
		assert.NotContains(t, calls[0].text, "login")
		assert.Empty(t, w.rows())
		w.door.fails(&telegram.Error{Method: "getChatMember", Class: telegram.ClassNotSent})
		w.enqueue(wantsIn(admin))
		require.Len(t, w.rows(), 1, "who is in a group is asked again later")
		w.door.fails(nil)
		w.after(5 * time.Minute)
		assert.Empty(t, w.rows())
	})
}
