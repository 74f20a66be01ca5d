package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// shelf is a log, ready to be searched: each text that stands in it, once.
type shelf struct {
	texts []string
	words [][]string
	at    map[string][]place
}

// place is where a word stands.
type place struct{ text, word int }

// shelve reads a log: of each line the values of its fields, or all of it where it
// is no JSON.
func shelve(log string) *shelf {
	s := &shelf{at: map[string][]place{}}
	known := map[string]bool{}
	add := func(text string) {
		if known[text] {
			return
		}
		known[text] = true
		words := wordsOf(text)
		for i, w := range words {
			s.at[w] = append(s.at[w], place{len(s.texts), i})
		}
		s.texts, s.words = append(s.texts, text), append(s.words, words)
	}
	for line := range strings.Lines(log) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) != nil {
			add(line)
			continue
		}
		for _, v := range fields {
			switch v := v.(type) {
			case string:
				add(v)
			case float64, bool, nil: // Telegram's ids are allowed
			default:
				add(fmt.Sprint(v))
			}
		}
	}
	return s
}

// holds gives a text that holds the words side by side.
func (s *shelf) holds(phrase string) (string, bool) {
	words := strings.Split(phrase, " ")
	for _, at := range s.at[words[0]] {
		if rest := s.words[at.text][at.word:]; len(rest) >= len(words) && slices.Equal(rest[:len(words)], words) {
			return s.texts[at.text], true
		}
	}
	return "", false
}

// leaks lists what a log holds that it must not.
func (d *dossier) leaks(log string) (found []string) {
	d.gather()
	s := shelve(log)
	for phrase, what := range d.phrases {
		if where, ok := s.holds(phrase); ok {
			found = append(found, fmt.Sprintf("%s %q is in the log: %q", what, phrase, where))
		}
	}
	all := maps.Clone(d.secrets)
	given.mu.Lock()
	maps.Copy(all, given.secrets)
	given.mu.Unlock()
	for secret, what := range all {
		for _, text := range s.texts {
			if strings.Contains(text, secret) {
				found = append(found, fmt.Sprintf("%s %q is in the log: %q", what, secret, text))
				break
			}
		}
	}
	return found
}

// searched is how much was, in all tests of a run.
var searched struct{ logs, lines, data, secrets atomic.Int64 }

// tellSearched says how much was searched.
func tellSearched(to io.Writer) {
	if n := searched.logs.Load(); n > 0 {
		fmt.Fprintf(to, "%d logs of %d lines were searched for %d personal data and %d secrets\n",
			n, searched.lines.Load(), searched.data.Load(), searched.secrets.Load())
	}
}

// launched are the processes of each test by its name.
var launched = struct {
	sync.Mutex

	by map[string][]*process
}{by: map[string][]*process{}}

// logs are what the bot, and its processes in this test, have logged.
func (w *world) logs() string {
	launched.Lock()
	defer launched.Unlock()
	all := []string{w.log.all()}
	for _, p := range launched.by[w.Name()] {
		all = append(all, p.log.all())
	}
	return strings.Join(all, "\n")
}

// holdsNothingPersonal looks through all that was logged for all that is known of
// people and secrets. It is done at the end of every test.
func (w *world) holdsNothingPersonal() {
	w.Helper()
	w.known.settings(w.cfg)
	log := w.logs()
	assert.Empty(w, w.known.leaks(log))
	searched.logs.Add(1)
	searched.lines.Add(int64(strings.Count(log, "\n")))
	searched.data.Add(int64(len(w.known.phrases)))
	searched.secrets.Add(int64(len(w.known.secrets)))
}

