package message

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Catalogue has texts by their ids in every language. The chats' are a [Book];
// other rooms have their own.
type Catalogue struct {
	voices map[string]*i18n.Localizer
	known  map[string]bool // the ids of the texts
	plural map[string]bool // those that a number chooses the form of
	plain  map[plainKey]string
}

// plainKey names a text that no value goes into, in a language: a card is made of
// twenty, and the library makes each anew.
type plainKey struct{ lang, id string }

// OpenCatalogue opens locale/ru.json and locale/en.json of a file system.
func OpenCatalogue(files fs.FS) (*Catalogue, error) {
	return openCatalogue(files, func(string, *i18n.Message) {})
}

// openCatalogue is OpenCatalogue that shows each text of each language as it is
// written.
func openCatalogue(files fs.FS, show func(lang string, m *i18n.Message)) (*Catalogue, error) {
	bundle := i18n.NewBundle(language.Russian)
	c := &Catalogue{voices: map[string]*i18n.Localizer{}, known: map[string]bool{}, plural: map[string]bool{}, plain: map[plainKey]string{}}
	for _, lang := range Languages() {
		file, err := bundle.LoadMessageFileFS(files, "locale/"+lang+".json")
		if err != nil {
			return nil, fmt.Errorf("open the catalogue %s: %w", lang, err)
		}
		for _, m := range file.Messages {
			show(lang, m)
			c.known[m.ID] = true
			if c.plural[m.ID] = m.One != ""; m.One == "" && !strings.Contains(m.Other, "{{") {
				c.plain[plainKey{lang, m.ID}] = m.Other
			}
		}
	}
	for _, lang := range Languages() {
		c.voices[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return c, nil
}

// Language gives the language that a person with this code, such as ru-RU,
// reads; empty where there is none.
func (c *Catalogue) Language(code string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(code), "_", "-"), "-")
	if _, ok := c.voices[base]; ok {
		return base
	}
	return ""
}

// Has reports whether there is such a text.
func (c *Catalogue) Has(id string) bool { return c.known[id] }

// Under lists the ids of the texts that begin so.
func (c *Catalogue) Under(beginning string) (ids []string) {
	for id := range c.known {
		if strings.HasPrefix(id, beginning) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// voice gives the words of a language, and of Russian for one that there is not.
func (c *Catalogue) voice(lang string) *i18n.Localizer {
	if v, ok := c.voices[lang]; ok {
		return v
	}
	return c.voices[Russian]
}

// Look finds a text by its id and fills in the values, in the form that a number
// chooses where it has several.
func (c *Catalogue) Look(lang, id string, values any, count int) (string, error) {
	if text, ok := c.plain[plainKey{lang, id}]; ok {
		return text, nil
	}
	ask := &i18n.LocalizeConfig{MessageID: id, TemplateData: values}
	if c.plural[id] {
		ask.PluralCount = count
	}
	text, err := c.voice(lang).Localize(ask)
	if err != nil {
		return "", fmt.Errorf("text %q in %s: %w", id, lang, err)
	}
	return text, nil
}
