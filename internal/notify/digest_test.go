package notify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// crowd opens so many tickets of Anna's at once, while the group's limit holds
// their cards back.
func (w *world) crowd(n int) (all []ticket.Ticket) {
	w.Helper()
	w.full.Store(true)
	require.NoError(w, w.store.Do(w.Context(), func(ctx context.Context, _ ticket.Tx) error {
		for range n {
			w.vins++
			t, _, err := w.tickets.Open(ctx, ticket.Opening{Owner: anna, VIN: fmt.Sprintf("WVWZZZ1JZ3W%06d", w.vins)})
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return nil
	}))
	w.after(0)
	return all
}

// digest gives the one digest in the group.
func (w *world) digest(of ticket.Ticket) ticket.Place {
	w.Helper()
	cards, err := w.store.Cards(w.Context(), of.ID)
	require.NoError(w, err)
	require.NotEmpty(w, cards)
	require.Equal(w, ticket.CardDigest, cards[0].Kind)
	return cards[0].Place
}

func (w *world) take(id int64) {
	w.Helper()
	_, outcome, err := w.tickets.Take(w.Context(), id, ticket.Actor{ID: 5, Name: boriss})
	require.NoError(w, err)
	require.Equal(w, ticket.TakenNow, outcome)
	w.after(0)
}

func buttons(c call) int {
	n := 0
	if p, ok := c.params.(*bot.SendMessageParams); ok {
		if k, ok := p.ReplyMarkup.(*models.InlineKeyboardMarkup); ok {
			for _, row := range k.InlineKeyboard {
				n += len(row)
			}
		}
	}
	return n
}

func TestCardsThatTheLimitHoldsBackAreOneMessage(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		all := w.crowd(12)
		calls := w.telegram.takes()
		require.Len(w, calls, 1)
		assert.Equal(w, 12, buttons(calls[0]), "a button for each")
		assert.EqualValues(w, 12, w.digested.Load(), "it is counted")
		for _, k := range all {
			assert.Contains(w, calls[0].text, k.VIN)
		}
		assert.Empty(w, w.rows())
		lines, err := w.store.Digest(w.Context(), group, w.digest(all[0]).Message)
		require.NoError(w, err)
		assert.Len(w, lines, 12)

		w.crowd(4)
		assert.Len(w, w.telegram.takes(), 4, "a few go as cards")
	})
}

func TestEachPlaceHasDigestsOfItsOwn(t *testing.T) {
	t.Parallel()
	places := []ticket.Place{{Chat: group, Topic: 3}, {Chat: group, Topic: 5}, {Chat: other}}
	in(t, func(w *world) {
		w.crowd(6)
		calls := w.telegram.takes()
		require.Len(w, calls, 3)
		where := map[ticket.Place]int{}
		for _, c := range calls {
			where[ticket.Place{Chat: c.chat, Topic: c.topic}] = buttons(c)
		}
		assert.Equal(w, map[ticket.Place]int{places[0]: 6, places[1]: 6, places[2]: 6}, where)
	}, places...)
}

func TestWhatHasACardOrIsGoneIsNoPartOfADigest(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		seen := w.opens()
		w.telegram.answers(deaf(telegram.ClassNoRights, group))
		all := w.crowd(6)
		_, err := w.tickets.Delete(w.Context(), all[0].ID, ticket.Actor{ID: admin})
		require.NoError(w, err)
		w.telegram.takes()
		w.enqueue(later(ticket.CardPost(seen.ID, ticket.Place{Chat: group}), 30*time.Second))
		w.after(time.Minute)
		calls := sent(w.telegram.takes(), "sendMessage")
		require.Len(w, calls, 1)
		assert.Equal(w, 5, buttons(calls[0]))
		assert.NotContains(w, calls[0].text, honda)
		assert.NotContains(w, calls[0].text, all[0].VIN)
		assert.Empty(w, w.rows())
	})
}

// later has an effect wait.
func later(e ticket.Effect, d time.Duration) ticket.Effect {
	e.After = d
	return e
}