// TestTheLogHoldsNothingPersonal: this is looked at in every test of the whole
// program, at the level debug; here it is shown that whatever is put there is found.
func TestTheLogHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	w := begin(t, served)
	more := w.cfg // of settings that are not used here
	more.Database = config.Postgres("postgres://vinbot:hush-hush-9@127.0.0.1/vinbot")
	require.NoError(t, more.S3SecretKey.UnmarshalText([]byte("bucket-secret-0123456789")))
	require.NoError(t, more.AmoCRMToken.UnmarshalText([]byte("crm-token-0123456789")))
	w.known.settings(more)
	ada := w.sim.AddUser(telegramtest.User{FirstName: "Аделаида", LastName: "Прекрасная", Username: "ada_of_spades", Language: "ru"})
	ada.Send("добрый день, вот мой: " + honda)
	ada.Sends(telegramtest.PDF("секретный документ.pdf", pdf()))
	card := w.card(honda)
	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "вот отчёт, позвоните по +79161234567 или a.b@example.com")
	w.sees(w.group, telegramtest.Reacted(mail, "👍"))
	_, link := w.panelLink(w.boris)
	v := w.visitor()
	v.asks("POST", link)
	p := w.program()
	w.settled()
	clean := w.log.all()
	w.known.settings(w.cfg)
	require.Empty(t, w.known.leaks(clean))

	cookie := ""
	given.mu.Lock()
	for secret, what := range given.secrets {
		if strings.HasPrefix(what, "the cookie") {
			cookie = secret
		}
	}
	given.mu.Unlock()
	plants := map[string]string{
		"the token in a URL":     `{"error":"Post \"https://api.telegram.org/bot` + w.sim.Token() + `/sendMessage\": refused"}`,
		"a VIN":                  `{"error":"UNIQUE constraint failed: ` + honda + `"}`,
		"a VIN in lower case":    `{"vin":"` + strings.ToLower(honda) + `"}`,
		"a first name":           `{"message":"hello, Аделаида!"}`,
		"a last name":            `{"answer":"Прекрасная"}`,
		"a manager's name":       `{"answer":"взял(а) Борис"}`,
		"a username":             `{"answer":"@ada_of_spades"}`,
		"a text":                 `{"error":"near \"Добрый день, вот мой\""}`,
		"a text of the bot's":    `{"answer":"` + firstLine(w.fromBot(ada)[0].Text) + `"}`,
		"a caption":              `{"error":"вот отчёт, позвоните по"}`,
		"a phone":                `{"error":"вот отчёт позвоните по 79161234567 или a b example com"}`,
		"a document's name":      `{"route":"/секретный документ.pdf"}`,
		"a file's id":            `{"error":"getFile ` + mail.Document.ID + `"}`,
		"a login link":           `{"route":"` + link + `"}`,
		"a session's cookie":     `{"error":"cookie ` + cookie + `"}`,
		"a token of the API's":   `{"error":"Bearer ` + p.secret + `"}`,
		"the bucket's secret":    `{"error":"key bucket-secret-0123456789"}`,
		"the database's":         `{"error":"postgres://vinbot:hush-hush-9@127.0.0.1/vinbot"}`,
		"the CRM's token":        `{"error":"crm-token-0123456789 is refused"}`,
		"a line that is no JSON": "panic: " + honda,
		"a list":                 `{"words":["Аделаида"]}`,
	}
	require.NotEmpty(t, cookie)
	for name, line := range plants {
		assert.NotEmpty(t, w.known.leaks(clean+line+"\n"), "%s is not found: %s", name, line)
	}
	for name, line := range map[string]string{
		"a number":                    fmt.Sprintf(`{"chat":%d,"text":"%d"}`, ada.ID, ada.ID),
		"a name within another word":  `{"message":"Аделаидаград, Борисполь"}`,
		"a VIN whose middle is out":   `{"vin":"1HG…4352"}`,
		"a command":                   `{"command":"panel"}`,
		"words of a text, not all":    `{"message":"добрый, вот, день"}`,
		"what the program says often": `{"message":"a report came"}`,
	} {
		assert.Empty(t, w.known.leaks(clean+line+"\n"), "%s is taken for personal", name)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
