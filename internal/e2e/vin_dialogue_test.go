package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
	"vinbot/internal/vin"
)

const (
	hondaInRussian = "1РПСЬ82633Ф004352" // typed with the Russian keyboard layout on
	doubledHonda   = "1HGCM82633AA004352"
	typoHonda      = "1HGCM82633A004353"
)

// ladas writes this many VINs, in rows.
func ladas(many int) []string {
	all := make([]string, many)
	for i := range all {
		all[i] = fmt.Sprintf("XTA210990Y2765%03d", i)
	}
	return all
}

// TestWhatIsSaidAboutVINs writes down the dialogue about numbers that are not
// simply one good VIN: read testdata/vins.*.txt. The cards come in any order, and
// are left out.
func TestWhatIsSaidAboutVINs(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"ru", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			w := begin(t, func(w *world, _ *telegramtest.Options) {
				w.cfg.DefaultLanguage, w.cfg.TelegramRateLimits = config.Language(lang), false
			})
			w.settled()
			s := &scribe{world: w, owner: w.sim.User(names(lang)[0], lang), shown: map[string]string{}, events: w.sim.Subscribe(w.Context())}
			s.step("")
			tellVINs(s)
			s.hideCards()
			s.compare(filepath.Join("testdata", "vins."+lang+".txt"))
		})
	}
}

// hideCards leaves out what was written in the group.
func (s *scribe) hideCards() {
	text, hidden := s.text.String(), false
	s.text.Reset()
	for line := range strings.Lines(text) {
		hidden = strings.HasPrefix(line, "👥") || hidden && strings.HasPrefix(line, "      ")
		if !hidden {
			s.text.WriteString(line)
		}
	}
}

func tellVINs(s *scribe) {
	s.owner.Send("Добрый день! Honda Accord, вин " + strings.ToLower(honda) + ", сколько стоит?")
	s.step("a VIN in a sentence")
	s.owner.Send("Ещё две: " + bmw + " и SАLLАААG5ВА123456, и та же " + honda)
	s.step("several in a sentence, one of them known")
	s.owner.Sends(telegramtest.Photo().WithCaption("вот этот: " + suzuki))
	s.step("a photo's caption")
	s.owner.Send("вин " + hondaInRussian + " ещё раз")
	s.step("the Russian layout, and the ticket is open")
	s.owner.Send("1АЕАЦ1УЕ5ВАС10372")
	s.step("the Russian layout")
	s.presses(s.owner, s.last(s.owner), "vinrep:1FTFW1ET5DFC10372")
	s.step("yes, that one")
	s.owner.Send("JHMCM56557C404453, XTA210990YY2765499")
	s.step("a good one and one with a doubled character")
	s.presses(s.owner, s.last(s.owner), "vinrep:XTA210990Y2765499")
	s.step("the repair")
	s.owner.Send("WVWZZZ1KZ6W00000")
	s.step("a gap, and nothing to offer")
	s.owner.Send("кузов GX110-0069622, пробьёте?")
	s.step("a frame number in a sentence")
	s.owner.Send("GX110-0069622, JZX100-0012345")
	s.step("two of them")
	s.owner.Send(strings.Join(ladas(12), "\n"))
	s.step("twelve")
	s.owner.Send(typoHonda)
	s.step("a likely typo")
	question := s.last(s.owner)
	s.presses(s.owner, question, question.Callbacks()[0])
	s.step("the first repair")
}

// TestSeveralVINsInASentence are as many tickets and cards, told about in one
// message.
func TestSeveralVINsInASentence(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send("У меня две машины: " + honda + " (Honda) и " + bmw + ". Сделаете?")
	w.sees(w.anna, telegramtest.Containing("№1", honda, "Honda, США, 2003", "№2", bmw, "BMW, Германия"))
	assert.Contains(t, w.card(honda).Text, honda+"\nHonda, США, 2003\n")
	assert.Contains(t, w.card(bmw).Text, bmw+"\nBMW, Германия\n")
	w.settled()
	assert.Equal(t, 2, w.tickets())
	assert.Len(t, w.fromBot(w.anna), 1)
}

// TestTwelveVINsAtOnce: ten tickets, and the other two are named; nobody is
// flooded.
func TestTwelveVINsAtOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	all := ladas(12)
	w.anna.Send(strings.Join(all, " "))
	answer := w.sees(w.anna, telegramtest.Containing("№10", all[9], "до 10 номеров", all[10], all[11]))
	assert.Greater(t, strings.Index(answer.Text, all[10]), strings.Index(answer.Text, "до 10 номеров"))
	w.settled()
	assert.Equal(t, 10, w.tickets())
	assert.Len(t, w.fromBot(w.anna), 1)
}

