package telegram

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// newSim makes a simulator and a client of it, without a network.
func newSim(t *testing.T, o telegramtest.Options) (*telegramtest.Sim, *Client) {
	t.Helper()
	o.OnViolation = func(v string) { t.Error(v) }
	sim := telegramtest.New(o)
	t.Cleanup(sim.Close)
	c, err := New(Options{
		Token: sim.Token(), URL: sim.URL(), Log: zerolog.Nop(), Clock: time.Now, Transport: sim.Client().Transport,
	})
	require.NoError(t, err)
	return sim, c
}

func button(data string) *models.InlineKeyboardMarkup {
	return &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Take", CallbackData: data}}}}
}

func TestACardFromItsPostToItsEnd(t *testing.T) {
	t.Parallel()
	sim, c := newSim(t, telegramtest.Options{})
	ctx := t.Context()
	boris := sim.User("Boris", "ru")
	group := sim.Group("Managers", boris)

	card, err := c.SendMessage(ctx, &bot.SendMessageParams{ChatID: group.ID(), Text: "card", ReplyMarkup: button("take:1")})
	require.NoError(t, err)
	seen, err := sim.Wait(ctx, group, telegramtest.WithButton("take:1"))
	require.NoError(t, err)
	press := boris.In(group).Press(seen, "take:1")
	require.NoError(t, c.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: press.ID, Text: "yours"}))
	answer, err := press.Answer(ctx)
	require.NoError(t, err)
	assert.Equal(t, "yours", answer.Text)

	edit := &bot.EditMessageTextParams{ChatID: group.ID(), MessageID: card.ID, Text: "taken", ReplyMarkup: &models.InlineKeyboardMarkup{}}
	_, err = c.EditMessageText(ctx, edit)
	require.NoError(t, err)
	now, _ := sim.Now(seen)
	assert.Empty(t, now.Callbacks(), "no buttons are left")
	_, err = c.EditMessageText(ctx, edit)
	classed(t, ClassNotModified, err)
	_, err = c.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{ChatID: group.ID(), MessageID: card.ID, ReplyMarkup: button("x")})
	require.NoError(t, err)
	_, err = c.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: group.ID(), MessageID: 99999, Text: "x"})
	classed(t, ClassPostAnew, err)

	stale := boris.In(group).Press(seen, "take:1")
	stale.Expire()
	err = c.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: stale.ID})
	classed(t, ClassPressExpired, err)

	report := boris.In(group).SendPDF([]byte("%PDF-1"), "")
	react := &bot.SetMessageReactionParams{ChatID: group.ID(), MessageID: report.ID, Reaction: eyes()}
	require.NoError(t, c.SetMessageReaction(ctx, react))
	react.MessageID = 99999
	classed(t, ClassReactionInvalid, c.SetMessageReaction(ctx, react))
	_, err = c.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: group.ID(), Text: "x", ReplyParameters: &models.ReplyParameters{MessageID: 99999},
	})
	classed(t, ClassReplyGone, err)
}

func TestAReportReachesItsOwner(t *testing.T) {
	t.Parallel()
	sim, c := newSim(t, telegramtest.Options{})
	ctx := t.Context()
	anna := sim.User("Anna", "ru")
	pdf := []byte("%PDF-1.7 report")
	fileID := anna.SendPDF("report.pdf", pdf).Document.ID
	document := &bot.SendDocumentParams{ChatID: anna.ID, Document: &models.InputFileString{Data: fileID}}
	_, err := c.SendDocument(ctx, document)
	require.NoError(t, err)

	var got bytes.Buffer
	n, err := c.Download(ctx, fileID, &got, int64(len(pdf)))
	require.NoError(t, err)
	assert.EqualValues(t, len(pdf), n)
	assert.Equal(t, pdf, got.Bytes())
	sim.On("download").Once().Cut()
	_, err = c.Download(ctx, fileID, &got, 0)
	classed(t, ClassUnknown, err)

	anna.Block()
	_, err = c.SendDocument(ctx, document)
	classed(t, ClassBlocked, err)
	anna.Unblock()
	anna.Deactivate()
	_, err = c.SendDocument(ctx, document)
	classed(t, ClassDeactivated, err)

	boris := sim.User("Boris", "ru")
	_, err = c.SendMessage(ctx, hello(boris.ID))
	classed(t, ClassNoChat, err)
	boris.Send("hi")
	sim.Forget(fileID)
	document.ChatID = boris.ID
	_, err = c.SendDocument(ctx, document)
	classed(t, ClassBadFile, err)
	_, err = c.Download(ctx, fileID, &got, 0)
	classed(t, ClassBadFile, err)
}

func TestGroupsThatCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	sim, c := newSim(t, telegramtest.Options{})
	ctx := t.Context()
	boris := sim.User("Boris", "ru")
	kicked := sim.Group("Kicked", boris)
	kicked.KickBot()
	_, err := c.SendMessage(ctx, hello(kicked.ID()))
	classed(t, ClassKicked, err)
	_, err = c.SendMessage(ctx, hello(-123456))
	classed(t, ClassNoChat, err)

	group := sim.Supergroup("Managers", boris)
	params := hello(group.ID())
	params.MessageThreadID = 77
	_, err = c.SendMessage(ctx, params)
	classed(t, ClassTopicGone, err)
	require.NoError(t, c.LeaveChat(ctx, group.ID()))
}

