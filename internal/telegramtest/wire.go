package telegramtest

import (
	"encoding/json"
	"fmt"
)

// The shapes of the Bot API's objects, as they go over the wire.

type wireUser struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

// File is a file of a message.
type File struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Name     string `json:"file_name,omitempty"`
	MimeType string `json:"mime_type,omitempty"`
	Size     int64  `json:"file_size,omitempty"`
}

type wirePhoto struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Size     int64  `json:"file_size,omitempty"`
}

type wireButton struct {
	Text     string        `json:"text"`
	Callback string        `json:"callback_data,omitempty"`
	URL      string        `json:"url,omitempty"`
	CopyText *wireCopyText `json:"copy_text,omitempty"`
	WebApp   *sentWebApp   `json:"web_app,omitempty"`
}

type wireCopyText struct {
	Text string `json:"text"`
}

type wireKeyboard struct {
	Rows [][]wireButton `json:"inline_keyboard"`
}

type wireExternalReply struct {
	Origin    wireOrigin `json:"origin"`
	Chat      *wireChat  `json:"chat,omitempty"`
	MessageID int        `json:"message_id,omitempty"`
	Document  *File      `json:"document,omitempty"`
}

type wireOrigin struct {
	Type       string    `json:"type"`
	Date       int64     `json:"date"`
	SenderUser *wireUser `json:"sender_user,omitempty"`
}

type wireTopic struct {
	Name      string `json:"name"`
	IconColor int    `json:"icon_color"`
}

type wireMessage struct {
	MessageID       int                        `json:"message_id"`
	ThreadID        int                        `json:"message_thread_id,omitempty"`
	From            *wireUser                  `json:"from,omitempty"`
	SenderChat      *wireChat                  `json:"sender_chat,omitempty"`
	AuthorSignature string                     `json:"author_signature,omitempty"`
	Date            int64                      `json:"date"`
	Chat            *wireChat                  `json:"chat"`
	IsTopicMessage  bool                       `json:"is_topic_message,omitempty"`
	ReplyTo         *wireMessage               `json:"reply_to_message,omitempty"`
	ExternalReply   *wireExternalReply         `json:"external_reply,omitempty"`
	EditDate        int64                      `json:"edit_date,omitempty"`
	MediaGroupID    string                     `json:"media_group_id,omitempty"`
	Text            string                     `json:"text,omitempty"`
	Entities        []Entity                   `json:"entities,omitempty"`
	Caption         string                     `json:"caption,omitempty"`
	CaptionEntities []Entity                   `json:"caption_entities,omitempty"`
	Document        *File                      `json:"document,omitempty"`
	Photo           []wirePhoto                `json:"photo,omitempty"`
	ReplyMarkup     *wireKeyboard              `json:"reply_markup,omitempty"`
	Extra           map[string]json.RawMessage `json:"-"`
}

// MarshalJSON puts the fields that have no type here beside the others.
func (m *wireMessage) MarshalJSON() ([]byte, error) {
	type plain wireMessage
	body, err := json.Marshal((*plain)(m))
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	if len(m.Extra) == 0 {
		return body, nil
	}
	extra, err := json.Marshal(m.Extra)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return append(append(body[:len(body)-1], ','), extra[1:]...), nil
}

// wire is a message as an update or an answer shows it. A reply is shown one level deep.
func (c *chat) wire(m *message, withReply bool) *wireMessage {
	w := &wireMessage{
		MessageID: m.ID, Date: m.Date.Unix(), Chat: c.shape, ThreadID: m.Topic, IsTopicMessage: m.Topic != 0,
		MediaGroupID: m.Album, Document: m.Document, Photo: m.photo, Extra: m.extra, ReplyMarkup: wireMarkup(m.Keyboard),
	}
	if m.From != nil {
		w.From = m.From.shape
	}
	if m.Anonymous {
		w.SenderChat = c.shape
	}
	if m.Edited > 0 && !m.EditedAt.IsZero() {
		w.EditDate = m.EditedAt.Unix()
	}
	if m.Kind == KindText {
		w.Text, w.Entities = m.Text, m.Entities
	} else {
		w.Caption, w.CaptionEntities = m.Text, m.Entities
	}
	if !withReply {
		return w
	}
	switch {
	case m.crossReply:
		w.ExternalReply = m.external
	case m.ReplyTo != 0:
		w.ReplyTo = c.wireReply(m.ReplyTo)
	case m.Topic != 0: // a plain message of a topic answers, on the wire, the service message that made the topic
		w.ReplyTo = c.wireReply(m.Topic)
	}
	return w
}

func (c *chat) wireReply(id int) *wireMessage {
	if to := c.find(id); to != nil {
		return c.wire(to, false)
	}
	return nil
}

func wireMarkup(keyboard [][]Button) *wireKeyboard {
	if len(keyboard) == 0 {
		return nil
	}
	w := &wireKeyboard{Rows: make([][]wireButton, len(keyboard))}
	for i, row := range keyboard {
		w.Rows[i] = make([]wireButton, len(row))
		for j, b := range row {
			w.Rows[i][j] = wireButton{Text: b.Text, Callback: b.CallbackData, URL: b.URL}
			if b.CopyText != "" {
				w.Rows[i][j].CopyText = &wireCopyText{Text: b.CopyText}
			}
			if b.WebApp != "" {
				w.Rows[i][j].WebApp = &sentWebApp{URL: b.WebApp}
			}
		}
	}
	return w
}
