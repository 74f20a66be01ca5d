package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"vinbot/internal/telegramtest"
)

const (
	maxText    = 4096 // Telegram's, in UTF-16 code units
	maxCaption = 1024
	maxData    = 64 // bytes that a button carries
)

// refusal says why something cannot be done, and with which HTTP status.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, reason: fmt.Sprintf(format, args...)}
}

// scene is where somebody acts: who, and in which chat.
type scene struct {
	As   string `json:"as"`
	Chat string `json:"chat"`
}

// speaker is somebody who may act in a chat.
type speaker struct {
	who  *person
	chat telegramtest.Chat
	send func(telegramtest.Content) telegramtest.Message
	push func(telegramtest.Message, string) *telegramtest.Press
}

// person finds somebody by key.
func (w *world) person(key string) (*person, error) {
	for _, p := range w.people {
		if p.Key == key {
			return p, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "there is no such person")
}

// speaker checks that the person is in the chat: everybody in their own,
// managers in the group.
func (w *world) speaker(at scene) (speaker, error) {
	p, err := w.person(at.As)
	switch {
	case err != nil:
		return speaker{}, err
	case at.Chat == groupKey && p.Role == roleManager:
		m := p.user.In(w.group)
		return speaker{who: p, chat: w.group, send: m.Sends, push: m.Press}, nil
	case at.Chat == p.Key:
		return speaker{who: p, chat: p.user, send: p.user.Sends, push: p.user.Press}, nil
	default:
		return speaker{}, refuse(http.StatusForbidden, "%s is not in that chat", p.Name)
	}
}

// say sends what somebody wrote or attached: one message, or the items of an
// album. The first one is the reply.
func (w *world) say(s speaker, replyTo int, contents ...telegramtest.Content) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if replyTo != 0 {
		to, ok := w.sim.Now(telegramtest.Message{ChatID: s.chat.Chat(), ID: replyTo})
		if !ok {
			return refuse(http.StatusConflict, "the message that this one answers is gone")
		}
		contents[0] = contents[0].ReplyingTo(to)
	}
	for _, content := range contents {
		s.send(content)
	}
	if s.chat == telegramtest.Chat(s.who.user) { // writing to the bot unblocks it
		w.feed.setBlocked(s.who, false)
	}
	return nil
}

// write sends a text.
func (w *world) write(at scene, text string, replyTo int) error {
	s, err := w.speaker(at)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if err := checkText(text, maxText); err != nil {
		return err
	}
	if text == "" {
		return refuse(http.StatusBadRequest, "the message is empty")
	}
	return w.say(s, replyTo, telegramtest.Text(text))
}

func checkText(text string, most int) error {
	if !utf8.ValidString(text) {
		return refuse(http.StatusBadRequest, "the text is not UTF-8")
	}
	if n := len(utf16.Encode([]rune(text))); n > most {
		return refuse(http.StatusBadRequest, "the text has %d characters, Telegram takes %d", n, most)
	}
	return nil
}

// sendOther sends something that is neither a text nor a document.
func (w *world) sendOther(at scene, kind telegramtest.Kind) error {
	s, err := w.speaker(at)
	if err != nil {
		return err
	}
	var content telegramtest.Content
	switch kind {
	case telegramtest.KindPhoto:
		content = telegramtest.Photo()
	case telegramtest.KindVoice:
		content = telegramtest.Voice()
	case telegramtest.KindSticker:
		content = telegramtest.Sticker("🚗")
	default:
		return refuse(http.StatusBadRequest, "only a photo, a voice message or a sticker")
	}
	return w.say(s, 0, content)
}

// press presses a button and waits for the bot's answer.
func (w *world) press(ctx context.Context, at scene, message int, data string) (telegramtest.Answer, error) {
	s, err := w.speaker(at)
	if err != nil {
		return telegramtest.Answer{}, err
	}
	m, ok := w.sim.Now(telegramtest.Message{ChatID: s.chat.Chat(), ID: message})
	if !ok || data == "" || len(data) > maxData {
		return telegramtest.Answer{}, refuse(http.StatusConflict, "there is no such button")
	}
	answer, err := s.push(m, data).Answer(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return answer, refuse(http.StatusGatewayTimeout, "the bot did not answer")
	case err != nil:
		return answer, refuse(http.StatusConflict, "there is no such button")
	}
	return answer, nil
}

// block has somebody block the bot, or unblock it.
func (w *world) block(key string, blocked bool) error {
	p, err := w.person(key)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if blocked {
		p.user.Block()
	} else {
		p.user.Unblock()
	}
	w.feed.setBlocked(p, blocked)
	return nil
}

// commands are those in the bot's menu for somebody in a chat, by Telegram's
// order of scopes: the narrowest that has any.
func (w *world) commands(at scene) ([]telegramtest.Command, error) {
	s, err := w.speaker(at)
	if err != nil {
		return nil, err
	}
	kinds := []string{"all_private_chats", "default"}
	if at.Chat == groupKey {
		kinds = []string{"all_chat_administrators", "all_group_chats", "default"}
	}
	scopes := []telegramtest.CommandScope{{Type: "chat", Chat: s.chat.Chat()}}
	for _, kind := range kinds {
		scopes = append(scopes, telegramtest.CommandScope{Type: kind})
	}
	for _, scope := range scopes {
		for _, language := range []string{s.who.Language, ""} {
			scope.Language = language
			if found := w.sim.Commands(scope); len(found) > 0 {
				return found, nil
			}
		}
	}
	return []telegramtest.Command{}, nil
}
