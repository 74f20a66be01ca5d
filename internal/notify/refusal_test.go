package notify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// What a refusal of an answer to an owner, and of one in a group, leads to:
// the row's state, how often Telegram was asked by then, and how soon it will
// be again.
func TestEveryRefusalEndsAJobOrHasItWait(t *testing.T) {
	t.Parallel()
	const done, dead, waiting = "", "dead", "waiting"
	soon := 700 * time.Millisecond // the first step of the backoff, at most
	type end struct {
		state string
		in    time.Duration // at most
	}
	tests := map[telegram.Class]struct{ owner, group end }{
		telegram.ClassUnknown:         {end{waiting, soon}, end{waiting, soon}},
		telegram.ClassNotSent:         {end{waiting, soon}, end{waiting, soon}},
		telegram.ClassUnauthorized:    {end{waiting, soon}, end{waiting, soon}},
		telegram.ClassConflict:        {end{waiting, soon}, end{waiting, soon}},
		telegram.ClassWebhookActive:   {end{waiting, soon}, end{waiting, soon}},
		telegram.ClassTooMany:         {end{waiting, 17 * time.Second}, end{waiting, 17 * time.Second}},
		telegram.ClassBlocked:         {end{done, 0}, end{waiting, 30 * time.Second}},
		telegram.ClassDeactivated:     {end{done, 0}, end{waiting, 30 * time.Second}},
		telegram.ClassNoChat:          {end{done, 0}, end{waiting, 30 * time.Second}},
		telegram.ClassKicked:          {end{done, 0}, end{waiting, 30 * time.Second}},
		telegram.ClassNoRights:        {end{done, 0}, end{waiting, 30 * time.Second}},
		telegram.ClassTopicGone:       {end{done, 0}, end{waiting, 30 * time.Second}},
		telegram.ClassMigrated:        {end{dead, 0}, end{waiting, 30 * time.Second}}, // nobody says where to
		telegram.ClassBadRequest:      {end{dead, 0}, end{dead, 0}},
		telegram.ClassPostAnew:        {end{dead, 0}, end{dead, 0}},
		telegram.ClassReplyGone:       {end{dead, 0}, end{dead, 0}}, // also without a reply
		telegram.ClassNotModified:     {end{dead, 0}, end{dead, 0}},
		telegram.ClassPressExpired:    {end{dead, 0}, end{dead, 0}},
		telegram.ClassReactionInvalid: {end{dead, 0}, end{dead, 0}},
		telegram.ClassBadFile:         {end{dead, 0}, end{dead, 0}},
		telegram.ClassFileTooBig:      {end{dead, 0}, end{dead, 0}},
		telegram.ClassOverLimit:       {end{dead, 0}, end{dead, 0}},
	}
	for class := telegram.ClassUnknown; class <= telegram.ClassBadRequest; class++ {
		test, ok := tests[class]
		require.True(t, ok, "%s is not decided", class)
		for chat, want := range map[int64]end{anna: test.owner, group: test.group} {
			name := class.String() + " to an owner"
			if chat < 0 {
				name = class.String() + " in a group"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				in(t, func(w *world) {
					w.telegram.answers(func(c call) error {
						if c.chat != chat {
							return nil
						}
						e := refusal(class)
						e.RetryAfter = 17 * time.Second
						return e
					})
					w.enqueue(sayTo(chat))
					rows := w.rows()
					if want.state == done {
						assert.Empty(w, rows)
						return
					}
					require.Len(w, rows, 1)
					assert.Equal(w, want.state, rows[0].state)
					assert.Contains(w, rows[0].fault, class.String())
					if want.state == waiting {
						assert.Positive(w, rows[0].in, "not at once")
						assert.LessOrEqual(w, rows[0].in, want.in)
						w.telegram.takes()
						w.after(want.in + time.Second)
						assert.Empty(w, w.rows(), "sent as soon as it can be")
					}
				})
			})
		}
	}
}

func TestAnOwnerWhoCannotBeReachedIsRemembered(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.refuses("", telegram.ClassBlocked)
		w.enqueue(sayTo(anna), sayTo(999)) // the second was never met
		assert.Empty(w, w.rows())
		u, err := w.store.Accounts().User(w.Context(), anna)
		require.NoError(w, err)
		assert.True(w, u.Unreachable)
		assert.NotContains(w, w.log.String(), "recorded")
	})
}

func TestAReplyWithNothingToReplyTo(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(func(c call) error {
			if p, ok := c.params.(*bot.SendMessageParams); ok && p.ReplyParameters != nil {
				return refusal(telegram.ClassReplyGone)
			}
			return nil
		})
		w.enqueue(sayTo(anna))
		assert.Empty(w, w.rows())
		assert.Len(w, w.telegram.takes(), 2)
	})
}

