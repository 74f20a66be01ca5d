package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheReceiverInPythonWorks has what docs/webhooks.md shows be told by a bot what
// happens, and refuse what is forged.
func TestTheReceiverInPythonWorks(t *testing.T) {
	t.Parallel()
	w := begin(t, served, nearby)
	p := w.program()
	status, answer := p.asks("POST", "/webhooks", "application/json", []byte(`{"url":"http://127.0.0.1:1/"}`))
	require.Equal(t, http.StatusCreated, status, "%s", answer)
	var made struct {
		ID     int64
		Secret string
	}
	require.NoError(t, json.Unmarshal(answer, &made))
	w.known.keep("a webhook's secret", made.Secret)

	says := receivesInPython(t, made.Secret)
	at := "http://127.0.0.1:" + says()
	endpoint := "/webhooks/" + strconv.FormatInt(made.ID, 10)
	status, answer = p.asks("PATCH", endpoint, "application/json", []byte(`{"url":"`+at+`"}`))
	require.Equal(t, http.StatusOK, status, "%s", answer)

	forged, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at, strings.NewReader(`{"type":"ticket.created"}`))
	require.NoError(t, err)
	refused, err := http.DefaultClient.Do(forged)
	require.NoError(t, err)
	require.NoError(t, refused.Body.Close())
	assert.Equal(t, http.StatusUnauthorized, refused.StatusCode)

	w.anna.Send(honda)
	assert.Equal(t, "ticket.created 1", says(), "and nothing of what was forged")
}

// receivesInPython runs the receiver of docs/webhooks.md, and gives what it prints:
// its port, and then a line a message.
func receivesInPython(t *testing.T, secret string) (says func() string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "webhooks.md"))
	require.NoError(t, err)
	code := regexp.MustCompile("(?s)\n```python\n(.*?)```").FindStringSubmatch(string(page))
	require.Len(t, code, 2)
	const serves = `HTTPServer(("127.0.0.1", 8000), Receiver).serve_forever()`
	require.Contains(t, code[1], serves)
	source := strings.Replace(code[1], serves, `server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port)
server.serve_forever()`, 1) // the port is one that is free
	dir := t.TempDir()
	for name, content := range map[string]string{"receiver.py": source, "secret": secret + "\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	python := exec.CommandContext(t.Context(), "python3", "-u", "receiver.py")
	python.Dir = dir
	out, err := python.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, python.Start())
	t.Cleanup(func() { _ = python.Wait() }) // the test's end kills it
	lines := make(chan string)
	go func() {
		defer close(lines)
		for printed := bufio.NewScanner(out); printed.Scan(); {
			select {
			case lines <- printed.Text():
			case <-t.Context().Done():
				return
			}
		}
	}()
	return func() string {
		select {
		case line, more := <-lines:
			require.True(t, more, "it ended")
			return line
		case <-time.After(patience):
			require.FailNow(t, "it prints nothing")
			return ""
		}
	}
}
