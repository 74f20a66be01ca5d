package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// okResult is what Observe is told of a call that succeeded.
const okResult = "ok"

// attempt follows one call through the library and net/http.
type attempt struct {
	method  string
	params  any // what goes out as an object; the library knows of none then
	trace   httptrace.ClientTrace
	started atomic.Bool // a connection was had: the request may have gone out
	answer  []byte      // the body of an "ok" answer
}

type attemptKey struct{}

// follow puts a new attempt into the context. A transport given from outside
// may not tell what it does: then every request may have gone out.
func (c *Client) follow(ctx context.Context, method string) (context.Context, *attempt) {
	a := &attempt{method: method}
	a.started.Store(c.transport != nil)
	// The transport dials again only if nothing of the request was written.
	a.trace.GetConn = func(string) { a.started.Store(false) }
	a.trace.GotConn = func(httptrace.GotConnInfo) { a.started.Store(true) }
	// A request cut off while being written is none: its length is declared, or its
	// last piece is missing.
	a.trace.WroteRequest = func(info httptrace.WroteRequestInfo) {
		if info.Err != nil {
			a.started.Store(false)
		}
	}
	ctx = context.WithValue(ctx, attemptKey{}, a)
	return httptrace.WithClientTrace(ctx, &a.trace), a
}

// failed makes the error of an exchange that brought no answer, or half of one.
func (a *attempt) failed(err error) *Error {
	e := &Error{Method: a.method, Class: ClassNotSent, Text: troubleWords(err)}
	if a.started.Load() {
		e.Class = ClassUnknown
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.cause = end
		}
	}
	return e
}

// call is the way of every method: it bounds the time, has the library make
// the request, and turns whatever fails into an *Error.
func call[P, R any](ctx context.Context, c *Client, method string, params P,
	do func(*bot.Bot, context.Context, P) (R, error),
) (R, error) {
	began := c.clock()
	ctx, cancel := context.WithTimeout(ctx, c.timeout(method))
	defer cancel()
	ctx, a := c.follow(ctx, method)
	if short(method) {
		var none P
		a.params, params = params, none
	}
	result, err := do(c.bot, ctx, params)
	if err != nil {
		err = a.judge(err, &result)
	}
	c.saw(method, err, began)
	if err != nil {
		var none R
		return none, err
	}
	return result, nil
}

// saw counts a call that ended.
func (c *Client) saw(method string, err error, began time.Time) {
	result := okResult
	if err != nil {
		result = ClassOf(err).String()
		var e *Error
		if errors.As(err, &e) && e.Class == ClassTooMany {
			c.throttled(e.RetryAfter)
		}
	}
	c.observe(method, result, c.clock().Sub(began))
}

// timeout of a method: a local server answers getFile when it has the file.
func (c *Client) timeout(method string) time.Duration {
	if method == methodGetFile {
		return c.downloadTimeout
	}
	return c.sendTimeout
}

// judge turns the library's error into ours. Its own errors are never shown:
// one about an answer that does not decode quotes the answer. A message that
// was accepted but holds a kind newer than the library is still a message.
func (a *attempt) judge(err error, result any) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if message, ok := result.(**models.Message); ok && a.salvage(message) {
		return nil
	}
	return &Error{Method: a.method, Class: ClassUnknown, Text: "the answer does not decode"}
}

// salvage reads the least of an accepted message: where it is.
func (a *attempt) salvage(message **models.Message) bool {
	var answer struct {
		OK     bool `json:"ok"`
		Result struct {
			ID              int `json:"message_id"`
			MessageThreadID int `json:"message_thread_id"`
			Date            int `json:"date"`
			Chat            struct {
				ID   int64           `json:"id"`
				Type models.ChatType `json:"type"`
			} `json:"chat"`
		} `json:"result"`
	}
	if err := json.Unmarshal(a.answer, &answer); err != nil || !answer.OK || answer.Result.ID == 0 {
		return false
	}
	r := answer.Result
	*message = &models.Message{
		ID: r.ID, MessageThreadID: r.MessageThreadID, Date: r.Date,
		Chat: models.Chat{ID: r.Chat.ID, Type: r.Chat.Type},
	}
	return true
}
