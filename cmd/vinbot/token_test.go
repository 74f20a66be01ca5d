package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTokensAreMadeListedAndRevoked(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	code, said := s.runs("token", "list")
	assert.Equal(t, exitFine, code, said)
	assert.Equal(t, "there is no token\n", said)

	code, said = s.runs("token", "create", "--name", "Сайт", "--scopes", "tickets:read,tickets:write", "--per-minute=60")
	require.Equal(t, exitFine, code, said)
	told, secret, _ := strings.Cut(strings.TrimSpace(said), "\n")
	assert.Equal(t, "Token 1 for Сайт: keep it, it is shown once.", told)
	assert.Regexp(t, `^vbt_[A-Za-z0-9_-]{43}$`, secret)

	code, said = s.runs("token", "list")
	assert.Equal(t, exitFine, code)
	assert.Regexp(t, `^   1  Сайт +tickets:read tickets:write +60/min  made 2026-11-24  never used\n$`, said)
	assert.NotContains(t, said, secret)

	code, said = s.runs("token", "revoke", "1")
	assert.Equal(t, exitFine, code, said)
	code, said = s.runs("token", "revoke", "1")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "there is no token 1 that lets anybody in")
	_, said = s.runs("token", "list")
	assert.Contains(t, said, "revoked 2026-11-24")
}

func TestWhatATokenNeeds(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for value, want := range map[string]string{
		"--name=\u200b": "wants a name: --name", "--name= ": "wants a name: --name", "--name=a\nb": "in one line",
		"--name=a\x1bb": "in one line", "--name=\xff": "in one line", "--name=" + strings.Repeat("ж", 65): "64 characters at most",
		"--per-minute=9223372036854775807": "no more than 1000000 requests a minute",
		"--per-minute=9223372036854775808": "value out of range",
	} {
		code, said := s.runs("token", "create", "--scopes=manage", "--name=x", value)
		assert.Equal(t, exitUsage, code, "%q %s", value, said)
		assert.Contains(t, said, want, "%q", value)
	}
	for want, args := range map[string][]string{
		"wants create, list or revoke":         {},
		"not sell":                             {"sell"},
		"wants a name":                         {"create", "--scopes=manage"},
		"wants scopes":                         {"create", "--name=x"},
		`there is no scope "all"`:              {"create", "--name=x", "--scopes=all"},
		"at least one request":                 {"create", "--name=x", "--scopes=manage", "--per-minute=0"},
		"takes no argument: y":                 {"create", "--name=x", "--scopes=manage", "y"},
		"wants the number of one token":        {"revoke"},
		"wants the number of a token, not one": {"revoke", "one"},
	} {
		code, said := s.runs(append([]string{"token"}, args...)...)
		assert.Equal(t, exitUsage, code, "%s", said)
		assert.Contains(t, said, want)
	}
	assert.NoFileExists(t, s.path)
}
