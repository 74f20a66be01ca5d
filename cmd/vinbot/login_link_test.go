package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

// membersServer says who is in the group -100: 7 and, restricted, 8.
func membersServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/bot"+testToken+"/getChatMember", r.URL.Path)
		switch r.FormValue("user_id") {
		case "7":
			fmt.Fprint(w, `{"ok":true,"result":{"status":"member"}}`)
		case "8":
			fmt.Fprint(w, `{"ok":true,"result":{"status":"restricted","is_member":true}}`)
		case "9":
			fmt.Fprint(w, `{"ok":true,"result":{"status":"left"}}`)
		case "10":
			fmt.Fprint(w, `{"ok":false,"error_code":400,"description":"Bad Request: PARTICIPANT_ID_INVALID"}`)
		default:
			fmt.Fprint(w, `{"ok":false,"error_code":403,"description":"Forbidden: bot is not a member of the supergroup chat"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestALoginLinkIsForManagersAndAdminsOnly(t *testing.T) {
	t.Parallel()
	api := membersServer(t)
	const link = `^https://vin\.example\.org/login/vbl_[A-Za-z0-9_-]{43}\n$`
	for name, c := range map[string]struct {
		settings []string
		user     string
		code     int
		out, err string
	}{
		"a member":                  {nil, "7", exitFine, link, "For 7 alone, once, within five minutes"},
		"a restricted one":          {nil, "8", exitFine, link, ""},
		"who left":                  {nil, "9", exitFailed, "", "9 is in none of the managers' groups"},
		"whom nobody knows":         {nil, "10", exitFailed, "", "10 is in none of the managers' groups"},
		"a bot that is not there":   {nil, "11", exitFailed, "", "ask Telegram whether 11 is in the group -100"},
		"an admin, wherever":        {[]string{"ADMIN_IDS=9"}, "9", exitFine, link, ""},
		"who is not on the list":    {[]string{"MANAGER_IDS=8"}, "7", exitFailed, "", "7 is neither in MANAGER_IDS nor in ADMIN_IDS"},
		"who is on it":              {[]string{"MANAGER_IDS=8"}, "8", exitFine, link, ""},
		"on it, but not in a group": {[]string{"MANAGER_IDS=9"}, "9", exitFailed, "", "9 is in none of the managers' groups"},
		"nobody":                    {nil, "0", exitUsage, "", "wants a person"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			con := newConsole(t, append(settings("DATABASE_URL=sqlite://"+dir+"/v.db", "TELEGRAM_API_URL="+api, "PUBLIC_URL=https://vin.example.org"), c.settings...)...)
			assert.Equal(t, c.code, con.do(t, "login-link", "--user", c.user), con.err.String())
			if c.out == "" {
				assert.Empty(t, con.out.String())
			} else {
				assert.Regexp(t, c.out, con.out.String())
			}
			assert.Contains(t, con.err.String(), c.err)
			assert.NotContains(t, con.err.String(), "hush-hush")
		})
	}
}
