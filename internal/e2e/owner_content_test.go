package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// secret stands in whatever is sent, where the kind has a place for it.
const secret = "Селиванова"

// arrival is what an owner sends, and a part of the one answer in Russian and
// in English; without them there is rightly none.
type arrival struct {
	sent    []telegramtest.Content
	ru, en  string
	tickets int
}

func arrives(c telegramtest.Content, ru, en string) arrival {
	return arrival{sent: []telegramtest.Content{c}, ru: ru, en: en}
}

func asks(c telegramtest.Content) arrival {
	return arrival{sent: []telegramtest.Content{c}, ru: "№1", en: "#1", tickets: 1}
}

// arrivals is everything that a person can send in the private chat.
func arrivals() map[string]arrival {
	file := `"file_id":"AgAD","file_unique_id":"u"`
	forwarded := `{"type":"hidden_user","sender_user_name":"` + secret + `","date":1700000000}`
	kind := telegramtest.Unknown
	return map[string]arrival{
		"a photo":                    arrives(telegramtest.Photo(), "Снимки", "pictures"),
		"a photo with words":         arrives(telegramtest.Photo().WithCaption(secret), "Снимки", "pictures"),
		"a photo with a VIN":         asks(telegramtest.Photo().WithCaption(honda)),
		"an album":                   album("Файлы и снимки", "files and pictures"),
		"a voice message":            arrives(telegramtest.Voice(), "Слушать", "listen"),
		"a sticker":                  arrives(telegramtest.Sticker("🚗"), "Спасибо", "Thank you"),
		"a video note":               arrives(kind("video_note", `{`+file+`,"length":240,"duration":3}`), "Видео", "videos"),
		"a poll":                     arrives(kind("poll", `{"id":"1","question":"`+secret+`","options":[],"type":"regular"}`), "опрос", "polls"),
		"a contact":                  arrives(kind("contact", `{"phone_number":"+79990001122","first_name":"`+secret+`"}`), "контакты", "contacts"),
		"a place":                    arrives(kind("location", `{"latitude":55.7517839,"longitude":37.6176321}`), "Место", "place"),
		"a dice":                     arrives(kind("dice", `{"emoji":"🎲","value":6}`), "Спасибо", "Thank you"),
		"what is unknown":            arrives(kind("hologram", `{"of":"`+secret+`"}`), "не понимаю", "do not understand"),
		"a forwarded VIN":            asks(telegramtest.Text(honda).With("forward_origin", forwarded)),
		"forwarded words":            arrives(telegramtest.Text(secret).With("forward_origin", forwarded), "VIN", "VIN"),
		"4,096 letters":              arrives(telegramtest.Text(strings.Repeat("ы", 4096)), "VIN", "VIN"),
		"a VIN after 4,078 letters":  asks(telegramtest.Text(strings.Repeat("ы", 4078) + " " + honda)),
		"a message that was pinned":  arrives(kind("pinned_message", `{"message_id":1,"date":0,"chat":{"id":1,"type":"private"}}`), "", ""),
		"a timer that was set":       arrives(kind("message_auto_delete_timer_changed", `{"message_auto_delete_time":86400}`), "", ""),
		"a background that was set":  arrives(kind("chat_background_set", `{"type":{"type":"chat_theme","theme_name":"🏆"}}`), "", ""),
		"leave to write that stands": arrives(kind("write_access_allowed", `{}`), "", ""),
	}
}

func album(ru, en string) arrival {
	one := telegramtest.Photo().InAlbum("cars")
	return arrival{sent: []telegramtest.Content{one.WithCaption(secret), one, one}, ru: ru, en: en}
}

// TestWhateverAnOwnerSendsHasItsAnswer sends everything that there is, in both languages.
func TestWhateverAnOwnerSendsHasItsAnswer(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ru", "en"} {
		for name, a := range arrivals() {
			t.Run(language+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := begin(t)
				owner := w.sim.User(secret, language)
				for _, content := range a.sent {
					owner.Sends(content)
				}
				answer := map[string]string{"ru": a.ru, "en": a.en}[language]
				if answer != "" {
					w.sees(owner, telegramtest.Containing(answer))
				}
				w.quiet(owner, answer != "", a.tickets)
			})
		}
	}
}

// TestAnAlbumWhoseCaptionIsAVINHasOneAnswer sends it with the VIN under any of
// its pictures, and with a stop of the bot behind that one.
func TestAnAlbumWhoseCaptionIsAVINHasOneAnswer(t *testing.T) {
	t.Parallel()
	const pictures = 3
	answer := map[string]string{"ru": "№1", "en": "#1"}
	for _, language := range []string{"ru", "en"} {
		for at := range pictures {
			for _, stops := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/under picture %d/%t", language, at+1, stops), func(t *testing.T) {
					t.Parallel()
					w := begin(t)
					owner := w.sim.User(secret, language)
					for i := range pictures {
						item := telegramtest.Photo().InAlbum("cars")
						if i == at {
							item = item.WithCaption(honda)
						}
						owner.Sends(item)
						if stops && i == at {
							w.sees(owner, telegramtest.Containing(answer[language]))
							w.stop()
							w.later(10 * time.Second)
							w.start()
						}
					}
					w.sees(owner, telegramtest.Containing(answer[language]))
					require.NoError(t, w.sim.WaitConfirmed(t.Context()))
					require.Eventually(t, func() bool {
						return w.look(`SELECT (SELECT count(*) FROM updates WHERE state = 'waiting')
							+ (SELECT count(*) FROM outbox WHERE state IN ('waiting', 'leased') AND lane NOT LIKE 'album:%')`) == 0
					}, patience, 10*time.Millisecond)
					assert.Len(t, w.fromBot(owner), 1)
					assert.Equal(t, 1, w.tickets())
				})
			}
		}
	}
}

