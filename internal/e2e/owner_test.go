package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// TestJourney is the main job, whole: a VIN, a ticket, a card, Take, a PDF,
// the owner has it, everybody was told.
func TestJourney(t *testing.T) { onEach(t, journey) }

func journey(t *testing.T, settings ...setting) {
	t.Helper()
	w := begin(t, settings...)
	w.anna.Send(honda)
	answer := w.sees(w.anna, telegramtest.Containing("№1", honda))
	assert.Contains(t, answer.Text, "принята")

	card := w.card(honda)
	assert.Contains(t, card.Text, "Анна")
	assert.Equal(t, []string{"take:1", "done_hint:1"}, card.Callbacks())

	assert.Contains(t, w.presses(w.boris.In(w.group), card, "take:1").Text, "ваша")
	w.shows(card, "Борис")
	w.sees(w.anna, telegramtest.Containing("в работе"))

	mail := w.boris.In(w.group).ReplyPDF(card, pdf(), "")
	w.sees(w.group, telegramtest.Reacted(mail, "👀"))
	report := w.sees(w.anna, telegramtest.WithDocument())
	assert.Equal(t, mail.Document.UniqueID, report.Document.UniqueID, "sent by its file id, not uploaded")
	w.sees(w.group, telegramtest.Reacted(mail, "👍"))
	w.shows(card, "Доставлено", "Борис")

	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done' AND closed_at IS NOT NULL`))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports WHERE blob_key <> '' AND sha256 <> ''`), "archived")
	assert.Zero(t, w.look(`SELECT count(*) FROM updates WHERE body IS NOT NULL`), "bodies are erased")
	assert.Len(t, w.fromBot(w.anna), 3, "accepted, taken, report: each once")
	assert.Len(t, w.fromBot(w.group), 1, "one card")
}

func TestTheSameVINAgainShowsTheTicket(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	w.card(honda)
	w.anna.Send(strings.ToLower(honda))
	w.sees(w.anna, telegramtest.Containing("уже принят", "№1"))
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Len(t, w.fromBot(w.group), 1)
}

func TestTwoOwnersOfOneVINHaveTwoTickets(t *testing.T) {
	t.Parallel()
	w := begin(t)
	other := w.sim.User("Олег", "ru")
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1"))
	other.Send(honda)
	w.sees(other, telegramtest.Containing("№2"))
	w.settled()
	assert.Equal(t, 2, w.tickets())
}

func TestCharactersThatChangedAreShown(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send("1НGСМ82633А004352") // НСМА are Cyrillic
	w.sees(w.anna, telegramtest.Containing("№1", honda))
	w.anna.Send("WBAFW5I040C245397")
	w.sees(w.anna, telegramtest.Containing("№2", bmw, "I"))
}

func TestATypoIsAskedAboutAndNeverAssumed(t *testing.T) {
	t.Parallel()
	w := begin(t)
	wrong := "1HGCM82633A004353"
	w.anna.Send(wrong)
	question := w.sees(w.anna, telegramtest.WithButton("vinok:"+wrong))
	assert.True(t, question.HasButton("vinfix:"+wrong))
	w.settled()
	assert.Zero(t, w.tickets(), "no ticket until the owner says so")

	w.presses(w.anna, question, "vinok:"+wrong)
	w.sees(w.anna, telegramtest.Containing("№1", wrong))
	card := w.card(wrong)
	assert.Contains(t, card.Text, "подтвердил", "the card is marked")
	w.sees(w.anna, func(m telegramtest.Message) bool { return m.ID == question.ID && len(m.Keyboard) == 0 })

	w.presses(w.anna, question, "vinok:"+wrong)
	w.settled()
	assert.Equal(t, 1, w.tickets(), "a second press makes no second ticket")
}

func TestAnOwnerWhoFixesATypoOpensNothing(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send("1HGCM82633A004353")
	question := w.sees(w.anna, telegramtest.WithButton("vinfix:1HGCM82633A004353"))
	w.presses(w.anna, question, "vinfix:1HGCM82633A004353")
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№1", honda))
	w.settled()
	assert.Equal(t, 1, w.tickets())
}

// TestNothingIsMetWithSilence sends everything that a private chat can hold.
func TestNothingIsMetWithSilence(t *testing.T) {
	t.Parallel()
	tests := map[string]telegramtest.Content{
		"a photo":         telegramtest.Photo(),
		"a voice message": telegramtest.Voice(),
		"a sticker":       telegramtest.Sticker("🚗"),
		"a document":      telegramtest.PDF("sts.pdf", pdf()),
		"talk":            telegramtest.Text("добрый день, сколько стоит?"),
		"a short VIN":     telegramtest.Text(honda[:16]),
		"a long VIN":      telegramtest.Text(honda + "1"),
		"a frame number":  telegramtest.Text("GX110-0069622"),
		"what is unknown": telegramtest.Unknown("hologram", `{"depth":3}`),
		"a help command":  telegramtest.Text("/help"),
		"nonsense":        telegramtest.Text("/frobnicate"),
		"4,096 letters":   telegramtest.Text(strings.Repeat("ы", 4096)),
		"HTML":            telegramtest.Text("<b>1HGCM82633A00435</b> & <script>"),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			w.anna.Sends(content)
			w.sees(w.anna, telegramtest.Containing())
			w.settled()
			assert.Len(t, w.fromBot(w.anna), 1, "one answer")
			assert.Zero(t, w.tickets())
		})
	}
}

func TestAnEditedMessageIsAnswered(t *testing.T) {
	t.Parallel()
	w := begin(t)
	sent := w.anna.Send("hello")
	w.sees(w.anna, telegramtest.Containing())
	w.anna.Edit(sent, honda)
	w.sees(w.anna, telegramtest.Containing("изменили"))
}

func TestADeepLinkOpensATicket(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Start(honda)
	w.sees(w.anna, telegramtest.Containing("№1", honda))
	w.card(honda)
}

func TestStartGreetsInTheOwnersLanguage(t *testing.T) {
	t.Parallel()
	w := begin(t)
	john := w.sim.User("John", "en")
	john.Start("")
	w.sees(john, telegramtest.Containing("VIN", "Hello"))
	w.anna.Start("")
	w.sees(w.anna, telegramtest.Containing("Здравствуйте"))
}

func TestNamesCannotBreakTheCard(t *testing.T) {
	t.Parallel()
	w := begin(t)
	mallory := w.sim.AddUser(telegramtest.User{FirstName: "<b>\u202eMallory & Co</i>", Language: "ru"})
	mallory.Send(honda)
	card := w.card(honda)
	assert.Contains(t, card.Text, "<b>")
	assert.NotContains(t, card.Text, "\u202e", "no mark turns the text around")
}

func TestCommandsAreRegistered(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.settled()
	require.NotEmpty(t, w.sim.Commands(telegramtest.CommandScope{Type: "all_private_chats", Language: "ru"}))
	require.NotEmpty(t, w.sim.Commands(telegramtest.CommandScope{Type: "all_private_chats", Language: "en"}))
	group := w.sim.Commands(telegramtest.CommandScope{Type: "chat", Chat: w.group.Chat()})
	require.NotEmpty(t, group)
}
