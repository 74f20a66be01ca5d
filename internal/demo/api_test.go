package demo

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// TestTheDemoIsCalledAsItSays does what it says on the terminal: the list can be
// read, and what another program opens comes up in the chats of that language.
func TestTheDemoIsCalledAsItSays(t *testing.T) {
	t.Parallel()
	d := begin(t)
	said := d.welcome()
	calls := regexp.MustCompile(`(ru|en): curl -H '(Authorization: Bearer vbt_\S+)' (http://127\.0\.0\.1:\d+/api/v1/tickets)\n +(\S+/api/docs)\n`).FindAllStringSubmatch(said, -1)
	require.Len(t, calls, len(d.worlds), "%s", said)
	ask := func(method, url, header, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		require.NoError(t, err)
		r.Close = true
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Less(t, answer.StatusCode, 300, "%s", text)
		return string(text)
	}
	for i, call := range calls {
		assert.JSONEq(t, `{"items":[],"next":""}`, ask("GET", call[3], call[2], ""))
		ask("POST", call[3], call[2], `{"vin":"1HGCM82633A004352"}`)
		sent(t, d.worlds[i], d.worlds[i].group, telegramtest.Containing("1HGCM82633A004352"))
		assert.Contains(t, ask("GET", call[4], "Accept: text/html", ""), "<html")
	}
}
