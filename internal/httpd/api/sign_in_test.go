package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/api"
)

const botToken = "42:secret"

// signs signs fields as Telegram does, with a key that is made of the bot's
// token.
func signs(key []byte, fields map[string]string) string {
	lines := []string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, name+"="+fields[name])
	}
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum.Sum(nil))
}

func appKey(token string) []byte {
	sum := hmac.New(sha256.New, []byte("WebAppData"))
	sum.Write([]byte(token))
	return sum.Sum(nil)
}

// initData is what a Mini App has of a user.
func initData(token, user string, at time.Time) string {
	fields := map[string]string{
		"auth_date": strconv.FormatInt(at.Unix(), 10), "query_id": "AAHd+F0%/=", "signature": "x-y", "user": user,
	}
	query := url.Values{"hash": {signs(appKey(token), fields)}}
	for name, value := range fields {
		query.Set(name, value)
	}
	return query.Encode()
}

const annasUser = `{"id":7,"first_name":"Анна + 100% & Co","last_name":"","language_code":"ru"}`

func TestAnOwnerSignsInByAMiniApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signIn := func(data string) reply { return w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": data}) }
	good := initData(botToken, annasUser, w.now())
	for name, data := range map[string]string{
		"as it is": good, "with %20 for a space": strings.ReplaceAll(good, "+", "%20"),
		"a day old":         initData(botToken, annasUser, w.now().Add(-24*time.Hour)),
		"a clock that runs": initData(botToken, annasUser, w.now().Add(4*time.Minute)),
	} {
		answer := signIn(data)
		require.Equal(t, 200, answer.status, "%s: %s", name, answer.text)
		var said api.Secrets
		answer.into(&said)
		assert.Equal(t, 3600, said.ExpiresIn)
		var me api.Me
		w.ask(said.AccessToken, "GET", "/api/v1/me", nil).into(&me)
		assert.EqualValues(t, 7, me.OwnerID, name)
	}
	for name, data := range map[string]string{
		"another bot's": initData("43:secret", annasUser, w.now()), "too old": initData(botToken, annasUser, w.now().Add(-24*time.Hour-time.Second)),
		"of the future": initData(botToken, annasUser, w.now().Add(6*time.Minute)), "of 1970": initData(botToken, annasUser, time.Unix(0, 0)),
		"tampered": strings.Replace(good, "%22id%22%3A7", "%22id%22%3A8", 1), "without a hash": strings.Replace(good, "hash=", "hush=", 1),
		"no hex": strings.Replace(good, "hash=", "hash=zz", 1), "a bot's": initData(botToken, `{"id":7,"is_bot":true}`, w.now()),
		"of nobody": initData(botToken, `{"id":0}`, w.now()), "no user": initData(botToken, `x`, w.now()), "twice": good + "&user=x",
		"two lines": initData(botToken, annasUser+"\n", w.now()), "no query": "%", "one more": good + "&role=admin",
	} {
		answer := signIn(data)
		assert.Equal(t, 401, answer.status, name)
		assert.NotContains(t, string(answer.text), "Анна", "nothing of it is said back")
	}
	assert.NotContains(t, w.log.String(), "Анна")
}

func TestAnOwnerSignsInByTheLoginWidget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := sha256.Sum256([]byte(botToken))
	at := strconv.FormatInt(w.now().Unix(), 10)
	hash := signs(key[:], map[string]string{"id": "7", "first_name": "Анна", "auth_date": at, "username": "anna"})
	widget := object{"id": 7, "first_name": "Анна", "auth_date": w.now().Unix(), "username": "anna", "hash": hash}
	assert.Equal(t, 200, w.ask("", "POST", "/api/v1/auth/telegram", object{"widget": widget}).status)
	widget["id"] = 8
	assert.Equal(t, 401, w.ask("", "POST", "/api/v1/auth/telegram", object{"widget": widget}).status)
	// A name that holds a line break would make one person another.
	fields := map[string]string{"first_name": "A\nid=8\nlast_name=B", "id": "7", "auth_date": at}
	forged := object{"id": 8, "first_name": "A", "last_name": "B\nid=7", "auth_date": w.now().Unix(), "hash": signs(key[:], fields)}
	assert.Equal(t, 401, w.ask("", "POST", "/api/v1/auth/telegram", object{"widget": forged}).status)
	for _, body := range []object{{}, {"init_data": "x", "widget": widget}} {
		assert.Equal(t, 422, w.ask("", "POST", "/api/v1/auth/telegram", body).status)
	}
}

