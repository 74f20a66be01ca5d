package webhook_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

func answers(status int) func([]got) (time.Duration, int) {
	return func([]got) (time.Duration, int) { return 10 * time.Millisecond, status }
}

// silent never answers.
func silent([]got) (time.Duration, int) { return time.Hour, 200 }

func TestWhatHappensIsTold(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		w.opens(1, vinB) // before anybody wants to know
		all, _ := w.receiver("all.example", well)
		some, _ := w.receiver("some.example", well, webhook.TicketTaken, webhook.TicketCancelled)
		k := w.opens(2, vinA)
		w.passes(time.Second)
		assert.Equal(w, []string{"ticket.created"}, all.kinds(), "within a second")
		w.takes(k.ID)
		_, _, err := w.tickets.Prioritize(w.Context(), k.ID, ticket.High, ticket.Actor{ID: manager})
		require.NoError(w, err)
		_, _, err = w.tickets.Release(w.Context(), k.ID, ticket.Actor{ID: manager})
		require.NoError(w, err)
		w.passes(time.Second)
		assert.Equal(w, []string{"ticket.created", "ticket.taken", "ticket.released"}, all.kinds())
		assert.Equal(w, []string{"ticket.taken"}, some.kinds())
		for _, g := range all.messages() {
			assert.Equal(w, k.ID, g.ticket())
		}
		assert.NotEqual(w, all.messages()[1].id, some.messages()[0].id, "each endpoint has messages of its own")
		assert.Equal(w, map[string]int{"delivered": 4}, w.tried)
	})
}

func TestWhatBelongsToATicketArrivesInOrderAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		failing := func(before []got) (time.Duration, int) { // the first message of the first ticket, for a while
			if len(before) < 3 {
				return 0, 500
			}
			return 0, 200
		}
		r, e := w.receiver("one.example", failing)
		a := w.opens(1, vinA)
		w.passes(time.Second)
		w.takes(a.ID)
		w.passes(time.Second)
		b := w.opens(2, vinB)
		w.passes(10 * time.Minute)
		var ofA, ofB []string
		for _, g := range r.messages() {
			if g.ticket() == a.ID {
				ofA = append(ofA, g.kind)
			} else {
				ofB = append(ofB, g.kind)
			}
		}
		assert.Equal(w, "ticket.taken", ofA[len(ofA)-1])
		assert.NotContains(w, ofA[:len(ofA)-1], "ticket.taken", "it waits for what came before it")
		assert.Equal(w, b.ID, r.messages()[1].ticket(), "another ticket's does not")
		assert.Contains(w, ofB, "ticket.created")
		for _, d := range w.deliveries(e) {
			assert.Equal(w, webhook.Done, d.State)
		}
	})
}

func TestASlowReceiverIsCutOffAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		slow, e := w.receiver("slow.example", silent)
		quick, _ := w.receiver("quick.example", well)
		begun := time.Now()
		for i := range 40 {
			w.opens(int64(i+1), vinA)
		}
		w.passes(2 * time.Second)
		assert.Len(w, quick.messages(), 40, "nobody waits for the slow one")
		assert.LessOrEqual(w, len(slow.messages()), 4)
		w.passes(4 * time.Second)
		_, tries, err := w.service.Delivery(w.Context(), e.ID, w.deliveries(e)[0].ID)
		require.NoError(w, err)
		require.NotEmpty(w, tries)
		assert.Equal(w, webhook.FaultTimeout, tries[0].Error)
		assert.Equal(w, 5*time.Second, tries[0].Took)
		assert.Zero(w, tries[0].Status)

		slow.changes(well)
		w.passes(10 * time.Minute)
		ids := map[string]bool{}
		for _, g := range slow.messages() {
			ids[g.id] = true
		}
		assert.Len(w, ids, 40)
		for _, d := range w.deliveries(e) {
			assert.Equal(w, webhook.Done, d.State, "once it is well all of it arrives")
		}
		assert.Less(w, time.Since(begun), time.Hour)
	})
}