func TestReadsOfTheClient(t *testing.T) {
	t.Parallel()
	sim, c := newSim(t, telegramtest.Options{})
	ctx := t.Context()
	boris := sim.User("Boris", "ru")
	group := sim.Group("Managers", boris)
	require.NoError(t, c.Learn(ctx))
	assert.Equal(t, sim.Bot().Username, c.Username())
	assert.Equal(t, sim.Bot().ID, c.ID())
	member, err := c.GetChatMember(ctx, group.ID(), c.ID())
	require.NoError(t, err)
	assert.Equal(t, models.ChatMemberTypeAdministrator, member.Type)
	_, err = c.GetChat(ctx, group.ID())
	require.NoError(t, err)
	info, err := c.GetWebhookInfo(ctx)
	require.NoError(t, err)
	assert.Empty(t, info.URL)
	require.NoError(t, c.SetMyCommands(ctx, &bot.SetMyCommandsParams{
		Commands: []models.BotCommand{{Command: "my", Description: "my tickets"}}, LanguageCode: "en",
	}))
	require.NoError(t, c.DeleteMyCommands(ctx, &bot.DeleteMyCommandsParams{LanguageCode: "en"}))
}

// ledger is a sink that keeps what it was given, in order.
type ledger struct {
	mu     sync.Mutex
	bodies []string
	ids    []int64
}

func (l *ledger) Append(_ context.Context, batch []RawUpdate) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range batch {
		if !slices.Contains(l.ids, u.ID) {
			l.ids, l.bodies = append(l.ids, u.ID), append(l.bodies, string(u.Body))
		}
	}
	return nil
}

func (l *ledger) kept() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.bodies)
}

func startUpdater(t *testing.T, c *Client) (*Updater, *ledger) {
	t.Helper()
	sink := new(ledger)
	u, err := NewUpdater(UpdaterOptions{Client: c, Sink: sink, Log: zerolog.Nop()})
	require.NoError(t, err)
	require.NoError(t, u.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, u.Stop(context.Background())) })
	return u, sink
}

func TestEverythingThatOwnersWriteIsStoredInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := newSim(t, telegramtest.Options{Latency: 50 * time.Millisecond})
		anna := sim.User("Anna", "ru")
		sim.SetWebhook("https://elsewhere.example/hook") // left behind
		sim.On(methodGetUpdates).Times(2).BadGateway()
		var want []string
		write := func(n int) {
			for range n {
				want = append(want, "VIN number "+strconv.Itoa(len(want)))
				anna.Send(want[len(want)-1])
			}
		}
		write(250)
		u, sink := startUpdater(t, c)
		require.NoError(t, sim.WaitConfirmed(t.Context()))
		assert.Empty(t, sim.Webhook())

		for name, mischief := range map[string]func(){
			"ids jump lower":    func() { sim.JumpUpdateIDs(500) },
			"the JSON is cut":   func() { sim.On(methodGetUpdates).Once().TruncatedJSON() },
			"the line is cut":   func() { sim.On(methodGetUpdates).Once().AnswerLost() },
			"a webhook is set":  func() { sim.SetWebhook("https://elsewhere.example/hook") },
			"the token is away": func() { sim.On(methodGetUpdates).Times(3).Unauthorized() },
			"an unknown kind":   func() { sim.Inject("from_mars", `{"name":1}`); want = append(want, "from_mars") },
		} {
			mischief()
			write(3)
			require.NoError(t, sim.WaitConfirmed(t.Context()), name)
		}
		kept := sink.kept()
		require.Len(t, kept, len(want))
		for i, text := range want {
			assert.Contains(t, kept[i], text)
		}
		time.Sleep(2 * firstTimeout) // the poll after a trouble is short: it is over by then
		synctest.Wait()
		assert.Empty(t, u.State().Trouble)
	})
}

func TestAnOlderPollerGivesWayAndComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := newSim(t, telegramtest.Options{})
		u, sink := startUpdater(t, c)
		synctest.Wait()
		require.True(t, sim.Polling())
		stranger, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		other := poller{client: c, transport: c.connections(), timeout: defaultPollTimeout}
		go other.ask(stranger, 0, time.Second) //nolint:errcheck // what the stranger gets is not the point
		synctest.Wait()
		assert.Equal(t, "conflict", u.State().Trouble)
		time.Sleep(time.Minute)
		sim.User("Anna", "ru").Send("hello")
		require.NoError(t, sim.WaitConfirmed(t.Context()))
		assert.Len(t, sink.kept(), 1)
		assert.Empty(t, u.State().Trouble)
	})
}

// Telegram's limits are enforced, calls take their time, and everybody writes
// at once: nothing is refused, and nobody waits longer than need be.
func TestWithTheLimiterTelegramRefusesNothing(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{0, 50 * time.Millisecond, 700 * time.Millisecond} {
		t.Run(latency.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim, c := newSim(t, telegramtest.Options{Limits: true, Latency: latency})
				l := NewLimiter(LimiterOptions{})
				group := sim.Supergroup("Managers", sim.User("Boris", "ru"))
				var senders sync.WaitGroup
				deliver := func(chat int64, times int) {
					senders.Go(func() {
						for range times {
							for wait := l.Admit(chat, time.Now()); wait > 0; wait = l.Admit(chat, time.Now()) {
								time.Sleep(wait)
							}
							_, err := c.SendMessage(t.Context(), hello(chat))
							l.Release(chat, time.Now())
							assert.NoError(t, err)
						}
					})
				}
				for range 60 {
					owner := sim.User("Anna", "ru")
					owner.Send("hello")
					deliver(owner.ID, 5)
				}
				for range 10 {
					deliver(group.ID(), 6)
				}
				senders.Wait()
				assert.Zero(t, sim.Calls().Total().TooMany)
				assert.Less(t, time.Since(epoch), 2*time.Minute+20*time.Second, "60 to the group take two minutes, and no more")
			})
		})
	}
}
