package telegramtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

const maxAnswer = 200

// Answer is what a person sees after pressing a button.
type Answer struct {
	Text  string
	Alert bool
	URL   string
}

// Press is a button pressed by a person, waiting for the bot's answer.
type Press struct {
	ID   string
	User *User
	Data string

	message  Message
	at       time.Time
	expired  bool
	answered chan struct{}
	answer   Answer
	failure  error
}

// Answer waits for the bot's answer.
func (p *Press) Answer(ctx context.Context) (Answer, error) {
	if p.failure != nil {
		return Answer{}, p.failure
	}
	select {
	case <-p.answered:
		return p.answer, nil
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("the press of %q by %s was not answered: %w", p.Data, p.User.FirstName, ctx.Err())
	}
}

// Expire makes the press too old to be answered.
func (p *Press) Expire() {
	p.User.sim.mu.Lock()
	defer p.User.sim.mu.Unlock()
	p.expired = true
}

type wireCallback struct {
	ID           string    `json:"id"`
	From         *wireUser `json:"from"`
	Message      any       `json:"message"`
	ChatInstance string    `json:"chat_instance"`
	Data         string    `json:"data"`
}

type wireInaccessible struct {
	Chat      *wireChat `json:"chat"`
	MessageID int       `json:"message_id"`
	Date      int       `json:"date"` // always 0
}

// Forge presses a button that the message never had, as somebody with a client of their own can.
func (u *User) Forge(on Message, data string) *Press {
	return u.sim.send(&Press{User: u, Data: data, message: on}, func(*message) bool { return true })
}

// press sends the callback query. An old screen may still show a button that the message has lost, so any button that
// it ever had can be pressed, also after the message was deleted.
func (s *Sim) press(by *User, on Message, data string) *Press {
	return s.send(&Press{User: by, Data: data, message: on}, func(m *message) bool { return slices.Contains(m.shown, data) })
}

// send sends a press of a message of which that is possible.
func (s *Sim) send(p *Press, possible func(*message) bool) *Press {
	s.mu.Lock()
	defer s.mu.Unlock()
	by, on, data := p.User, p.message, p.Data
	p.at, p.answered = s.now(), make(chan struct{})
	c, ok := s.chats[on.ChatID]
	if !ok {
		p.failure = fmt.Errorf("there is no chat %d", on.ChatID)
		return p
	}
	i, ok := slices.BinarySearchFunc(c.messages, on.ID, func(m *message, id int) int { return m.ID - id })
	if !ok || !possible(c.messages[i]) {
		p.failure = fmt.Errorf("message %d of chat %d never had a button %q", on.ID, on.ChatID, data)
		s.violate("%v", p.failure)
		return p
	}
	by.seen = true
	s.nextPress++
	p.ID = strconv.FormatInt(by.ID<<20+s.nextPress, 10)
	s.presses[p.ID] = p
	query := wireCallback{ID: p.ID, From: by.shape, ChatInstance: strconv.FormatInt(c.id*7919, 10), Data: data}
	if m := c.messages[i]; m.Deleted {
		query.Message = wireInaccessible{Chat: c.shape, MessageID: m.ID}
	} else {
		query.Message = c.wire(m, true)
	}
	s.enqueue("callback_query", query)
	return p
}

func (s *Sim) answerCallbackQuery(q *query) (any, *apiError) {
	text := q.text("text")
	if utf16Len(text) > maxAnswer {
		return nil, s.fault(q, "MESSAGE_TOO_LONG")
	}
	if link := q.text("url"); link != "" && !publicURL(link) {
		return nil, s.fault(q, "URL_INVALID")
	}
	p, ok := s.presses[q.text("callback_query_id")]
	if !ok || p.expired || s.now().Sub(p.at) > pressLifetime {
		return nil, badRequest(badQueryID)
	}
	delete(s.presses, p.ID)
	p.answer = Answer{Text: text, Alert: q.bool("show_alert"), URL: q.text("url")}
	close(p.answered)
	s.publish(Event{Kind: PressAnswered, Message: p.message, User: p.User, Data: p.Data, Answer: p.answer})
	return true, nil
}

// Answered tells whether the bot has answered by now.
func (p *Press) Answered() bool {
	select {
	case <-p.answered:
		return true
	default:
		return false
	}
}
