package notify_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// patience is a quarter of an hour to take a ticket, and two hours to do it.
// Nobody works while it sleeps.
type patience struct{ asleep atomic.Int64 } // nanoseconds

func (p *patience) Deadline(t ticket.Ticket) time.Time { return t.QueuedAt.Add(15 * time.Minute) }

func (p *patience) Owed(t ticket.Ticket, step ticket.Step, now time.Time) (bool, time.Duration) {
	taken := step == ticket.StepDone || step == ticket.StepDoneAdmins
	return (t.Status == ticket.Taken) == taken && t.Status.Open() && !now.Before(t.QueuedAt.Add(15*time.Minute)), time.Duration(p.asleep.Load())
}

func (p *patience) Worked(from, to time.Time) time.Duration { return to.Sub(from) }

func overdue(k ticket.Ticket, step ticket.Step) ticket.Overdue {
	return ticket.Overdue{Ticket: k.ID, Cycle: k.Cycle, Step: step}
}

// late opens Anna's ticket and lets its time pass.
func (w *world) late() ticket.Ticket {
	k := w.opens()
	w.after(16 * time.Minute)
	w.telegram.takes()
	return k
}

func TestAReminderIsAReplyToTheCardAndStandsForTheTicket(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		cards, err := w.store.Cards(w.Context(), k.ID)
		require.NoError(w, err)
		w.enqueue(ticket.Remind(overdue(k, ticket.StepTake), ticket.Place{Chat: group}))
		said := w.telegram.takes()
		require.Len(w, said, 1)
		p, ok := said[0].params.(*bot.SendMessageParams)
		require.True(w, ok)
		assert.Equal(w, cards[0].Place.Message, p.ReplyParameters.MessageID)
		assert.Contains(w, p.Text, "waiting for 16 min")
		note, err := w.store.CardAt(w.Context(), group, w.telegram.last)
		require.NoError(w, err)
		assert.Equal(w, k.ID, note.TicketID)
		assert.Equal(w, ticket.CardNote, note.Kind)
	})
}

func TestTheAssigneeIsMentionedByAnEntity(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		k, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
		require.NoError(w, err)
		w.after(time.Hour)
		w.telegram.takes()
		w.enqueue(ticket.Remind(overdue(k, ticket.StepDone), ticket.Place{Chat: group}))
		said := w.telegram.takes()
		require.Len(w, said, 1)
		assert.Contains(w, said[0].text, `<a href="tg://user?id=5">Boris Godunov</a>`)
		p, ok := said[0].params.(*bot.SendMessageParams)
		require.True(w, ok)
		assert.Nil(w, p.ReplyMarkup, "a button that leads to a person can fail the message")
	})
}

func TestAReminderOfWhatMovedOnIsNotSent(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		_, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
		require.NoError(w, err)
		w.after(time.Second)
		w.telegram.takes()
		old := overdue(k, ticket.StepDone)
		old.Cycle++
		here := ticket.Place{Chat: group}
		w.enqueue(
			ticket.Remind(overdue(k, ticket.StepTake), here),
			ticket.Remind(old, here),
			ticket.Remind(ticket.Overdue{Ticket: 4711, Cycle: 1, Step: ticket.StepTake}, here),
			ticket.Remind(overdue(k, ticket.StepRelease), here),
			ticket.Remind(overdue(k, ticket.StepDone), ticket.Place{Chat: -99}),
			ticket.TellBacklog([]ticket.Overdue{overdue(k, ticket.StepTake)}, here),
			ticket.TellBacklog([]ticket.Overdue{overdue(k, ticket.StepDone)}, ticket.Place{Chat: -99}),
		)
		assert.Empty(w, w.telegram.takes())
		assert.Empty(w, w.rows())
	})
}

func TestAReminderWaitsForWorkingHoursAsOneThatWasNotTried(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		w.patience.asleep.Store(int64(time.Hour))
		here := ticket.Place{Chat: group}
		w.enqueue(
			ticket.Remind(overdue(k, ticket.StepTake), here),
			ticket.TellBacklog([]ticket.Overdue{overdue(k, ticket.StepTake)}, here),
		)
		assert.Empty(w, w.telegram.takes())
		rows := w.rows()
		require.Len(w, rows, 2)
		for _, r := range rows {
			assert.Equal(w, "waiting", r.state)
			assert.Equal(w, time.Hour, r.in)
			assert.Empty(w, r.fault)
		}
		w.patience.asleep.Store(0)
		w.after(time.Hour)
		assert.Len(w, w.telegram.takes(), 2)
	})
}

