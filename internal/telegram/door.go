package telegram

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

const (
	// formLimit is the longest form held in memory; a longer one, an upload, is
	// streamed.
	formLimit = 1 << 20
	// answerLimit is the longest answer read.
	answerLimit = 64 << 20
)

// door is the HTTP client under the library. It sends each form whole and with
// its length, which the library writes piecewise, and lets only "ok" answers
// in: anything else ends here as an *Error.
type door struct{ c *Client }

// Do makes one request of the library's.
func (d door) Do(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		return nil, errors.New("telegram: a call that nobody follows")
	}
	defer req.Body.Close() // ends the library's writer, whatever happens
	if err := write(req, a); err != nil {
		return nil, &Error{Method: a.method, Class: ClassBadRequest, Text: "the request cannot be built"}
	}
	if repeatable(a.method) {
		req.Header["Idempotency-Key"] = nil // sent nowhere; lets net/http try again on a stale connection
	}
	transport := d.c.sends
	if a.method == methodGetFile {
		transport = d.c.downloads
	}
	if !strings.HasPrefix(a.method, "get") && !d.c.may() {
		return nil, &Error{Method: a.method, Class: ClassNotSent, Text: "another process sends by now"}
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, a.failed(err)
	}
	defer resp.Body.Close()
	body, err := readAnswer(resp)
	if err != nil {
		e := a.failed(err)
		e.Status = resp.StatusCode
		return nil, e
	}
	if !accepted(resp.StatusCode, body) {
		return nil, refusal(a.method, resp.StatusCode, body)
	}
	a.answer = body
	if short(a.method) {
		body = shorten(body)
	}
	return &http.Response{StatusCode: resp.StatusCode, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// write puts what is asked into a request that has its form.
func write(req *http.Request, a *attempt) error {
	if short(a.method) {
		return object(req, a.params)
	}
	return whole(req)
}

// whole replaces the pipe that the library writes its form to by the form.
func whole(req *http.Request) error {
	pipe := req.Body
	form := bytes.NewBuffer(make([]byte, 0, 2048))
	n, err := io.Copy(form, io.LimitReader(pipe, formLimit))
	if err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	if n == formLimit {
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(form, pipe), pipe}
		return nil
	}
	if !bytes.Contains(form.Bytes(), []byte("Content-Disposition")) { // a form of no fields
		form.Reset()
		req.Header.Del("Content-Type")
	}
	carry(req, form.Bytes())
	return nil
}

// carry gives a request its body, which net/http may need twice.
func carry(req *http.Request, body []byte) {
	req.ContentLength = int64(len(body))
	req.Body = http.NoBody
	if len(body) > 0 {
		again := func() io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }
		req.Body = again()
		req.GetBody = func() (io.ReadCloser, error) { return again(), nil }
	}
}

// repeatable reports whether doing a call twice does no more than once.
func repeatable(method string) bool { return !strings.HasPrefix(method, "send") }

// readAnswer reads the whole answer.
func readAnswer(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n < answerLimit {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, answerLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if n > answerLimit {
		return nil, errors.New("the answer is too long")
	}
	return b.Bytes(), nil
}

// accepted reports whether an answer says "ok". The server begins with it, so
// one look is enough most of the time.
func accepted(status int, body []byte) bool {
	if status != http.StatusOK {
		return false
	}
	if bytes.HasPrefix(body, []byte(`{"ok":true`)) {
		return true
	}
	var a envelope
	return json.Unmarshal(body, &a) == nil && a.OK
}

// troubleWords names what went wrong on the way, in words of our own: the raw
// error may hold addresses with the token in them.
func troubleWords(err error) string {
	var (
		dns  *net.DNSError
		op   *net.OpError
		cert *tls.CertificateVerificationError
		slow net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "the call was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &dns):
		return "the server's name cannot be resolved"
	case errors.As(err, &cert):
		return "the server's certificate is not trusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was cut"
	case errors.As(err, &slow) && slow.Timeout():
		return "no answer in time"
	case errors.As(err, &op) && op.Op == "dial":
		return "the server cannot be reached"
	default:
		return "the exchange failed"
	}
}
