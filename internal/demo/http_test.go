package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// get asks a demo for something.
func get(t *testing.T, d *Demo, path string, change ...func(*http.Request)) answer {
	t.Helper()
	return visit(t, d, "GET "+path, "", change...)
}

// post sends something to a demo's API.
func post(t *testing.T, d *Demo, path, body string, change ...func(*http.Request)) answer {
	t.Helper()
	return visit(t, d, "POST /api/"+path, body, change...)
}

// visit sends a request, given as method and path, after some changes.
func visit(t *testing.T, d *Demo, what, body string, change ...func(*http.Request)) answer {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, d.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Close = true
	for _, c := range change {
		c(r)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response.StatusCode, response.Header, string(data)}
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

// sent waits for a message in a chat of a world.
func sent(t *testing.T, w *world, in telegramtest.Chat, match func(telegramtest.Message) bool) telegramtest.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := w.sim.Wait(ctx, in, match)
	require.NoError(t, err)
	return m
}

func TestOnlyLoopbackAndTheSameOrigin(t *testing.T) {
	t.Parallel()
	d := begin(t)
	port := d.URL()[strings.LastIndex(d.URL(), ":"):]
	const hello = `{"as":"anna","chat":"anna","text":"/help"}`
	for name, c := range map[string]struct {
		method, path string
		change       []func(*http.Request)
		want         int
	}{
		"by number":             {"GET", "/", nil, 200},
		"by name":               {"GET", "/", []func(*http.Request){host("localhost" + port)}, 200},
		"by IPv6":               {"GET", "/", []func(*http.Request){host("[::1]" + port)}, 200},
		"a rebound name":        {"GET", "/", []func(*http.Request){host("evil.example" + port)}, 403},
		"a name that begins so": {"GET", "/", []func(*http.Request){host("localhost.evil.example" + port)}, 403},
		"another port":          {"GET", "/", []func(*http.Request){host("localhost:1")}, 403},
		"no port":               {"GET", "/", []func(*http.Request){host("localhost")}, 403},
		"events for a stranger": {"GET", "/api/ru/events", []func(*http.Request){host("evil.example" + port)}, 403},
		"a post of the page":    {"POST", "/api/ru/text", []func(*http.Request){with("Sec-Fetch-Site", "same-origin")}, 204},
		"a post of a tool":      {"POST", "/api/ru/text", nil, 204},
		"a post of a stranger":  {"POST", "/api/ru/text", []func(*http.Request){with("Sec-Fetch-Site", "cross-site")}, 403},
		"an old browser":        {"POST", "/api/ru/text", []func(*http.Request){with("Origin", "http://evil.example")}, 403},
		"another local page":    {"POST", "/api/ru/text", []func(*http.Request){with("Origin", "http://localhost:1")}, 403},
		"a post as a get":       {"GET", "/api/ru/text", nil, 405},
		"another world":         {"POST", "/api/fr/text", nil, 404},
		"no such asset":         {"GET", "/assets/missing.js", nil, 404},
		"a way out":             {"GET", "/assets/..%2fdemo.go", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, visit(t, d, c.method+" "+c.path, hello, c.change...).status)
		})
	}
}

func TestManyOwnersAtOnceComeInDigests(t *testing.T) {
	t.Parallel()
	d := begin(t)
	w := d.worlds[0]
	assert.Equal(t, 204, post(t, d, "ru/flood", "{}").status)
	digest := sent(t, w, w.group, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "одним сообщением") })
	assert.Greater(t, len(digest.Callbacks()), 4, "a button for each ticket")
	w.mu.Lock()
	w.crowd = mostOwners
	w.mu.Unlock()
	assert.Equal(t, 507, post(t, d, "ru/flood", "{}").status, "it takes memory")
}

func TestHeadersKeepThePageToItself(t *testing.T) {
	t.Parallel()
	d := begin(t)
	page := get(t, d, "/")
	policy := page.header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self'")
	assert.NotContains(t, policy, "unsafe")
	assert.Equal(t, "nosniff", page.header.Get("X-Content-Type-Options"))
	assert.Equal(t, "same-origin", page.header.Get("Cross-Origin-Resource-Policy"))
	assert.NotContains(t, page.body, "https://", "nothing is remote")
	again := get(t, d, "/", with("If-None-Match", page.header.Get("ETag")))
	assert.Equal(t, http.StatusNotModified, again.status)
}