func TestABacklogNamesWhatIsStillOverdue(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		w.enqueue(ticket.TellBacklog([]ticket.Overdue{
			overdue(k, ticket.StepTake), overdue(k, ticket.StepDone), {Ticket: 4711, Cycle: 1, Step: ticket.StepTake},
		}, ticket.Place{Chat: group}))
		said := w.telegram.takes()
		require.Len(w, said, 1)
		assert.Equal(w, "⏰ 1 request is overdue.\nTaken by nobody: #1", said[0].text)
	})
}

func TestWhatAdminsCannotBeToldTheGroupIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, class := range []telegram.Class{telegram.ClassBlocked, telegram.ClassNoChat} {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			in(t, func(w *world) {
				k := w.late()
				w.telegram.answers(func(c call) error {
					if c.chat == admin || c.chat == admin+1 {
						return refusal(class)
					}
					return nil
				})
				for _, id := range []int64{admin, admin + 1} {
					w.enqueue(ticket.Remind(overdue(k, ticket.StepTakeAdmins), ticket.Place{Chat: id}))
				}
				w.after(2 * time.Second)
				var told []call
				for _, c := range w.telegram.takes() {
					if c.chat == group {
						told = append(told, c)
					}
				}
				require.Len(w, told, 1)
				assert.Contains(w, told[0].text, "still taken by nobody")
				assert.Empty(w, w.rows())
			})
		})
	}
}

func TestAnAdminIsToldInPrivateInTheirLanguage(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		w.meetsIn(admin, "Admin", "ru")
		w.enqueue(ticket.Remind(overdue(k, ticket.StepTakeAdmins), ticket.Place{Chat: admin}))
		w.enqueue(ticket.TellBacklog([]ticket.Overdue{overdue(k, ticket.StepTakeAdmins)}, ticket.Place{Chat: admin}))
		said := w.telegram.takes()
		require.Len(w, said, 2)
		assert.Contains(w, said[0].text, "до сих пор никто не взял")
		assert.Contains(w, said[1].text, "Просрочена 1 заявка")
	})
}

func TestAnOwnerWhoCannotBeToldThatItTakesLongerIsNoTrouble(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		w.telegram.refuses("", telegram.ClassBlocked)
		o := overdue(k, ticket.StepOwner)
		o.Cycle = 0
		w.enqueue(ticket.Remind(o, ticket.Place{Chat: anna}))
		calls := w.telegram.takes()
		require.Len(w, calls, 1)
		assert.Contains(w, calls[0].text, "taking longer than usual")
		assert.Empty(w, w.rows())
	})
}

func TestWhoHadATicketThatWasPutBackIsTold(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.meets(5, boriss)
		k := w.late()
		_, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: 5, Name: boriss})
		require.NoError(w, err)
		_, done, err := w.tickets.Release(w.Context(), k.ID, ticket.Actor{})
		require.NoError(w, err)
		assert.True(w, done)
		w.after(time.Second)
		w.telegram.takes()
		o := overdue(k, ticket.StepRelease)
		o.User = 5
		w.enqueue(ticket.Remind(o, ticket.Place{Chat: group}))
		o.User = 0
		w.enqueue(ticket.Remind(o, ticket.Place{Chat: group}))
		said := w.telegram.takes()
		require.Len(w, said, 2)
		assert.Contains(w, said[0].text, `It was with <a href="tg://user?id=5">Boris Godunov</a>`)
		assert.Contains(w, said[1].text, `It was with an admin`, "nothing unmasks who hides")
	})
}

func TestTheStoreThatFailsKeepsAReminder(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.late()
		fault := context.DeadlineExceeded
		w.fault.Store(&fault)
		w.enqueue(
			ticket.Remind(overdue(k, ticket.StepTake), ticket.Place{Chat: group}),
			ticket.TellBacklog([]ticket.Overdue{overdue(k, ticket.StepTake)}, ticket.Place{Chat: group}),
		)
		assert.Len(w, w.rows(), 2)
		w.fault.Store(nil)
		w.after(time.Minute)
		assert.Len(w, w.telegram.takes(), 2)
	})
}
