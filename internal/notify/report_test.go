package notify_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// receives has a manager's report come in and be found good; the outbox has
// nobody who checks, so the test says so.
func (w *world) receives(k ticket.Ticket) ticket.Report {
	w.Helper()
	w.telegram.mu.Lock()
	w.telegram.last++
	mail := w.telegram.last
	w.telegram.mu.Unlock()
	r, err := w.tickets.ReceiveReport(w.Context(), ticket.Incoming{
		Ticket: k.ID, FileID: "the file", UniqueID: "u", Size: 10,
		Source: ticket.Place{Chat: group, Message: mail}, By: ticket.Actor{ID: 5, Name: boriss},
	})
	require.NoError(w, err)
	return r
}

// accepted has a report accepted, and so delivered.
func (w *world) accepted(r ticket.Report) {
	w.Helper()
	require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{SHA256: "ab", Size: 10}))
	synctest.Wait()
}

// report gives a report as it is now.
func (w *world) report(id int64) ticket.Report {
	w.Helper()
	r, err := w.store.Report(w.Context(), id)
	require.NoError(w, err)
	return r
}

// delivering is a world whose report is about to be sent, with the answer that
// Telegram will give.
func delivering(t *testing.T, answer func(w *world, c call) error, test func(w *world, r ticket.Report)) {
	t.Helper()
	in(t, func(w *world) {
		k := w.opens()
		r := w.receives(k)
		w.after(time.Second) // since the owner wrote
		w.telegram.takes()
		w.telegram.answers(func(c call) error {
			if c.method != "sendDocument" {
				return nil
			}
			return answer(w, c)
		})
		w.accepted(r)
		test(w, w.report(r.ID))
	})
}

func sent(calls []call, method string) (made []call) {
	for _, c := range calls {
		if c.method == method {
			made = append(made, c)
		}
	}
	return made
}

func TestAReportThatTelegramAcceptsIsDelivered(t *testing.T) {
	t.Parallel()
	delivering(t, func(*world, call) error { return nil }, func(w *world, r ticket.Report) {
		assert.Equal(w, ticket.ReportDelivered, r.Status)
		assert.Equal(w, ticket.Done, w.ticket(r.TicketID).Status)
		calls := w.telegram.takes()
		documents := sent(calls, "sendDocument")
		require.Len(w, documents, 1)
		p, ok := documents[0].params.(*bot.SendDocumentParams)
		require.True(w, ok)
		assert.Equal(w, &models.InputFileString{Data: "the file"}, p.Document)
		assert.Contains(w, p.Caption, honda)
		assert.NotZero(w, r.OwnerMessage)
		assert.Len(w, sent(calls, "setMessageReaction"), 1)

		w.enqueue(ticket.Effect{Kind: ticket.EffectReportDeliver, Lane: "x", Payload: ticket.ReportRef{Report: r.ID}})
		assert.Empty(w, w.telegram.takes(), "once")
	})
}

// Whatever Telegram answers, the report is delivered, waits for its owner, is
// the manager's again, or is on its way in a row that will be tried.
func TestEveryAnswerDecidesAReport(t *testing.T) {
	t.Parallel()
	reasons := map[telegram.Class]string{
		telegram.ClassBlocked: ticket.UndeliveredBlocked, telegram.ClassDeactivated: ticket.UndeliveredDeactivated,
		telegram.ClassNoChat: ticket.UndeliveredNoChat, telegram.ClassNoRights: ticket.UndeliveredNoChat,
		telegram.ClassKicked: ticket.UndeliveredNoChat, telegram.ClassTopicGone: ticket.UndeliveredNoChat,
		telegram.ClassMigrated: ticket.UndeliveredNoChat,
	}
	for class := telegram.ClassUnknown; class <= telegram.ClassBadRequest; class++ {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			answer := func(*world, call) error { return refusal(class) }
			delivering(t, answer, func(w *world, r ticket.Report) {
				k := w.ticket(r.TicketID)
				onItsWay := 0
				for _, row := range w.rows() {
					if row.kind == string(ticket.EffectReportDeliver) {
						onItsWay++
						assert.Equal(w, "waiting", row.state)
					}
				}
				why, unreached := reasons[class]
				switch {
				case class.Temporary():
					assert.Equal(w, 1, onItsWay)
					assert.Equal(w, ticket.Delivering, k.Status)
					w.telegram.takes()
					w.after(time.Minute)
					assert.Equal(w, ticket.Done, w.ticket(k.ID).Status, "sent at last")
				case unreached:
					assert.Zero(w, onItsWay)
					assert.Equal(w, ticket.Undelivered, k.Status)
					assert.Equal(w, why, k.Undeliverable)
					u, err := w.store.Accounts().User(w.Context(), anna)
					require.NoError(w, err)
					assert.True(w, u.Unreachable)
					assert.Empty(w, sent(w.telegram.takes(), "setMessageReaction"), "nobody is told that it arrived")
				default:
					assert.Zero(w, onItsWay)
					assert.Equal(w, ticket.Taken, k.Status, "the manager's again")
					assert.Equal(w, ticket.ReasonFile, r.Reason)
				}
			})
		})
	}
}

