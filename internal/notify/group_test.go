package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// logged counts the lines of the log that hold some words.
func logged(w *world, words string) int { return strings.Count(w.log.String(), words) }

// deaf has Telegram refuse what is sent to some chats.
func deaf(class telegram.Class, chats ...int64) func(c call) error {
	return func(c call) error {
		for _, chat := range chats {
			if c.chat == chat && c.method == "sendMessage" {
				return refusal(class)
			}
		}
		return nil
	}
}

// to gives the texts that arrived in a chat, or were to.
func to(chat int64, calls []call) (texts []string) {
	for _, c := range calls {
		if c.chat == chat && c.method == "sendMessage" {
			texts = append(texts, c.text)
		}
	}
	return texts
}

func TestAGroupThatTakesNoMessages(t *testing.T) {
	t.Parallel()
	for _, class := range []telegram.Class{telegram.ClassNoRights, telegram.ClassKicked, telegram.ClassNoChat} {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.telegram.answers(deaf(class, group))
				w.opens()
				w.enqueue(sayTo(group))
				w.after(2 * time.Minute)
				calls := w.telegram.takes() // and lets them through
				alarms := to(admin, calls)
				require.Len(w, alarms, 1, "the admins are told once")
				assert.Contains(w, alarms[0], "I cannot write in the managers' group.")
				assert.LessOrEqual(w, len(to(group, calls)), 12, "not hot")
				w.after(31 * time.Second)
				assert.Len(w, to(group, w.telegram.takes()), 2, "what waited arrives")
				assert.Empty(w, w.rows())

				w.telegram.answers(deaf(class, group))
				w.enqueue(sayTo(group))
				assert.Len(w, to(admin, w.telegram.takes()), 1, "told again of the next time")
			})
		})
	}
}

func TestWhatAnUpdateToldIsNotToldAgain(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.notifier.Noted(group, false) // and whoever handled the update told the admins
		w.telegram.answers(deaf(telegram.ClassKicked, group))
		w.enqueue(sayTo(group))
		assert.Empty(w, to(admin, w.telegram.takes()))
		w.notifier.Noted(group, true)
		w.telegram.answers(deaf(telegram.ClassKicked, group))
		w.after(31 * time.Second)
		assert.Len(w, to(admin, w.telegram.takes()), 1, "it was back in between")
	})
}

func TestOfAWebhookThatIsOffTheGroupHearsWhereTheAdminCannot(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(deaf(telegram.ClassNoChat, admin))
		say := ticket.Say{Text: ticket.TextWebhookOff, To: ticket.Place{Chat: admin}, User: admin, Name: "#3 crm.example.com", Reason: "gone"}
		w.enqueue(ticket.Effect{Kind: ticket.EffectSay, Lane: ticket.ChatLane(admin), Chat: admin, Payload: say})
		w.after(2 * time.Second)
		told := to(group, w.telegram.takes())
		require.Len(w, told, 1)
		assert.Contains(w, told[0], "Webhook #3 crm.example.com")
		assert.Contains(w, told[0], "410", "why, too")
		assert.Empty(w, w.rows())
	})
}

func TestAnAdminWhoNeverStartedTheBotIsToldInAnotherGroup(t *testing.T) {
	t.Parallel()
	both := []ticket.Place{{Chat: group}, {Chat: other}}
	t.Run("that takes messages", func(t *testing.T) {
		t.Parallel()
		in(t, func(w *world) {
			muted := deaf(telegram.ClassNoRights, group)
			w.telegram.answers(func(c call) error {
				if c.chat == admin {
					return refusal(telegram.ClassNoChat)
				}
				return muted(c)
			})
			w.enqueue(sayTo(group))
			w.after(2 * time.Second)
			told := to(other, w.telegram.takes())
			require.Len(w, told, 1)
			assert.Contains(w, told[0], "managers' group “-10”", "it says which")
			assert.Contains(w, w.log.String(), "they must start the bot")
			assert.Len(w, w.rows(), 1, "only what waits for the group")
		}, both...)
	})
	t.Run("unless that does not either", func(t *testing.T) {
		t.Parallel()
		in(t, func(w *world) {
			all := deaf(telegram.ClassNoRights, group, other, admin)
			w.telegram.answers(all)
			w.enqueue(sayTo(group), sayTo(other))
			w.after(5 * time.Second)
			rows := w.rows()
			for _, r := range rows {
				assert.NotEqual(w, "leased", r.state)
			}
			w.telegram.takes()
			w.after(time.Minute)
			for _, chat := range []int64{group, other} {
				for _, text := range to(chat, w.telegram.takes()) {
					assert.NotContains(w, text, "cannot write", "stale by now")
				}
			}
		}, both...)
	})
}