// quiet checks that nobody was told more than once, nothing failed, and the log tells nothing of anybody.
func (w *world) quiet(owner *telegramtest.User, answered bool, tickets int) {
	w.Helper()
	w.settled()
	answers := 0
	if answered {
		answers = 1
	}
	assert.Len(w, w.fromBot(owner), answers)
	assert.Equal(w, tickets, w.tickets())
	assert.Zero(w, w.look(`SELECT (SELECT count(*) FROM updates WHERE state = 'dead') + (SELECT count(*) FROM outbox WHERE state = 'dead')`))
	for _, personal := range []string{secret, honda, "+7999", "55.7517839"} {
		assert.NotContains(w, w.log.all(), personal)
	}
}

// TestWhatNobodyWaitsForAnAnswerToHasNone brings what is no message of an owner.
func TestWhatNobodyWaitsForAnAnswerToHasNone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ kind, body string }{
		"a place that moves": {"edited_message", `{"message_id":7,"date":1700000000,"edit_date":1700000060,"from":%[1]s,"chat":%[2]s,` +
			`"location":{"latitude":55.7517839,"longitude":37.6176321,"live_period":900}}`},
		"a post of a channel":    {"channel_post", `{"message_id":7,"date":1700000000,"chat":{"id":-1009,"type":"channel","title":"x"},"text":"` + honda + `"}`},
		"a message from nobody":  {"message", `{"message_id":7,"date":1700000000,"chat":{"id":-1009,"type":"channel","title":"x"},"text":"` + honda + `"}`},
		"a kind that nobody has": {"hologram", `{"text":"` + secret + `","from":%[1]s,"chat":%[2]s}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			body := strings.NewReplacer(
				"%[1]s", fmt.Sprintf(`{"id":%d,"is_bot":false,"first_name":"%s"}`, w.anna.ID, secret),
				"%[2]s", fmt.Sprintf(`{"id":%d,"type":"private"}`, w.anna.ID)).Replace(tt.body)
			w.sim.Inject(tt.kind, body)
			w.quiet(w.anna, false, 0)
		})
	}
}

func TestAVINInAReplyToAnOldMessageIsRead(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Start("")
	greeting := w.sees(w.anna, telegramtest.Containing("Здравствуйте"))
	w.later(366 * 24 * time.Hour)
	w.anna.Reply(greeting, honda)
	w.sees(w.anna, telegramtest.Containing("№1", honda))
	w.card(honda)
}

func TestAButtonPressedAfterAYearIsAnswered(t *testing.T) {
	t.Parallel()
	w := begin(t)
	report := w.delivers(w.anna)
	w.settled()
	before := len(w.fromBot(w.anna))
	w.later(366 * 24 * time.Hour)
	assert.NotEmpty(t, w.presses(w.anna, report, "rate:1:5").Text)
	w.settled()
	assert.Len(t, w.fromBot(w.anna), before)
	assert.Zero(t, w.look(`SELECT count(*) FROM updates WHERE state = 'dead'`))
}

// TestACardWaitsForTheBotToBeInTheGroup has an owner write before the bot was added.
func TestACardWaitsForTheBotToBeInTheGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group.KickBot()
	w.start()
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1", honda))
	w.cardWaits()
	w.group.AddBot(w.boris)
	w.group.PromoteBot()
	w.later(time.Minute) // the time of the next try
	w.anna.Send(bmw)
	w.card(honda)
	w.card(bmw)
	w.settled()
	cards := 0
	for _, m := range w.fromBot(w.group) {
		if hasCopy(m) {
			cards++
		}
	}
	assert.Equal(t, 2, cards)
	assert.Equal(t, 2, w.tickets())
}

// TestAButtonOfAMessageThatBotsNoLongerSee presses what Telegram no
// longer shows to bots.
func TestAButtonOfAMessageThatBotsNoLongerSee(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send("привет")
	w.sees(w.anna, telegramtest.Containing())
	for i, data := range []string{"vinok:" + honda, "rate:1:5", "again:1", "cancel:1", "lang:en", "long:forgotten", ""} {
		w.sim.Inject("callback_query", fmt.Sprintf(
			`{"id":"year%d","chat_instance":"1","from":{"id":%d,"is_bot":false,"first_name":"Anna","language_code":"ru"},`+
				`"message":{"message_id":7,"date":0,"chat":{"id":%d,"type":"private","first_name":"Anna"}},"data":%q}`,
			i, w.anna.ID, w.anna.ID, data))
	}
	w.anna.Send(suzuki)
	w.sees(w.anna, telegramtest.Containing(suzuki))
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM updates WHERE state <> 'done'`), "each is dealt with")
	assert.Zero(t, w.look(`SELECT count(*) FROM ratings`))
}
