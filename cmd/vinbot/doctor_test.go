package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// telegram answers the doctor's questions as the Bot API does.
type telegram struct {
	answers map[string]string // by method
	skew    time.Duration
	silent  bool // it does not tell its time
}

const (
	meAnswer     = `{"ok":true,"result":{"id":42,"username":"vin_bot","can_read_all_group_messages":false}}`
	meReadsAll   = `{"ok":true,"result":{"id":42,"username":"vin_bot","can_read_all_group_messages":true}}`
	adminAnswer  = `{"ok":true,"result":{"status":"administrator"}}`
	memberAnswer = `{"ok":true,"result":{"status":"member"}}`
	noWebhook    = `{"ok":true,"result":{"url":"","pending_update_count":3}}`
)

func (f telegram) serve(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(f.skew).UTC().Format(http.TimeFormat))
		if f.silent {
			w.Header()["Date"] = nil
		}
		if r.URL.Path == "/" {
			http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusFound)
			return
		}
		method, ours := strings.CutPrefix(r.URL.Path, "/bot"+testToken+"/")
		assert.True(t, ours, r.URL.Path)
		assert.NotEqual(t, "getUpdates", strings.ToLower(method), "the doctor works beside a running bot")
		if method == "getChatMember" {
			assert.Equal(t, "42", r.FormValue("user_id"))
			method += r.FormValue("chat_id")
		}
		fmt.Fprint(w, f.answers[method])
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func healthy() map[string]string {
	return map[string]string{"getMe": meAnswer, "getChatMember-100": adminAnswer, "getWebhookInfo": noWebhook}
}

// examined is the doctor's answer, as a program reads it.
type examined struct {
	OK     bool
	Checks []struct{ Name, Status, Detail, Advice string }
}

// examine asks the doctor, in JSON, and returns what it found by check.
func examine(t *testing.T, environ ...string) (int, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	c := newConsole(t, append(settings("OPS_ADDR=127.0.0.1:0", "HTTP_ADDR=127.0.0.1:0", "DATA_DIR="+dir, "DATABASE_URL=sqlite://"+dir+"/v.db"), environ...)...)
	code := c.do(t, "doctor", "--json")
	var read examined
	require.NoError(t, json.Unmarshal(c.out.Bytes(), &read), c.out.String())
	assert.Equal(t, code == exitFine, read.OK)
	assert.Empty(t, c.err.String())
	assert.NotContains(t, c.out.String(), "hush-hush", "never the token")
	found := map[string]string{}
	for _, f := range read.Checks {
		line := f.Status + ": " + f.Detail
		if f.Status == "ok" {
			assert.Empty(t, f.Advice)
		} else {
			assert.NotEmpty(t, f.Advice, "%s: says what to do", f.Name)
			line += " → " + f.Advice
		}
		if found[f.Name] != "" {
			line = found[f.Name] + "\n" + line
		}
		found[f.Name] = line
	}
	return code, found
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	code, found := examine(t, "TELEGRAM_API_URL="+telegram{answers: healthy()}.serve(t))
	assert.Equal(t, exitFine, code, found)
	for name, line := range found {
		if name != "disk space" { // the machine's own
			assert.True(t, strings.HasPrefix(line, "ok: "), "%s: %s", name, line)
		}
	}
	assert.Contains(t, found["token"], "@vin_bot (42)")
	assert.Contains(t, found["groups"], "-100: the bot is an admin")
	assert.Contains(t, found["webhook"], "3 updates wait")
	assert.Contains(t, found["disk space"], "MB free")
}

