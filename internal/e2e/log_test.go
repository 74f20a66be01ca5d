package e2e

import (
	"bytes"
	"strings"
	"sync"
)

// lines keeps what the bot logged.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// all gives the whole log.
func (l *lines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// with gives the lines that hold all the parts.
func (l *lines) with(parts ...string) []string {
	var out []string
next:
	for line := range strings.Lines(l.all()) {
		for _, p := range parts {
			if !strings.Contains(line, p) {
				continue next
			}
		}
		out = append(out, line)
	}
	return out
}