func TestWhatCannotBeDone(t *testing.T) {
	t.Parallel()
	d := begin(t)
	for name, c := range map[string]struct {
		path, body string
		want       int
	}{
		"no JSON":            {"text", `hello`, 400},
		"an unknown field":   {"text", `{"as":"anna","chat":"anna","text":"x","sudo":true}`, 400},
		"an empty text":      {"text", `{"as":"anna","chat":"anna","text":"  "}`, 400},
		"a text too long":    {"text", `{"as":"anna","chat":"anna","text":"` + strings.Repeat("x", 4097) + `"}`, 400},
		"a request too long": {"text", `{"text":"` + strings.Repeat("x", maxBody) + `"}`, 413},
		"nobody":             {"text", `{"as":"eve","chat":"eve","text":"x"}`, 404},
		"an owner in the group": {
			"text", `{"as":"anna","chat":"group","text":"x"}`, 403,
		},
		"another's chat":       {"text", `{"as":"boris","chat":"anna","text":"x"}`, 403},
		"an answer to nothing": {"text", `{"as":"anna","chat":"anna","text":"x","replyTo":999}`, 409},
		"a hologram":           {"other", `{"as":"anna","chat":"anna","kind":"hologram"}`, 400},
		"a button of nothing":  {"press", `{"as":"boris","chat":"group","message":999,"data":"take:1"}`, 409},
		"a block by nobody":    {"block", `{"as":"eve","blocked":true}`, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := post(t, d, "ru/"+c.path, c.body)
			assert.Equal(t, c.want, refused.status, refused.body)
			assert.Equal(t, "text/plain; charset=utf-8", refused.header.Get("Content-Type"))
		})
	}
}

// form is an upload as a browser sends it.
func form(t *testing.T, fields map[string]string, name, kind string, data []byte) (string, func(*http.Request)) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, v := range fields {
		require.NoError(t, w.WriteField(field, v))
	}
	if data != nil {
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename=%q`, name))
		header.Set("Content-Type", kind)
		part, err := w.CreatePart(header)
		require.NoError(t, err)
		_, err = part.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return body.String(), with("Content-Type", w.FormDataContentType())
}

func TestFilesAreServedSafely(t *testing.T) {
	t.Parallel()
	d := begin(t)
	w := d.worlds[0]
	for name, c := range map[string]struct {
		name, kind, data          string
		wantKind, wantDisposition string
	}{
		"a PDF is shown": {
			"отчёт.pdf", "application/pdf", "%PDF-1.4", "application/pdf",
			"inline; filename*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.pdf",
		},
		"what only says so is saved": {
			"a.pdf", "application/pdf", "<script>alert(1)</script>", "application/octet-stream", "attachment; filename=a.pdf",
		},
		"a page is saved": {
			"../../x\"y.html", "text/html", "<script>alert(1)</script>", "application/octet-stream", `attachment; filename="x\"y.html"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, kind := form(t, map[string]string{"as": "vera", "chat": "vera", "caption": name}, c.name, c.kind, []byte(c.data))
			taken := post(t, d, "ru/document", body, kind)
			require.Equal(t, 204, taken.status, taken.body)
			vera, err := w.person("vera")
			require.NoError(t, err)
			m := sent(t, w, vera.user, func(m telegramtest.Message) bool { return m.Text == name })
			file := get(t, d, fmt.Sprintf("/api/ru/file/vera/%d/any", m.ID))
			assert.Equal(t, 200, file.status)
			assert.Equal(t, c.data, file.body)
			assert.Equal(t, c.wantKind, file.header.Get("Content-Type"))
			assert.Equal(t, c.wantDisposition, file.header.Get("Content-Disposition"))
			assert.Equal(t, "nosniff", file.header.Get("X-Content-Type-Options"))
			assert.NotContains(t, file.header.Get("Content-Security-Policy"), "script-src")
		})
	}
	for _, path := range []string{"vera/99999/x", "vera/x/x", "group/1/x", "nobody/1/x"} {
		assert.Equal(t, 404, get(t, d, "/api/ru/file/"+path).status, path)
	}
}