func TestADeadReceiverIsTriedForADayThenByHand(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("dead.example", answers(503), webhook.TicketCreated)
		w.opens(1, vinA)
		begun := time.Now()
		w.passes(26 * time.Hour)
		messages := r.messages()
		require.Len(w, messages, 11)
		assert.LessOrEqual(w, messages[10].at.Sub(begun), 24*time.Hour)
		for i, g := range messages {
			assert.Equal(w, messages[0].id, g.id, "it is the same message")
			if i > 1 {
				assert.Greater(w, g.at.Sub(messages[i-1].at), messages[i-1].at.Sub(messages[i-2].at), "ever later")
			}
		}
		d := w.deliveries(e)[0]
		assert.Equal(w, webhook.Dead, d.State)
		assert.Equal(w, webhook.FaultStatus, d.LastError)
		assert.Equal(w, map[string]int{"failed": 10, "dead": 1}, w.tried)
		_, tries, err := w.service.Delivery(w.Context(), e.ID, d.ID)
		require.NoError(w, err)
		require.Len(w, tries, 11)
		assert.Equal(w, 503, tries[3].Status)
		assert.Equal(w, "answer to ticket.created", tries[3].Answer)
		got, err := w.service.Read(w.Context(), e.ID)
		require.NoError(w, err)
		assert.True(w, got.Active, "a day is not three")
		assert.False(w, got.FailingSince.IsZero())

		r.changes(well)
		_, err = w.service.Redeliver(w.Context(), e.ID, d.ID)
		require.NoError(w, err)
		_, err = w.service.Redeliver(w.Context(), e.ID, d.ID)
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err), "twice at once is once")
		w.passes(time.Second)
		messages = r.messages()
		require.Len(w, messages, 12)
		assert.Equal(w, messages[0].id, messages[11].id)
		assert.Equal(w, webhook.Done, w.deliveries(e)[0].State)
		got, err = w.service.Read(w.Context(), e.ID)
		require.NoError(w, err)
		assert.True(w, got.FailingSince.IsZero())
	})
}

func TestAnEndpointThatFailsForThreeDaysIsSwitchedOffAndTheAdminsAreTold(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("dead.example", silent)
		well, healthy := w.receiver("well.example", well)
		for i := range 19 {
			w.opens(int64(i+1), vinA)
			w.passes(4 * time.Hour)
		}
		got, err := w.service.Read(w.Context(), e.ID)
		require.NoError(w, err)
		assert.False(w, got.Active)
		assert.Equal(w, webhook.StoppedFailing, got.Stopped)
		assert.Equal(w, map[string]int{"failing": 1}, w.stopped)
		for _, d := range w.deliveries(e) {
			assert.Equal(w, webhook.Dead, d.State, "nothing waits for it")
		}
		told := w.alarms(admin)
		require.Len(w, told, 1, "once")
		assert.Equal(w, fmt.Sprintf("#%d dead.example", e.ID), told[0].Name, "without what may be a password")
		assert.Equal(w, webhook.StoppedFailing, told[0].Reason)
		tries := len(r.messages())
		w.opens(1000, vinA)
		w.passes(time.Hour)
		assert.Len(w, r.messages(), tries, "it hears no more")
		assert.Len(w, well.messages(), 20)
		got, err = w.service.Read(w.Context(), healthy.ID)
		require.NoError(w, err)
		assert.True(w, got.Active)
		log := w.log.String()
		assert.False(w, strings.Contains(log, "Лариска") || strings.Contains(log, vinA), "neither URL nor VIN is logged")
		assert.True(w, strings.Contains(log, "a webhook is switched off"))
	})
}

