package crm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// answerTime is how long a CRM may take to answer. Theirs give up after a
	// minute: see doubt.
	answerTime = 30 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 8 << 20
)

// meter counts.
type meter interface {
	// CRMAsked counts a request by its result: ok, or a kind of fault.
	CRMAsked(result string, took time.Duration)
}

// Options are those of every vendor's adapter.
type Options struct {
	Meter meter
	Clock func() time.Time
	// Language is that in which the account's fields are named: ru or en.
	Language string
	// Transport carries the requests in place of the network: for tests. Nil is
	// the network.
	Transport http.RoundTripper
	// Beside says that a bot asks at the same time: requests go one after the
	// other, a second apart, so that both keep to the vendor's limit.
	Beside bool
}

// client asks a CRM, no faster than its vendor lets us.
type client struct {
	Options

	pace *pace
	http *http.Client
}

// Close closes the connections that are not in use.
func (c *client) Close() { c.http.CloseIdleConnections() }

func newClient(o Options, p *pace) client {
	if o.Beside {
		p = &pace{rate: 1, burst: 1, level: 1}
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: answerTime / 3, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
		}
	}
	return client{Options: o, pace: p, http: &http.Client{
		Transport: o.Transport, Timeout: answerTime,
		// A redirect would carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what a CRM says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// question is a request.
type question struct {
	method, url string
	bearer      string // empty: the URL holds the secret
	body        any    // nil: none
	// judge finds the fault in an answer; nil: it is fine.
	judge func(answer) *FaultError
	// into is what the body is read into; nil: it is not.
	into any
}

// ask asks once.
func (c *client) ask(ctx context.Context, q question) error {
	if err := c.pace.wait(ctx, c.Clock()); err != nil {
		return err
	}
	begun := c.Clock()
	a, err := c.send(ctx, q)
	if ctx.Err() != nil { // it was cut off, which is no fault of the CRM's
		return ctx.Err() //nolint:wrapcheck // the caller knows its own context
	}
	result := "ok"
	if err == nil {
		err = q.take(a)
	}
	if f, ok := AsFault(err); ok {
		result = string(f.Kind)
	}
	c.Meter.CRMAsked(result, c.Clock().Sub(begun))
	return err
}

// take judges an answer and reads it.
func (q question) take(a answer) error {
	if f := q.judge(a); f != nil {
		f.Status = a.status
		return f
	}
	if q.into == nil || len(bytes.TrimSpace(a.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(a.body, q.into); err != nil { // its text quotes the answer
		return &FaultError{Kind: Away, Status: a.status, Code: "with what cannot be read"}
	}
	return nil
}

func (c *client) send(ctx context.Context, q question) (answer, error) {
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return answer{}, fmt.Errorf("write a request to the CRM: %T is no JSON", q.body)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, q.method, q.url, body)
	if err != nil { // its text would quote the URL
		return answer{}, errors.New("the CRM's address is none")
	}
	request.Header.Set("User-Agent", "vinbot/1")
	request.Header.Set("Accept", "application/json")
	if q.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if q.bearer != "" {
		request.Header.Set("Authorization", "Bearer "+q.bearer)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, &FaultError{Kind: Away, Code: netCode(err)}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, &FaultError{Kind: Away, Code: netCode(err)}
	}
	return answer{status: response.StatusCode, header: response.Header, body: text}, nil
}

// netCode classes what the network said: its own words quote the address.
func netCode(err error) string {
	var timeout net.Error
	var name *net.DNSError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &name):
		return "its host has no address"
	case strings.Contains(err.Error(), "certificate"), strings.Contains(err.Error(), "tls:"):
		return "its certificate, or the handshake, is faulty"
	}
	return "no connection"
}

// retryAfter is how long a CRM wants to be left alone; otherwise where it does
// not say so.
func retryAfter(h http.Header, otherwise time.Duration) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(h.Get("Retry-After")), 10, 32)
	if err != nil {
		return otherwise
	}
	return min(time.Duration(seconds)*time.Second, longestPause)
}

// longestPause is as long as a CRM may have us wait.
const longestPause = time.Hour

// shorten cuts a text to a number of characters, which is what fields hold.
func shorten(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