func TestDoctorAndTelegram(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, answer string
		check, want    string
		code           int
	}{
		"wrong token": {
			"getMe", `{"ok":false,"error_code":401,"description":"Unauthorized"}`,
			"token", "fail: Telegram does not know the token (401 Unauthorized) → copy the token from BotFather", exitFailed,
		},
		"a proxy's page":        {"getMe", "<html>", "token", "fail: Telegram cannot be asked: answered 200 OK, and not as", exitFailed},
		"an odd answer":         {"getMe", `{"ok":true,"result":[]}`, "token", "fail: Telegram cannot be asked: the answer to getMe", exitFailed},
		"groups need the token": {"getMe", "<html>", "groups", "warn: not checked → mend the token", exitFailed},
		"privacy mode":          {"getChatMember-100", memberAnswer, "groups", "fail: -100: the bot does not see the managers' messages → make @vin_bot an admin", exitFailed},
		"not a member":          {"getChatMember-100", `{"ok":true,"result":{"status":"left"}}`, "groups", "fail: -100: the bot is not a member → add @vin_bot", exitFailed},
		"muted": {
			"getChatMember-100", `{"ok":true,"result":{"status":"restricted","can_send_messages":false}}`,
			"groups", "fail: -100: the bot may not write → let @vin_bot", exitFailed,
		},
		"unknown group": {
			"getChatMember-100", `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`,
			"groups", "fail: -100: 400 Bad Request: chat not found → add @vin_bot to the group", exitFailed,
		},
		"another refusal": {
			"getChatMember-100", `{"ok":false,"error_code":400,"description":"Bad Request: odd"}`,
			"groups", "fail: -100: 400 Bad Request: odd → compare MANAGER_CHAT", exitFailed,
		},
		"became a supergroup": {
			"getChatMember-100", `{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1007}}`,
			"groups", "warn: -100: the group became the supergroup -1007 → put -1007 into MANAGER_CHAT", exitFine,
		},
		"webhook": {
			"getWebhookInfo", `{"ok":true,"result":{"url":"https://hush-hush.example","pending_update_count":9}}`,
			"webhook", "warn: a webhook is set, so that the bot cannot poll; 9 updates wait → nothing, if", exitFine,
		},
		"webhook unknown": {"getWebhookInfo", "", "webhook", "warn: not checked", exitFine},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := healthy()
			answers[tt.method] = tt.answer
			code, found := examine(t, "TELEGRAM_API_URL="+telegram{answers: answers}.serve(t))
			assert.Equal(t, tt.code, code)
			assert.Contains(t, found[tt.check], tt.want)
		})
	}
}

func TestDoctorLooksAtEveryGroup(t *testing.T) {
	t.Parallel()
	answers := healthy()
	answers["getMe"] = meReadsAll
	answers["getChatMember-200"] = memberAnswer
	url := telegram{answers: answers}.serve(t)
	code, found := examine(t, "TELEGRAM_API_URL="+url, "MANAGER_CHAT=-100,-200:7")
	assert.Equal(t, exitFine, code)
	assert.Equal(t, "ok: -100: the bot is an admin\nok: -200: the bot is a member, and its privacy mode is off", found["groups"])
}

func TestDoctorAndTheClock(t *testing.T) {
	t.Parallel()
	tests := map[time.Duration]string{
		-30 * time.Second: "warn: the clock is wrong by",
		time.Hour:         "fail: the clock is wrong by -1h0m0s",
		time.Second:       "ok: right to within",
	}
	for skew, want := range tests {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			_, found := examine(t, "TELEGRAM_API_URL="+telegram{answers: healthy(), skew: skew}.serve(t))
			assert.Contains(t, found["clock"], want)
		})
	}
}

func TestDoctorAndAServerThatDoesNotTellItsTime(t *testing.T) {
	t.Parallel()
	code, found := examine(t, "TELEGRAM_API_URL="+telegram{answers: healthy(), silent: true}.serve(t))
	assert.Equal(t, exitFine, code)
	assert.Contains(t, found["clock"], "does not tell its time → compare the clock yourself")
}

func TestDoctorAndTheRoomOnTheDisk(t *testing.T) {
	t.Parallel()
	for free, want := range map[uint64]finding{
		99 * megabyte:   {outcomeFail, "/srv: 99 MB free", "make room: a full disk stops the bot"},
		100 * megabyte:  {outcomeWarn, "/srv: 100 MB free", "make room soon"},
		1023 * megabyte: {outcomeWarn, "/srv: 1023 MB free", "make room soon"},
		1024 * megabyte: {outcomeOK, "/srv: 1024 MB free", ""},
	} {
		assert.Equal(t, want, roomOn("/srv", free))
	}
}

func TestDoctorWithoutTelegram(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	code, found := examine(t, "TELEGRAM_API_URL="+gone.URL)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["clock"], "fail: "+gone.URL+" cannot be reached")
	assert.Contains(t, found["token"], "fail: Telegram cannot be asked")
	assert.Contains(t, found["data folder"], "ok: ", "the other checks are made all the same")
}

