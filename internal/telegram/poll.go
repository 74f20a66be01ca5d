package telegram

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// defaultPollTimeout is how long Telegram holds an empty answer back. Some
	// proxies and routers forget a connection that is silent for a minute.
	defaultPollTimeout = 30 * time.Second
	// maxPollTimeout is what Telegram allows.
	maxPollTimeout = 50 * time.Second
	// pollGrace is how much later than asked for an answer may come.
	pollGrace = 15 * time.Second
	// allowedUpdates are the kinds that the bot handles, named, since the
	// server remembers what was asked for last.
	allowedUpdates = `["message","edited_message","callback_query","my_chat_member","chat_member"]`
	// batchLimit is how many updates an answer holds at most.
	batchLimit = 100
)

// poller asks for updates, one long poll at a time, on connections of its own.
type poller struct {
	client    *Client
	transport http.RoundTripper
	timeout   time.Duration
}

// ask makes one long poll, and gives its batch and how many updates were left
// out of it for want of an id. Offset 0 asks from the first unconfirmed update on.
func (p *poller) ask(ctx context.Context, offset int64, timeout time.Duration) ([]RawUpdate, int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout+pollGrace)
	defer cancel()
	ctx, a := p.client.follow(ctx, methodGetUpdates)
	req, err := p.request(ctx, offset, timeout)
	if err != nil {
		return nil, 0, &Error{Method: methodGetUpdates, Class: ClassBadRequest, Text: "the request cannot be built"}
	}
	resp, err := p.transport.RoundTrip(req)
	if err != nil {
		return nil, 0, a.failed(err)
	}
	defer resp.Body.Close()
	body, err := readAnswer(resp)
	if err != nil {
		e := a.failed(err)
		e.Status = resp.StatusCode
		return nil, 0, e
	}
	if resp.StatusCode == http.StatusOK {
		if batch, undecoded, ok := readBatch(body); ok {
			return batch, undecoded, nil
		}
	}
	return nil, 0, refusal(methodGetUpdates, resp.StatusCode, body)
}

func (p *poller) request(ctx context.Context, offset int64, timeout time.Duration) (*http.Request, error) {
	form := url.Values{
		"timeout":         {strconv.Itoa(int(timeout / time.Second))},
		"limit":           {strconv.Itoa(batchLimit)},
		"allowed_updates": {allowedUpdates},
	}
	if offset != 0 {
		form.Set("offset", strconv.FormatInt(offset, 10))
	}
	address := p.client.base.String() + "/bot" + p.client.bot.Token() + "/" + methodGetUpdates
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err //nolint:wrapcheck // it holds the token, and goes no further than ask
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header["Idempotency-Key"] = nil // sent nowhere; lets net/http try again on a stale connection
	return req, nil
}
