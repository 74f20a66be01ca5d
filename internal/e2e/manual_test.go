package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob/s3test"
	"vinbot/internal/config"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/telegramtest"
)

// passage is what the manual has its reader type in one go.
type passage struct {
	page, chapter string
	commands      []string
}

func (p passage) place() string { return p.page + ": " + p.chapter }

// passages finds what is to be typed in the whole manual.
func passages(t *testing.T) (all []passage) {
	t.Helper()
	for path, text := range pages(t) {
		name, err := filepath.Rel(filepath.Join("..", ".."), path)
		require.NoError(t, err)
		chapter, language := "", ""
		var block strings.Builder
		for line := range strings.Lines(text) {
			mark, fenced := strings.CutPrefix(strings.TrimSpace(line), "```")
			switch {
			case fenced && language == "":
				language = mark + " "
				block.Reset()
			case fenced:
				if commands := typed(strings.TrimSpace(language), block.String()); len(commands) > 0 {
					all = append(all, passage{name, chapter, commands})
				}
				language = ""
			case language != "":
				block.WriteString(line)
			case strings.HasPrefix(line, "#"):
				chapter = strings.TrimSpace(strings.TrimLeft(line, "#"))
			}
		}
	}
	return all
}

// typed gives the commands of a block, each in a line of its own; none where it is no
// block of commands.
func typed(language, text string) (commands []string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line = strings.TrimSpace(line)
		switch language {
		case "sh", "bash", "shell":
		case "console":
			prompted := false
			if line, prompted = strings.CutPrefix(line, "$ "); !prompted {
				continue // what is answered
			}
		case "cron": // minute, hour, day, month, weekday and person; and % is written \%
			if fields := regexp.MustCompile(`^(?:\S+\s+){6}(.*)$`).FindStringSubmatch(line); fields != nil {
				line = strings.ReplaceAll(fields[1], `\%`, "%")
			}
		default:
			return nil
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			commands = append(commands, line)
		}
	}
	return commands
}

// settingLine is a line of a .env.
var settingLine = regexp.MustCompile(`^([A-Z][A-Z0-9_]*)=(\S*)`)

// settings gives what a passage sets; none where it holds a command.
func (p passage) settings() (all []string) {
	for _, command := range p.commands {
		found := settingLine.FindStringSubmatch(command)
		if found == nil {
			return nil
		}
		all = append(all, found[1]+"="+strings.ReplaceAll(found[2], "…", "0123456789"))
	}
	return all
}

// scene is how things are before a passage is typed, and what is so after it.
type scene struct {
	with   setting
	before func(r *reader, p passage)
	after  func(r *reader)
}

// scenes are those of passages that want more than a checkout.
func scenes() map[string]scene {
	works := func(r *reader, _ passage) { r.works() }
	return map[string]scene{
		"docs/api.md: The first minute":         {before: withAToken, after: hasTheReport},
		"docs/webhooks.md: Setting one up":      {before: withAToken},
		"docs/operations.md: Install":           {before: toInstall, after: (*reader).isRunning},
		"docs/operations.md: SQLite":            {before: withABackup, after: (*reader).isRunning},
		"docs/operations.md: PostgreSQL":        {with: postgres, before: works, after: (*reader).isRunning},
		"docs/operations.md: The archive in S3": {before: withABucket},
		"docs/operations.md: Continuously, with Litestream": {before: func(r *reader, _ passage) {
			r.works()
			r.service("stop")
		}},
		"docs/operations.md: From SQLite to PostgreSQL, or back": {before: withAnotherDatabase, after: (*reader).isRunning},
	}
}

// elsewhere are passages that another test types.
func elsewhere() map[string]string {
	return map[string]string{"docs/operations.md: Reading the log": "e2e.TestTheLogIsReadAsTheManualSays"}
}

// withAToken has what the page says first: a token, by the page's own command.
func withAToken(r *reader, p passage) {
	r.works()
	command := "vinbot token create --name hooks --scopes manage" // in the prose above
	for _, c := range p.commands {
		if strings.HasPrefix(c, "vinbot token create ") {
			command = c
		}
	}
	secret := r.token(command)
	r.more["vbt_…"] = secret
	r.env = append(r.env, "TOKEN="+secret)
}

// hasTheReport looks at what was downloaded.
func hasTheReport(r *reader) {
	found, err := filepath.Glob(filepath.Join(r.at, "*.pdf"))
	require.NoError(r, err)
	require.Len(r, found, 1)
	content, err := os.ReadFile(found[0])
	require.NoError(r, err)
	assert.Equal(r, pdf(), content)
}

// isRunning waits for an answer of the bot that was started last.
func (r *reader) isRunning() {
	r.Helper()
	r.vera.Send("/help")
	r.sees(r.vera, func(m telegramtest.Message) bool { return m.FromBot })
}

