package demo

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"vinbot/internal/telegramtest"
)

// maxBehind is how many events wait for a browser that is slow. One that falls
// further behind gets everything anew, when it has time for it.
const maxBehind = 256

// cover is what of a world never changes. Run tells one from the next: a page
// that is still open when the demo was started again forgets what it knew.
type cover struct {
	Run   string     `json:"run"`
	Bot   botShape   `json:"bot"`
	Group groupShape `json:"group"`
}

// state is all that a page shows.
type state struct {
	cover
	People   []*person      `json:"people"`
	Messages []messageShape `json:"messages"`
}

// frame is one server-sent event.
type frame struct {
	name string
	data []byte
}

// feed keeps what the chats of a world show, and tells every open page of each
// change. No page waits for another.
type feed struct {
	cover  cover
	people []*person
	chats  map[int64]string // keys by Telegram's ids

	mu       sync.Mutex
	messages []messageShape
	viewers  map[*viewer]struct{}
}

func newFeed(c cover, people []*person, chats map[int64]string) *feed {
	c.Run = rand.Text()
	return &feed{cover: c, people: people, chats: chats, viewers: map[*viewer]struct{}{}}
}

// viewer is one open page. What it has not been sent yet waits in it.
type viewer struct {
	feed    *feed
	wake    chan struct{}
	waiting []frame // guarded by the feed's lock
	behind  bool    // it needs everything anew
}

// watch adds a page: the first thing it gets is everything.
func (f *feed) watch() *viewer {
	v := &viewer{feed: f, wake: make(chan struct{}, 1), behind: true}
	v.wake <- struct{}{}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.viewers[v] = struct{}{}
	return v
}

// leave takes the page off.
func (v *viewer) leave() {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	delete(v.feed.viewers, v)
}

// take gives what waits for the page, in order.
func (v *viewer) take() ([]frame, error) {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	waiting := v.waiting
	v.waiting = nil
	if !v.behind {
		return waiting, nil
	}
	v.behind = false
	all, err := json.Marshal(state{cover: v.feed.cover, People: v.feed.people, Messages: v.feed.messages})
	if err != nil {
		return nil, fmt.Errorf("encode the chats: %w", err)
	}
	return []frame{{name: "state", data: all}}, nil
}

// apply takes in a change that people would see.
func (f *feed) apply(e telegramtest.Event) {
	chat, ok := f.chats[e.Message.ChatID]
	if !ok || e.Kind == telegramtest.PressAnswered {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.messages, func(m messageShape) bool { return m.Chat == chat && m.ID == e.Message.ID })
	if e.Kind == telegramtest.MessageDeleted {
		if at >= 0 {
			f.messages = slices.Delete(f.messages, at, at+1)
		}
		f.tell("removed", messageShape{Chat: chat, ID: e.Message.ID})
		return
	}
	shape := f.shape(chat, e.Message)
	if at < 0 {
		f.messages = append(f.messages, shape)
	} else {
		f.messages[at] = shape
	}
	f.tell("message", shape)
}

// setBlocked tells whether a person has blocked the bot.
func (f *feed) setBlocked(p *person, blocked bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.Blocked != blocked {
		p.Blocked = blocked
		f.tell("person", p)
	}
}

// tell puts an event before every page. The lock is held.
func (f *feed) tell(name string, what any) {
	data, err := json.Marshal(what)
	if err != nil { // never for these shapes; everything anew then
		data = nil
	}
	for v := range f.viewers {
		if data == nil || len(v.waiting) >= maxBehind {
			v.behind, v.waiting = true, nil
		}
		if !v.behind {
			v.waiting = append(v.waiting, frame{name: name, data: data})
		}
		select {
		case v.wake <- struct{}{}:
		default:
		}
	}
}
