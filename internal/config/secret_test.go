package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestSecretsPrintAsStars(t *testing.T) {
	t.Parallel()
	type inside struct {
		Shown  config.Secret
		hidden config.Secret
	}
	cfg, err := config.Load(valid("DATABASE_URL=sqlite://secret.db"), t.TempDir())
	require.NoError(t, err)
	secret := config.NewSecret("secret")
	values := map[string]any{
		"secret": secret, "pointer": &secret, "token": cfg.BotToken, "database": cfg.Database,
		"settings": cfg, "pointer to settings": &cfg, "list": []config.Secret{secret},
		"map": map[string]config.Secret{"a": secret}, "inside": inside{secret, secret},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10s", "%p"} {
				out := fmt.Sprintf(verb, v, v)
				assert.NotContains(t, out, "secret-", verb)
				assert.NotContains(t, out, "secret.db", verb)
				assert.NotContains(t, out, `"secret"`, verb)
				assert.NotContains(t, out, "736563726574", verb)
			}
			text, err := json.Marshal(v)
			require.NoError(t, err)
			assert.NotContains(t, string(text), "secret")

			var log bytes.Buffer
			logger := zerolog.New(&log)
			logger.Info().Interface("a", v).Any("b", v).Str("c", fmt.Sprint(v)).Msg("")
			slog.New(slog.NewJSONHandler(&log, nil)).Info("", "a", v)
			slog.New(slog.NewTextHandler(&log, nil)).Info("", "a", v)
			assert.NotContains(t, log.String(), "secret-")
			assert.NotContains(t, log.String(), "secret.db")
		})
	}
	var log bytes.Buffer
	logger := zerolog.New(&log)
	logger.Info().Stringer("a", secret).Msg("")
	assert.JSONEq(t, `{"level":"info","a":"***"}`, log.String())
	assert.Equal(t, "secret", secret.Reveal())
	assert.Empty(t, config.Secret{}.Reveal())
	assert.Equal(t, "***", fmt.Sprint(config.Secret{}))
}
