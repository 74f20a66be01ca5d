package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

// exampleFile explains every setting to whoever installs the bot.
const exampleFile = "../../.env.example"

// documented reads the example: each setting's default, those that are
// commented out included, and whether a line of explanation stands above.
func documented(t *testing.T) (defaults map[string]string, explained map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(exampleFile)
	require.NoError(t, err)
	defaults, explained = map[string]string{}, map[string]bool{}
	above := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		name, value, isSetting := strings.Cut(strings.TrimPrefix(line, "# "), "=")
		if isSetting && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == "" {
			assert.NotContains(t, defaults, name, "listed once")
			defaults[name] = value
			explained[name] = above
			above = false
			continue
		}
		above = strings.HasPrefix(line, "# ")
	}
	return defaults, explained
}

func TestTheExampleAndTheStructAgree(t *testing.T) {
	t.Parallel()
	defaults, explained := documented(t)
	known := map[string]bool{}
	for _, of := range []reflect.Type{reflect.TypeFor[config.Config](), reflect.TypeFor[config.Demo]()} {
		for f := range of.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
			require.NotEmpty(t, name, f.Name)
			known[name] = true
			if assert.Contains(t, defaults, name, "every setting is in the example") {
				assert.Equal(t, f.Tag.Get("envDefault"), defaults[name], "%s: the default", name)
				assert.True(t, explained[name], "%s: a line of explanation stands above", name)
			}
			_, can := reflect.New(f.Type).Interface().(interface{ Allowed() string })
			assert.True(t, can, "%s: says what is allowed", name)
		}
	}
	for name := range defaults {
		assert.True(t, known[name], "%s is in the example only", name)
	}
}

func TestTheExampleCanBeCopied(t *testing.T) {
	t.Parallel()
	active, err := godotenv.Read(exampleFile)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"BOT_TOKEN": "", "MANAGER_CHAT": ""}, active)
}