func TestWhereOneTicketIsLeftOfManyItsCardIsPosted(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(deaf(telegram.ClassNoRights, group))
		all := w.crowd(5)
		for _, k := range all[1:] {
			_, err := w.tickets.Delete(w.Context(), k.ID, ticket.Actor{ID: admin})
			require.NoError(w, err)
		}
		w.telegram.takes()
		w.after(time.Minute)
		calls := sent(w.telegram.takes(), "sendMessage")
		require.Len(w, calls, 1)
		assert.Contains(w, calls[0].text, "Ticket #1")
		cards, err := w.store.Cards(w.Context(), all[0].ID)
		require.NoError(w, err)
		assert.Equal(w, ticket.CardMain, cards[0].Kind)
	})
}

func TestADigestShowsWhatBecomesOfItsTickets(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		all := w.crowd(6)
		at := w.digest(all[0])
		w.telegram.takes()
		w.take(all[1].ID)
		calls := w.telegram.takes()
		edits, cards := sent(calls, "editMessageText"), sent(calls, "sendMessage")
		require.Len(w, edits, 1)
		assert.Contains(w, edits[0].text, "🔧 "+boriss)
		require.Len(w, cards, 2, "its own card, and a word to the owner")

		_, _, err := w.tickets.Cancel(w.Context(), all[2].ID, anna)
		require.NoError(w, err)
		w.after(0)
		calls = w.telegram.takes()
		require.Len(w, calls, 1, "of a closed ticket no card is posted")
		assert.Contains(w, calls[0].text, "cancelled")

		for _, k := range all {
			_, err := w.tickets.Delete(w.Context(), k.ID, ticket.Actor{ID: admin})
			require.NoError(w, err)
		}
		w.after(0)
		last := ""
		for _, c := range sent(w.telegram.takes(), "editMessageText") {
			if p, ok := c.params.(*bot.EditMessageTextParams); ok && p.MessageID == at.Message {
				last = c.text
			}
		}
		assert.Contains(w, last, "are no more", "deleted tickets are hidden")
	})
}

func TestATicketThatIsClosedBeforeThereIsRoomNeedsNoCard(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		all := w.crowd(6)
		w.telegram.answers(deaf(telegram.ClassNoRights, group))
		w.take(all[0].ID)
		_, _, err := w.tickets.Cancel(w.Context(), all[0].ID, anna)
		require.NoError(w, err)
		w.telegram.takes()
		w.after(2 * time.Minute)
		for _, c := range sent(w.telegram.takes(), "sendMessage") {
			assert.False(w, strings.HasPrefix(c.text, "<b>Ticket"), "%s", c)
		}
		assert.Empty(w, w.rows())
	})
}

func TestADigestThatCannotBeEditedIsPostedAnew(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		all := w.crowd(6)
		at := w.digest(all[0])
		w.telegram.takes()
		w.telegram.refuses("editMessageText", telegram.ClassPostAnew)
		w.enqueue(ticket.DigestEdit(at))
		calls := sent(w.telegram.takes(), "sendMessage")
		require.Len(w, calls, 1)
		assert.Equal(w, 6, buttons(calls[0]))
		assert.NotEqual(w, at.Message, w.digest(all[0]).Message)
		lines, err := w.store.Digest(w.Context(), at.Chat, at.Message)
		require.NoError(w, err)
		assert.Empty(w, lines)

		w.telegram.refuses("editMessageText", telegram.ClassNotModified)
		w.enqueue(ticket.DigestEdit(w.digest(all[0])))
		assert.Empty(w, w.rows())
	})
}

