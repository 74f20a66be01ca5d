package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// testBoard is about what managers look at all day.
func testBoard(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("what is to be done is by priority, then by age, page by page, each ticket once", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		owner := int64(0)
		stands := func(s ticket.Status, p ticket.Priority, ago time.Duration, assignee int64) int64 {
			owner++
			return f.stand(t, ticket.Ticket{
				Status: s, Priority: p, OpenedAt: start().Add(-ago), OwnerID: owner, AssigneeID: assignee, AssigneeName: "x",
			})
		}
		low := stands(ticket.New, ticket.Low, 9*time.Hour, 0)
		young := stands(ticket.Taken, ticket.Normal, time.Minute, 5)
		old := stands(ticket.New, ticket.Normal, time.Hour, 0)
		twin := stands(ticket.Taken, ticket.Normal, time.Hour, 6)
		urgent := stands(ticket.Undelivered, ticket.Urgent, 0, 5)
		high := stands(ticket.Delivering, ticket.High, 0, 5)
		stands(ticket.Done, ticket.Urgent, 0, 5)
		for name, c := range map[string]struct {
			by   ticket.Work
			want []int64
		}{
			"all":                   {ticket.Work{}, []int64{urgent, high, old, twin, young, low}},
			"new":                   {ticket.Work{Status: ticket.New}, []int64{old, low}},
			"normal":                {ticket.Work{Priority: ticket.Normal}, []int64{old, twin, young}},
			"old":                   {ticket.Work{OpenedUntil: start().Add(-time.Hour)}, []int64{old, twin, low}},
			"somebody's":            {ticket.Work{Assignee: 5}, []int64{urgent, high, young}},
			"somebody's, taken":     {ticket.Work{Assignee: 5, Status: ticket.Taken}, []int64{young}},
			"somebody's, urgent":    {ticket.Work{Assignee: 5, Priority: ticket.Urgent}, []int64{urgent}},
			"somebody's, old":       {ticket.Work{Assignee: 6, OpenedUntil: start().Add(-time.Minute)}, []int64{twin}},
			"nobody's of this kind": {ticket.Work{Status: ticket.New, Priority: ticket.Urgent}, nil},
		} {
			for limit := 1; limit < 8; limit++ {
				var got []int64
				by := c.by
				by.Limit = limit
				for {
					page, err := f.Work(t.Context(), by)
					require.NoError(t, err)
					require.LessOrEqual(t, len(page), limit)
					if len(page) == 0 {
						break
					}
					got = append(got, listed(page)...)
					by.After = ticket.PlaceOf(page[len(page)-1])
				}
				assert.Equal(t, c.want, got, "%s, %d a page", name, limit)
			}
		}
		counts, err := f.OpenByStatus(t.Context())
		require.NoError(t, err)
		assert.Equal(t, map[ticket.Status]int{ticket.New: 2, ticket.Taken: 2, ticket.Undelivered: 1, ticket.Delivering: 1}, counts)
		holders, err := f.Holders(t.Context())
		require.NoError(t, err)
		assert.ElementsMatch(t, []account.User{{ID: 5, Name: "x"}, {ID: 6, Name: "x"}}, holders)
	})

	t.Run("a list of one priority holds no other", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		for _, p := range ticket.Priorities() {
			id := f.stand(t, ticket.Ticket{Status: ticket.Done, Priority: p, OwnerID: 1})
			page, err := f.Select(t.Context(), ticket.Selection{Priority: p, Limit: 10})
			require.NoError(t, err)
			assert.Equal(t, []int64{id}, listed(page), p)
			page, err = f.Select(t.Context(), ticket.Selection{Priority: p, Owner: 1, Statuses: ticket.Statuses(), Limit: 10})
			require.NoError(t, err)
			assert.Equal(t, []int64{id}, listed(page), p)
		}
	})

	t.Run("the newest ticket of a time is the number to go on from", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		first := f.stand(t, ticket.Ticket{Status: ticket.Done, OpenedAt: start().Add(-time.Hour)})
		f.stand(t, ticket.Ticket{Status: ticket.Done, OpenedAt: start()})
		for ago, want := range map[time.Duration]int64{2 * time.Hour: 0, time.Hour: first, time.Minute: first} {
			got, err := f.OpenedUntil(t.Context(), start().Add(-ago))
			require.NoError(t, err)
			assert.Equal(t, want, got, ago)
		}
	})

	t.Run("missed deadlines are listed with their tickets, but for those in the bin", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k, binned := f.ticket(t, 1, vinA), f.ticket(t, 2, vinB)
		for _, id := range []int64{k.ID, binned.ID} {
			for _, step := range []ticket.Step{ticket.StepTake, ticket.StepTakeAdmins, ticket.StepDone, ticket.StepOwner} {
				_, err := f.SLA().Mark(t.Context(), id, 1, step)
				require.NoError(t, err)
			}
		}
		f.Exec(t, `UPDATE tickets SET deleted_at = ? WHERE id = ?`, start(), binned.ID)
		missed, err := f.SLA().Missed(t.Context(), start().Add(-time.Hour), 10)
		require.NoError(t, err)
		require.Len(t, missed, 2)
		assert.ElementsMatch(t, []ticket.Step{ticket.StepTake, ticket.StepDone}, []ticket.Step{missed[0].Step, missed[1].Step})
		assert.Equal(t, k.ID, missed[0].ID)
		assert.Equal(t, stored(start()), missed[0].At)
		n, err := f.SLA().CountMissed(t.Context(), start().Add(-time.Hour))
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		n, err = f.SLA().CountMissed(t.Context(), start().Add(time.Hour))
		require.NoError(t, err)
		assert.Zero(t, n)
	})

	t.Run("a conversation is told from its beginning, with where its copies stand", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		q := f.question(t, k.ID, 9)
		a := f.answer(t, q, 20, "")
		require.NoError(t, f.Lines().AddCopy(t.Context(), a.ID, ticket.Place{Chat: -100, Message: 77}))
		said, err := f.Lines().Conversation(t.Context(), k.ID, 10)
		require.NoError(t, err)
		require.Len(t, said, 2)
		assert.Equal(t, q.ID, said[0].ID)
		assert.Empty(t, said[0].Copies)
		assert.Equal(t, []ticket.Place{{Chat: -100, Message: 77}}, said[1].Copies)
		said, err = f.Lines().Conversation(t.Context(), k.ID, 1)
		require.NoError(t, err)
		require.Len(t, said, 1)
		assert.Equal(t, a.ID, said[0].ID, "the newest are told")
		last, err := f.Lines().LastLine(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, a.ID, last.ID)
	})

	t.Run("all reports of a ticket are listed, the newest first, each with its files", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		first := f.report(t, k.ID, ticket.ReportDelivered)
		second := ticket.Report{TicketID: k.ID, Status: ticket.ReportChecking, FileID: "b", More: []ticket.File{{FileID: "c"}}}
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.InsertReport(ctx, &second) })
		reports, err := f.Reports(t.Context(), k.ID, 10)
		require.NoError(t, err)
		require.Len(t, reports, 2)
		assert.Equal(t, []int64{second.ID, first.ID}, []int64{reports[0].ID, reports[1].ID})
		assert.Len(t, reports[0].Files(), 2)
	})
}

// askBoard asks what the queue and the board of deadlines ask.
func askBoard(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	after := ticket.WorkPlace{Priority: ticket.High, OpenedAt: start(), ID: 1}
	for _, by := range []ticket.Work{
		{},
		{Status: ticket.New},
		{Priority: ticket.High, OpenedUntil: start()},
		{After: after},
		{After: after, OpenedUntil: start()},
		{Assignee: 1},
		{Assignee: 1, Status: ticket.Taken, Priority: ticket.Low, OpenedUntil: start(), After: after},
	} {
		by.Limit = 10
		_, err := f.Work(ctx, by)
		require.NoError(t, err)
	}
	for _, ask := range []func() error{
		func() error { _, err := f.OpenByStatus(ctx); return err },
		func() error { _, err := f.OpenedUntil(ctx, start()); return err },
		func() error { _, err := f.Holders(ctx); return err },
		func() error { _, err := f.SLA().Missed(ctx, start(), 10); return err },
		func() error { _, err := f.SLA().CountMissed(ctx, start()); return err },
		func() error { _, err := f.Reports(ctx, 1, 10); return err },
	} {
		require.NoError(t, ask())
	}
}
