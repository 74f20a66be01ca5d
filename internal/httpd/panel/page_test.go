package panel_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/ticket"
)

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func TestEveryTextIsInBothLanguagesAndUsed(t *testing.T) {
	t.Parallel()
	ru, en := panel.Texts("ru"), panel.Texts("en")
	assert.Equal(t, ru, en)
	var sources strings.Builder
	for _, pattern := range []string{"*.go", "page/*.html"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				sources.WriteString(contents(t, file))
			}
		}
	}
	families := regexp.MustCompile(`printf "([a-z_.]+\.)%[sd]"|"([a-z_.]+\.)" ?\+|{{word "([a-z_.]+\.)"`)
	var made []string
	for _, m := range families.FindAllStringSubmatch(sources.String(), -1) {
		made = append(made, m[1]+m[2]+m[3])
	}
	for _, id := range ru {
		used := strings.Contains(sources.String(), `"`+id+`"`)
		for _, family := range made {
			used = used || strings.HasPrefix(id, family)
		}
		assert.True(t, used, "%s is used nowhere", id)
	}
	for _, m := range regexp.MustCompile(`(?:{{|\()t "([a-z_.]+)"`).FindAllStringSubmatch(sources.String(), -1) {
		assert.Contains(t, ru, m[1])
	}
	for _, m := range regexp.MustCompile(`Action: +"([a-z_.]+[a-z])"`).FindAllStringSubmatch(sources.String(), -1) {
		assert.Contains(t, ru, "action."+m[1], "the audit has a word for each")
	}
	for _, kind := range ticket.Statuses() {
		assert.Contains(t, ru, "status."+string(kind))
	}
	for _, p := range ticket.Priorities() {
		assert.Contains(t, ru, "priority."+string(p))
	}
	for _, m := range regexp.MustCompile(`Event\w+ +EventKind = "(\w+)"|\tEvent\w+ += "(\w+)"`).FindAllStringSubmatch(contents(t, "../../ticket/ticket.go"), -1) {
		assert.Contains(t, ru, "event."+m[1]+m[2])
	}
	for _, m := range regexp.MustCompile(`Code\w+ +Code = "(\w+)"`).FindAllStringSubmatch(contents(t, "../../ticket/errors.go"), -1) {
		assert.Contains(t, ru, "error."+m[1])
	}
}

func TestTheQueueAndATicketAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	assert.Contains(t, b.gets("/").text, "Очередь пуста: всё сделано.")
	k := w.opens(8, honda)
	text := b.gets("/").text
	assert.Contains(t, text, "<strong>1</strong> в очереди")
	assert.Contains(t, text, honda)
	text = b.gets(path(k, "")).text
	assert.Contains(t, text, "Заявка №1")
	assert.Contains(t, text, `<time datetime="2026-11-24T12:00:00Z">24.11.2026 15:00</time>`, "in the operator's zone")
	assert.Contains(t, text, "в очереди")
	for _, nowhere := range []string{"/tickets/9", "/tickets/x", "/tickets/-1", "/tickets/99999999999999999999", "/x/y", "/sessions/9"} {
		answer := b.gets(nowhere)
		assert.Equal(t, http.StatusNotFound, answer.status, nowhere)
		assert.Contains(t, answer.text, "Такой страницы нет", nowhere)
	}
}

func TestLanguageAndAppearanceAreRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	text := b.gets("/sessions").text
	assert.Contains(t, text, `<html lang="ru">`)
	assert.Contains(t, text, `name="back" value="/sessions"`)
	assert.Equal(t, "/sessions", b.posts("/language", "language", "en", "back", "/sessions").header.Get("Location"))
	assert.Equal(t, "/", b.posts("/theme", "theme", "dark", "back", "//evil.example/").header.Get("Location"), "no way out")
	assert.Contains(t, b.gets("/").text, `<html lang="en" data-theme="dark">`)
	assert.Equal(t, "/", b.posts("/theme", "theme", "<script>", "back", `/\evil.example`).header.Get("Location"))
	assert.Contains(t, b.gets("/").text, `<html lang="en">`, "what is no theme is the device's")
	assert.Equal(t, http.StatusUnprocessableEntity, b.posts("/language", "language", "de").status)
	assert.Contains(t, w.stranger().gets("/login", "Accept-Language", "de, en;q=0.5").text, `lang="en"`)
	assert.Contains(t, w.stranger().gets("/login", "Accept-Language", "de").text, `lang="ru"`, "the operator's choice")
}

func TestFaultsAreToldToHTMXAsNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	b.htmx = true
	answer := b.gets("/tickets/9")
	assert.Equal(t, http.StatusNotFound, answer.status)
	assert.Regexp(t, `^<p class="notice bad">Такой страницы нет.*</p>$`, answer.text)
}

func TestAssetsAreKeptForEverAndCompressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(boris)
	page := b.gets("/", "Accept-Encoding", "gzip")
	assert.Equal(t, "gzip", page.header.Get("Content-Encoding"))
	wire := len(page.text)
	text := b.gets("/").text
	found := regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(text, -1)
	require.GreaterOrEqual(t, len(found), 4)
	for _, m := range found {
		answer := w.stranger().gets(m[1], "Accept-Encoding", "gzip")
		require.Equal(t, http.StatusOK, answer.status, m[1])
		assert.Regexp(t, `\.[0-9a-f]{12}\.(css|js|svg)$`, m[1])
		assert.Equal(t, "public, max-age=31536000, immutable", answer.header.Get("Cache-Control"))
		assert.Equal(t, "gzip", answer.header.Get("Content-Encoding"))
		assert.NotEmpty(t, answer.header.Get("Content-Type"))
		wire += len(answer.text)
		plain := w.stranger().gets(m[1], "Accept-Encoding", "identity")
		assert.Empty(t, plain.header.Get("Content-Encoding"))
		assert.Equal(t, unpacked(t, answer.text), plain.text, "not every client unpacks")
	}
	assert.Less(t, wire, 50_000, "the first page over the wire")
	assert.NotContains(t, text, "uplot", "the chart library is loaded where there are charts")
	assert.Equal(t, http.StatusNotFound, b.gets("/static/panel.css").status)
}

func TestWhatIsVendoredIsWhatItSays(t *testing.T) {
	t.Parallel()
	list := contents(t, "static/VENDORED.md")
	said := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` .*`([0-9a-f]{64})` \\|$").FindAllStringSubmatch(list, -1) {
		said[m[1]] = m[2]
	}
	files, err := fs.Glob(os.DirFS("static"), "*.min.*")
	require.NoError(t, err)
	assert.Len(t, said, len(files))
	for _, file := range files {
		text := contents(t, "static/"+file)
		own, packed := strings.CutSuffix(file, ".gz")
		if packed {
			text = unpacked(t, text)
		}
		sum := sha256.Sum256([]byte(text))
		assert.Equal(t, said[own], hex.EncodeToString(sum[:]), file)
	}
}

func unpacked(t *testing.T, packed string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

func TestWithoutScriptsATicketIsTakenAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	assert.Equal(t, path(k, ""), b.posts(path(k, "/take")).header.Get("Location"))
	text := b.gets(path(k, "")).text
	assert.Contains(t, text, "Заявка №1 ваша.")
	assert.Contains(t, text, "Исполнитель: <strong>вы</strong>")
	v := w.as(vera)
	assert.Equal(t, path(k, ""), v.posts(path(k, "/take")).header.Get("Location"))
	assert.Contains(t, v.gets(path(k, "")).text, "Не сделано. №1 — только что взята, исполнитель: Борис")
	deeds, err := w.store.Audit().Deeds(t.Context(), account.DeedFilter{Ticket: k.ID, Limit: 10})
	require.NoError(t, err)
	require.Len(t, deeds, 1, "what was not done is not noted")
	assert.EqualValues(t, boris, deeds[0].User)
	assert.Equal(t, "ticket.take", deeds[0].Action)
}
