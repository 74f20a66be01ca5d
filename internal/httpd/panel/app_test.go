package panel_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
)

// signed is what Telegram hands to a Mini App of the bot of a token.
func signed(token string, user int64, at time.Time) string {
	fields := map[string]string{
		"auth_date": strconv.FormatInt(at.Unix(), 10), "query_id": "AAH", "user": fmt.Sprintf(`{"id":%d,"first_name":"Борис & Ко"}`, user),
	}
	lines, form := make([]string, 0, len(fields)), url.Values{}
	for name, value := range fields {
		lines = append(lines, name+"="+value)
		form.Set(name, value)
	}
	slices.Sort(lines)
	key := hmac.New(sha256.New, []byte("WebAppData"))
	key.Write([]byte(token))
	sum := hmac.New(sha256.New, key.Sum(nil))
	sum.Write([]byte(strings.Join(lines, "\n")))
	form.Set("hash", hex.EncodeToString(sum.Sum(nil)))
	return form.Encode()
}

func TestInsideTelegramOneIsSignedInByWhatItSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		data   string
		status int
	}{
		"a manager":          {signed(botToken, boris, w.now()), http.StatusSeeOther},
		"an admin":           {signed(botToken, admin, w.now().Add(-23*time.Hour)), http.StatusSeeOther},
		"nobody of ours":     {signed(botToken, outsider, w.now()), http.StatusForbidden},
		"by another bot":     {signed("43:TEST", boris, w.now()), http.StatusForbidden},
		"too long ago":       {signed(botToken, boris, w.now().Add(-25*time.Hour)), http.StatusForbidden},
		"somebody else's id": {strings.Replace(signed(botToken, outsider, w.now()), "40", "20", 1), http.StatusForbidden},
		"nothing":            {"", http.StatusForbidden},
		"far too much":       {strings.Repeat("x", 9<<10), http.StatusForbidden},
	} {
		b := w.stranger()
		answer := b.posts("/login/app", "init_data", c.data)
		assert.Equal(t, c.status, answer.status, name)
		assert.Equal(t, c.status == http.StatusSeeOther, b.gets("/").status == http.StatusOK, name)
	}
	deeds, err := w.store.Audit().Deeds(t.Context(), account.DeedFilter{User: boris, Limit: 5})
	require.NoError(t, err)
	require.Len(t, deeds, 1)
	assert.Equal(t, map[string]string{"by": "telegram"}, deeds[0].Details)
}

func TestAsAMiniAppThePanelOpensByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	p := newBrowser(t).open(t, w, phone)
	p.goes("/login/app#tgWebAppData=" + url.QueryEscape(signed(botToken, boris, w.now())) + "&tgWebAppVersion=9.0&tgWebAppPlatform=android")
	p.until(`location.pathname === "/" && !location.hash`)
	p.reads(honda)

	other := newBrowser(t).open(t, w, phone)
	other.goes("/login/app")
	other.reads("This page is opened by Telegram")
}

func TestInsideTelegramThePanelIsAsLightOrDarkAsTelegram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	c := newBrowser(t)
	script := axe(t)
	for colours, theme := range map[string]string{
		`{"bg_color":"#17212b","text_color":"#f5f5f5"}`: "dark", `{"bg_color":"#ffffff"}`: "light", `{"bg_color":"#E0D0B0"}`: "light",
		`{"bg_color":"black"}`: "", `{}`: "", `null`: "", `<`: "", "": "",
	} {
		p := c.open(t, w, phone)
		p.goes("/login/app#tgWebAppData=" + url.QueryEscape(signed(botToken, boris, w.now())) + "&tgWebAppThemeParams=" + url.QueryEscape(colours))
		p.until(`location.pathname === "/" && document.readyState === "complete"`)
		p.reads(honda)
		assert.Equal(t, theme, value[string](p, `document.documentElement.dataset.theme ?? ""`), colours)
		assert.Equal(t, "true", value[string](p, `document.querySelector("button[name=theme][value='']").getAttribute("aria-pressed")`), "nobody chose here")
		p.do(evaluate(script))
		assert.Empty(t, p.violations(), colours)
		if theme != "dark" {
			continue
		}
		p.click("button[name=theme][value=light]")
		p.until(`document.documentElement.dataset.theme === "light"`) // who chooses has it so
		p.click("button[name=theme][value='']")
		p.until(`document.documentElement.dataset.theme === "dark"`)
	}
}