func TestUploadsHaveLimits(t *testing.T) {
	t.Parallel()
	d := begin(t)
	fields := map[string]string{"as": "vera", "chat": "group"}
	for name, c := range map[string]struct {
		fields map[string]string
		data   []byte
		want   int
	}{
		"too large": {fields, make([]byte, maxUpload), 413},
		"empty":     {fields, []byte{}, 400},
		"no file":   {fields, nil, 400},
		"a caption too long": {
			map[string]string{"as": "vera", "chat": "group", "caption": strings.Repeat("x", 1025)}, []byte("x"), 400,
		},
		"no number":         {map[string]string{"as": "vera", "chat": "group", "reply_to": "card"}, []byte("x"), 400},
		"a stranger":        {map[string]string{"as": "anna", "chat": "group"}, []byte("x"), 403},
		"too many together": {map[string]string{"as": "vera", "chat": "group", "samples": "10"}, []byte("x"), 400},
		"less than none":    {map[string]string{"as": "vera", "chat": "group", "samples": "-1"}, nil, 400},
		"no number of them": {map[string]string{"as": "vera", "chat": "group", "samples": "two"}, nil, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, kind := form(t, c.fields, "a.pdf", "application/pdf", c.data)
			refused := post(t, d, "ru/document", body, kind)
			assert.Equal(t, c.want, refused.status, refused.body)
		})
	}
	assert.Equal(t, 400, post(t, d, "ru/document", "{}").status, "no form")
	w := d.worlds[1]
	w.mu.Lock()
	w.kept = maxKept
	w.mu.Unlock()
	body, kind := form(t, fields, "a.pdf", "application/pdf", []byte("%PDF-"))
	assert.Equal(t, 507, post(t, d, "en/document", body, kind).status)
}

// listenTo opens a stream of events and gives them one by one.
func listenTo(t *testing.T, d *Demo) func() (name string, data map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL()+"/api/ru/events", nil)
	require.NoError(t, err)
	r.Close = true
	response, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewReader(response.Body)
	return func() (name string, data map[string]any) {
		for {
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			if rest, ok := strings.CutPrefix(line, "event: "); ok {
				name = strings.TrimSpace(rest)
			}
			if rest, ok := strings.CutPrefix(line, "data: "); ok {
				require.NoError(t, json.Unmarshal([]byte(rest), &data))
				return name, data
			}
		}
	}
}

func TestEventsBeginWithEverything(t *testing.T) {
	t.Parallel()
	d := begin(t)
	first := listenTo(t, d)
	name, all := first()
	assert.Equal(t, "state", name)
	assert.Nil(t, all["messages"])
	assert.Len(t, all["people"], 4)

	require.Equal(t, 204, post(t, d, "ru/text", `{"as":"anna","chat":"anna","text":"`+honda+`"}`).status)
	name, m := first()
	assert.Equal(t, "message", name)
	assert.Equal(t, honda, m["text"])
	assert.Equal(t, "anna", m["from"])
	card := sent(t, d.worlds[0], d.worlds[0].group, telegramtest.Containing(honda))

	_, all = listenTo(t, d)()
	assert.Contains(t, fmt.Sprint(all["messages"]), honda, "who comes later gets what was")

	pressed := post(t, d, "ru/press", fmt.Sprintf(`{"as":"boris","chat":"group","message":%d,"data":"take:1"}`, card.ID))
	require.Equal(t, 200, pressed.status, pressed.body)
	assert.Contains(t, pressed.body, "№1")
	require.Equal(t, 204, post(t, d, "ru/block", `{"as":"emma","blocked":true}`).status)
	for name != "person" {
		name, m = first()
	}
	assert.Equal(t, true, m["blocked"])
	require.Equal(t, 204, post(t, d, "ru/text", `{"as":"emma","chat":"emma","text":"I am back"}`).status)
	for name, m = first(); name != "person"; {
		name, m = first()
	}
	assert.Equal(t, false, m["blocked"], "writing unblocks, as in the app")
}

func TestCommandsOfTheMenu(t *testing.T) {
	t.Parallel()
	d := begin(t)
	ask := func(as, chat string) string {
		return get(t, d, "/api/ru/commands?as="+as+"&chat="+chat).body
	}
	// The bot registers its commands once it runs.
	require.Eventually(t, func() bool {
		return strings.Contains(ask("boris", "group"), `"done"`) && strings.Contains(ask("anna", "anna"), "Запросить") &&
			strings.Contains(ask("emma", "emma"), "Ask for a report")
	}, patience, 20*time.Millisecond)
	assert.NotContains(t, ask("anna", "anna"), `"done"`)
}
