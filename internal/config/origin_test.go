package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestOriginsAreExact(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid("CORS_ALLOWED_ORIGINS=https://App.example.org, http://localhost:5173,https://app.example.org"), t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, config.Origins{"https://app.example.org", "http://localhost:5173"}, cfg.CORSOrigins)
	for value, want := range map[string]string{
		"*":                           "* names no origin",
		"https://*.example.org":       "* names no origin",
		"https://a.example.org/":      "more than an origin",
		"https://a.example.org/x":     "more than an origin",
		"https://a.example.org?x":     "more than an origin",
		"https://u@a.example.org":     "more than an origin",
		"https://a.example.org:443":   "the usual port",
		"http://a.example.org:80":     "the usual port",
		"a.example.org":               "is no origin",
		"null":                        "is no origin",
		"file:///x":                   "is no origin",
		"https://a.example.org,,":     "is no origin",
		"https://a.example.org, %zz:": "not an origin",
	} {
		_, err := config.Load(valid("CORS_ALLOWED_ORIGINS="+value), t.TempDir())
		assert.ErrorContains(t, err, want, "%s", value)
	}
}
