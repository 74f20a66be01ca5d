package demo

import (
	"vinbot/internal/telegramtest"
)

// botShape is the bot as the page shows it.
type botShape struct {
	Name     string `json:"name"`
	Username string `json:"username"`
}

// groupShape is the managers' group as the page shows it.
type groupShape struct {
	Title   string `json:"title"`
	Members int    `json:"members"`
}

// messageShape is a message as the page shows it.
type messageShape struct {
	Chat      string          `json:"chat"`
	ID        int             `json:"id"`
	Kind      string          `json:"kind"`
	At        int64           `json:"at"`             // milliseconds since 1970
	From      string          `json:"from,omitempty"` // a person's key; empty for service messages
	FromBot   bool            `json:"fromBot,omitempty"`
	Text      string          `json:"text,omitempty"`
	Entities  []entityShape   `json:"entities,omitempty"`
	Document  *documentShape  `json:"document,omitempty"`
	Photo     bool            `json:"photo,omitempty"` // the bot's, which the page can show
	Album     string          `json:"album,omitempty"` // the same for what was sent together
	Keyboard  [][]buttonShape `json:"keyboard,omitempty"`
	ReplyTo   int             `json:"replyTo,omitempty"`
	Reactions []string        `json:"reactions,omitempty"`
	Edited    bool            `json:"edited,omitempty"`
}

// entityShape formats a part of a text. Offset and length count UTF-16 code
// units, as the page's language does, too.
type entityShape struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// documentShape is a file that stands in a message.
type documentShape struct {
	Name string `json:"name"`
	Mime string `json:"mime"`
	Size int64  `json:"size"`
}

// buttonShape is a button under a message.
type buttonShape struct {
	Text string `json:"text"`
	Data string `json:"data,omitempty"`
	URL  string `json:"url,omitempty"`
	Copy string `json:"copy,omitempty"`
}

// shape tells the page about a message of one of its chats.
func (f *feed) shape(chat string, m telegramtest.Message) messageShape {
	out := messageShape{
		Chat: chat, ID: m.ID, Kind: string(m.Kind), At: m.Date.UnixMilli(), FromBot: m.FromBot, Text: m.Text,
		ReplyTo: m.ReplyTo, Reactions: m.Reactions, Edited: m.Edited > 0, Photo: m.Photo != nil, Album: m.Album,
	}
	if m.From != nil && !m.FromBot {
		out.From = f.chats[m.From.ID] // a person's key is that of their private chat
	}
	for _, e := range m.Entities {
		out.Entities = append(out.Entities, entityShape{Type: e.Type, Offset: e.Offset, Length: e.Length, URL: e.URL})
	}
	if m.Document != nil {
		out.Document = &documentShape{Name: m.Document.Name, Mime: m.Document.MimeType, Size: m.Document.Size}
	}
	for _, row := range m.Keyboard {
		buttons := make([]buttonShape, len(row))
		for i, b := range row {
			buttons[i] = buttonShape{Text: b.Text, Data: b.CallbackData, URL: b.URL, Copy: b.CopyText}
		}
		out.Keyboard = append(out.Keyboard, buttons)
	}
	return out
}
