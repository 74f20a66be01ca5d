package webhook

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signed is a request as a receiver gets it.
func signed(t *testing.T, e Endpoint, body string) http.Header {
	t.Helper()
	p := newPoster(nil, time.Now)
	request, err := p.request(t.Context(), e, message{id: "msg_1", requestID: "r1", body: []byte(body)}, time.Now())
	require.NoError(t, err)
	assert.Equal(t, http.MethodPost, request.Method)
	assert.Equal(t, "application/json", request.Header.Get("Content-Type"))
	assert.Equal(t, "r1", request.Header.Get("X-Request-ID"))
	return request.Header
}

func TestThePublicLibraryTakesOurSignaturesAndNoOthers(t *testing.T) {
	t.Parallel()
	const body = `{"type":"ticket.taken"}`
	e := Endpoint{URL: "https://example.com/hook", Secret: newSecret()}
	receiver, err := standardwebhooks.NewWebhook(e.Secret)
	require.NoError(t, err)
	header := signed(t, e, body)
	require.NoError(t, receiver.Verify([]byte(body), header))

	tampered := map[string]func(h http.Header) []byte{
		"the body": func(http.Header) []byte { return []byte(body + " ") },
		"the id":   func(h http.Header) []byte { h.Set("webhook-id", "msg_2"); return []byte(body) },
		"the time": func(h http.Header) []byte { h.Set("webhook-timestamp", "1700000000"); return []byte(body) },
		"the signature": func(h http.Header) []byte {
			h.Set("webhook-signature", "v1,"+strings.Repeat("A", 43)+"=")
			return []byte(body)
		},
		"none at all": func(h http.Header) []byte { h.Del("webhook-signature"); return []byte(body) },
	}
	for name, tamper := range tampered {
		h := header.Clone()
		require.Error(t, receiver.Verify(tamper(h), h), name)
	}
	other, err := standardwebhooks.NewWebhook(newSecret())
	require.NoError(t, err)
	require.Error(t, other.Verify([]byte(body), header), "another secret")
}

func TestForADayAfterARotationBothSecretsSign(t *testing.T) {
	t.Parallel()
	now := time.Now()
	e := Endpoint{URL: "https://example.com/hook", Secret: newSecret(), OldSecret: newSecret(), OldUntil: now.Add(time.Hour)}
	takes := func(secret string, header http.Header) bool {
		receiver, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		return receiver.Verify([]byte("{}"), header) == nil
	}
	header := signed(t, e, "{}")
	assert.True(t, takes(e.Secret, header))
	assert.True(t, takes(e.OldSecret, header))
	e.OldUntil = now.Add(-time.Second)
	header = signed(t, e, "{}")
	assert.True(t, takes(e.Secret, header))
	assert.False(t, takes(e.OldSecret, header))
}

func TestSecretsAndMessageIDsAreLongAndNeverTheSame(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		secret, id := newSecret(), newMessageID()
		assert.Regexp(t, `^whsec_[A-Za-z0-9+/]{43}=$`, secret)
		assert.Regexp(t, `^msg_[0-9a-f]{32}$`, id)
		assert.False(t, seen[secret] || seen[id])
		seen[secret], seen[id] = true, true
	}
}

func TestASecretThatIsNoneIsNotQuoted(t *testing.T) {
	t.Parallel()
	_, err := sign([]string{"whsec_Лариска"}, "msg_1", time.Now(), nil)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "Лариска")
}

func TestAnAnswerIsKeptAsFarAsADatabaseCan(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a\uFFFDb\uFFFDя", firstOf(strings.NewReader("a\xffb\x00я")))
	assert.Len(t, firstOf(bytes.NewReader(bytes.Repeat([]byte("x"), 1<<20))), 1024)
}

func TestElevenTriesWithinADay(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for range 200 {
		now, tries := begun, 1
		for {
			wait, again := backoff(tries, begun, now)
			if !again {
				break
			}
			full := waits()[tries-1]
			assert.GreaterOrEqual(t, wait, full*4/5)
			assert.LessOrEqual(t, wait, full)
			now, tries = now.Add(wait), tries+1
		}
		assert.Equal(t, 11, tries)
		assert.Greater(t, now.Sub(begun), 18*time.Hour)
		assert.LessOrEqual(t, now.Sub(begun), 24*time.Hour)
	}
	_, again := backoff(1, begun, begun.Add(25*time.Hour))
	assert.False(t, again, "what waited for a day behind others is tried once")
	_, again = backoff(0, begun, begun)
	assert.False(t, again)
	assert.Greater(t, sameTrouble, slices.Max(waits())+longestPause, "all tries at a delivery are the same trouble")
}
