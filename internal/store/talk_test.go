package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// question stores a question about a ticket that stands in its owner's chat.
func (f *fixture) question(t *testing.T, of int64, message int, change ...func(*ticket.Line)) ticket.Line {
	t.Helper()
	l := ticket.Line{
		TicketID: of, Direction: ticket.Question, State: ticket.LineSent, AuthorID: 5,
		Source: ticket.Place{Chat: -100, Topic: 3, Message: message + 1000}, OwnerMessage: message, SaidAt: stored(f.clock.Now()),
	}
	for _, c := range change {
		c(&l)
	}
	require.NoError(t, f.Lines().InsertLine(t.Context(), &l))
	return l
}

// answer stores an answer to a question.
func (f *fixture) answer(t *testing.T, to ticket.Line, message int, album string) ticket.Line {
	t.Helper()
	l := ticket.Line{
		TicketID: to.TicketID, Direction: ticket.Answer, State: ticket.LineSending, AuthorID: 1, Album: album,
		Source: ticket.Place{Chat: 1, Message: message}, Question: to.ID, SaidAt: stored(f.clock.Now()),
	}
	require.NoError(t, f.Lines().InsertLine(t.Context(), &l))
	return l
}

func testTalk(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("what is stored comes back", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		want := ticket.Line{
			TicketID: f.ticket(t, 1, vinA).ID, Direction: ticket.Question, State: ticket.LineSending, AuthorID: 5,
			Source: ticket.Place{Chat: -100, Topic: 3, Message: 7}, Album: "a", Reason: ticket.UndeliveredBlocked,
			Body: "Когда?", SaidAt: stored(start()), SentAt: stored(start().Add(time.Second)), AnsweredAt: stored(start().Add(time.Minute)),
		}
		ctx := ticket.WithRequestID(t.Context(), "r1")
		require.NoError(t, f.Lines().InsertLine(ctx, &want))
		assert.Equal(t, "r1", want.RequestID)
		got, err := f.Lines().Line(ctx, want.ID)
		require.NoError(t, err)
		assert.Equal(t, want, got)

		want.State, want.OwnerMessage, want.Body, want.Reason = ticket.LineSent, 9, "", ""
		require.NoError(t, f.Lines().UpdateLine(ctx, want))
		got, err = f.Lines().LineFrom(ctx, -100, 7)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.True(t, ticket.IsNotFound(f.Lines().UpdateLine(ctx, ticket.Line{ID: 99, State: ticket.LineSent})))

		want.Body = "words"
		assert.Equal(t, ticket.CodeInvalid, ticket.CodeOf(f.Lines().UpdateLine(ctx, want)), "words that arrived are not kept")
	})

	t.Run("a question is found by its message, in its owner's chat only", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		q := f.question(t, f.ticket(t, 1, vinA).ID, 9)
		f.question(t, f.ticket(t, 2, vinA).ID, 10)
		got, err := f.Lines().QuestionAt(t.Context(), 1, 9)
		require.NoError(t, err)
		assert.Equal(t, q.ID, got.ID)
		for _, wrong := range [][2]int{{2, 9}, {1, 10}, {3, 9}} {
			_, err = f.Lines().QuestionAt(t.Context(), int64(wrong[0]), wrong[1])
			assert.True(t, ticket.IsNotFound(err), wrong)
		}
	})

	t.Run("a reply may be quicker than the note that its question arrived", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.ticket(t, 1, vinA)
		noted := f.question(t, k.ID, 9)
		onItsWay := ticket.Line{
			TicketID: k.ID, Direction: ticket.Question, State: ticket.LineSending, AuthorID: 5, Body: "?", SaidAt: f.clock.Now(),
		}
		require.NoError(t, f.Lines().InsertLine(t.Context(), &onItsWay))
		for message, want := range map[int]int64{9: noted.ID, 10: onItsWay.ID} {
			got, err := f.Lines().QuestionAt(t.Context(), 1, message)
			require.NoError(t, err)
			assert.Equal(t, want, got.ID)
		}
		_, err := f.Lines().QuestionAt(t.Context(), 2, 10)
		assert.True(t, ticket.IsNotFound(err), "another owner's")
	})

	t.Run("open questions have arrived, are of open tickets, and wait for an answer", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k, closed := f.ticket(t, 1, vinA), f.ticket(t, 1, vinB)
		first, now := f.question(t, k.ID, 9), f.clock.Now()
		f.question(t, k.ID, 10, func(l *ticket.Line) { l.State, l.OwnerMessage = ticket.LineSending, 0 })
		f.question(t, k.ID, 11, func(l *ticket.Line) { l.AnsweredAt = stored(now.Add(-time.Hour)) })
		lately := f.question(t, k.ID, 12, func(l *ticket.Line) { l.AnsweredAt = stored(now.Add(-time.Minute)) })
		f.question(t, closed.ID, 13)
		f.question(t, f.ticket(t, 2, vinA).ID, 14)
		closed.Status = ticket.Cancelled
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { return tx.Update(ctx, &closed) })

		open, err := f.Lines().OpenQuestions(t.Context(), 1, now.Add(-15*time.Minute))
		require.NoError(t, err)
		require.Len(t, open, 2)
		assert.Equal(t, []int64{first.ID, lately.ID}, []int64{open[0].ID, open[1].ID})

		waits := f.question(t, closed.ID, 15, func(l *ticket.Line) { l.State = ticket.LineUndelivered })
		waiting, err := f.Lines().UndeliveredQuestions(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		assert.Equal(t, waits.ID, waiting[0].ID)
	})

	t.Run("answers are counted, found by their album, and copied", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		q := f.question(t, f.ticket(t, 1, vinA).ID, 9)
		f.answer(t, q, 20, "album")
		second := f.answer(t, q, 21, "album")
		f.answer(t, q, 22, "")
		n, err := f.Lines().CountAnswers(t.Context(), q.ID)
		require.NoError(t, err)
		assert.Equal(t, 3, n)
		got, err := f.Lines().AlbumLine(t.Context(), 1, "album")
		require.NoError(t, err)
		assert.Equal(t, second.ID, got.ID)
		for author, album := range map[int64]string{1: "", 2: "album"} {
			_, err := f.Lines().AlbumLine(t.Context(), author, album)
			assert.True(t, ticket.IsNotFound(err))
		}
		at := ticket.Place{Chat: -100, Message: 70}
		require.NoError(t, f.Lines().AddCopy(t.Context(), second.ID, at))
		require.NoError(t, f.Lines().AddCopy(t.Context(), second.ID, at), "it may be noted again")
	})
}

