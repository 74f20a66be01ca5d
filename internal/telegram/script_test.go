package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/echo"
)

// script answers polls one after the other, in a bubble of fake time; after
// the last it holds the poll as Telegram does when there is nothing.
type script struct {
	t       *testing.T
	answers []step
	forever step

	mu     sync.Mutex
	polls  []asked
	others []string
}

type asked struct {
	at   time.Duration
	form url.Values
}

type step func() (status int, body string, err error)

func answer(status int, body string) step {
	return func() (int, string, error) { return status, body, nil }
}

func updates(ids ...int64) step {
	var elements []string
	for _, id := range ids {
		elements = append(elements, `{"update_id":`+strconv.FormatInt(id, 10)+`}`)
	}
	return answer(200, `{"ok":true,"result":[`+strings.Join(elements, ",")+`]}`)
}

func failing(err error) step { return func() (int, string, error) { return 0, "", err } }

func refused(code int, text string) step {
	return answer(code, `{"ok":false,"error_code":`+strconv.Itoa(code)+`,"description":"`+text+`"}`)
}

const (
	otherPoller = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
	webhookOn   = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where time begins in a bubble

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	assert.NoError(s.t, err)
	if method := path.Base(req.URL.Path); method != methodGetUpdates {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.others = append(s.others, method+string(body))
		return response(200, `{"ok":true,"result":true}`), nil
	}
	form, err := url.ParseQuery(string(body))
	assert.NoError(s.t, err)
	s.mu.Lock()
	s.polls = append(s.polls, asked{time.Since(epoch), form})
	next := s.forever
	if len(s.answers) > 0 {
		next, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	if next == nil {
		timeout, err := strconv.Atoi(form.Get("timeout"))
		assert.NoError(s.t, err)
		if !pause(req.Context(), time.Duration(timeout)*time.Second) {
			return nil, req.Context().Err()
		}
		next = updates()
	}
	status, text, err := next()
	if err != nil {
		return nil, err
	}
	return response(status, text), nil
}

func response(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// offsets of the polls so far, "" for none.
func (s *script) offsets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var offsets []string
	for _, p := range s.polls {
		offsets = append(offsets, p.form.Get("offset"))
	}
	return offsets
}

// shelf is a sink that can be away.
type shelf struct {
	mu     sync.Mutex
	ids    []int64
	away   int // so many times more
	tries  []time.Duration
	before func(ctx context.Context)
}

func (s *shelf) Append(ctx context.Context, batch []RawUpdate) error {
	if s.before != nil {
		s.before(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries = append(s.tries, time.Since(epoch))
	if s.away > 0 {
		s.away--
		return errors.New("the store is away")
	}
	for _, u := range batch {
		s.ids = append(s.ids, u.ID)
	}
	return ctx.Err()
}

type bench struct {
	*Updater
	server *script
	shelf  *shelf
	log    *bytes.Buffer
}

func newBench(t *testing.T, answers ...step) *bench {
	t.Helper()
	server := &script{t: t, answers: answers}
	c := newClientOf(t, "http://telegram.test", func(o *Options) {
		o.Transport, o.Rand = server, func() float64 { return 0 }
	})
	log := new(bytes.Buffer)
	s := new(shelf)
	u, err := NewUpdater(UpdaterOptions{Client: c, Sink: s, Log: zerolog.New(echo.NewWriter(log))})
	require.NoError(t, err)
	return &bench{Updater: u, server: server, shelf: s, log: log}
}

// runFor polls for so long.
func (b *bench) runFor(t *testing.T, d time.Duration) {
	t.Helper()
	require.NoError(t, b.Start(t.Context()))
	time.Sleep(d)
	synctest.Wait()
	require.NoError(t, b.Stop(t.Context()))
}

type line struct{ Level, Trouble, Message, Error string }

func (b *bench) lines(t *testing.T) []line {
	t.Helper()
	var lines []line
	for decoder := json.NewDecoder(b.log); ; {
		var l line
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return lines
		} else {
			require.NoError(t, err)
		}
		lines = append(lines, l)
	}
}

type tally struct {
	mu       sync.Mutex
	received int
	outcomes []string
	last     time.Time
}

func (c *tally) UpdatesReceived(n int) { c.mu.Lock(); defer c.mu.Unlock(); c.received += n }
func (c *tally) Polled(outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outcomes = append(c.outcomes, outcome)
}
func (c *tally) PollSucceeded(at time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.last = at }