func TestASessionIsRenewedAndAStolenTokenEndsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var first, second api.Secrets
	w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": initData(botToken, annasUser, w.now())}).into(&first)
	renew := func(token string) reply {
		return w.ask("", "POST", "/api/v1/auth/refresh", object{"refresh_token": token})
	}
	w.later(2 * time.Hour)
	assert.Equal(t, 401, w.ask(first.AccessToken, "GET", "/api/v1/me", nil).status)
	renew(first.RefreshToken).into(&second)
	assert.Equal(t, 200, w.ask(second.AccessToken, "GET", "/api/v1/me", nil).status)
	assert.Equal(t, 401, renew("vbr_unknown").status)
	assert.Equal(t, 401, renew(first.RefreshToken).status, "it is for one use")
	assert.Equal(t, 401, w.ask(second.AccessToken, "GET", "/api/v1/me", nil).status, "whoever has it, has nothing any more")
	assert.Equal(t, 401, renew(second.RefreshToken).status)
	assert.Contains(t, w.log.String(), `"user":7`)

	anna := w.owner(7, true)
	assert.Equal(t, 204, w.ask(anna, "DELETE", "/api/v1/session", nil).status)
	assert.Equal(t, 401, w.ask(anna, "GET", "/api/v1/me", nil).status)
	assert.Equal(t, 403, w.ask(w.all(), "DELETE", "/api/v1/session", nil).status)
}

func TestWhoIsBannedIsLetInNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var said api.Secrets
	w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": initData(botToken, annasUser, w.now())}).into(&said)
	_, err := w.store.Bans().Ban(t.Context(), 7, "Шум", 1)
	require.NoError(t, err)
	assert.Equal(t, 403, w.ask(said.AccessToken, "GET", "/api/v1/me", nil).status)
	assert.Equal(t, 403, w.ask("", "POST", "/api/v1/auth/refresh", object{"refresh_token": said.RefreshToken}).status)
	assert.Equal(t, 403, w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": initData(botToken, annasUser, w.now())}).status)
}

func TestSigningInTakesNoNamesOfRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signIn := func(data string) reply {
		return w.ask("", "POST", "/api/v1/auth/telegram", object{"init_data": data}, "Idempotency-Key", "mine")
	}
	assert.Equal(t, 401, signIn("a stranger's").status)
	var first, second api.Secrets
	answer := signIn(initData(botToken, annasUser, w.now()))
	require.Equal(t, 200, answer.status, "no stranger occupies a name")
	answer.into(&first)
	renew := func() reply {
		return w.ask("", "POST", "/api/v1/auth/refresh", object{"refresh_token": first.RefreshToken}, "Idempotency-Key", "refresh")
	}
	renew().into(&second)
	again := renew()
	assert.Equal(t, 401, again.status, "secrets are answered once")
	assert.NotContains(t, string(again.text), second.AccessToken)
	assert.Equal(t, 401, w.ask(second.AccessToken, "GET", "/api/v1/me", nil).status, "a stolen token ends the session, whatever it is called")
}

func TestSigningInHasALimitForEachAddressAndForAllTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rest.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // where a test's requests come from
	guess := func(from string) reply {
		return w.ask("", "POST", "/api/v1/auth/refresh", object{"refresh_token": "vbr_guessed"}, "X-Forwarded-For", from)
	}
	refused := func(from string) {
		t.Helper()
		answer := guess(from)
		assert.Equal(t, 429, answer.status)
		assert.Equal(t, "60", answer.header.Get("Retry-After"))
		assert.Equal(t, "limited", answer.problem().Code)
	}
	for i := range 60 {
		require.Equal(t, 401, guess("2001:db8::"+strconv.Itoa(i+1)).status, "one network")
	}
	refused("2001:db8::ffff")
	refused("203.0.113.1, 2001:db8::ffff") // what a client makes up counts for nothing
	for i := range 540 {
		require.Equal(t, 401, guess("198.51.100."+strconv.Itoa(i%200)).status)
	}
	refused("203.0.113.7")
	w.later(time.Minute)
	assert.Equal(t, 401, guess("2001:db8::1").status)
}

func TestAnOwnerHasTwentySessions(t *testing.T) {
	onEach(t, func(t *testing.T, w *world) {
		t.Helper()
		other := w.owner(8, true)
		var held []string
		for range 21 {
			held = append(held, w.owner(7, true))
		}
		for i, secret := range held {
			want := 200
			if i == 0 {
				want = 401
			}
			assert.Equal(t, want, w.ask(secret, "GET", "/api/v1/me", nil).status, "session %d", i+1)
		}
		assert.Equal(t, 200, w.ask(other, "GET", "/api/v1/me", nil).status)
	})
}
