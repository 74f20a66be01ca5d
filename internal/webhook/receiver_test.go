package webhook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func receive(secret string, handle func(id, kind string, data json.RawMessage) error) http.HandlerFunc {
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		panic(err) // the secret is none
	}
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || hook.Verify(body, r.Header) != nil {
			http.Error(w, "the signature is wrong", http.StatusUnauthorized)
			return
		}
		var message struct {
			Type string          `json:"type"`
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(body, &message); err != nil {
			http.Error(w, "this is no message", http.StatusBadRequest)
			return
		}
		if err := handle(r.Header.Get("webhook-id"), message.Type, message.Data); err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// TestTheReceiverOfTheDocumentationWorks has what docs/webhooks.md shows receive
// what the program sends.
func TestTheReceiverOfTheDocumentationWorks(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/webhooks.md")
	require.NoError(t, err)
	source, err := os.ReadFile("receiver_test.go")
	require.NoError(t, err)
	_, code, found := strings.Cut(string(page), "```go\n")
	require.True(t, found)
	code, _, _ = strings.Cut(code, "```")
	assert.Contains(t, string(source), code, "the page shows another receiver than is tested here")

	inTime(t, func(w *world) {
		r, e := w.receiver("one.example", well)
		var kinds []string
		receiver := receive(e.Secret, func(_, kind string, data json.RawMessage) error {
			kinds = append(kinds, kind)
			if !json.Valid(data) {
				return io.ErrUnexpectedEOF
			}
			return nil
		})
		r.passesOn(receiver)
		w.opens(1, vinA)
		w.passes(time.Second)
		assert.Equal(w, []string{"ticket.created"}, kinds)

		forged := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"type":"ticket.created"}`))
		answer := httptest.NewRecorder()
		receiver(answer, forged)
		assert.Equal(w, http.StatusUnauthorized, answer.Code)
		assert.Len(w, kinds, 1)
	})
}
