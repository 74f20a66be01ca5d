package telegramtest

import (
	"encoding/json"
	"iter"
	"strings"
	"unicode"
)

// Content is what a person sends. Build one with Text, PDF, Document, Photo, Voice, Sticker or Unknown, and refine it.
type Content struct {
	kind    Kind
	text    string
	file    *upload
	replyTo *Message
	album   string
	extra   map[string]json.RawMessage
	mention *User
}

type upload struct {
	name, mime string
	data       []byte
	size       int64
}

// Text is a plain text; commands, mentions and links in it are found as Telegram finds them.
func Text(text string) Content { return Content{kind: KindText, text: text} }

// PDF is a document that says it is a PDF.
func PDF(name string, pdf []byte) Content { return Document(name, "application/pdf", pdf) }

// Document is any file.
func Document(name, mime string, data []byte) Content {
	return Content{kind: KindDocument, file: &upload{name: name, mime: mime, data: data, size: int64(len(data))}}
}

// DocumentOfSize is a file of a given size, without its bytes: for files too large to fetch.
func DocumentOfSize(name, mime string, size int64) Content {
	return Content{kind: KindDocument, file: &upload{name: name, mime: mime, size: size}}
}

// Photo is a picture.
func Photo() Content {
	return Content{kind: KindPhoto, file: &upload{mime: "image/jpeg", data: []byte("\xff\xd8\xff\xe0 a photo"), size: 12}}
}

// Voice is a voice message.
func Voice() Content {
	return Content{kind: KindVoice}.With("voice", `{"file_id":"AwACAgIAAxk","file_unique_id":"AgADvoice","duration":3}`)
}

// Sticker is a sticker for an emoji.
func Sticker(emoji string) Content {
	return Content{kind: KindSticker}.With("sticker", `{"file_id":"CAACAgIAAxk","file_unique_id":"AgADsticker",`+
		`"type":"regular","width":512,"height":512,"is_animated":false,"is_video":false,"emoji":`+jsonString(emoji)+`}`)
}

// Unknown is content of a kind that came after the client library: a field of the message, and its JSON.
func Unknown(field, value string) Content { return Content{kind: Kind(field)}.With(field, value) }

// With adds a field to the message as it goes over the wire (forward_origin, say).
func (c Content) With(field, value string) Content {
	extra := map[string]json.RawMessage{field: json.RawMessage(value)}
	for name, v := range c.extra {
		if name != field {
			extra[name] = v
		}
	}
	c.extra = extra
	return c
}

// WithCaption sets the text under a file.
func (c Content) WithCaption(caption string) Content {
	c.text = caption
	return c
}

// ReplyingTo makes it an answer to a message.
func (c Content) ReplyingTo(m Message) Content {
	c.replyTo = &m
	return c
}

// InAlbum makes it an item of an album: items with the same name belong together.
func (c Content) InAlbum(id string) Content {
	c.album = id
	return c
}

// Mentioning adds a text mention of a person who has no username: their first name, wherever the text holds it.
func (c Content) Mentioning(u *User) Content {
	c.mention = u
	return c
}

// message makes the content a message of a person in a chat.
func (c Content) message(s *Sim, in *chat, from *User) *message {
	m := &message{Message: Message{
		Kind: c.kind, From: from, Text: c.text, Entities: detectEntities(c.text), Album: c.album, extra: c.extra,
	}}
	if c.mention != nil {
		m.Entities = append(m.Entities, mentionOf(c.mention, c.text)...)
	}
	if c.file != nil {
		stored := s.store.put(s, c.file)
		if c.kind == KindPhoto {
			m.photo = stored.photo()
		} else {
			m.Document = &stored.File
		}
	}
	if c.replyTo != nil {
		s.replyByPerson(in, m, *c.replyTo)
	}
	return m
}

func mentionOf(u *User, text string) []Entity {
	at := strings.Index(text, u.FirstName)
	if at < 0 {
		return nil
	}
	return []Entity{{
		Type: "text_mention", Offset: utf16Len(text[:at]), Length: utf16Len(u.FirstName), User: u.shape,
	}}
}

// replyByPerson links an answer; one to a message of another chat or topic comes as an external reply.
func (s *Sim) replyByPerson(in *chat, m *message, to Message) {
	if to.ChatID == in.id && to.Topic == m.Topic {
		m.ReplyTo = to.ID
		return
	}
	m.crossReply = true
	external := &wireExternalReply{MessageID: to.ID, Document: to.Document}
	external.Origin = wireOrigin{Type: "hidden_user", Date: to.Date.Unix()}
	if to.From != nil {
		external.Origin.Type, external.Origin.SenderUser = "user", to.From.shape
	}
	if c, ok := s.chats[to.ChatID]; ok {
		external.Chat = c.shape
	}
	m.external = external
}

// detectEntities finds the commands, mentions and links of a text, counted in UTF-16.
func detectEntities(text string) []Entity {
	if !strings.ContainsAny(text, "/@") {
		return nil
	}
	var found []Entity
	for at, word := range words(text) {
		kind, length := entityOf(word)
		if length > 1 {
			found = append(found, Entity{Type: kind, Offset: utf16Len(text[:at]), Length: length})
		}
	}
	return found
}

// words goes through the words of a text with their byte offsets.
func words(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		start := -1
		for i, r := range text + " " {
			switch {
			case !unicode.IsSpace(r) && start < 0:
				start = i
			case unicode.IsSpace(r) && start >= 0:
				if !yield(start, text[start:i]) {
					return
				}
				start = -1
			}
		}
	}
}

// entityOf tells what a word is and how far it goes: a command, a mention or a link.
func entityOf(word string) (kind string, length int) {
	switch {
	case word[0] == '/':
		return "bot_command", prefixLen(word, "@")
	case word[0] == '@':
		return "mention", prefixLen(word, "")
	case strings.HasPrefix(word, "http://"), strings.HasPrefix(word, "https://"):
		return "url", utf16Len(word)
	}
	return "", 0
}

// prefixLen counts the letters, digits and underscores after a word's first character, and the other ones allowed.
func prefixLen(word, also string) int {
	n := 1
	for ; n < len(word); n++ {
		if !isWordByte(word[n]) && !strings.Contains(also, word[n:n+1]) {
			break
		}
	}
	return n
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
