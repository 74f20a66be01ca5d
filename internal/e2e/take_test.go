package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// TestOf64WhoPressTakeAtOnceOneWins presses from 64 hands at one moment.
func TestOf64WhoPressTakeAtOnceOneWins(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	const crowd = 64
	presses := make([]*telegramtest.Press, crowd)
	var start, pressed sync.WaitGroup
	start.Add(1)
	for i := range crowd {
		manager := w.sim.User(fmt.Sprintf("Менеджер%02d", i), "ru")
		w.group.Join(manager)
		pressed.Go(func() {
			start.Wait()
			presses[i] = manager.In(w.group).Press(card, "take:1")
		})
	}
	start.Done()
	pressed.Wait()

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	winners, losers := []string{}, map[string]int{}
	for i, p := range presses {
		answer, err := p.Answer(ctx)
		require.NoError(t, err, "every press is answered")
		if strings.Contains(answer.Text, "ваша") {
			winners = append(winners, fmt.Sprintf("Менеджер%02d", i))
			continue
		}
		losers[answer.Text]++
	}
	require.Len(t, winners, 1, "one taker")
	require.Len(t, losers, 1, "the others read the same")
	for text, n := range losers {
		assert.Equal(t, crowd-1, n)
		assert.Contains(t, text, winners[0], "who has it")
	}
	w.shows(card, winners[0])
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'taken'`))
}

func TestTakeIsAnsweredWhoeverPressesAndWhenever(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	boris, vera := w.boris.In(w.group), w.vera.In(w.group)
	assert.Contains(t, w.presses(boris, card, "take:1").Text, "ваша")
	assert.Contains(t, w.presses(boris, card, "take:1").Text, "уже у вас")
	assert.Contains(t, w.presses(vera, card, "take:1").Text, "Борис")
	w.delivered(card, boris.ReplyPDF(card, pdf(), ""))
	assert.Contains(t, w.presses(vera, card, "take:1").Text, "выполнена")
	assert.NotEmpty(t, w.presses(vera, card, "done_hint:1").Text)
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'taken'`))
}

func TestDoneHintTellsHowToFinish(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	answer := w.presses(w.boris.In(w.group), card, "done_hint:1")
	assert.True(t, answer.Alert)
	assert.LessOrEqual(t, len([]rune(answer.Text)), 200)
	assert.Contains(t, answer.Text, "/done 1")
	w.boris.Start("done")
	w.sees(w.boris, telegramtest.Containing("Как завершить заявку", "/done"))
}

func TestTheOwnerIsToldOnceThatSomebodyWorksOnIt(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.presses(w.boris.In(w.group), card, "take:1")
	w.presses(w.vera.In(w.group), card, "take:1")
	w.sees(w.anna, telegramtest.Containing("в работе"))
	w.settled()
	told := 0
	for _, m := range w.fromBot(w.anna) {
		if strings.Contains(m.Text, "в работе") {
			told++
		}
	}
	assert.Equal(t, 1, told)
}

func TestAnAnonymousAdmin(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.group.Promote(w.boris)
	masked := w.boris.In(w.group).Anonymously("")

	bad := masked.ReplyPDF(card, pdf(), "")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(bad)(m) && telegramtest.Containing("от имени группы")(m)
	})
	masked.Send("обед?") // changes nothing, so it is answered by nobody
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	assert.Len(t, w.fromBot(w.group), 2)

	assert.Contains(t, w.presses(masked, card, "take:1").Text, "ваша", "a press names the real user and works")
}

// TestEditsOfACardThatWaitAreOne holds an edit up, and looks at how many the
// card gets for what happens meanwhile.
func TestEditsOfACardThatWaitAreOne(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	held := w.sim.On("editMessageText").Hold()
	w.presses(w.boris.In(w.group), card, "take:1")
	require.NoError(t, held.Wait(t.Context()))
	w.boris.In(w.group).ReplyPDF(card, pdf(), "") // accepted, delivered: two more states
	require.Eventually(t, func() bool { return w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`) == 1 }, patience, 10*time.Millisecond)
	held.Open()
	w.shows(card, "Доставлено")
	w.settled()
	now, ok := w.sim.Now(card)
	require.True(t, ok)
	assert.LessOrEqual(t, now.Edited, 2, "the one in flight, and one for all that came meanwhile")
}
