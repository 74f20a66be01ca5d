package config_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestADatabaseIsAFileOrAServer(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://vinbot:hush-hush@db:5432/vinbot?sslmode=verify-full",
		"postgresql://vinbot@/vinbot?host=/run/postgresql",
	} {
		cfg, err := config.Load(valid("DATABASE_URL="+url), t.TempDir())
		require.NoError(t, err)
		assert.Equal(t, url, cfg.Database.URL())
		assert.Empty(t, cfg.Database.Path())
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", cfg, cfg.Database, cfg.Database), "vinbot:hush")
	}
	cfg, err := config.Load(valid(), t.TempDir())
	require.NoError(t, err)
	assert.Empty(t, cfg.Database.URL())
}

func TestAServersURLIsReadWithCare(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://u:hush@h":                "the database's name is missing: /name after the host; allowed: sqlite://",
		"postgres://u:hush@h/":               "the database's name is missing",
		"postgres://u:hush@/d":               "the host is missing; a socket's folder is named by ?host=/run/postgresql",
		"postgres://u:hush@h/d/e":            "more than a database's name",
		"postgres://u:hush#1@h/d":            "not a URL: in user and password, what is neither letter nor digit",
		"postgres://u:hush@h:x/d":            "not a URL",
		"postgres://u:hush@h/d?sslmode=on":   "sslmode is none of disable, allow, prefer, require, verify-ca or verify-full",
		"postgresql://u:hush@h?sslmode=hush": "the database's name is missing",
	} {
		_, err := config.Load(valid("DATABASE_URL="+url), t.TempDir())
		require.ErrorContains(t, err, "DATABASE_URL=***: "+want)
		assert.NotContains(t, err.Error(), "hush", url)
	}
}
