package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// TestAnOldClientsVINIsRead: full-width forms, separators and small letters.
func TestAnOldClientsVINIsRead(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{
		"full width":        "１ＨＧＣＭ８２６３３Ａ００４３５２",
		"spaces and dashes": "1hg cm826-33a.004352",
		"Cyrillic":          "1нgсм82633а004352",
		"stars":             "*1HGCM82633A004352*",
		"VIN in front":      "VIN: 1HGCM82633A004352",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			w.anna.Send(sent)
			w.sees(w.anna, telegramtest.Containing("№1", honda))
			assert.Contains(t, w.card(honda).Text, honda)
		})
	}
}

// TestTheVINStandsInMonospace, in the owner's answer and on the card, and a
// button copies it.
func TestTheVINStandsInMonospace(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(honda)
	for _, m := range []telegramtest.Message{w.sees(w.anna, telegramtest.Containing(honda)), w.card(honda)} {
		at := len([]rune(m.Text[:strings.Index(m.Text, honda)])) // no letter here takes two UTF-16 units but the mark in front
		found := false
		for _, e := range m.Entities {
			found = found || e.Type == "code" && e.Length == len(honda) && e.Offset-at <= 1
		}
		assert.True(t, found, "%q %v", m.Text, m.Entities)
	}
	copies, ok := w.card(honda).Button("Скопировать")
	assert.True(t, ok)
	assert.Equal(t, honda, copies.CopyText)
}

// TestTheSameVINByDoubleTapIsOneTicket: two messages in one batch.
func TestTheSameVINByDoubleTapIsOneTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.anna.Send(honda)
	w.anna.Send(honda)
	w.start()
	w.sees(w.anna, telegramtest.Containing("№1", "принята"))
	w.sees(w.anna, telegramtest.Containing("№1", "уже принят"))
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Len(t, w.fromBot(w.group), 1)
}

// TestTwentyVINsInARow by one owner: twenty tickets, cards and answers, each
// once and in order.
func TestTwentyVINsInARow(t *testing.T) {
	t.Parallel()
	w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	const many = 20
	vin := func(i int) string { return fmt.Sprintf("XTA2109906Y%06d", 765400+i) }
	for i := range many {
		w.anna.Send(vin(i))
	}
	w.sees(w.anna, telegramtest.Containing("№20", vin(many-1)))
	w.settled()
	answers := w.fromBot(w.anna)
	assert.Len(t, answers, many)
	for i, m := range answers {
		assert.Contains(t, m.Text, fmt.Sprintf("№%d", i+1))
		assert.Contains(t, m.Text, vin(i))
	}
	assert.Len(t, w.fromBot(w.group), many)
	assert.Equal(t, many, w.tickets())
}

// TestWhatTheOperatorThinksOfCheckDigits: auto hints for makers that always
// carry one, strict refuses, off looks at none.
func TestWhatTheOperatorThinksOfCheckDigits(t *testing.T) {
	t.Parallel()
	const wrongBMW, wrongHonda, lada = "WBAFW51050C245397", "1HGCM82633A004353", "XTA210990Y2765499"
	tests := map[string]struct {
		mode    config.CheckDigit
		vin     string
		says    string
		not     string
		tickets int
	}{
		"auto, in America: asked":        {config.CheckAuto, wrongHonda, "Похоже на опечатку", "", 0},
		"auto, a maker that carries it":  {config.CheckAuto, wrongBMW, "контрольный", "", 1},
		"auto, elsewhere: not a word":    {config.CheckAuto, lada, "№1", "контрольный", 1},
		"strict, in America: refused":    {config.CheckStrict, wrongHonda, "опечатка", "№", 0},
		"strict, elsewhere: refused too": {config.CheckStrict, wrongBMW, "опечатка", "№", 0},
		"off: none is looked at":         {config.CheckOff, wrongHonda, "№1", "контрольный", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.VINCheckDigit = test.mode })
			w.anna.Send(test.vin)
			answer := w.sees(w.anna, telegramtest.Containing(test.says))
			if test.not != "" {
				assert.NotContains(t, answer.Text, test.not)
			}
			w.settled()
			assert.Equal(t, test.tickets, w.tickets())
		})
	}
}

// TestTheReasonIsSaidInWordsAndTheSpotShown for what is no VIN.
func TestTheReasonIsSaidInWordsAndTheSpotShown(t *testing.T) {
	t.Parallel()
	for sent, says := range map[string][]string{
		honda[:16]:          {"16 символов", "не хватает одного"},
		honda + "7":         {"18 символов", "один лишний"},
		"12345678901234567": {"одни цифры"},
		"1HGCM82633A00435X": {"X", "▲"},
		"1HGCM82633Ж004352": {"Ж", "▲"},
		"GX110-0069622":     {"номер кузова"},
	} {
		t.Run(sent, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			w.anna.Send(sent)
			w.sees(w.anna, telegramtest.Containing(says...))
			w.settled()
			assert.Zero(t, w.tickets())
		})
	}
}

// TestAnOwnerIsSpokenToInTheirOwnLanguage from the first word to the report,
// and in the default one where Telegram tells none.
func TestAnOwnerIsSpokenToInTheirOwnLanguage(t *testing.T) {
	t.Parallel()
	for code, words := range map[string][3]string{
		"en":    {"accepted", "being worked on", "is ready"},
		"ru":    {"принята", "в работе", "готов"},
		"en-GB": {"accepted", "being worked on", "is ready"},
		"de":    {"принята", "в работе", "готов"},
		"":      {"принята", "в работе", "готов"},
	} {
		t.Run("language "+code, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			kim := w.sim.User("Kim", code)
			kim.Send(honda)
			w.sees(kim, telegramtest.Containing(words[0]))
			card := w.card(honda)
			w.presses(w.boris.In(w.group), card, "take:1")
			w.sees(kim, telegramtest.Containing(words[1]))
			w.boris.In(w.group).ReplyPDF(card, pdf(), "")
			assert.Contains(t, w.sees(kim, telegramtest.WithDocument()).Text, words[2])
			w.shows(card, "Доставлено") // the group keeps its own
		})
	}
}

// TestOwnersAreAnsweredWhileTheGroupIsSlow: answers overtake the cards.
func TestOwnersAreAnsweredWhileTheGroupIsSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := w.sim.On("sendMessage").In(w.group).Hold()
	w.start()
	for i := range 8 { // more than may be on their way to the group
		owner := w.sim.User(fmt.Sprintf("Владелец%d", i), "ru")
		owner.Send(honda)
		w.sees(owner, telegramtest.Containing("принята"))
	}
	assert.NoError(t, held.Wait(t.Context()))
	assert.Empty(t, w.fromBot(w.group))
	held.Open()
	w.card(honda)
}
