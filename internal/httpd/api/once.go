package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// keyHeader names a request, so that it is carried out once however often it
// comes.
const keyHeader = "Idempotency-Key"

// maxKey is the longest name of a request.
const maxKey = 255

// subject is an output that tells about a ticket.
type subject interface{ about() int64 }

// once carries out a request that has a name, unless that was done: then it
// gives the answer that was given. What is done and its answer are one
// transaction, so that no crash comes between, and of two that come at once one
// waits for the other. Where nobody is known yet there are no names: anybody
// could take another's, and be given the secrets that were answered.
func (a *API) once(r *http.Request, rt *route, body []byte, do func(ctx context.Context) (answer, int64, error)) (answer, error) {
	name := r.Header.Get(keyHeader)
	if name == "" || rt.Open || rt.Method != http.MethodPost {
		said, _, err := do(r.Context())
		return said, err
	}
	if len(name) > maxKey || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return answer{}, invalid(FieldFault{Location: "header." + keyHeader, Message: "must be at most 255 visible ASCII characters"})
	}
	key := account.AnswerKey{Caller: callerOf(r.Context()).name(), Name: name, Request: digest(r, body)}
	for tries := 0; ; tries++ {
		said, err := a.named(r.Context(), key, do)
		if !errors.Is(err, account.ErrUnderway) {
			return said, err
		}
		if tries == underwayTries {
			p := conflict("the request is being carried out")
			p.after = time.Second
			return answer{}, p
		}
		select {
		case <-r.Context().Done():
			return answer{}, err
		case <-time.After(underwayPause):
		}
	}
}

const (
	// underwayPause and underwayTries say how often, and how many times, it is
	// looked whether another process has done what it does.
	underwayPause = 100 * time.Millisecond
	underwayTries = 100
)

// named carries out a request of a name, or gives what was answered.
func (a *API) named(ctx context.Context, key account.AnswerKey, do func(ctx context.Context) (answer, int64, error)) (said answer, err error) {
	err = a.Store.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		kept, fresh, err := a.Answers.Claim(ctx, key)
		switch {
		case err != nil:
			return err
		case !fresh && !bytes.Equal(kept.Request, key.Request):
			return problem(http.StatusUnprocessableEntity, string(ticket.CodeConflict), "the Idempotency-Key was used for another request")
		case !fresh:
			said = replayed(kept)
			return nil
		}
		var about int64
		said, about, err = a.attempt(ctx, do)
		if err != nil {
			return err
		}
		text, err := json.Marshal(said.body)
		if err != nil {
			return err //nolint:wrapcheck // of our own types
		}
		return a.Answers.Keep(ctx, key, account.Answer{Status: said.status, Headers: said.withKind(), Body: text, Ticket: about})
	})
	return said, err
}

// attempt carries a request out within a transaction. That it was refused is an
// answer, too; what failed, or is to come again later, leaves nothing behind.
func (a *API) attempt(ctx context.Context, do func(ctx context.Context) (answer, int64, error)) (said answer, about int64, err error) {
	err = a.Store.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		said, about, err = do(ctx)
		return err
	})
	if err == nil {
		return said, about, nil
	}
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError || p.after > 0 {
		return answer{}, 0, err
	}
	p.RequestID = ticket.RequestID(ctx)
	return answer{status: p.Status, kind: kindProblem, body: p}, 0, nil
}

// digest is what two requests must have in common to be the same.
func digest(r *http.Request, body []byte) []byte {
	sum := sha256.New()
	sum.Write([]byte(r.Method + " " + r.URL.RequestURI() + "\n" + r.Header.Get("If-Match") + "\n"))
	sum.Write(body)
	return sum.Sum(nil)
}

const contentType = "Content-Type"

// withKind are the headers with the media type among them, as they are kept.
func (ans answer) withKind() map[string]string {
	all := map[string]string{contentType: ans.kind}
	for name, value := range ans.headers {
		all[name] = value
	}
	return all
}

// replayed is an answer that was given before, and says so.
func replayed(kept account.Answer) answer {
	said := answer{status: kept.Status, kind: kept.Headers[contentType], headers: kept.Headers}
	if len(kept.Body) > 0 && string(kept.Body) != "null" {
		said.body = json.RawMessage(kept.Body)
	}
	said.headers["Idempotent-Replayed"] = "true"
	delete(said.headers, contentType)
	return said
}