// toInstall has a checkout with its .env filled; to ask the program beside the service
// that is installed already.
func toInstall(r *reader, p passage) {
	r.fills(r.at)
	if strings.HasPrefix(p.commands[0], "vinbot() ") {
		r.works()
	}
}

func withABackup(r *reader, _ passage) {
	r.works()
	r.types("install -d backups", "vinbot backup backups/vinbot-2026-11-24.db")
}

// withABucket sets S3 and restarts the bot, whose reports are in its folder so far.
func withABucket(r *reader, _ passage) {
	r.works()
	server := s3test.New(r.T)
	r.then = []string{
		"S3_ENDPOINT=" + server.URL(), "S3_BUCKET=" + s3test.Bucket, "S3_REGION=" + s3test.Region,
		"S3_ACCESS_KEY=" + s3test.AccessKey, "S3_SECRET_KEY=" + s3test.SecretKey,
	}
	r.service("stop")
	r.service("start")
	r.env = append(r.env, r.then...)
}

func withAnotherDatabase(r *reader, _ passage) {
	r.works()
	const named = "postgres://vinbot@db.example.org/vinbot"
	r.more[named] = pgtest.Empty(r.T)
	r.then = []string{"DATABASE_URL=" + r.more[named]}
}

// TestWhatTheManualSaysToTypeWorks types every block of commands of the README, of
// CONTRIBUTING and of docs/ as it stands there: with the real binary, a bot that runs
// beside the simulator, real databases, a real S3 server. A command that is not known
// here is not found, and fails.
func TestWhatTheManualSaysToTypeWorks(t *testing.T) {
	t.Parallel()
	typedIn, tests, known := map[string]int{}, allTests(t), scenes()
	for _, p := range passages(t) {
		typedIn[p.place()]++
		if test := elsewhere()[p.place()]; test != "" {
			assert.True(t, tests[test], "%s does not exist", test)
			continue
		}
		t.Run(fmt.Sprintf("%s %d", p.place(), typedIn[p.place()]), func(t *testing.T) {
			t.Parallel()
			if settings := p.settings(); len(settings) > 0 {
				takes(t, settings)
				return
			}
			s := known[p.place()]
			with := s.with
			if with == nil {
				with = func(*world, *telegramtest.Options) {}
			}
			r := newReader(t, with)
			if s.before != nil {
				s.before(r, p)
			}
			r.types(p.commands...)
			if s.after != nil {
				s.after(r)
			}
		})
	}
	for place := range known {
		assert.Positive(t, typedIn[place], "nothing is to be typed at %s any more", place)
	}
	for place := range elsewhere() {
		assert.Positive(t, typedIn[place], "nothing is to be typed at %s any more", place)
	}
	assert.Greater(t, len(typedIn), 12)
}

// takes sees to it that the program takes the settings of a passage.
func takes(t *testing.T, settings []string) {
	t.Helper()
	dir := t.TempDir()
	for i, s := range settings {
		if name, path, _ := strings.Cut(s, "="); strings.HasSuffix(name, "_FILE") {
			settings[i] = name + "=" + filepath.Join(dir, filepath.Base(path))
			require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(path)), []byte("0123456789"), 0o600))
		}
	}
	_, err := config.Load(append(settings, "BOT_TOKEN=12345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "MANAGER_CHAT=-1001234567890"), dir)
	require.NoError(t, err)
}

// sqlOf gives the statements of the manual's blocks of SQL, with names that no other
// role has.
func sqlOf(t *testing.T, page string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	require.NoError(t, err)
	for _, found := range regexp.MustCompile("(?s)\n```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, regexp.MustCompile(`\bvinbot\b`).ReplaceAllString(strings.ReplaceAll(found[1], "…", "hush-hush"), "reader"))
	}
	return blocks
}

// TestTheDatabaseIsMadeAsTheManualSays: a role with a database, or with a schema, of
// its own is enough for the bot.
func TestTheDatabaseIsMadeAsTheManualSays(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	r := newReader(t)
	r.at = r.home
	require.NoError(t, os.MkdirAll(r.at, 0o755))
	blocks := sqlOf(t, "operations.md")
	require.Len(t, blocks, 2)
	asRoot := func(database, sql string) {
		require.NoError(t, os.WriteFile(filepath.Join(r.at, "it.sql"), []byte(sql), 0o600))
		r.env = append(r.env, "DATABASE_URL="+server.URL(database))
		r.types(`psql --set=ON_ERROR_STOP=1 --quiet --file=it.sql "$DATABASE_URL"`)
	}
	asRoot("postgres", blocks[0])
	asRoot("postgres", "CREATE DATABASE shared")
	asRoot("shared", blocks[1])
	own := strings.Replace(server.URL("reader"), "vinbot@", "reader@", 1)
	shared := strings.Replace(server.URL("shared"), "vinbot@", "reader@", 1)
	for _, url := range []string{own, shared + "&search_path=reader"} {
		r.env = append(r.env, "DATABASE_URL="+url)
		r.types("vinbot migrate up")
	}
}