func TestAStrangeGroupIsOwedNothing(t *testing.T) {
	t.Parallel()
	const strange = int64(-99)
	in(t, func(w *world) {
		w.telegram.answers(deaf(telegram.ClassNoRights, strange))
		w.enqueue(
			ticket.Effect{
				Kind: ticket.EffectSay, Lane: "x", Chat: strange,
				Payload: ticket.Say{Text: message.TextForeign, To: ticket.Place{Chat: strange}},
			},
			ticket.CardPost(1, ticket.Place{Chat: strange}), // it was one of ours once
			ticket.CardEdit(1, ticket.Place{Chat: strange, Message: 2}),
			ticket.Effect{Kind: ticket.EffectRetract, Lane: "y", Chat: strange, Payload: ticket.Retract{At: ticket.Place{Chat: strange, Message: 2}}},
			ticket.Commands(strange),
		)
		calls := w.telegram.takes()
		assert.Len(w, calls, 1, "said where it was asked, and nothing else: %v", calls)
		for _, r := range w.rows() {
			assert.Equal(w, "dead", r.state)
		}
		assert.Zero(w, logged(w, "managers' group"))
	})
}

func TestLeavingAStrangeGroup(t *testing.T) {
	t.Parallel()
	leave := func(chat int64) ticket.Effect {
		return ticket.Effect{Kind: ticket.EffectLeaveChat, Lane: "x", Payload: ticket.ChatRef{Chat: chat}}
	}
	tests := map[string]struct {
		answer error
		rows   int
		state  string
	}{
		"done":          {nil, 0, ""},
		"kicked before": {refusal(telegram.ClassKicked), 0, ""},
		"it is no more": {refusal(telegram.ClassNoChat), 0, ""},
		"nobody knows":  {refusal(telegram.ClassUnknown), 1, "waiting"},
		"refused":       {refusal(telegram.ClassBadRequest), 1, "dead"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.telegram.answers(func(call) error { return test.answer })
				w.enqueue(leave(-99))
				rows := w.rows()
				require.Len(w, rows, test.rows)
				if test.rows > 0 {
					assert.Equal(w, test.state, rows[0].state)
				}
			})
		})
	}
	in(t, func(w *world) {
		w.enqueue(leave(group))
		assert.Empty(w, w.telegram.takes(), "it is one of ours by now")
	})
}

func TestTheCommandsAreRegistered(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.enqueue(ticket.Commands(0), ticket.Commands(group))
		calls := w.telegram.takes()
		languages := map[int64][]string{}
		for _, c := range calls {
			languages[c.chat] = append(languages[c.chat], c.text)
		}
		assert.Equal(w, map[int64][]string{0: {"", "ru", "en"}, group: {"", "ru", "en"}}, languages)
		w.telegram.refuses("", telegram.ClassNotSent)
		w.enqueue(ticket.Commands(0))
		assert.Len(w, w.rows(), 1)
	})
}

// moving has the group answer that it became a supergroup, for every method.
func moving(c call) error {
	if c.chat != group {
		return nil
	}
	e := refusal(telegram.ClassMigrated)
	e.MigrateTo = super
	return e
}

func TestAMigrationMetOnSending(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		w.telegram.takes()
		w.telegram.answers(moving)
		w.enqueue(sayTo(group))
		w.after(5 * time.Second)
		calls := w.telegram.takes()
		said := to(super, calls)
		require.Len(w, said, 3, "the text, the card again, and where the bot is now: %v", calls)
		assert.Len(w, to(group, calls), 1)
		registered := 0
		for _, c := range calls {
			if c.method == "setMyCommands" && c.chat == super {
				registered++
			}
		}
		assert.Equal(w, 3, registered, "once in each language, and for all others")
		assert.Empty(w, w.rows())
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		assert.Len(w, cards, 2, "the old one can still be edited")
	})
}

// Message ids stay behind: whatever is about one ends, and does not ask for
// ever.
func TestWhatIsLeftBehindByAMigrationEnds(t *testing.T) {
	t.Parallel()
	old := ticket.Place{Chat: group, Message: 1}
	tests := map[string]ticket.Effect{
		"a card":                {Kind: ticket.EffectCardEdit, Payload: ticket.CardRef{Ticket: 1, At: old}},
		"a question's buttons":  {Kind: ticket.EffectRetract, Payload: ticket.Retract{At: old}},
		"a reaction":            {Kind: ticket.EffectReaction, Payload: ticket.Reaction{On: old, Emoji: "👀"}},
		"a reaction with words": {Kind: ticket.EffectReaction, Payload: ticket.Reaction{On: old, Emoji: "👍", Fallback: ticket.TextReportDelivered, Ticket: 1}},
	}
	for name, e := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.opens()
				w.telegram.takes()
				w.telegram.answers(moving)
				e.Lane, e.Chat = "x", group
				w.enqueue(e)
				w.after(time.Minute)
				assert.Empty(w, w.rows())
				calls := w.telegram.takes()
				stale := 0
				for _, c := range calls {
					if c.chat == group {
						stale++
					}
				}
				assert.LessOrEqual(w, stale, 2, "%v", calls)
				if strings.Contains(name, "words") {
					assert.Contains(w, strings.Join(to(super, calls), "\n"), "delivered")
				}
			})
		})
	}
}

func TestAMigrationOfAStrangeGroupIsNotFollowed(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(func(call) error {
			e := refusal(telegram.ClassMigrated)
			e.MigrateTo = super
			return e
		})
		w.enqueue(sayTo(-99))
		rows := w.rows()
		require.Len(w, rows, 1)
		assert.Equal(w, "dead", rows[0].state)
		assert.False(w, w.groups.Allowed(super))
	})
}
