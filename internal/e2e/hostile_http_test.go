package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// says sends a request as it is, and gives the answer's status and text.
func says(t *testing.T, addr, method, rest string) (int, string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, method+" "+rest)
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(t, err, "%s %.60s", method, rest)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

// tricks are paths that have led servers out of their folders, to others'
// routes, or to their knees.
func tricks() []string {
	out := []string{
		"/../../../../etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/..;/etc/passwd",
		`/..\..\etc\passwd`, "/static/../../vinbot.db", "/static/%2e%2e%2fvinbot.db", "/static//etc/passwd",
		"//evil.example/", "/%00", "/tickets/1%00", "/tickets/%ff%fe", "/tickets/1;x=y", "/tickets/" + strings.Repeat("9", 400),
		"/tickets/-1", "/tickets/1.0", "/tickets/1/../../livez", "/%6cogin", "/LOGIN", "/login/../tickets", "/./././", "/.env", "/.git/config",
		"/api/../metrics", "/api/v1/../../metrics", "/api/v1//tickets", "/api/v1/tickets/%2e%2e/users",
		"/debug/pprof/../../../etc/passwd", "/debug/pprof/nothing", "/debug/pprof/heap?seconds=-1", "/readyz/../metrics",
		"/?" + strings.Repeat("a=b&", 10000), "/" + strings.Repeat("a/", 5000),
	}
	return out
}

func TestNoPathLeadsWhereItShouldNot(t *testing.T) {
	t.Parallel()
	w := begin(t, served)
	w.anna.Send(honda)
	w.card(honda)
	for name, addr := range map[string]string{"everybody's": w.app.HTTPAddr(), "operations": w.app.OpsAddr()} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			for _, path := range tricks() {
				status, text := says(t, addr, method, path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				what := fmt.Sprintf("%s: %s %.60s: %d", name, method, path, status)
				assert.Less(t, status, 500, what)
				assert.NotContains(t, text, "root:", what)
				assert.NotContains(t, text, "SQLite format", what)
				assert.NotContains(t, text, honda, what)
				assert.NotContains(t, text, w.sim.Token(), what)
				if addr == w.app.HTTPAddr() {
					assert.NotContains(t, text, "go_goroutines", what)
				}
			}
		}
	}
	w.anna.Send(bmw) // it still works
	w.card(bmw)
}

func TestBodiesThatAreTooLargeAreRefused(t *testing.T) {
	t.Parallel()
	w := begin(t, served)
	w.anna.Send(honda)
	w.card(honda)
	_, link := w.panelLink(w.boris)
	v := w.visitor()
	status, _ := v.asks(http.MethodPost, link)
	require.Equal(t, http.StatusOK, status)
	p := w.program()

	huge := strings.Repeat("a", 8<<20)
	for _, path := range []string{"/tickets/1/take", "/tickets/1/ask", "/tickets/bulk", "/login/vbl_x", "/login/app", "/language", "/sessions/1/revoke"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+w.app.HTTPAddr()+path, strings.NewReader("words="+huge))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := v.client.Do(request)
		if err != nil { // it hung up while more came
			assert.Regexp(t, "broken pipe|reset by peer", err.Error(), path)
			continue
		}
		assert.Contains(t, []int{http.StatusRequestEntityTooLarge, http.StatusNotFound, http.StatusMethodNotAllowed}, answer.StatusCode, path)
		require.NoError(t, answer.Body.Close())
	}
	status, _ = p.asks("POST", "/tickets", "application/json", []byte(`{"vin":"`+huge+`"}`))
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
	status, text := says(t, w.app.OpsAddr(), "POST", "/debug/pprof/symbol HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n")
	assert.NotContains(t, text, honda)
	assert.Less(t, status, 500)
	assert.Zero(t, w.look(`SELECT count(*) FROM tickets WHERE status <> 'new'`))
}
