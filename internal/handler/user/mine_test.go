package user_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func TestMyTicketsAreReadWhenTheAnswerIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.text("/my")
	require.Len(t, effects, 1)
	assert.Equal(t, ticket.EffectMine, effects[0].Kind)
	assert.Equal(t, ticket.ForOwner, effects[0].Urgency)
	assert.Equal(t, ticket.MineRef{User: ivan, Page: 1, To: ticket.Place{Chat: ivan}}, effects[0].Payload)
	assert.Equal(t, effects[0].Merge, w.text("/my")[0].Merge, "two that wait are one")

	effects = w.presses("my:3")
	assert.Equal(t, message.PressRefreshed, pressAnswer(t, effects).Text)
	assert.Equal(t, ticket.MineRef{User: ivan, Page: 3, To: ticket.Place{Chat: ivan, Message: 40}}, effects[1].Payload)
	assert.NotEqual(t, effects[1].Merge, w.presses("my:2")[1].Merge, "another page is not the same")
	huge, ok := w.presses("my:9223372036854775807")[1].Payload.(ticket.MineRef)
	require.True(t, ok)
	assert.Less(t, huge.Page, 1<<30)
}

func TestAReportIsSentAgainToItsOwnerAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.has(ticket.Done, ticket.New)
	a := pressAnswer(t, w.presses("again:1"))
	assert.Equal(t, message.PressSentAgain, a.Text)
	assert.EqualValues(t, 1, a.Ticket)
	assert.Equal(t, message.PressGone, pressAnswer(t, w.presses("again:2")).Text, "not done")
	assert.Equal(t, message.PressGone, pressAnswer(t, w.presses("again:3")).Text)
	w.tickets[0].OwnerID++
	assert.Equal(t, message.PressGone, pressAnswer(t, w.presses("again:1")).Text, "somebody else's")
}

func TestAStarIsOneTap(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[ticket.RateOutcome]string{
		ticket.RatedNow: message.PressRated, ticket.RatedBefore: message.PressRatedBefore,
		ticket.RatedTooLate: message.PressRatedLate, ticket.NotRated: message.PressNotRated,
	} {
		w := newWorld(t)
		w.rating = outcome
		effects := w.presses("rate:5:4")
		assert.Equal(t, [][2]int64{{5, 4}}, w.rated)
		assert.Equal(t, ticket.PressAnswer{Press: "q1", Text: want, User: ivan, Ticket: 5, Count: 4}, pressAnswer(t, effects))
		if outcome != ticket.RatedNow {
			assert.Len(t, effects, 1)
			continue
		}
		assert.Equal(t, ticket.StarsRef{Ticket: 5, At: ticket.Place{Chat: ivan, Message: 40}}, effects[1].Payload)
	}
	for _, forged := range []string{"rate:5", "rate:5:0", "rate:5:6", "rate:5:05", "rate:5:four", "rate:0:5"} {
		w := newWorld(t)
		assert.Equal(t, message.PressUnknown, pressAnswer(t, w.presses(forged)).Text, forged)
		assert.Empty(t, w.rated)
	}
}

func TestAnOwnerChoosesTheLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.Equal(t, message.TextLanguage, said(t, w.text("/lang")).Text)
	assert.Equal(t, message.TextLanguage, said(t, w.text("/lang klingon")).Text)

	effects := w.presses("lang:ru")
	assert.Equal(t, message.PressLanguage, pressAnswer(t, effects).Text)
	assert.Equal(t, message.TextLanguageChosen, said(t, effects).Text)
	assert.Equal(t, "ru", w.people[ivan].Language)
	assert.True(t, w.people[ivan].LanguageChosen)
	kinds := []ticket.EffectKind{}
	for _, e := range effects {
		kinds = append(kinds, e.Kind)
	}
	assert.Equal(t, []ticket.EffectKind{ticket.EffectCommands, ticket.EffectSay, ticket.EffectPressAnswer, ticket.EffectRetract}, kinds)

	assert.Equal(t, message.TextLanguageChosen, said(t, w.text("/lang en")).Text)
	assert.Equal(t, "en", w.people[ivan].Language)
	assert.Equal(t, message.PressUnknown, pressAnswer(t, w.presses("lang:de")).Text)
}