func TestATopicThatIsGone(t *testing.T) {
	t.Parallel()
	forum := ticket.Place{Chat: group, Topic: 5}
	in(t, func(w *world) {
		gone := func(c call) error {
			if c.topic == 5 {
				return refusal(telegram.ClassTopicGone)
			}
			return nil
		}
		w.telegram.answers(gone)
		first := w.opens()
		w.enqueue(sayTo(group)) // in General already
		cards, err := w.store.Cards(w.Context(), first.ID)
		require.NoError(w, err)
		require.Len(w, cards, 1)
		assert.Zero(w, cards[0].Place.Topic, "the card is where it was posted")
		w.enqueue(ticket.CardPost(first.ID, forum))
		w.enqueue(ticket.Effect{
			Kind: ticket.EffectSay, Lane: "x", Chat: group,
			Payload: ticket.Say{Text: message.TextGroupHelp, To: forum},
		})
		calls := w.telegram.takes()
		assert.Len(w, calls, 6, "the card and the text twice each, and why; no second card")
		assert.Contains(w, strings.Join(to(group, calls), "\n"), "The topic that I write to", "the group is told")
		assert.Equal(w, 1, logged(w, "the topic in MANAGER_CHAT is closed"), "once")

		w.enqueue(ticket.Effect{
			Kind: ticket.EffectSay, Lane: "x", Chat: group,
			Payload: ticket.Say{Text: message.TextGroupHelp, To: forum},
		})
		w.telegram.answers(gone) // again
		w.enqueue(ticket.Effect{
			Kind: ticket.EffectSay, Lane: "x", Chat: group,
			Payload: ticket.Say{Text: message.TextGroupHelp, To: forum},
		})
		assert.Equal(w, 2, logged(w, "the topic in MANAGER_CHAT is closed"), "it was open in between")
	}, forum)
}

func TestNothingPersonalGetsIntoTheLogOrTheRows(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.refuses("", telegram.ClassBadRequest)
		w.enqueue(
			sayTo(anna),
			ticket.CardEdit(k.ID, ticket.Place{Chat: group, Message: 1}),
			ticket.Effect{
				Kind: ticket.EffectSay, Lane: "x", Chat: anna,
				Payload: ticket.Say{Text: message.TextOpened, To: ticket.Place{Chat: anna}, VIN: honda, Name: boriss, Input: boriss},
			},
			ticket.Effect{Kind: ticket.EffectSay, Lane: "y", Chat: anna, Payload: ticket.Say{Text: "no.such.text", VIN: honda}},
			ticket.Effect{Kind: ticket.EffectSay, Lane: "z", Chat: anna, Payload: []string{honda, annas}},
		)
		rows := w.rows()
		require.Len(w, rows, 5)
		for _, r := range rows {
			assert.Equal(w, "dead", r.state)
			for _, secret := range []string{honda, annas, boriss} {
				assert.NotContains(w, r.fault, secret)
				assert.NotContains(w, w.log.String(), secret)
			}
		}
	})
}

func TestACardOfNoTicketIsGivenUp(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.enqueue(ticket.CardPost(4711, ticket.Place{Chat: group}))
		assert.Empty(w, w.rows(), "there is no such ticket, and will not be")
		assert.Empty(w, w.telegram.takes())
	})
}

// A job is given up for a fault of its own after ten tries, and never for a
// database that is away.
func TestWhatCannotBeReadIsTriedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault error
		ends  string
	}{
		"the store is away":   {fmt.Errorf("read: %w", outbox.ErrStoreAway), "waiting"},
		"the process ends":    {context.Canceled, "waiting"},
		"something is broken": {errors.New("broken"), "dead"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				k := w.opens()
				w.telegram.takes()
				w.fault.Store(&test.fault)
				say := sayTo(anna)
				say.Payload = ticket.Say{Text: message.TextHelp, To: ticket.Place{Chat: anna}, Ticket: k.ID}
				deliver := ticket.Effect{Kind: ticket.EffectReportDeliver, Lane: "a", Payload: ticket.ReportRef{Report: 1}}
				question := ticket.Effect{Kind: ticket.EffectReportQuestion, Lane: "b", Payload: ticket.ReportRef{Report: 1}}
				w.enqueue(say, deliver, question, ticket.CardPost(k.ID, ticket.Place{Chat: group}),
					ticket.CardEdit(k.ID, ticket.Place{Chat: group, Message: 1}))
				w.after(10 * time.Minute)
				rows := w.rows()
				require.Len(w, rows, 5)
				for _, r := range rows[:4] { // the fifth is behind the fourth in its lane
					assert.Equal(w, test.ends, r.state, r.kind)
				}
				assert.Empty(w, w.telegram.takes())
			})
		})
	}
}