// A caption that Telegram does not like is our fault, not the file's.
func TestAReportIsNotRefusedForItsCaption(t *testing.T) {
	t.Parallel()
	answer := func(_ *world, c call) error {
		if c.text != "" {
			return refusal(telegram.ClassBadRequest)
		}
		return nil
	}
	delivering(t, answer, func(w *world, r ticket.Report) {
		assert.Equal(w, ticket.ReportDelivered, r.Status)
		assert.Len(w, sent(w.telegram.takes(), "sendDocument"), 2)
		assert.Equal(w, 1, logged(w, "without its caption"))
	})
}

// The owner writes between Telegram's refusal and its being noted: they were
// welcomed when there was nothing to send yet.
func TestAnOwnerWhoComesBackAtThatMomentGetsTheReport(t *testing.T) {
	t.Parallel()
	refused := 0
	answer := func(w *world, _ call) error {
		if refused++; refused > 1 {
			return nil
		}
		w.meets(anna, annas)
		return refusal(telegram.ClassBlocked)
	}
	delivering(t, answer, func(w *world, r ticket.Report) {
		assert.Equal(w, ticket.ReportDelivered, r.Status)
		assert.Equal(w, ticket.Done, w.ticket(r.TicketID).Status)
		u, err := w.store.Accounts().User(w.Context(), anna)
		require.NoError(w, err)
		assert.False(w, u.Unreachable)
	})
}

func TestTheManagerIsAskedAboutAReport(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		k := w.opens()
		r := w.receives(k)
		w.telegram.takes()
		require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{Reason: ticket.ReasonUnchecked}))
		synctest.Wait()
		asked := sent(w.telegram.takes(), "sendMessage")
		require.Len(w, asked, 1)
		p, ok := asked[0].params.(*bot.SendMessageParams)
		require.True(w, ok)
		assert.Equal(w, r.Source.Message, p.ReplyParameters.MessageID)
		assert.NotNil(w, p.ReplyMarkup)
		card, err := w.store.CardAt(w.Context(), group, w.telegram.last)
		require.NoError(w, err)
		assert.Equal(w, k.ID, card.TicketID, "a reply to the question is about the ticket")

		_, err = w.tickets.ConfirmReport(w.Context(), r.ID, ticket.Actor{ID: 5}, false)
		require.NoError(w, err)
		synctest.Wait()
		w.telegram.takes()
		w.enqueue(ticket.Effect{Kind: ticket.EffectReportQuestion, Lane: "x", Chat: group, Payload: ticket.ReportRef{Report: r.ID}})
		assert.Empty(w, w.telegram.takes(), "it is answered")
	})
}

func TestAQuestionWaitsForItsGroup(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		r := w.receives(w.opens())
		w.telegram.answers(deaf(telegram.ClassNotSent, group))
		require.NoError(w, w.tickets.Checked(w.Context(), r.ID, ticket.Finding{Reason: ticket.ReasonUnchecked}))
		synctest.Wait()
		w.telegram.takes()
		w.after(2 * time.Second)
		assert.Len(w, sent(w.telegram.takes(), "sendMessage"), 1)
	})
}

func TestReportsThatThereAreNot(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		for _, kind := range []ticket.EffectKind{ticket.EffectReportDeliver, ticket.EffectReportQuestion} {
			w.enqueue(ticket.Effect{Kind: kind, Lane: "x", Payload: ticket.ReportRef{Report: 4711}})
		}
		assert.Empty(w, w.rows(), "their tickets were deleted meanwhile")
		assert.Empty(w, w.telegram.takes())
	})
}
