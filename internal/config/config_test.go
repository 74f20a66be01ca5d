package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

const token = "123456789:AAsecret-secret_secret"

func valid(more ...string) []string {
	return append([]string{"BOT_TOKEN=" + token, "MANAGER_CHAT=-1001"}, more...)
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid(), t.TempDir())
	require.NoError(t, err)

	assert.Equal(t, token, cfg.BotToken.Reveal())
	assert.Equal(t, config.Chats{{ID: -1001}}, cfg.ManagerChats)
	assert.Empty(t, cfg.ManagerIDs)
	assert.Empty(t, cfg.AdminIDs)
	assert.EqualValues(t, "https://api.telegram.org", cfg.TelegramAPIURL)
	assert.True(t, bool(cfg.TelegramRateLimits))
	assert.Equal(t, "data/vinbot.db", cfg.Database.Path())
	assert.EqualValues(t, "data", cfg.DataDir)
	assert.EqualValues(t, "127.0.0.1:9090", cfg.OpsAddr)
	assert.EqualValues(t, "info", cfg.LogLevel)
	assert.Equal(t, config.LogJSON, cfg.LogFormat)
	assert.Equal(t, config.Russian, cfg.DefaultLanguage)
	assert.Equal(t, "Europe/Moscow", cfg.Timezone.Location().String())
	assert.Equal(t, config.CheckAuto, cfg.VINCheckDigit)
	assert.EqualValues(t, 20<<20, cfg.MaxPDFSize)
	assert.Zero(t, cfg.Retention.Duration())
	assert.Equal(t, 30*24*time.Hour, cfg.ReportReuse.Duration())
}

func TestEverySettingIsRead(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid(
		"MANAGER_CHAT=-1001:7, -1002,-1003:1", "MANAGER_IDS=1, 2,2", "ADMIN_IDS=3",
		"TELEGRAM_API_URL=http://localhost:8081/", "TELEGRAM_RATE_LIMITS=off",
		"DATABASE_URL=sqlite:///var/lib/v.db", "DATA_DIR=/srv", "OPS_ADDR=:1",
		"LOG_LEVEL=DEBUG", "LOG_FORMAT=console", "DEFAULT_LANGUAGE=en",
		"TIMEZONE=Asia/Omsk", "VIN_CHECK_DIGIT=strict", "MAX_PDF_SIZE_MB=50", "RETENTION_DAYS=90", "0_ODD=1", "ODD", "LANG=C",
	), t.TempDir())
	require.NoError(t, err)

	assert.Equal(t, config.Chats{{ID: -1001, Topic: 7}, {ID: -1002}, {ID: -1003}}, cfg.ManagerChats,
		"topic 1 is General, which is named by naming none")
	assert.Equal(t, config.IDs{1, 2}, cfg.ManagerIDs)
	assert.Equal(t, config.IDs{3}, cfg.AdminIDs)
	assert.EqualValues(t, "http://localhost:8081", cfg.TelegramAPIURL)
	assert.False(t, bool(cfg.TelegramRateLimits))
	assert.Equal(t, "/var/lib/v.db", cfg.Database.Path())
	assert.EqualValues(t, "/srv", cfg.DataDir)
	assert.EqualValues(t, ":1", cfg.OpsAddr)
	assert.EqualValues(t, "debug", cfg.LogLevel)
	assert.Equal(t, config.LogConsole, cfg.LogFormat)
	assert.Equal(t, config.English, cfg.DefaultLanguage)
	assert.Equal(t, "Asia/Omsk", cfg.Timezone.Location().String())
	assert.Equal(t, config.CheckStrict, cfg.VINCheckDigit)
	assert.EqualValues(t, 50<<20, cfg.MaxPDFSize)
	assert.Equal(t, 90*24*time.Hour, cfg.Retention.Duration())
}

func TestEmptyMeansTheDefault(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid("OPS_ADDR=", "MANAGER_IDS=", "MAX_PDF_SIZE_MB="), t.TempDir())
	require.NoError(t, err)
	assert.EqualValues(t, "127.0.0.1:9090", cfg.OpsAddr)
	assert.EqualValues(t, 20<<20, cfg.MaxPDFSize)
	assert.Zero(t, cfg.Retention.Duration())
}

