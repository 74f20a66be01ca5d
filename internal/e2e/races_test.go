package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

// raceTickets is to how many tickets everything is done at once in a race.
const raceTickets = 50

// crowds is how many races there are, each with a bot and a group of its own,
// since each looks through all that is written there: -crowds 20 is a thousand
// tickets, each with an interleaving of its own.
var crowds = flag.Int("crowds", 2, "how many times 50 tickets are raced for")

// TestTheCardEndsOnTheTruth has managers, and the owner, do everything at once
// to many tickets whose cards offer it, and compares each card with the ticket.
func TestTheCardEndsOnTheTruth(t *testing.T) {
	t.Parallel()
	for crowd := range *crowds {
		t.Run(strconv.Itoa(crowd), func(t *testing.T) { // one after the other: each keeps the machine busy
			begin(t, unlimited).race()
		})
	}
}

// raced is a ticket to which everything is done at once.
type raced struct {
	owner
	number    int
	card, ask telegramtest.Message // the card, and the question why it is rejected
	wish      telegramtest.Message // the question whether its owner cancels it
}

func (w *world) race() {
	all := make([]*raced, raceTickets)
	var prepared sync.WaitGroup
	for i, o := range w.owners(raceTickets) {
		all[i] = &raced{owner: o}
		prepared.Go(func() { w.prepare(all[i]) })
	}
	prepared.Wait()
	boris, vera := w.boris.In(w.group), w.vera.In(w.group)
	var race sync.WaitGroup
	for i, r := range all {
		deeds := []func(){
			func() { vera.Press(r.card, fmt.Sprintf("take:%d", r.number)) },
			func() { boris.Press(r.card, fmt.Sprintf("release:%d", r.number)) },
			func() { vera.Press(r.card, fmt.Sprintf("prio:%d:high", r.number)) },
			func() { boris.Press(r.ask, fmt.Sprintf("rejfor:%d:no_data", r.number)) },
			func() { boris.Send(fmt.Sprintf("/reopen %d", r.number)) },
			func() { r.Press(r.wish, fmt.Sprintf("cancel:%d", r.number)) },
		}
		if i%2 == 0 { // each is looked at in a process of its own, which is what takes the time
			deeds = append(deeds, func() { vera.ReplyPDF(r.card, pdf(), "") })
		}
		rand.Shuffle(len(deeds), func(a, b int) { deeds[a], deeds[b] = deeds[b], deeds[a] })
		for _, do := range deeds {
			race.Go(do)
		}
	}
	race.Wait()
	w.settled()
	w.cardsAreTrue(all)
}

// prepare has a ticket opened and taken, and asked why it is to be rejected, so
// that everything can be done to it.
func (w *world) prepare(r *raced) {
	boris := w.boris.In(w.group)
	r.writes()
	r.card = w.card(r.vin)
	r.number = w.numberOf(r.card)
	w.takes(boris, r.card)
	w.presses(boris, r.card, fmt.Sprintf("reject:%d", r.number))
	r.ask = w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(r.card)(m) && m.HasButton(fmt.Sprintf("rejnot:%d", r.number))
	})
	r.Send("/cancel")
	r.wish = w.sees(r, func(m telegramtest.Message) bool { return m.HasButton(fmt.Sprintf("cancel:%d", r.number)) })
}

// numberOf reads a ticket's number from its card's button.
func (w *world) numberOf(card telegramtest.Message) (number int) {
	w.Helper()
	_, err := fmt.Sscanf(take(card), "take:%d", &number)
	assert.NoError(w, err)
	return number
}

// cardsAreTrue compares every card, those of reopened tickets, too, with what
// the database says.
func (w *world) cardsAreTrue(all []*raced) {
	says := map[ticket.Status]string{
		ticket.New: "ещё никто не взял", ticket.Taken: "В работе", ticket.Done: "Доставлено", ticket.Rejected: "Отклонена",
		ticket.Cancelled: "Отменена",
	}
	statuses := map[string]ticket.Status{}
	w.query(`SELECT vin, status FROM tickets`, func(rows rowScanner) {
		var vin string
		var status ticket.Status
		assert.NoError(w, rows.Scan(&vin, &status))
		statuses[vin] = status
	})
	cards := map[string]int{}
	for _, m := range w.fromBot(w.group) {
		if vin := copied(m); vin != "" {
			cards[vin]++
			assert.Contains(w, m.Text, says[statuses[vin]], "a card of a ticket that is %s", statuses[vin])
		}
	}
	for _, r := range all {
		assert.NotZero(w, cards[r.vin])
	}
}
