package telegramtest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

const patience = 10 * time.Second

// start runs a simulator for a test. Violations fail the test.
func start(tb testing.TB) *telegramtest.Sim {
	tb.Helper()
	sim := telegramtest.New(telegramtest.Options{
		Spec: officialSpec(tb), OnViolation: func(v string) { tb.Error("violation: " + v) },
	})
	require.NoError(tb, sim.Start())
	tb.Cleanup(sim.Close)
	return sim
}

// library is the real client library, connected to the simulator.
func library(tb testing.TB, sim *telegramtest.Sim, opts ...bot.Option) *bot.Bot {
	tb.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	tb.Cleanup(client.CloseIdleConnections)
	opts = append([]bot.Option{
		bot.WithServerURL(sim.URL()), bot.WithSkipGetMe(), bot.WithHTTPClient(2*time.Second, client),
		bot.WithErrorsHandler(func(error) {}),
	}, opts...)
	b, err := bot.New(sim.Token(), opts...)
	require.NoError(tb, err)
	return b
}

func soon(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	return ctx
}

// A small bot on the real library does the whole journey: VIN, card, Take, PDF, delivery.
func TestTheRealLibraryDoesTheJourney(t *testing.T) {
	t.Parallel()
	sim := start(t)
	anna, boris := sim.User("Анна", "ru"), sim.User("Борис", "ru")
	managers := sim.Group("Managers", boris)
	var owner int64
	handle := func(ctx context.Context, b *bot.Bot, u *models.Update) {
		ctx, err := context.WithoutCancel(ctx), error(nil) // the test ends before the last answers are read
		switch {
		case u.CallbackQuery != nil:
			card := u.CallbackQuery.Message.Message
			_, err = b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{
				CallbackQueryID: u.CallbackQuery.ID, Text: "Взято", ShowAlert: true,
			})
			assert.NoError(t, err)
			_, err = b.EditMessageText(ctx, &bot.EditMessageTextParams{
				ChatID: card.Chat.ID, MessageID: card.ID, Text: "taken by <b>" + u.CallbackQuery.From.FirstName + "</b>",
				ParseMode: models.ParseModeHTML,
			})
		case u.Message.Document != nil:
			_, err = b.SetMessageReaction(ctx, &bot.SetMessageReactionParams{
				ChatID: u.Message.Chat.ID, MessageID: u.Message.ID, Reaction: []models.ReactionType{{
					Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: "👀"},
				}},
			})
			assert.NoError(t, err)
			assert.NotNil(t, u.Message.ReplyToMessage)
			_, err = b.SendDocument(ctx, &bot.SendDocumentParams{
				ChatID: owner, Document: &models.InputFileString{Data: u.Message.Document.FileID},
			})
		case u.Message.Chat.Type == models.ChatTypePrivate:
			owner = u.Message.Chat.ID
			_, err = b.SendMessage(ctx, &bot.SendMessageParams{
				ChatID: managers.ID(), Text: "<code>" + u.Message.Text + "</code>", ParseMode: models.ParseModeHTML,
				ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
					{{Text: "Take", CallbackData: "take:1"}},
					{{Text: "Copy", CopyText: models.CopyTextButton{Text: u.Message.Text}}},
				}},
			})
		}
		assert.NoError(t, err)
	}
	b := library(t, sim, bot.WithDefaultHandler(handle), bot.WithNotAsyncHandlers())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); b.Start(ctx) }()
	t.Cleanup(func() { stop(); <-done })

	anna.Send("1HGCM82633A004352")
	card, err := sim.Wait(soon(t), managers, telegramtest.WithButton("take:1"))
	require.NoError(t, err)
	assert.Equal(t, "1HGCM82633A004352", card.Text)
	assert.Equal(t, "code", card.Entities[0].Type)
	assert.Equal(t, "1HGCM82633A004352", card.Keyboard[1][0].CopyText)

	answer, err := boris.In(managers).Press(card, "take:1").Answer(soon(t))
	require.NoError(t, err)
	assert.Equal(t, telegramtest.Answer{Text: "Взято", Alert: true}, answer)
	taken, err := sim.Wait(soon(t), managers, telegramtest.Containing("taken by Борис"))
	require.NoError(t, err)
	assert.Equal(t, 1, taken.Edited)
	assert.Empty(t, taken.Keyboard)

	pdf := []byte("%PDF-1.4 report")
	sent := boris.In(managers).ReplyPDF(card, pdf, "")
	report, err := sim.Wait(soon(t), anna, telegramtest.WithDocument())
	require.NoError(t, err)
	content, ok := sim.Bytes(report.Document.ID)
	assert.True(t, ok)
	assert.Equal(t, pdf, content)
	_, err = sim.Wait(soon(t), managers, telegramtest.Reacted(sent, "👀"))
	require.NoError(t, err)
	require.NoError(t, sim.WaitConfirmed(soon(t)))
	assert.Equal(t, 3, sim.Calls().Confirmed)
}

func TestTheLibraryUploadsAndDownloads(t *testing.T) {
	t.Parallel()
	sim := start(t)
	anna := sim.User("Anna", "en")
	anna.Start("")
	b := library(t, sim)
	me, err := b.GetMe(soon(t))
	require.NoError(t, err)
	assert.Equal(t, sim.Bot().ID, me.ID)
	content := strings.Repeat("%PDF ", 1000)
	sent, err := b.SendDocument(soon(t), &bot.SendDocumentParams{
		ChatID: anna.ID, Caption: "Отчёт",
		Document: &models.InputFileUpload{Filename: "отчёт \"1\".pdf", Data: strings.NewReader(content)},
	})
	require.NoError(t, err)
	assert.Equal(t, "application/pdf", sent.Document.MimeType)
	file, err := b.GetFile(soon(t), &bot.GetFileParams{FileID: sent.Document.FileID})
	require.NoError(t, err)
	resp, err := http.Get(b.FileDownloadLink(file))
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, int64(len(content)), resp.ContentLength)
}

// The calls a second that the simulator takes from the real library.
func BenchmarkSendMessage(b *testing.B) {
	sim := start(b)
	anna := sim.User("Anna", "en")
	anna.Start("")
	client := library(b, sim)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, err := client.SendMessage(b.Context(), &bot.SendMessageParams{ChatID: anna.ID, Text: "1HGCM82633A004352"})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
