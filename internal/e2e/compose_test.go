package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
	"vinbot/internal/config"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
)

// service is one of docker-compose.yml, as far as tests ask.
type service struct {
	Profiles    []string
	Image       string
	Entrypoint  []string
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	Restart     string
	StopGrace   string   `yaml:"stop_grace_period"`
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
}

// interpolated puts in what stands as ${NAME:-default}, as Compose does.
func interpolated(text string, env map[string]string) string {
	text = regexp.MustCompile(`\$\{(\w+)(?::-([^}]*))?\}`).ReplaceAllStringFunc(text, func(found string) string {
		name, usual, _ := strings.Cut(strings.Trim(found, "${}"), ":-")
		if value := env[name]; value != "" {
			return value
		}
		return usual
	})
	return strings.ReplaceAll(text, "$$", "$")
}

// composed reads docker-compose.yml with what stands in a .env.
func composed(t *testing.T, env map[string]string) map[string]service {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docker-compose.yml"))
	require.NoError(t, err)
	var file struct{ Services map[string]service }
	require.NoError(t, yaml.Unmarshal([]byte(interpolated(string(text), env)), &file))
	return file.Services
}

func TestComposeFollowsItsSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "compose", "compose-spec.json"))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join("..", "..", "docker-compose.yml"))
	require.NoError(t, err)
	follows := func(text string) error {
		var read any
		require.NoError(t, yaml.Unmarshal([]byte(text), &read))
		asJSON, err := json.Marshal(read)
		require.NoError(t, err)
		file, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
		require.NoError(t, err)
		return schema.Validate(file)
	}
	require.NoError(t, follows(string(text)))
	require.Error(t, follows(strings.Replace(string(text), "restart:", "restarts:", 1)), "the schema finds what is wrong")
}

func TestComposeLetsNobodyInButThisMachine(t *testing.T) {
	t.Parallel()
	services := composed(t, nil)
	assert.Subset(t, slices.Collect(maps.Keys(services)), []string{"bot", "postgres", "s3", "prometheus", "grafana"})
	ports := 0
	for name, s := range services {
		for _, port := range s.Ports {
			ports++
			address, _, _ := strings.Cut(port, ":")
			ip, err := netip.ParseAddr(address)
			assert.True(t, err == nil && ip.IsLoopback(), "%s: %s", name, port)
		}
		assert.Equal(t, "unless-stopped", s.Restart, name)
		assert.Contains(t, s.SecurityOpt, "no-new-privileges:true", name)
		assert.NotRegexp(t, `(^|:)latest$|^[^:]+$`, strings.Replace(s.Image, "vinbot", "vinbot:built", 1), "%s: the version is named", name)
		assert.Equal(t, name == "bot", len(s.Profiles) == 0, "%s: only the bot runs without a profile", name)
	}
	assert.Positive(t, ports)
	bot := services["bot"]
	assert.True(t, bot.ReadOnly)
	assert.Equal(t, []string{"ALL"}, bot.CapDrop)
	assert.NotEmpty(t, bot.StopGrace)
}

// TestComposeGivesTheBotWhatItTakes reads the bot's settings as it does, with what
// the comments say for each profile.
func TestComposeGivesTheBotWhatItTakes(t *testing.T) {
	t.Parallel()
	own := map[string]string{"BOT_TOKEN": "12345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "MANAGER_CHAT": "-1001234567890"}
	for profile, more := range map[string]map[string]string{
		"alone":    nil,
		"postgres": {"POSTGRES_PASSWORD": "hush", "COMPOSE_DATABASE_URL": "postgres://vinbot:hush@postgres:5432/vinbot"},
		"s3":       {"S3_ENDPOINT": "http://s3:7070", "S3_BUCKET": "reports", "S3_ACCESS_KEY": "vinbot", "S3_SECRET_KEY": "hush-hush"},
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			env := maps.Clone(own)
			maps.Copy(env, more)
			bot := composed(t, env)["bot"]
			maps.Copy(env, bot.Environment) // it wins over env_file
			var environ []string
			for name, value := range env {
				environ = append(environ, name+"="+value)
			}
			cfg, err := config.Load(environ, t.TempDir())
			require.NoError(t, err)
			assert.Equal(t, profile == "postgres", cfg.Database.URL() != "")
			assert.Equal(t, profile == "s3", cfg.S3Endpoint != "")
			assert.Equal(t, "http://127.0.0.1:8080", string(cfg.Site(string(cfg.HTTPAddr))), "the port that is published")
		})
	}
}

// TestTheServicesOfComposeRun has what Debian and Go have of the services run with
// the arguments and settings that stand there, and the bot's own rooms use them.
// Prometheus has tests of its own; Grafana is not to be had.
func TestTheServicesOfComposeRun(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		s := composed(t, nil)["postgres"]
		server, err := pgtest.StartWith(strings.Fields(s.Environment["POSTGRES_INITDB_ARGS"]), s.Command[1:])
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, server.Stop()) })
		opened, err := store.Open(t.Context(), store.Options{Database: store.Postgres(server.URL("postgres")), Clock: time.Now, Log: zerolog.Nop()})
		require.NoError(t, err)
		require.NoError(t, opened.Close())
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		env := map[string]string{"S3_BUCKET": "reports", "S3_ACCESS_KEY": "vinbot", "S3_SECRET_KEY": "hush-hush"}
		s := composed(t, env)["s3"]
		binary, err := s3test.Binary()
		require.NoError(t, err)
		objects := t.TempDir()
		socket := filepath.Join(objects, "socket")
		script := strings.NewReplacer("/objects", objects, ":7070", socket).Replace(s.Command[0])
		cmd := exec.CommandContext(t.Context(), s.Entrypoint[0], append(s.Entrypoint[1:], append([]string{script}, s.Command[1:]...)...)...)
		cmd.Env = []string{"PATH=" + filepath.Dir(binary) + ":/usr/bin:/bin"}
		for name, value := range s.Environment {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		require.NoError(t, cmd.Start())
		t.Cleanup(func() {
			require.NoError(t, cmd.Process.Kill())
			_ = cmd.Wait() // killed
		})
		bucket, err := blob.NewS3(blob.S3Options{
			Endpoint: "http://s3:7070", Bucket: env["S3_BUCKET"], Region: s.Environment["VGW_REGION"],
			AccessKey: env["S3_ACCESS_KEY"], SecretKey: env["S3_SECRET_KEY"], PathStyle: true, Clock: time.Now,
			Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", socket)
			}},
		})
		require.NoError(t, err)
		require.EventuallyWithT(t, func(c *assert.CollectT) { require.NoError(c, bucket.Probe(t.Context()), said.String) }, patience, 20*time.Millisecond)
		require.NoError(t, bucket.Close())
	})
}
