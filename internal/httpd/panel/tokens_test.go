package panel_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
)

// noted lists what was done, the last first, but for who came in.
func (w *world) noted() []account.Deed {
	w.Helper()
	list, err := w.store.Audit().Deeds(w.Context(), account.DeedFilter{Limit: 50})
	require.NoError(w, err)
	return slices.DeleteFunc(list, func(d account.Deed) bool { return strings.HasPrefix(d.Action, "session.") })
}

var shownSecret = regexp.MustCompile(`readonly value="([^"]+)"`)

func TestATokenIsMadeShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	assert.Contains(t, b.gets("/tokens").text, "Токенов нет.")
	b.htmx = true
	answer := b.posts("/tokens", "name", " Склад <1> ", "scope", "tickets:read", "scope", "reports:read", "per_minute", "60")
	require.Equal(t, http.StatusOK, answer.status, answer.text)
	assert.True(t, strings.HasPrefix(answer.text, `<section id="tokens">`), "in place")
	assert.Equal(t, "no-store", answer.header.Get("Cache-Control"))
	secret := shownSecret.FindStringSubmatch(answer.text)[1]
	assert.True(t, strings.HasPrefix(secret, account.PrefixToken))
	found, err := w.store.Tokens().Find(t.Context(), account.HashSecret(secret))
	require.NoError(t, err)
	assert.Equal(t, "Склад <1>", found.Name)
	assert.Equal(t, []account.Scope{account.ScopeTicketsRead, account.ScopeReportsRead}, found.Scopes)
	assert.Equal(t, 60, found.PerMinute)
	b.htmx = false
	text := b.gets("/tokens").text
	assert.NotContains(t, text, secret, "once")
	assert.Contains(t, text, "Склад &lt;1&gt;")
	assert.Contains(t, text, "ни разу")
	assert.Contains(t, text, "сразу потеряют доступ", "it asks before it revokes")
	assert.Equal(t, "/tokens", b.posts("/tokens/1/revoke").header.Get("Location"))
	assert.Contains(t, b.gets("/tokens").text, "Токен №1 отозван.")
	_, err = w.store.Tokens().Find(t.Context(), account.HashSecret(secret))
	require.Error(t, err)
	answer = b.posts("/tokens/1/revoke")
	assert.Equal(t, http.StatusNotFound, answer.status)
	assert.Contains(t, answer.text, "уже отозван")

	done := w.noted()
	require.Len(t, done, 2, "what was not done is not noted")
	assert.Equal(t, "token.revoke", done[0].Action)
	assert.Equal(t, "token:1", done[0].Target)
	assert.Equal(t, "token.create", done[1].Action)
	assert.Equal(t, "token:1", done[1].Target)
	assert.Equal(t, map[string]string{"scopes": "tickets:read reports:read"}, done[1].Details)
	assert.EqualValues(t, admin, done[1].User)
	assert.NotContains(t, w.log.String(), secret)
}

func TestWithoutScriptsATokenIsShownOnAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.as(admin).posts("/tokens", "name", "CRM", "scope", "manage", "per_minute", "600")
	require.Equal(t, http.StatusOK, answer.status)
	assert.Contains(t, answer.text, "<main")
	assert.Regexp(t, shownSecret, answer.text)
}

func TestATokenThatCannotBeIsRefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	for name, tt := range map[string]struct {
		fields []string
		says   string
	}{
		"no name":       {[]string{"scope", "manage", "per_minute", "1"}, "Название нужно"},
		"a long name":   {[]string{"name", strings.Repeat("ж", 65), "scope", "manage", "per_minute", "1"}, "не длиннее 64 знаков"},
		"a broken name": {[]string{"name", "a\xffb", "scope", "manage", "per_minute", "1"}, "Название нужно"},
		"no scope":      {[]string{"name", "x", "per_minute", "1"}, "хотя бы одно право"},
		"another scope": {[]string{"name", "x", "scope", "root", "per_minute", "1"}, "В запросе что-то не так"},
		"no number":     {[]string{"name", "x", "scope", "manage", "per_minute", "много"}, "целое число"},
		"none":          {[]string{"name", "x", "scope", "manage", "per_minute", "0"}, "целое число"},
		"too many":      {[]string{"name", "x", "scope", "manage", "per_minute", "1000001"}, "от 1 до 1000000"},
	} {
		answer := b.posts("/tokens", tt.fields...)
		assert.Equal(t, http.StatusUnprocessableEntity, answer.status, name)
		assert.Contains(t, answer.text, tt.says, name)
	}
	list, err := w.store.Tokens().List(t.Context())
	require.NoError(t, err)
	assert.Empty(t, list)
	assert.Empty(t, w.noted())
}