func TestWrongValues(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"MANAGER_CHAT=abc":                  `MANAGER_CHAT=abc: "abc" is no group id; allowed: group ids, which are negative`,
		"MANAGER_CHAT=1001":                 `the minus is missing`,
		"MANAGER_CHAT=-1:x":                 `does not name a topic`,
		"MANAGER_CHAT=-1:0":                 `does not name a topic`,
		"MANAGER_CHAT=-1,":                  `"" is no group id`,
		"MANAGER_CHAT=-1:1,-1":              `"-1" is listed twice`,
		"MANAGER_IDS=1;2":                   `"1;2" is no user id; allowed: user ids`,
		"ADMIN_IDS=-5":                      `ADMIN_IDS=-5: "-5" is no user id`,
		"TELEGRAM_API_URL=api.telegram.org": `neither http:// nor https://; allowed: http://`,
		"TELEGRAM_API_URL=http://":          `the host is missing`,
		"TELEGRAM_API_URL=http://h/?a=b":    `more than an address`,
		"TELEGRAM_API_URL=http://a b":       `not a URL`,
		"TELEGRAM_RATE_LIMITS=maybe":        `TELEGRAM_RATE_LIMITS=maybe: not a choice; allowed: on or off`,
		"DATABASE_URL=mysql://x":            `DATABASE_URL=***: neither sqlite:// nor postgres://; allowed: sqlite://`,
		"DATABASE_URL=sqlite://":            `the file's name is missing`,
		"DATABASE_URL=sqlite://data/":       `the file's name is missing`,
		"DATABASE_URL=sqlite://a?x=1":       `more than a file's path`,
		"DATABASE_URL=sqlite://:memory:":    `more than a file's path`,
		"DATA_DIR= ":                        `not a path; allowed: a folder's path`,
		"OPS_ADDR=9090":                     `OPS_ADDR=9090: not host:port; allowed: host:port`,
		"OPS_ADDR=localhost:http":           `not a port`,
		"OPS_ADDR=localhost:65536":          `not a port`,
		"OPS_ADDR=a b:1":                    `not a host`,
		"LOG_LEVEL=loud":                    `allowed: trace, debug, info, warn or error`,
		"LOG_FORMAT=xml":                    `allowed: json or console`,
		"DEFAULT_LANGUAGE=de":               `allowed: ru or en`,
		"TIMEZONE=Moscow":                   `TIMEZONE=Moscow: not a known time zone; allowed: a name of the IANA`,
		"TIMEZONE=Local":                    `not a known time zone`,
		"TIMEZONE=../../etc/passwd":         `not a known time zone`,
		"VIN_CHECK_DIGIT=on":                `allowed: auto, strict or off`,
		"MAX_PDF_SIZE_MB=0":                 `MAX_PDF_SIZE_MB=0: out of range; allowed: a whole number of 1 to 2000`,
		"MAX_PDF_SIZE_MB=2001":              `out of range`,
		"MAX_PDF_SIZE_MB=1.5":               `not a whole number`,
		"RETENTION_DAYS=-1":                 `RETENTION_DAYS=-1: not a whole number; allowed: a whole number of days, 1 to 36500, or 0 for ever`,
		"REPORT_REUSE_DAYS=-1":              `a whole number of days, 1 to 36500, or 0 for off`,
		"RETENTION_DAYS=36501":              `out of range`,
		"BOT_TOKEN=hello":                   `BOT_TOKEN=***: not a bot token; allowed: the token that BotFather gave`,
	}
	for entry, want := range tests {
		t.Run(entry, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(valid(entry), t.TempDir())
			require.ErrorContains(t, err, want)
			assert.NotContains(t, err.Error(), "\n", "one fault, one line")
		})
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load([]string{"LOG_LEVEL=loud", "OPS_ADDR=x", "DATA_DIR=kept"}, t.TempDir())
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4, err.Error())
	for i, want := range []string{"BOT_TOKEN: not set; allowed", "MANAGER_CHAT: not set; allowed", "OPS_ADDR=x:", "LOG_LEVEL=loud:"} {
		assert.Contains(t, lines[i], want, "in the order in which settings are listed")
	}
	assert.EqualValues(t, "kept", cfg.DataDir, "what is right is read all the same")
}

func TestZeroZoneIsUTC(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "UTC", config.Timezone{}.Location().String())
}

func TestOnlyWhatASubcommandNeeds(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{"OPS_ADDR=x"}, t.TempDir())
	require.ErrorContains(t, config.Only(err, "OPS_ADDR", "LOG_LEVEL"), "OPS_ADDR=x")
	assert.NotContains(t, config.Only(err, "OPS_ADDR").Error(), "BOT_TOKEN")
	require.NoError(t, config.Only(err, "DATABASE_URL"))
	require.NoError(t, config.Only(nil, "OPS_ADDR"))
	require.ErrorIs(t, config.Only(os.ErrClosed, "OPS_ADDR"), os.ErrClosed)
}

func TestTheFaultyValueIsFitToPrint(t *testing.T) {
	t.Parallel()
	_, err := config.Load(valid("OPS_ADDR=a\x1b[2J\nb"+strings.Repeat("x", 500),
		"TELEGRAM_API_URL=ftp://user:pass@host/"), t.TempDir())
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 2)
	assert.NotContains(t, err.Error(), "\x1b")
	assert.NotContains(t, err.Error(), "pass")
	assert.Less(t, len(err.Error()), 500)
}

func TestDemoNeedsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, ".env", "LOG_FORMAT=console\n")
	cfg, err := config.LoadDemo(nil, dir)
	require.NoError(t, err)
	assert.EqualValues(t, "127.0.0.1:8090", cfg.Addr)
	assert.Equal(t, config.LogConsole, cfg.LogFormat)

	_, err = config.LoadDemo([]string{"DEMO_ADDR=1", "OPS_ADDR=wrong"}, dir)
	require.ErrorContains(t, err, "DEMO_ADDR=1")
	assert.NotContains(t, err.Error(), "OPS_ADDR")
}