// What becomes of a digest that did not arrive, as far as anybody knows.
func TestADigestThatMeetsTroubleComesAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		class telegram.Class
		in    time.Duration
	}{
		"nobody knows":        {telegram.ClassUnknown, time.Second},
		"it was not sent":     {telegram.ClassNotSent, time.Second},
		"the group is muted":  {telegram.ClassNoRights, 30 * time.Second},
		"it cannot be parsed": {telegram.ClassBadRequest, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				first := true
				w.telegram.answers(func(c call) error {
					if c.chat == group && first {
						first = false
						return refusal(tc.class)
					}
					return nil
				})
				all := w.crowd(7)
				w.after(tc.in)
				calls := w.telegram.takes()
				again := 0
				for _, c := range calls {
					if c.chat == group {
						again++
					}
				}
				assert.Empty(w, w.rows())
				if tc.class == telegram.ClassBadRequest {
					assert.Equal(w, 1+7, again, "one by one, so that one harms no other")
					return
				}
				assert.Equal(w, 2, again)
				lines, err := w.store.Digest(w.Context(), group, w.digest(all[0]).Message)
				require.NoError(w, err)
				assert.Len(w, lines, 7, "none is lost")
			})
		})
	}
}

func TestADigestGoesWhereItsGroupWent(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(func(c call) error {
			if c.chat != group {
				return nil
			}
			e := refusal(telegram.ClassMigrated)
			e.MigrateTo = super
			return e
		})
		all := w.crowd(6)
		w.after(time.Second)
		assert.Equal(w, super, w.digest(all[0]).Chat)
		lines, err := w.store.Digest(w.Context(), super, w.digest(all[0]).Message)
		require.NoError(w, err)
		assert.Len(w, lines, 6)
		assert.Empty(w, w.rows())
	})
}

// All open cards are posted again at once when a group becomes another: digests
// serve there, too, and what somebody has gets its own card besides.
func TestTheCardsOfAGroupThatMovedAreGathered(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		all := w.crowd(8)
		w.take(all[3].ID)
		w.telegram.takes()
		_, err := w.groups.Follow(w.Context(), group, super)
		require.NoError(w, err)
		require.NoError(w, w.tickets.GroupMoved(w.Context(), group, super))
		w.after(0)
		calls := w.telegram.takes()
		require.Len(w, calls, 6)
		calls = calls[4:] // behind the news and the commands
		assert.Equal(w, 8, buttons(calls[0]))
		assert.Contains(w, calls[0].text, "🔧 "+boriss)
		assert.Contains(w, calls[1].text, "Ticket #4")
		assert.Equal(w, super, calls[1].chat)
		assert.Empty(w, w.rows())
	})
}

func TestAReminderOfWhatOnlyADigestShowsIsAReplyToThat(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		all := w.crowd(6)
		w.after(16 * time.Minute)
		w.telegram.takes()
		w.enqueue(ticket.Remind(overdue(all[2], ticket.StepTake), ticket.Place{Chat: group}))
		calls := w.telegram.takes()
		require.Len(w, calls, 1)
		p, ok := calls[0].params.(*bot.SendMessageParams)
		require.True(w, ok)
		assert.Equal(w, w.digest(all[0]).Message, p.ReplyParameters.MessageID)
	})
}

func TestAForeignGroupGetsNoDigest(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.full.Store(true)
		var effects []ticket.Effect
		for i := range 6 {
			k, _, err := w.tickets.Open(w.Context(), ticket.Opening{Owner: anna, VIN: fmt.Sprintf("WVWZZZ1JZ3W%06d", i)})
			require.NoError(w, err)
			effects = append(effects, ticket.CardPost(k.ID, ticket.Place{Chat: -99}))
		}
		w.after(0)
		w.telegram.takes()
		w.enqueue(append(effects, ticket.DigestEdit(ticket.Place{Chat: -99, Message: 5}))...)
		assert.Empty(w, w.telegram.takes())
		assert.Empty(w, w.rows())
	})
}

func TestAFaultOfTheStoreDelaysADigest(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		away := error(ticket.NewError(ticket.CodeUnavailable, "away", nil))
		w.fault.Store(&away)
		all := w.crowd(6)
		assert.Empty(w, w.telegram.takes())
		w.fault.Store(nil)
		w.after(time.Minute)
		assert.NotEmpty(w, w.telegram.takes())
		for _, k := range all {
			cards, err := w.store.Cards(w.Context(), k.ID)
			require.NoError(w, err)
			assert.Len(w, cards, 1)
		}
	})
}
