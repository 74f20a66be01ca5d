package telegramtest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// Parameters come in any form that the Bot API takes.
func TestRequestEncodings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	anna := w.User("Anna", "en")
	anna.Start("")
	id := strconv.FormatInt(anna.ID, 10)
	form := url.Values{"chat_id": {id}, "text": {"a form & more"}}
	var parts bytes.Buffer
	writer := multipart.NewWriter(&parts)
	require.NoError(t, writer.WriteField("chat_id", id))
	require.NoError(t, writer.WriteField("text", "multi\r\npart\r\n--"))
	require.NoError(t, writer.Close())
	for _, tc := range []struct{ name, verb, query, kind, body, want string }{
		{"JSON", "POST", "", "application/json", `{"chat_id":` + id + `,"text":"JSON \u0416"}`, "JSON Ж"},
		{"a form", "POST", "", "application/x-www-form-urlencoded", form.Encode(), "a form & more"},
		{"the query string", "GET", "?" + form.Encode(), "", "", "a form & more"},
		{"multipart", "POST", "", writer.FormDataContentType(), parts.String(), "multi\r\npart\r\n--"},
		{"any case of the method", "POST", "", "application/json", `{"chat_id":"` + id + `","text":"case"}`, "case"},
	} {
		method := "/sendMessage"
		if tc.name == "any case of the method" {
			method = "/SENDmessage"
		}
		req, err := http.NewRequestWithContext(t.Context(), tc.verb, w.URL()+"/bot"+w.Token()+method+tc.query, strings.NewReader(tc.body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", tc.kind)
		a := w.do(req)
		require.True(t, a.OK, "%s: %s", tc.name, a.Description)
		sent := w.FromBot(anna)
		assert.Equal(t, tc.want, sent[len(sent)-1].Text, tc.name)
	}
	assert.Empty(t, w.Violations())
	assert.Equal(t, 5, w.Calls().Of("sendMessage").OK)
}

// A call without parameters is an empty multipart body in the client library.
func TestAnEmptyBodyIsNoParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL()+"/bot"+w.Token()+"/getMe", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	a := w.do(req)
	assert.True(t, a.OK)
	if spec := officialSpec(t); spec != nil {
		require.NoError(t, spec.Check("User", a.Result))
	}
}

func TestGarbledRequestsAreViolations(t *testing.T) {
	t.Parallel()
	for kind, body := range map[string]string{
		"application/json":                  `{"chat_id":`,
		"application/x-www-form-urlencoded": "a=%zz",
		"text/plain":                        "hello",
		"":                                  "hello",
		"multipart/form-data":               "--x--",
		"multipart/form-data; boundary=a":   "--b\r\n",
		"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
		"multipart/form-data; boundary=y":   "--y\r\nContent-Disposition: form-data\r\n--y\r\n\r\n--y--",
		"multipart/form-data; boundary=z":   "--z\r\nX: y\r\n\r\nx\r\n--z--",
		"multipart/form-data; boundary=w":   "--w\r\nContent-Disposition: ;;\r\n\r\nx\r\n--w--",
	} {
		w := newWorld(t, telegramtest.Options{})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL()+"/bot"+w.Token()+"/getMe", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", kind)
		assert.Equal(t, http.StatusBadRequest, w.do(req).Code, kind)
		assert.Len(t, w.Violations(), 1, kind)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{Token: "42:secret", Username: "my_bot"})
	assert.Equal(t, int64(42), w.Bot().ID)
	for path, want := range map[string]answer{
		"/bot42:other/getMe":         {Code: 401, Description: "Unauthorized"},
		"/botnonsense/getMe":         {Code: 404, Description: "Not Found"},
		"/":                          {Code: 404, Description: "Not Found"},
		"/file/bot42:other/a.pdf":    {Code: 401, Description: "Unauthorized"},
		"/file/bot42:secret/nothing": {Code: 404, Description: "Not Found"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL()+path, http.NoBody)
		require.NoError(t, err)
		assert.Equal(t, want, w.do(req), path)
	}
	assert.Empty(t, w.Violations())
}

func TestFilesTooLargeToUploadAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, telegramtest.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL()+"/bot"+w.Token()+"/sendDocument",
		bytes.NewReader(make([]byte, 52<<20)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.do(req).Code)
}
