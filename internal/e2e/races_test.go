package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

// TestTheCardEndsOnTheTruth has managers, and the owner, do everything at once
// to many tickets whose cards offer it, and compares each card with the ticket.
func TestTheCardEndsOnTheTruth(t *testing.T) {
	t.Parallel()
	const crowd = 60
	w := begin(t, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	all := w.owners(crowd)
	cards := make([]telegramtest.Message, crowd)
	asks := make([]telegramtest.Message, crowd)
	numbers := make([]int, crowd)
	boris, vera := w.boris.In(w.group), w.vera.In(w.group)
	for i, o := range all {
		o.writes()
		cards[i] = w.card(o.vin)
		w.takes(boris, cards[i])
		numbers[i] = w.look(`SELECT id FROM tickets WHERE vin = ?`, o.vin)
		w.presses(boris, cards[i], fmt.Sprintf("reject:%d", numbers[i]))
		asks[i] = w.sees(w.group, func(m telegramtest.Message) bool {
			return telegramtest.Replying(cards[i])(m) && m.HasButton(fmt.Sprintf("rejnot:%d", numbers[i]))
		})
	}
	var race sync.WaitGroup
	for i := range all {
		deeds := []func(){
			func() { vera.Press(cards[i], fmt.Sprintf("take:%d", numbers[i])) },
			func() { boris.Press(cards[i], fmt.Sprintf("release:%d", numbers[i])) },
			func() { vera.Press(cards[i], fmt.Sprintf("prio:%d:high", numbers[i])) },
			func() { boris.Press(asks[i], fmt.Sprintf("rejfor:%d:no_data", numbers[i])) },
			func() { vera.ReplyPDF(cards[i], pdf(), "") },
			func() { boris.Send(fmt.Sprintf("/reopen %d", numbers[i])) },
		}
		rand.Shuffle(len(deeds), func(a, b int) { deeds[a], deeds[b] = deeds[b], deeds[a] })
		for _, do := range deeds {
			race.Go(do)
		}
	}
	race.Wait()
	w.settled()
	says := map[ticket.Status]string{
		ticket.New: "ещё никто не взял", ticket.Taken: "В работе", ticket.Done: "Доставлено", ticket.Rejected: "Отклонена",
	}
	for i, o := range all {
		var status ticket.Status
		w.query(`SELECT status FROM tickets WHERE id = ?`, func(rows rowScanner) { assert.NoError(t, rows.Scan(&status)) }, numbers[i])
		for _, m := range w.fromBot(w.group) {
			if hasCopy(m) && strings.Contains(m.Text, o.vin) {
				assert.Contains(t, m.Text, says[status], "a card of ticket %d, which is %s", numbers[i], status)
			}
		}
	}
}
