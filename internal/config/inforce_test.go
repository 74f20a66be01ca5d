package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestSettingsInForceAreListedWithoutSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, ".env", "LOG_LEVEL=warn\nHTTP_ADDR=:1\nDATABASE_URL_FILE=db\n")
	write(t, dir, "db", "postgres://u:hush@h/vin")
	values := map[string]config.Value{}
	order := config.InForce(valid("LOG_LEVEL=debug", "DATA_DIR=", "TELEGRAM_API_URL=https://u:hush@tg.example\n"), dir)
	for _, v := range order {
		assert.NotEmpty(t, v.About, "%s is explained", v.Name)
		assert.NotContains(t, v.Value, "hush", v.Name)
		assert.NotContains(t, v.Value, "secret", v.Name)
		values[v.Name] = v
	}
	assert.Equal(t, "BOT_TOKEN", order[0].Name, "in the order of the settings")
	for name, want := range map[string]config.Value{
		"BOT_TOKEN":        {Value: "***", Set: true},
		"DATABASE_URL":     {Value: "***", Set: true, Default: "sqlite://data/vinbot.db"},
		"LOG_LEVEL":        {Value: "debug", Set: true, Default: "info"},
		"HTTP_ADDR":        {Value: ":1", Set: true, Default: "127.0.0.1:8080"},
		"DATA_DIR":         {Value: "data", Default: "data"},
		"TELEGRAM_API_URL": {Value: "https://***@tg.example?", Set: true, Default: "https://api.telegram.org"},
		"ADMIN_IDS":        {},
	} {
		got := values[name]
		got.Name, got.About = "", ""
		assert.Equal(t, want, got, name)
	}
	assert.Equal(t, "The folder where reports are archived, unless S3 is set.", strings.SplitAfter(values["DATA_DIR"].About, ".")[0])
	require.Contains(t, values["WORK_HOURS"].About, "Mon-Fri 09:00-13:00,14:00-18:00; Sat 10:00-15:00")
}
