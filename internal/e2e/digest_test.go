package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// isDigest tells a message that shows many tickets.
func isDigest(m telegramtest.Message) bool { return m.FromBot && len(tickets(m)) > 1 }

// tickets lists the tickets that a message's buttons take.
func tickets(m telegramtest.Message) (ids []string) {
	for _, data := range m.Callbacks() {
		if id, ok := strings.CutPrefix(data, "take:"); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// line is what a digest says of a ticket now.
func (w *world) line(digest telegramtest.Message, id string) string {
	w.Helper()
	now, ok := w.sim.Now(digest)
	require.True(w, ok)
	for line := range strings.Lines(now.Text) {
		if strings.HasPrefix(line, "№"+id+" ") {
			return line
		}
	}
	require.FailNow(w, "the digest does not name ticket "+id, "%s", now.Text)
	return ""
}

// says waits until a digest says something of a ticket.
func (w *world) says(digest telegramtest.Message, id, words string) {
	w.Helper()
	w.sees(w.group, func(m telegramtest.Message) bool {
		return m.ID == digest.ID && strings.Contains(w.line(digest, id), words)
	})
}

// seen waits until the group shows so many tickets, as cards or in digests.
func (w *world) seen(cards int) {
	w.Helper()
	require.Eventually(w, func() bool {
		return w.look(`SELECT count(*) FROM outbox WHERE kind = 'card.post' AND state = 'done'`) == cards
	}, patience, 10*time.Millisecond)
}

// crowded is a world where so many owners wrote at once that the group got
// digests; the minute that its limit looks at is over.
func crowded(t *testing.T) (w *world, owners []owner, digest telegramtest.Message) {
	t.Helper()
	w = newWorld(t)
	owners = w.owners(60)
	for _, o := range owners {
		o.writes()
	}
	w.start()
	digest = w.sees(w.group, isDigest)
	w.seen(len(owners))
	w.later(time.Minute)
	return w, owners, digest
}

func TestTakeFromADigest(t *testing.T) {
	t.Parallel()
	w, _, digest := crowded(t)
	id := tickets(digest)[1]
	vin := strings.Fields(w.line(digest, id))[1]
	boris, vera := w.boris.In(w.group), w.vera.In(w.group)
	assert.Contains(t, w.presses(boris, digest, "take:"+id).Text, "ваша")
	assert.Contains(t, w.presses(vera, digest, "take:"+id).Text, "Борис")
	w.says(digest, id, "🔧 Борис")
	card := w.card(vin)
	assert.NotEqual(t, digest.ID, card.ID)
	assert.Contains(t, card.Text, "В работе: Борис", "a card of its own, that shows who has it")

	mail := boris.ReplyPDF(card, pdf(), "")
	w.sees(w.group, telegramtest.Reacted(mail, "👍"))
	w.says(digest, id, "✅ Борис")
	assert.Contains(t, w.presses(vera, digest, "take:"+id).Text, "выполнена")
}

func TestAReportInReplyToADigestNeedsTheTicketsNumber(t *testing.T) {
	t.Parallel()
	w, owners, digest := crowded(t)
	id := tickets(digest)[2]
	vin := strings.Fields(w.line(digest, id))[1]
	boris := w.boris.In(w.group)
	refused := func(mail telegramtest.Message, words string) {
		w.sees(w.group, func(m telegramtest.Message) bool {
			return telegramtest.Replying(mail)(m) && telegramtest.Containing(words)(m)
		})
	}
	bare := boris.ReplyPDF(digest, pdf(), "")
	refused(bare, "несколько заявок")
	refused(boris.ReplyPDF(digest, pdf(), "/done 999"), "нет заявки №999")
	assert.Zero(t, w.look(`SELECT count(*) FROM reports`), "nothing changed")

	boris.Reply(bare, "/done "+id) // as the refusal says
	w.sees(w.group, telegramtest.Reacted(bare, "👍"))
	other := tickets(digest)[3]
	w.sees(w.group, telegramtest.Reacted(boris.ReplyPDF(digest, pdf(), "/done "+other), "👍"))
	for _, n := range []string{id, other} {
		w.says(digest, n, "✅ Борис")
	}
	for _, o := range owners {
		if o.vin == vin {
			w.sees(o, telegramtest.WithDocument())
		}
	}
}

// TestAProcessThatDiesOverADigestSendsItOnceMore kills the bot while Telegram
// takes a digest: the next one sends it again, since nobody knows, and keeps
// both true.
func TestAProcessThatDiesOverADigestSendsItOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owners := w.owners(30) // as many as one digest holds: nothing else goes to the group beside it
	settings := w.settings(w.sim.URL())
	all, held := w.sim.On("sendMessage").Hold(), w.sim.On("sendMessage").In(w.group).Hold()
	for _, o := range owners {
		o.writes()
	}
	p := launch(t, nil, settings...)
	require.NoError(t, all.Wait(t.Context()))
	require.Eventually(t, func() bool {
		return w.look(`SELECT count(*) FROM outbox WHERE kind = 'card.post' AND state = 'waiting'`) == len(owners)
	}, patience, 10*time.Millisecond)
	all.Open()
	require.NoError(t, held.Wait(t.Context()))
	p.kill()
	lost := w.sees(w.group, isDigest) // Telegram took it, and nobody heard
	held.Open()
	require.Zero(t, w.look(`SELECT count(*) FROM cards WHERE kind = 'digest'`))

	p = launch(t, nil, settings...)
	w.seen(len(owners))
	for _, o := range owners {
		times := 0
		for _, m := range w.fromBot(w.group) {
			times += strings.Count(m.Text, o.vin)
		}
		assert.Contains(t, []int{1, 2}, times, "%s is seen, and no more than once again", o.vin)
	}
	again := w.sees(w.group, func(m telegramtest.Message) bool {
		return isDigest(m) && m.ID != lost.ID && slices.Contains(tickets(m), tickets(lost)[0])
	})

	id := tickets(lost)[0]
	assert.Contains(t, w.presses(w.boris.In(w.group), lost, "take:"+id).Text, "ваша")
	w.says(lost, id, "🔧 Борис")
	w.says(again, id, "🔧 Борис")
	bare := w.vera.In(w.group).ReplyPDF(lost, pdf(), "")
	w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(bare)(m) && telegramtest.Containing("несколько заявок")(m)
	})
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends().ExitCode(), p.log.all())
}

// TestADigestWhoseAnswerIsLostIsSentOnceMore has the answer to each digest lost
// once.
func TestADigestWhoseAnswerIsLostIsSentOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owners := w.owners(60)
	for _, o := range owners {
		o.writes()
	}
	lost := w.sim.On("sendMessage").In(w.group).Times(2).AnswerLost()
	w.start()
	w.seen(len(owners))
	require.Equal(t, 2, lost.Hits())
	for _, o := range owners {
		times := 0
		for _, m := range w.fromBot(w.group) {
			times += strings.Count(m.Text, o.vin)
		}
		assert.Contains(t, []int{1, 2, 3}, times, "%s", o.vin)
	}
	assert.LessOrEqual(t, len(w.fromBot(w.group)), 15)
}

func TestWithoutLimitsThereAreNoDigests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false })
	owners := w.owners(60)
	for _, o := range owners {
		o.writes()
	}
	w.start()
	for _, o := range owners {
		w.card(o.vin)
	}
	w.settled()
	assert.Len(t, w.fromBot(w.group), len(owners))
	assert.Zero(t, w.look(`SELECT count(*) FROM cards WHERE kind = 'digest'`))
}