func TestAnEndpointThatHearsLittleIsSwitchedOffForWhatFailsNowAlone(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour // of tries
	for name, test := range map[string]struct {
		rest    time.Duration // between what happens, after the tries
		stopped string
	}{
		"once in five days": {4 * day, ""},
		"once a day":        {0, webhook.StoppedFailing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(w *world) {
				_, e := w.receiver("quiet.example", answers(http.StatusServiceUnavailable))
				for i := range 4 {
					w.opens(int64(i+1), vinA)
					w.passes(day)
					w.rests(test.rest)
				}
				w.opens(5, vinA)
				w.passes(time.Second)
				got, err := w.service.Read(w.Context(), e.ID)
				require.NoError(w, err)
				assert.Equal(w, test.stopped, got.Stopped)
				assert.Equal(w, test.stopped == "", got.Active)
				if got.Active {
					assert.Less(w, time.Since(got.FailingSince), time.Minute, "what failed days ago says nothing of today")
				}
			})
		})
	}
}

func TestAReceiverThatIsGoneIsAskedNoMore(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		w.ends()
		w.admins = nil
		w.begins()
		r, e := w.receiver("gone.example", answers(http.StatusGone))
		w.opens(1, vinA)
		w.opens(2, vinA)
		w.passes(time.Hour)
		assert.LessOrEqual(w, len(r.messages()), 2, "what was on its way already")
		got, err := w.service.Read(w.Context(), e.ID)
		require.NoError(w, err)
		assert.Equal(w, webhook.StoppedGone, got.Stopped)
		told := w.alarms(group)
		require.Len(w, told, 1, "where there are no admins the group hears of it")
		assert.Equal(w, webhook.StoppedGone, told[0].Reason)

		r.changes(well)
		got, err = w.service.Change(w.Context(), e.ID, func(_ webhook.Endpoint, d *webhook.Draft) error {
			d.Active = true
			return nil
		})
		require.NoError(w, err)
		assert.Empty(w, got.Stopped)
		before := len(r.messages())
		w.passes(time.Hour)
		assert.Len(w, r.messages(), before, "what happened meanwhile is not made up for")
		w.opens(3, vinA)
		w.passes(time.Second)
		assert.Len(w, r.messages(), before+1)
	})
}

func TestAFlappingReceiverGetsEverythingAndStaysOn(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		flaps := func(before []got) (time.Duration, int) {
			return 10 * time.Millisecond, []int{200, 500, 302}[len(before)%3]
		}
		r, e := w.receiver("flaps.example", flaps)
		for i := range 30 { // longer than three days
			k := w.opens(int64(i+1), vinA)
			w.takes(k.ID)
			w.passes(3 * time.Hour)
		}
		w.passes(24 * time.Hour)
		taken := map[string]int{}
		for _, d := range w.deliveries(e) {
			require.Equal(w, webhook.Done, d.State)
			taken[d.MessageID]++
		}
		assert.Len(w, taken, 60)
		got, err := w.service.Read(w.Context(), e.ID)
		require.NoError(w, err)
		assert.True(w, got.Active)
		last := map[int64]string{}
		for _, g := range r.messages() {
			if g.kind == "ticket.created" {
				assert.NotEqual(w, "ticket.taken", last[g.ticket()], "in order")
			}
			last[g.ticket()] = g.kind
		}
	})
}

func TestWhatIsInTheBinIsNotTold(t *testing.T) {
	t.Parallel()
	inTime(t, func(w *world) {
		r, e := w.receiver("one.example", answers(500))
		k := w.opens(1, vinA)
		w.passes(time.Second)
		require.Len(w, r.messages(), 1)
		_, err := w.tickets.Delete(w.Context(), k.ID, ticket.Actor{ID: admin})
		require.NoError(w, err)
		w.passes(time.Hour)
		assert.Len(w, r.messages(), 1)
		d := w.deliveries(e)[0]
		assert.Equal(w, webhook.Dead, d.State)
		assert.Equal(w, webhook.FaultTicket, d.LastError)
	})
}