func TestDoctorAndTheSettings(t *testing.T) {
	t.Parallel()
	url := "TELEGRAM_API_URL=" + telegram{answers: healthy()}.serve(t)
	code, found := examine(t, url, "LOG_LEVEL=loud", "OPS_ADDR=x", "BOT_TOKEN=hush-hush")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["settings"], "fail: BOT_TOKEN=***: not a bot token")
	assert.Contains(t, found["settings"], "fail: LOG_LEVEL=loud: not a choice; allowed: trace, debug")
	for _, name := range []string{"ports", "token", "groups", "webhook"} {
		assert.Contains(t, found[name], "warn: not checked", name)
	}
	assert.Contains(t, found["clock"], "ok: ", "needs nothing that is wrong")

	_, found = examine(t, url, "TELEGRAM_RATE_LIMITS=off", "MAX_PDF_SIZE_MB=50")
	assert.Contains(t, found["settings"], "warn: TELEGRAM_RATE_LIMITS is off")
	assert.NotContains(t, found["settings"], "MAX_PDF_SIZE_MB", "a local server has no limit")
}

func TestDoctorAndTheDisk(t *testing.T) {
	t.Parallel()
	url := "TELEGRAM_API_URL=" + telegram{answers: healthy()}.serve(t)
	dir := t.TempDir()
	_, found := examine(t, url, "DATA_DIR="+filepath.Join(dir, "a", "b"))
	assert.Contains(t, found["data folder"], "ok: ", "the bot makes it at its start")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries, "the doctor leaves nothing behind")

	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	code, found := examine(t, url, "DATA_DIR="+file)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["data folder"], "is not a folder")
	_, found = examine(t, url, "DATA_DIR="+filepath.Join(file, "below"))
	assert.Contains(t, found["data folder"], "fail: ")
	assert.Contains(t, found["disk space"], "fail: ")
	_, found = examine(t, url, "DATA_DIR=/proc/1")
	assert.Contains(t, found["data folder"], "fail: /proc/1 is not writable")
}

func TestDoctorAndThePort(t *testing.T) {
	t.Parallel()
	url := "TELEGRAM_API_URL=" + telegram{answers: healthy()}.serve(t)
	bot := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer bot.Close()
	code, found := examine(t, url, "OPS_ADDR="+bot.Listener.Addr().String())
	assert.Equal(t, exitFine, code)
	assert.Contains(t, found["ports"], "is served by a running bot")

	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	code, found = examine(t, url, "OPS_ADDR="+other.Listener.Addr().String())
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["ports"], "is taken → end the program")

	code, found = examine(t, url, "OPS_ADDR="+net.JoinHostPort("192.0.2.1", "9"))
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["ports"], "cannot be listened on")

	code, found = examine(t, url, "HTTP_ADDR="+other.Listener.Addr().String())
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["ports"], "or set HTTP_ADDR to another port")
}

func TestDoctorForPeople(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "TELEGRAM_API_URL=http://127.0.0.1:1", "OPS_ADDR=127.0.0.1:0")
	assert.Equal(t, exitFailed, c.do(t, "doctor"))
	assert.Contains(t, c.out.String(), "fail  settings     BOT_TOKEN: not set; allowed:")
	assert.Contains(t, c.out.String(), "\n      "+"             → correct it in the environment")
	assert.Contains(t, c.out.String(), "warn  token        not checked\n")
}

func TestDoctorIsColouredOnATerminalOnly(t *testing.T) {
	t.Parallel()
	const red = "\x1b[1;31mfail\x1b[0m  settings     BOT_TOKEN: not set"
	tests := map[string]struct {
		terminal bool
		environ  []string
		args     []string
		coloured bool
	}{
		"a terminal":               {true, nil, nil, true},
		"a file":                   {false, nil, nil, false},
		"who wants no colours":     {true, []string{"NO_COLOR=1"}, nil, false},
		"NO_COLOR without a value": {true, []string{"NO_COLOR="}, nil, true},
		"a terminal without":       {true, []string{"TERM=dumb"}, nil, false},
		"a program that reads it":  {true, nil, []string{"--json"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, append(tt.environ, "TELEGRAM_API_URL=http://127.0.0.1:1", "OPS_ADDR=127.0.0.1:0", "HTTP_ADDR=127.0.0.1:0")...)
			c.terminal = func(to io.Writer) bool { return tt.terminal && to == c.stdout }
			assert.Equal(t, exitFailed, c.do(t, append([]string{"doctor"}, tt.args...)...))
			if tt.coloured {
				assert.Contains(t, c.out.String(), red)
				assert.Contains(t, c.out.String(), "\x1b[33mwarn\x1b[0m  token")
				assert.Contains(t, c.out.String(), "\x1b[32mok  \x1b[0m  ports")
				return
			}
			assert.NotContains(t, c.out.String(), "\x1b")
		})
	}
	assert.False(t, isTerminal(&bytes.Buffer{}))
	file, err := os.CreateTemp(t.TempDir(), "out")
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, isTerminal(file))
}
