package telegramtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Messages are the messages of a chat that are not deleted, oldest first.
func (s *Sim) Messages(of Chat) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[of.Chat()]
	if !ok {
		return nil
	}
	all := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		if !m.Deleted {
			all = append(all, m.Message)
		}
	}
	return all
}

// FromBot are the bot's messages of a chat, oldest first.
func (s *Sim) FromBot(of Chat) []Message {
	return slices.DeleteFunc(s.Messages(of), func(m Message) bool { return !m.FromBot })
}

// Now is the present state of a message; false if it was deleted or never was.
func (s *Sim) Now(m Message) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.chats[m.ChatID]; ok {
		if found := c.find(m.ID); found != nil {
			return found.Message, true
		}
	}
	return m, false
}

// Wait returns the first message of a chat that matches, now or as soon as there is one. Every state that a message
// goes through after the call is looked at, unless it changes again before the waiting goroutine gets to see it.
func (s *Sim) Wait(ctx context.Context, in Chat, match func(Message) bool) (Message, error) {
	seen := -1
	for {
		candidates, changed, next := s.changesSince(in.Chat(), seen)
		for _, m := range candidates {
			if match(m) {
				return m, nil
			}
		}
		seen = next
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("no such message in chat %d: %w; there are: %s",
				in.Chat(), ctx.Err(), s.transcript(in))
		}
	}
}

// changesSince lists the messages that changed since a position of the chat's log, and the channel that closes with the
// next change.
func (s *Sim) changesSince(id int64, seen int) ([]Message, <-chan struct{}, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[id]
	if !ok {
		return nil, nil, seen
	}
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	var out []Message
	if seen < 0 {
		for _, m := range c.messages {
			out = append(out, m.Message)
		}
		return out, c.changed, len(c.changes)
	}
	for _, id := range c.changes[seen:] {
		i, _ := slices.BinarySearchFunc(c.messages, id, func(m *message, id int) int { return m.ID - id })
		out = append(out, c.messages[i].Message)
	}
	return out, c.changed, len(c.changes)
}

// transcript shows the end of a chat, for the error of a wait that failed.
func (s *Sim) transcript(of Chat) string {
	const last = 10
	all := s.Messages(of)
	var out strings.Builder
	for _, m := range all[max(0, len(all)-last):] {
		author := "service"
		if m.From != nil {
			author = m.From.FirstName
		}
		fmt.Fprintf(&out, "\n%d %s [%s] %q %v", m.ID, author, m.Kind, m.Text, m.Callbacks())
	}
	return out.String()
}

// EventKind is what happened.
type EventKind string

// What an Event may tell.
const (
	MessageSent    EventKind = "sent"
	MessageEdited  EventKind = "edited"
	MessageDeleted EventKind = "deleted"
	ReactionSet    EventKind = "reaction"
	PressAnswered  EventKind = "answered"
)

// Event is a change that people would see.
type Event struct {
	Kind    EventKind
	Message Message // for PressAnswered, the one whose button was pressed
	// For PressAnswered: who pressed, what, and what the bot answered.
	User   *User
	Data   string
	Answer Answer
}

// subscriber gets every event in order; what it has not yet taken is kept.
type subscriber struct {
	mu      sync.Mutex
	waiting []Event
	wake    chan struct{}
}

// Subscribe gives every event from now on, in order, until the context ends; then the channel closes.
func (s *Sim) Subscribe(ctx context.Context) <-chan Event {
	sub := &subscriber{wake: make(chan struct{}, 1)}
	s.mu.Lock()
	s.subs = append(s.subs, sub)
	s.mu.Unlock()
	out := make(chan Event)
	go func() {
		defer close(out)
		defer s.unsubscribe(sub)
		for {
			select {
			case <-sub.wake:
			case <-ctx.Done():
				return
			case <-s.closing:
				return
			}
			for _, e := range sub.take() {
				select {
				case out <- e:
				case <-ctx.Done():
					return
				case <-s.closing:
					return
				}
			}
		}
	}()
	return out
}

func (sub *subscriber) take() []Event {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	events := sub.waiting
	sub.waiting = nil
	return events
}

func (s *Sim) unsubscribe(sub *subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs = slices.DeleteFunc(s.subs, func(other *subscriber) bool { return other == sub })
}

func (s *Sim) publish(e Event) {
	for _, sub := range s.subs {
		sub.mu.Lock()
		sub.waiting = append(sub.waiting, e)
		sub.mu.Unlock()
		select {
		case sub.wake <- struct{}{}:
		default:
		}
	}
}
