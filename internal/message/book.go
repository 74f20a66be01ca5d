// Package message is what people read: the texts in Russian and English, the
// ticket's card, the keyboards, and the data that a button carries back. It is
// pure: nothing here sends anything, and the same input gives the same words.
package message

import (
	"embed"

	"github.com/go-telegram/bot/models"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Telegram's limits, in characters after the entities are parsed.
const (
	maxText   = 4096 // of a message
	maxAnswer = 200  // of the answer to a button press
)

// The languages that the book is written in.
const (
	Russian = "ru"
	English = "en"
)

//go:embed locale/*.json
var locales embed.FS

// Languages lists the languages of the book.
func Languages() []string { return []string{Russian, English} }

// Text is a message ready to be sent.
type Text struct {
	// HTML is the text with Telegram's HTML marks, everything else escaped.
	HTML string
	// Keyboard is nil where the message has no buttons. It must then not reach
	// the library as a typed nil, which Telegram refuses.
	Keyboard *models.InlineKeyboardMarkup
}

// Book has the words of every text in every language.
type Book struct {
	*Catalogue

	simple map[plainKey][]piece // the texts that values are only put into
}

// NewBook opens the catalogues that are part of the program. The error is one
// of the program's own making: a catalogue that does not parse, or a text that
// asks for a value that there is not.
func NewBook() (*Book, error) {
	b := &Book{simple: map[plainKey][]piece{}}
	c, err := openCatalogue(locales, func(lang string, m *i18n.Message) {
		if pieces, ok := piecesOf(m.Other); ok && m.One == "" {
			b.simple[plainKey{lang, m.ID}] = pieces
		}
	})
	if err != nil {
		return nil, err
	}
	b.Catalogue = c
	for _, lang := range Languages() {
		for id := range b.known {
			if _, err := b.look(lang, id, values{}); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// look finds a text by its id and fills in the values. In nearly all they are
// only put in: a card is made of twenty such, and of each the library makes a
// template's run.
func (b *Book) look(lang, id string, v values) (string, error) {
	if pieces, ok := b.simple[plainKey{lang, id}]; ok {
		return fill(pieces, &v), nil
	}
	return b.Look(lang, id, v, v.Count)
}

// word is look for the texts that this room itself names: NewBook has tried
// each of them.
func (b *Book) word(lang, id string, v values) string {
	text, err := b.look(lang, id, v)
	if err != nil {
		return ""
	}
	return text
}

// member chooses of a family of texts the first member that exists, or the
// head of the family.
func (b *Book) member(family string, by ...string) string {
	for _, name := range by {
		if id := family + "." + name; name != "" && b.known[id] {
			return id
		}
	}
	return family
}
