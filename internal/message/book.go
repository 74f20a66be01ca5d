// Package message is what people read: the texts in Russian and English, the
// ticket's card, the keyboards, and the data that a button carries back. It is
// pure: nothing here sends anything, and the same input gives the same words.
package message

import (
	"embed"
	"fmt"
	"strings"

	"github.com/go-telegram/bot/models"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Telegram's limits, in characters after the entities are parsed.
const (
	maxText    = 4096 // of a message
	maxCaption = 1024 // of a document
	maxAnswer  = 200  // of the answer to a button press
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
	voices map[string]*i18n.Localizer
	known  map[string]bool // the ids of the texts
	plural map[string]bool // those that a number chooses the form of
	plain  map[plainKey]string
}

// plainKey names a text that no value goes into, in a language: a card is made of
// twenty, and the library makes each anew.
type plainKey struct{ lang, id string }

// NewBook opens the catalogues that are part of the program. The error is one
// of the program's own making: a catalogue that does not parse, or a text that
// asks for a value that there is not.
func NewBook() (*Book, error) {
	bundle := i18n.NewBundle(language.Russian)
	b := &Book{voices: map[string]*i18n.Localizer{}, known: map[string]bool{}, plural: map[string]bool{}, plain: map[plainKey]string{}}
	for _, lang := range Languages() {
		file, err := bundle.LoadMessageFileFS(locales, "locale/"+lang+".json")
		if err != nil {
			return nil, fmt.Errorf("open the catalogue %s: %w", lang, err)
		}
		for _, m := range file.Messages {
			b.known[m.ID] = true
			if b.plural[m.ID] = m.One != ""; m.One == "" && !strings.Contains(m.Other, "{{") {
				b.plain[plainKey{lang, m.ID}] = m.Other
			}
		}
	}
	for _, lang := range Languages() {
		b.voices[lang] = i18n.NewLocalizer(bundle, lang)
		for id := range b.known {
			if _, err := b.look(lang, id, values{}); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// Language gives the language of the book that a person with this code, such
// as ru-RU, reads; empty where there is none.
func (b *Book) Language(code string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(code), "_", "-"), "-")
	if _, ok := b.voices[base]; ok {
		return base
	}
	return ""
}

// voice gives the words of a language, and of Russian for one that the book
// does not have.
func (b *Book) voice(lang string) *i18n.Localizer {
	if v, ok := b.voices[lang]; ok {
		return v
	}
	return b.voices[Russian]
}

// look finds a text by its id and fills in the values.
func (b *Book) look(lang, id string, v values) (string, error) {
	if text, ok := b.plain[plainKey{lang, id}]; ok {
		return text, nil
	}
	ask := &i18n.LocalizeConfig{MessageID: id, TemplateData: v}
	if b.plural[id] {
		ask.PluralCount = v.Count
	}
	text, err := b.voice(lang).Localize(ask)
	if err != nil {
		return "", fmt.Errorf("text %q in %s: %w", id, lang, err)
	}
	return text, nil
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
