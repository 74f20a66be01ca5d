package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestDotEnvIsReadAndNeverOverrides(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, ".env", "\ufeff# a comment\nBOT_TOKEN="+token+"\nexport MANAGER_CHAT=\"-5\"\nLOG_LEVEL=warn\nDATA_DIR=here\n")
	cfg, err := config.Load([]string{"LOG_LEVEL=error", "DATA_DIR="}, dir)
	require.NoError(t, err)
	assert.Equal(t, token, cfg.BotToken.Reveal())
	assert.Equal(t, config.Chats{{ID: -5}}, cfg.ManagerChats)
	assert.EqualValues(t, "error", cfg.LogLevel)
	assert.EqualValues(t, "data", cfg.DataDir, "set to nothing by the environment: the default")
}

func TestAFaultyDotEnvNamesTheLineAndTellsNoSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, ".env", "LOG_LEVEL=warn\nMANAGER_CHAT=\"-1\"\n!BOT_TOKEN="+token+"\nX=1\n")
	_, err := config.Load(valid(), dir)
	require.ErrorContains(t, err, ".env: line 3 cannot be read; allowed: lines of the form NAME=value")
	assert.NotContains(t, err.Error(), "secret")
	require.ErrorContains(t, config.Only(err, "OPS_ADDR"), ".env", "no subcommand can trust such a file")
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "token", token+"\n")
	db := write(t, dir, "db", "sqlite://x.db\r\n")
	cfg, err := config.Load([]string{"MANAGER_CHAT=-1", "BOT_TOKEN_FILE=token", "DATABASE_URL_FILE=" + db}, dir)
	require.NoError(t, err)
	assert.Equal(t, token, cfg.BotToken.Reveal(), "a relative path starts in the working directory")
	assert.Equal(t, "x.db", cfg.Database.Path())
}

func TestFaultySecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := write(t, dir, "good", token)
	tests := map[string]struct {
		environ []string
		want    string
	}{
		"both": {
			[]string{"BOT_TOKEN=" + token, "BOT_TOKEN_FILE=" + good},
			"BOT_TOKEN_FILE=" + good + ": BOT_TOKEN is set as well; allowed: a file that holds the value",
		},
		"missing":   {[]string{"BOT_TOKEN_FILE=nowhere"}, "BOT_TOKEN_FILE=nowhere: no such file"},
		"a folder":  {[]string{"BOT_TOKEN_FILE=" + dir}, "is a directory"},
		"empty":     {[]string{"BOT_TOKEN_FILE=" + write(t, dir, "empty", "\n")}, "the file is empty"},
		"too large": {[]string{"BOT_TOKEN_FILE=" + write(t, dir, "large", strings.Repeat("x", 1<<20+1))}, "larger than 1 MB"},
		"wrong":     {[]string{"BOT_TOKEN_FILE=" + write(t, dir, "wrong", "secret")}, "BOT_TOKEN=***: not a bot token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(append(tt.environ, "MANAGER_CHAT=-1"), dir)
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "secret")
			assert.NotContains(t, err.Error(), "\n", "a secret that cannot be read is not called unset besides")
			require.ErrorContains(t, config.Only(err, "BOT_TOKEN"), tt.want)
		})
	}
}

func TestOnlySecretsComeFromFiles(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid("LOG_LEVEL_FILE="+filepath.Join(t.TempDir(), "none")), t.TempDir())
	require.NoError(t, err)
	assert.EqualValues(t, "info", cfg.LogLevel)
}

func FuzzLoad(f *testing.F) {
	f.Add("BOT_TOKEN=1:a\nMANAGER_CHAT=-1:2,-3\n", "-1:2", "sqlite://x")
	f.Add("X=\"unfinished", "--1:", "postgres://u:hush-hush@h")
	f.Add("X=${Y}\n'", "1,,2", "sqlite://\x00")
	f.Fuzz(func(t *testing.T, dotenv, chats, database string) {
		dir := t.TempDir()
		write(t, dir, ".env", dotenv)
		_, err := config.Load([]string{
			"BOT_TOKEN=" + "hush-hush", "MANAGER_CHAT=" + chats, "DATABASE_URL=" + database,
			"OPS_ADDR=" + chats, "TELEGRAM_API_URL=" + database, "MAX_PDF_SIZE_MB=" + chats,
		}, dir)
		var faults config.Errors
		require.ErrorAs(t, err, &faults, "the token is wrong")
		assert.Len(t, strings.Split(err.Error(), "\n"), len(faults), "one fault, one line")
		if !strings.Contains(dotenv+chats+database, "hush-hush") {
			assert.NotContains(t, err.Error(), "hush-hush")
		}
	})
}