func testBans(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("a ban holds until it is lifted", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		ctx, bans := t.Context(), f.Bans()
		lifted, err := bans.Unban(ctx, 7)
		require.NoError(t, err)
		assert.False(t, lifted, "nobody has been banned yet")
		require.NoError(t, bans.Told(ctx, 7))
		_, err = bans.Banned(ctx, 7)
		require.True(t, ticket.IsNotFound(err))

		fresh, err := bans.Ban(ctx, 7, "спам", 5)
		require.NoError(t, err)
		assert.True(t, fresh)
		require.NoError(t, bans.Told(ctx, 7))
		fresh, err = bans.Ban(ctx, 7, "и снова", 6)
		require.NoError(t, err)
		assert.False(t, fresh)
		ban, err := bans.Banned(ctx, 7)
		require.NoError(t, err)
		assert.Equal(t, "и снова", ban.Reason)
		assert.Equal(t, int64(6), ban.By)
		assert.True(t, ban.Told, "they are told once")
		assert.Equal(t, stored(start()), ban.At)
		_, err = bans.Banned(ctx, 8)
		assert.True(t, ticket.IsNotFound(err), "it is nobody else's")

		lifted, err = bans.Unban(ctx, 7)
		require.NoError(t, err)
		assert.True(t, lifted)
		_, err = bans.Banned(ctx, 7)
		assert.True(t, ticket.IsNotFound(err))
	})

	t.Run("one that is rolled back leaves nothing, and the next one holds", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		bans := f.Bans()
		require.ErrorIs(t, f.Do(t.Context(), func(ctx context.Context, _ ticket.Tx) error {
			_, err := bans.Ban(ctx, 7, "спам", 5)
			require.NoError(t, err)
			_, err = bans.Banned(ctx, 7)
			require.NoError(t, err)
			return errRefused
		}), errRefused)
		_, err := bans.Banned(t.Context(), 7)
		require.True(t, ticket.IsNotFound(err))
		_, err = bans.Ban(t.Context(), 7, "спам", 5)
		require.NoError(t, err)
		_, err = bans.Banned(t.Context(), 7)
		require.NoError(t, err)
	})
}

// askTalk asks everything about conversations and bans.
func askTalk(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	q := f.question(t, f.ticket(t, 90, vinB).ID, 9)
	a := f.answer(t, q, 20, "album")
	require.NoError(t, f.Lines().UpdateLine(ctx, q))
	require.NoError(t, f.Lines().AddCopy(ctx, a.ID, ticket.Place{Chat: -1, Message: 1}))
	_, err := f.Bans().Ban(ctx, 90, "x", 1)
	require.NoError(t, err)
	for _, ask := range []func() error{
		func() error { _, err := f.Lines().Line(ctx, q.ID); return err },
		func() error { _, err := f.Lines().LineFrom(ctx, -100, 1009); return err },
		func() error { _, err := f.Lines().LastLine(ctx, q.TicketID); return err },
		func() error { _, err := f.Lines().Conversation(ctx, q.TicketID, 10); return err },
		func() error { _, err := f.Lines().QuestionAt(ctx, 90, 9); return err },
		func() error { _, err := f.Lines().AlbumLine(ctx, 1, "album"); return err },
		func() error { _, err := f.Lines().OpenQuestions(ctx, 90, start()); return err },
		func() error { _, err := f.Lines().UndeliveredQuestions(ctx, 90); return err },
		func() error { _, err := f.Lines().CountAnswers(ctx, q.ID); return err },
		func() error { _, err := f.Bans().Banned(ctx, 90); return err },
		func() error { return f.Bans().Told(ctx, 90) },
		func() error { _, err := f.Bans().Unban(ctx, 90); return err },
	} {
		require.NoError(t, ask())
	}
}
