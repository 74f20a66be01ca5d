package e2e

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"vinbot/internal/config"
)

// dossier is what a world knows of its people and its secrets, none of which may
// be in a log: it is gathered from all that was sent to the bot or by it, from the
// bot's settings, and from what its HTTP answers gave away.
type dossier struct {
	mu      sync.Mutex
	traffic []remark

	phrases map[string]string // by their words, lower case, with a space between: what it is
	secrets map[string]string // to be found as they are, whatever stands around
}

// remark is something that was sent to the bot or by it.
type remark struct{ method, name, value string }

func newDossier() *dossier {
	return &dossier{phrases: map[string]string{}, secrets: map[string]string{}}
}

// heard notes what was sent to the bot or by it. What that tells is read when it
// is asked for.
func (d *dossier) heard(method, name, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.traffic = append(d.traffic, remark{method, name, value})
}

// keep notes a secret.
func (d *dossier) keep(what, secret string) {
	if len(secret) >= leastSecret {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.secrets[secret] = what
	}
}

// leastSecret is how long a secret is at least: those of the tests are longer, and
// what is shorter may be part of anything.
const leastSecret = 6

// gather reads all that was heard.
func (d *dossier) gather() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.traffic {
		switch r.method {
		case "setMyCommands", "deleteMyCommands", "setMyDescription", "setMyShortDescription", "getUpdates": // the program's own words
			continue
		}
		var tree any
		if (strings.HasPrefix(r.value, "{") || strings.HasPrefix(r.value, "[")) && json.Unmarshal([]byte(r.value), &tree) == nil {
			d.read(r.name, tree, r.method == "")
			continue
		}
		d.note(r.name, r.value, r.method == "")
	}
	d.traffic = nil
}

// read takes every text in a tree of JSON, but for what bots are called.
func (d *dossier) read(name string, tree any, toBot bool) {
	switch v := tree.(type) {
	case map[string]any:
		if bot, ok := v["is_bot"].(bool); ok && bot {
			return
		}
		for key, below := range v {
			d.read(key, below, toBot)
		}
	case []any:
		for _, below := range v {
			d.read(name, below, toBot)
		}
	case string:
		d.note(name, v, toBot)
	}
}

var (
	aVIN    = regexp.MustCompile(`(?i)\b[A-HJ-NPR-Z0-9]{17}\b`)
	aSecret = regexp.MustCompile(`\b(vb[a-z]_[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{20,}|eyJ[A-Za-z0-9_.-]{40,})`)
	aTag    = regexp.MustCompile(`<[^<>]*>`)
)

// note takes a text by what it is called.
func (d *dossier) note(name, text string, toBot bool) {
	switch name {
	case "type", "status", "language_code", "mime_type", "data", "callback_data", "chat_instance", "id", "parse_mode", "emoji",
		"callback_query_id", "file_unique_id", "scope", "allowed_updates", "action", "chat_id", "message_id", "user_id", "offset", "show_alert",
		"from_chat_id", "protect_content", "message_thread_id", "allow_sending_without_reply", "disable_notification", "date", "is_big":
		return // codes and numbers, which a log may hold
	case "file_id", "document", "url":
		d.secret(name, text)
		return
	}
	if !toBot {
		text = html.UnescapeString(aTag.ReplaceAllString(text, ""))
	}
	for _, vin := range aVIN.FindAllString(text, -1) {
		if strings.ContainsFunc(vin, unicode.IsDigit) && strings.ContainsFunc(vin, unicode.IsLetter) {
			d.phrases[strings.ToLower(vin)] = "a VIN"
		}
	}
	for _, secret := range aSecret.FindAllString(text, -1) {
		d.secret("a secret in a text", secret)
	}
	switch name {
	case "first_name", "last_name", "username", "title", "file_name", "phone_number", "vcard", "address":
		if words := wordsOf(text); utf8.RuneCountInString(strings.Join(words, "")) > 2 {
			d.phrases[strings.Join(words, " ")] = name
		}
		return
	}
	for line := range strings.Lines(text) {
		words := wordsOf(withoutCommand(line))
		if !telling(words, toBot) {
			continue
		}
		for _, part := range partsOf(words, toBot) {
			d.phrases[strings.Join(part, " ")] = name
		}
	}
}

// partsOf are the parts of a line that are looked for: of what a person wrote any
// few words side by side, of what the bot did the whole line.
func partsOf(words []string, toBot bool) (parts [][]string) {
	few := 3
	if all := strings.Join(words, ""); len(all) == utf8.RuneCountInString(all) { // the log's own language
		few = 4
	}
	if !toBot || len(words) <= few {
		return [][]string{words}
	}
	for i := range len(words) - few + 1 {
		parts = append(parts, words[i:i+few])
	}
	return parts
}

func (d *dossier) secret(what, text string) {
	if len(text) >= leastSecret {
		d.secrets[text] = what
	}
}

// withoutCommand leaves a command's name out, and its bot's: the log names commands.
func withoutCommand(line string) string {
	if strings.HasPrefix(line, "/") {
		_, line, _ = strings.Cut(line, " ")
	}
	return line
}

// telling says whether words are so many, or so long, that a log which holds them
// holds them from there. The program logs English: one Russian word is enough. Of
// what the bot says whole lines count; names and VINs in them are looked for anyway.
func telling(words []string, toBot bool) bool {
	all := strings.Join(words, "")
	if !strings.ContainsFunc(all, unicode.IsLetter) {
		return false
	}
	size, russian := utf8.RuneCountInString(all), len(all) > utf8.RuneCountInString(all)
	switch {
	case !toBot:
		return len(words) > 2 && size > 12
	case russian:
		return size > 3
	}
	return len(words) > 2 && size > 8 || size > 11
}

// wordsOf are the words of a text in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// settings notes the secrets of the bot's settings.
func (d *dossier) settings(cfg config.Config) {
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		if hidden, ok := v.Field(i).Interface().(interface{ Reveal() string }); ok {
			name := v.Type().Field(i).Name
			d.keep(name, hidden.Reveal())
			if name != "Database" {
				for part := range strings.SplitSeq(hidden.Reveal(), "/") { // a secret within a URL
					if len(part) >= 12 && !strings.Contains(part, ".") {
						d.keep(name, part)
					}
				}
			}
		}
	}
	if url := cfg.Database.URL(); url != "" {
		_, rest, _ := strings.Cut(url, "://")
		user, _, found := strings.Cut(rest, "@")
		_, password, has := strings.Cut(user, ":")
		if found && has {
			d.keep("the database's password", password)
		}
	}
}

// given are the secrets that any HTTP answer of this run gave away: tokens, links,
// sessions.
var given = newDossier()

// eavesdropper notes the secrets that go over HTTP in tests.
type eavesdropper struct{ http.RoundTripper }

// RoundTrip notes what an answer gives away.
func (e eavesdropper) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := e.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	for _, c := range answer.Cookies() {
		given.keep("the cookie "+c.Name, c.Value)
	}
	if kind := answer.Header.Get("Content-Type"); !strings.Contains(kind, "json") || strings.Contains(kind, "stream") {
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	for _, secret := range aSecret.FindAll(body, -1) {
		given.keep("a secret in an HTTP answer", string(secret))
	}
	return answer, nil
}
