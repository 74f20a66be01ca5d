package e2e

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// echoAt names the Telegram at which the test's binary is an echo.
const echoAt, echoToken = "VINBOT_TEST_ECHO_URL", "VINBOT_TEST_ECHO_TOKEN"

// TestTheEchoAnswers shows that the benchmarks' measure works: a bot of the
// bare library, with all its defaults, that sends every message back and
// stores nothing. It is this test itself, run as a process of its own.
func TestTheEchoAnswers(t *testing.T) {
	if url := os.Getenv(echoAt); url != "" {
		echo(t, url, os.Getenv(echoToken))
		return
	}
	t.Parallel()
	sim := telegramtest.New(telegramtest.Options{})
	require.NoError(t, sim.Start())
	t.Cleanup(sim.Close)
	launchEcho(t, sim)
	anna := sim.User("Анна", "ru")
	anna.Send(honda)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := sim.Wait(ctx, anna, telegramtest.Containing(honda))
	require.NoError(t, err)
}

// echo sends every message back until the process is killed.
func echo(t *testing.T, url, token string) {
	t.Helper()
	b, err := bot.New(token, bot.WithServerURL(url),
		bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
			_, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: u.Message.Chat.ID, Text: u.Message.Text})
			if err != nil {
				panic(err)
			}
		}))
	require.NoError(t, err)
	b.Start(t.Context())
}

// launchEcho starts the echo beside the test.
func launchEcho(tb testing.TB, sim *telegramtest.Sim) *process {
	tb.Helper()
	p := &process{
		TB:    tb,
		cmd:   exec.Command(os.Args[0], "-test.run", "^TestTheEchoAnswers$", "-test.timeout", "0"),
		ended: make(chan struct{}),
	}
	p.cmd.Env = append(os.Environ(), echoAt+"="+sim.URL(), echoToken+"="+sim.Token())
	p.begin()
	return p
}
