package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

const (
	// postTime is how long a receiver may take, from connecting to the last byte
	// of its answer that is read.
	postTime = 5 * time.Second
	// connectTime is how long connecting may take, and as long the handshake.
	connectTime = 3 * time.Second
	// maxAnswer is how much of an answer is kept.
	maxAnswer = 1 << 10
	// maxHeader is how large an answer's header may be.
	maxHeader = 16 << 10
	// idleTime is how long a connection waits for the next message.
	idleTime = 30 * time.Second
)

// Why a try failed. A fault is a code: what a receiver or a library says may
// quote an address.
const (
	FaultTimeout  = "timeout"       // it took longer than five seconds
	FaultName     = "unknown_host"  // its name leads nowhere
	FaultAddress  = "refused_host"  // it leads to an address that is not the public internet's
	FaultConnect  = "no_connection" // nobody answers there, or the connection was cut
	FaultTLS      = "tls"           // its certificate, or the handshake, is faulty
	FaultRedirect = "redirect"      // it answered that another should be asked
	FaultStatus   = "status"        // it answered with another status than 2xx
	FaultGone     = "gone"          // it answered 410: it wants no more
	FaultStopped  = "stopped"       // the endpoint is off
	FaultTicket   = "no_ticket"     // the ticket is in the bin, or was removed
)

// poster sends messages.
type poster struct {
	client *http.Client
	clock  func() time.Time
}

// newTransport makes what connects to receivers: directly, whatever proxy the
// environment names, and, unless private is set, to the public internet alone.
// Names are looked up by resolver; nil is the usual one.
func newTransport(private bool, resolver *net.Resolver) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTime, Resolver: resolver}
	if !private {
		dialer.Control = dialControl()
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTime,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // nothing is to be unpacked
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        idleTime,
	}
}

func newPoster(transport http.RoundTripper, clock func() time.Time) poster {
	return poster{clock: clock, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// message is what is sent.
type message struct {
	id        string
	requestID string
	body      []byte
}

// answer is what came of sending it.
type answer struct {
	Attempt

	pause time.Duration // that the receiver asked for; 0: none
}

// post sends a message once.
func (p poster) post(ctx context.Context, to Endpoint, m message) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	begun := p.clock()
	request, err := p.request(ctx, to, m, begun)
	if err != nil {
		return answer{}, err
	}
	a := answer{Attempt: Attempt{At: begun}}
	response, err := p.client.Do(request)
	if err != nil {
		a.Error = faultOf(err)
	} else {
		a.Status, a.Error = response.StatusCode, faultOfStatus(response.StatusCode)
		a.Answer = firstOf(response.Body)
		a.pause = pauseOf(response, p.clock())
		_ = response.Body.Close() // nothing more is read of it
	}
	a.Took = max(0, p.clock().Sub(begun))
	return a, nil
}

func (p poster) request(ctx context.Context, to Endpoint, m message, now time.Time) (*http.Request, error) {
	signature, err := sign(to.secrets(now), m.id, now, m.body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(m.body))
	if err != nil { // its text would quote the URL
		return nil, errors.New("a webhook's URL is none")
	}
	h := request.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "vinbot-webhooks/1")
	h.Set("webhook-id", m.id)
	h.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	h.Set("webhook-signature", signature)
	if m.requestID != "" {
		h.Set("X-Request-ID", m.requestID)
	}
	return request, nil
}

// firstOf reads the beginning of an answer, and makes of it what a database can
// keep. Of one that breaks off what came is kept.
func firstOf(body io.Reader) string {
	text, _ := io.ReadAll(io.LimitReader(body, maxAnswer)) // the status is what counts
	return strings.ReplaceAll(strings.ToValidUTF8(string(text), "\uFFFD"), "\x00", "\uFFFD")
}

func faultOfStatus(status int) string {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status >= 300 && status < 400:
		return FaultRedirect
	case status == http.StatusGone:
		return FaultGone
	}
	return FaultStatus
}

// faultOf classes what the network said.
func faultOf(err error) string {
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return FaultAddress
	case errors.As(err, &timeout) && timeout.Timeout():
		return FaultTimeout
	case errors.As(err, &name):
		return FaultName
	case isTLS(err):
		return FaultTLS
	}
	return FaultConnect
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var host x509.HostnameError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &certificate) || errors.As(err, &alert) || errors.As(err, &record) || errors.As(err, &host)
}

// pauseOf is how long from now a receiver that is overloaded wants to be left
// alone, an hour at most: it names seconds, or a date.
func pauseOf(r *http.Response, now time.Time) time.Duration {
	if r.StatusCode != http.StatusTooManyRequests && r.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := strings.TrimSpace(r.Header.Get("Retry-After"))
	if date, err := http.ParseTime(text); err == nil {
		return min(max(0, date.Sub(now)), longestPause)
	}
	seconds, err := strconv.ParseUint(text, 10, 64) // more than it can hold is the most
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return time.Duration(min(seconds, uint64(longestPause/time.Second))) * time.Second
}
