package notify_test

import (
	"testing"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

func answering(a ticket.PressAnswer) ticket.Effect {
	a.Press = "77"
	return ticket.Effect{Kind: ticket.EffectPressAnswer, Lane: "x", Payload: a, Fleeting: true}
}

func TestAnsweringAPress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer ticket.PressAnswer
		text   string
	}{
		"in words":                        {ticket.PressAnswer{Text: message.PressTaken, Ticket: 1}, "yours"},
		"in the presser's language":       {ticket.PressAnswer{Text: message.PressFix, User: anna}, "Waiting"},
		"with nothing":                    {ticket.PressAnswer{}, ""},
		"with nothing, for want of words": {ticket.PressAnswer{Text: "no.such.text"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.enqueue(answering(test.answer))
				calls := w.telegram.takes()
				require.Len(w, calls, 1)
				p, ok := calls[0].params.(*bot.AnswerCallbackQueryParams)
				require.True(w, ok)
				assert.Equal(w, "77", p.CallbackQueryID)
				assert.Contains(w, p.Text, test.text)
				assert.Equal(w, test.text == "", p.Text == "")
			})
		})
	}
}

func TestAPressThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	calls := map[telegram.Class]int{
		telegram.ClassPressExpired: 1,
		telegram.ClassNotSent:      2, // once more, since nobody waits for long
		telegram.ClassUnknown:      2,
		telegram.ClassBadRequest:   1,
		telegram.ClassBlocked:      1,
		telegram.ClassTooMany:      1,
	}
	for class, want := range calls {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				w.telegram.refuses("", class)
				w.enqueue(answering(ticket.PressAnswer{Text: message.PressFix}))
				assert.Len(w, w.telegram.takes(), want)
				assert.Equal(w, class == telegram.ClassPressExpired, logged(w, `"outcome":"done"`) == 1)
			})
		})
	}
}

func TestReacting(t *testing.T) {
	t.Parallel()
	reaction := func(fallback string) ticket.Effect {
		return ticket.Effect{
			Kind: ticket.EffectReaction, Lane: "x", Chat: group,
			Payload: ticket.Reaction{On: ticket.Place{Chat: group, Message: 9}, Emoji: "👍", Fallback: fallback, Ticket: 1},
		}
	}
	t.Run("is said in words where it is forbidden, once", func(t *testing.T) {
		t.Parallel()
		for _, class := range []telegram.Class{
			telegram.ClassReactionInvalid, telegram.ClassNoRights, telegram.ClassPostAnew, telegram.ClassBadRequest,
		} {
			in(t, func(w *world) {
				w.opens()
				w.telegram.takes()
				w.telegram.refuses("setMessageReaction", class)
				w.enqueue(reaction(ticket.TextReportDelivered))
				calls := w.telegram.takes()
				require.Len(w, calls, 2)
				p, ok := calls[1].params.(*bot.SendMessageParams)
				require.True(w, ok)
				assert.Contains(w, p.Text, "delivered")
				assert.Equal(w, 9, p.ReplyParameters.MessageID)
				assert.Empty(w, w.rows())
			})
		}
	})
	t.Run("is left where there are no words for it", func(t *testing.T) {
		t.Parallel()
		in(t, func(w *world) {
			w.telegram.refuses("setMessageReaction", telegram.ClassReactionInvalid)
			w.enqueue(reaction(""))
			assert.Len(w, w.telegram.takes(), 1)
			assert.Empty(w, w.rows())
		})
	})
	t.Run("that is there already is done", func(t *testing.T) {
		t.Parallel()
		in(t, func(w *world) {
			w.telegram.refuses("setMessageReaction", telegram.ClassNotModified)
			w.enqueue(reaction(ticket.TextReportDelivered))
			assert.Len(w, w.telegram.takes(), 1)
		})
	})
	t.Run("is tried again after an accident", func(t *testing.T) {
		t.Parallel()
		in(t, func(w *world) {
			w.telegram.refuses("setMessageReaction", telegram.ClassNotSent)
			w.enqueue(reaction(ticket.TextReportDelivered))
			w.telegram.takes()
			w.after(2e9)
			assert.Len(w, w.telegram.takes(), 1)
		})
	})
}
