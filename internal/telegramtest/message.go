package telegramtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Kind is what a message holds.
type Kind string

// The kinds of messages. Kinds beyond them are named by the field that holds the content ("hologram").
const (
	KindText     Kind = "text"
	KindDocument Kind = "document"
	KindPhoto    Kind = "photo"
	KindVoice    Kind = "voice"
	KindSticker  Kind = "sticker"
	KindService  Kind = "service"
)

// Message is a message as it stands in a chat: a copy, which later changes do not touch.
type Message struct {
	ChatID int64
	ID     int
	Kind   Kind
	Date   time.Time
	// From wrote it; nil for service messages.
	From *User
	// FromBot tells that the bot under test wrote it.
	FromBot bool
	// Anonymous tells that an admin wrote in the group's name.
	Anonymous bool
	// Text or caption as people read it, without markup, and its formatting.
	Text     string
	Entities []Entity
	Document *File
	// Photo is the picture that the bot sent.
	Photo    *File
	Keyboard [][]Button
	// ReplyTo is the message of the same chat that this one answers, 0 if none.
	ReplyTo int
	// Topic of a forum, 0 for none and for General.
	Topic int
	Album string
	// Reactions of the bot under test, by emoji.
	Reactions []string
	// Edited counts the bot's or the sender's edits.
	Edited     int
	EditedAt   time.Time
	Deleted    bool
	NoPreview  bool
	extra      map[string]json.RawMessage // content and fields that this package has no type for
	photo      []wirePhoto
	external   *wireExternalReply
	crossReply bool
}

// Button of an inline keyboard: one of the fields beside Text is set.
type Button struct {
	Text         string `json:"text"`
	CallbackData string `json:"callback_data,omitempty"`
	URL          string `json:"url,omitempty"`
	CopyText     string `json:"-"`
	WebApp       string `json:"-"`
}

// Entity formats a part of a text. Offset and Length count UTF-16 code units.
type Entity struct {
	Type     string    `json:"type"`
	Offset   int       `json:"offset"`
	Length   int       `json:"length"`
	URL      string    `json:"url,omitempty"`
	User     *wireUser `json:"user,omitempty"`
	Language string    `json:"language,omitempty"`
}

// Callbacks are the callback data of the message's buttons, row by row.
func (m Message) Callbacks() []string {
	var data []string
	for _, row := range m.Keyboard {
		for _, b := range row {
			if b.CallbackData != "" {
				data = append(data, b.CallbackData)
			}
		}
	}
	return data
}

// HasButton tells whether a button with this callback data is shown.
func (m Message) HasButton(data string) bool { return slices.Contains(m.Callbacks(), data) }

// Button finds the first button whose label holds the text.
func (m Message) Button(label string) (Button, bool) {
	for _, row := range m.Keyboard {
		for _, b := range row {
			if strings.Contains(b.Text, label) {
				return b, true
			}
		}
	}
	return Button{}, false
}

// Containing matches messages of the bot that hold all the parts in their text or caption.
func Containing(parts ...string) func(Message) bool {
	return func(m Message) bool {
		for _, part := range parts {
			if !strings.Contains(m.Text, part) {
				return false
			}
		}
		return m.FromBot && !m.Deleted
	}
}

// WithDocument matches the bot's messages that bring a file.
func WithDocument() func(Message) bool {
	return func(m Message) bool { return m.FromBot && !m.Deleted && m.Document != nil }
}

// WithButton matches the bot's messages that show a button with this callback data.
func WithButton(data string) func(Message) bool {
	return func(m Message) bool { return m.FromBot && !m.Deleted && m.HasButton(data) }
}

// Replying matches the bot's answers to a message.
func Replying(to Message) func(Message) bool {
	return func(m Message) bool { return m.FromBot && !m.Deleted && m.ReplyTo == to.ID && m.ChatID == to.ChatID }
}

// Reacted matches a message on which the bot's reaction is this emoji.
func Reacted(to Message, emoji string) func(Message) bool {
	return func(m Message) bool { return m.ID == to.ID && slices.Contains(m.Reactions, emoji) }
}

// message is what a chat keeps: the message, and every callback data that its keyboard ever showed, since a press may
// come from an old screen.
type message struct {
	Message
	shown []string
}

func (m *message) setKeyboard(keyboard [][]Button) {
	m.Keyboard = keyboard
	for _, data := range m.Callbacks() {
		if !slices.Contains(m.shown, data) {
			m.shown = append(m.shown, data)
		}
	}
}