// TestAGoodVINBesideAFaultyOne is not held up by the question about the other.
func TestAGoodVINBesideAFaultyOne(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][2]string{"ru": {"принята", "один лишний"}, "en": {"accepted", "one is too many"}} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			owner := w.sim.User("Kim", lang)
			owner.Send(doubledHonda + ", " + bmw)
			w.sees(owner, telegramtest.Containing("1", bmw, words[0]))
			question := w.sees(owner, telegramtest.Containing("18", words[1]))
			assert.Equal(t, []string{"vinrep:" + honda}, question.Callbacks())
			w.settled()
			assert.Equal(t, 1, w.tickets())
		})
	}
}

// TestARepairPressedTwiceOpensOneTicket, and the buttons go.
func TestARepairPressedTwiceOpensOneTicket(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(doubledHonda)
	question := w.sees(w.anna, telegramtest.WithButton("vinrep:"+honda))
	assert.Contains(t, w.presses(w.anna, question, "vinrep:"+honda).Text, "№1 принята")
	assert.Contains(t, w.presses(w.anna, question, "vinrep:"+honda).Text, "уже принят")
	w.sees(w.anna, telegramtest.Containing("№1", "принята", honda))
	w.sees(w.anna, func(m telegramtest.Message) bool { return m.ID == question.ID && len(m.Callbacks()) == 0 })
	w.settled()
	assert.Equal(t, 1, w.tickets())
	assert.Len(t, w.fromBot(w.anna), 2)
	assert.Zero(t, w.look(`SELECT count(*) FROM tickets WHERE confirmed`), "there was nothing to confirm")
}

// TestTwoRepairsPressedAtOnceOpenOneTicket: the owner's fingers are fast, or
// their client sends both presses when it is back.
func TestTwoRepairsPressedAtOnceOpenOneTicket(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		w := begin(t, settings...)
		w.anna.Send("1HGCM8263A004352")
		question := w.sees(w.anna, telegramtest.WithButton("vinrep:"+honda))
		require.Len(t, question.Callbacks(), 2)
		var race sync.WaitGroup
		for _, repair := range question.Callbacks() {
			race.Go(func() { w.anna.Press(question, repair) })
		}
		race.Wait()
		w.sees(w.anna, telegramtest.Containing("№1", "принята"))
		w.settled()
		assert.Equal(t, 1, w.tickets())
	})
}

// TestTheLayoutIsAskedNeverAssumed in either language.
func TestTheLayoutIsAskedNeverAssumed(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][2]string{"ru": {"русской раскладке", "принята"}, "en": {"Russian keyboard", "accepted"}} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			owner := w.sim.User("Kim", lang)
			owner.Send(strings.ToLower(hondaInRussian))
			question := w.sees(owner, telegramtest.Containing(words[0], honda))
			w.settled()
			assert.Zero(t, w.tickets())
			w.presses(owner, question, "vinrep:"+honda)
			w.sees(owner, telegramtest.Containing("1", words[1], honda))
		})
	}
}

// TestAForgedRepair opens nothing that would need a question, and nothing that
// is no VIN.
func TestAForgedRepair(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(doubledHonda)
	own := w.sees(w.anna, telegramtest.WithButton("vinrep:"+honda))
	for data, says := range map[string]string{
		"vinrep:": "больше не действует", "vinrep:" + honda[:16]: "больше не действует", "vinrep:1": "больше не действует",
		"vinrep:<b>": "больше не действует", "vinrep:" + strings.ToLower(honda): "больше не действует",
		"vinrep:" + honda + ":1": "больше не действует", "vinrep:" + typoHonda: "принять нельзя",
	} {
		assert.Contains(t, w.forges(w.anna, own, data), says, data)
	}
	w.settled()
	assert.Zero(t, w.tickets())
}

// TestEveryVINIsMaskedInTheLog, whichever way it came.
func TestEveryVINIsMaskedInTheLog(t *testing.T) {
	t.Parallel()
	w := begin(t)
	all := append(ladas(3), honda, bmw, typoHonda, doubledHonda, hondaInRussian, "GX110-0069622")
	w.anna.Send(strings.Join(all, ", "))
	w.sees(w.anna, telegramtest.Containing("№5"))
	question := w.sees(w.anna, telegramtest.WithButton("vinok:"+typoHonda))
	w.presses(w.anna, question, "vinok:"+typoHonda)
	w.settled()
	require.NotEmpty(t, w.log.with(vin.Mask(honda)))
	for _, secret := range append(slices.Clone(all), strings.ToLower(hondaInRussian), "GX1100069622") {
		assert.NotContains(t, w.log.all(), secret)
	}
}

// TestMismatchesAreCountedByMaker on the page that the operator's tools read.
func TestMismatchesAreCountedByMaker(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.anna.Send(typoHonda + " и XTA210990Y2765499")
	w.sees(w.anna, telegramtest.Containing("№1"))
	w.settled()
	page := w.body("/metrics")
	assert.Contains(t, page, `vinbot_vin_check_digit_mismatches_total{verdict="confirm",wmi="1HG"} 1`)
	assert.Contains(t, page, `vinbot_vin_check_digit_mismatches_total{verdict="ok",wmi="XTA"} 1`)
}
