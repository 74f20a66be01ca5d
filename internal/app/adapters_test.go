package app

import (
	"context"
	"io"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report"
	"vinbot/internal/telegram"
	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

func TestWhatADownloadsFailureMeans(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault func(f *telegramtest.Fault)
		is    error
	}{
		"too big": {func(f *telegramtest.Fault) { f.Error(400, "Bad Request: file is too big") }, report.ErrTooBig},
		"not known": {func(f *telegramtest.Fault) {
			f.Error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
		}, report.ErrGone},
		"some other 400":  {func(f *telegramtest.Fault) { f.Error(400, "Bad Request: odd") }, report.ErrGone},
		"a proxy's fault": {func(f *telegramtest.Fault) { f.BadGateway() }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := w.builds()
			test.fault(w.sim.On("getFile"))
			_, err := files{a.client}.Download(t.Context(), "file", io.Discard, 10)
			require.Error(t, err)
			for _, meaning := range []error{report.ErrTooBig, report.ErrGone, report.ErrOverLimit} {
				assert.Equal(t, isIn(test.is, meaning), isIn(err, meaning), "%v", meaning)
			}
		})
	}
	w := newWorld(t)
	a := w.builds()
	file := w.boris.SendPDF("r.pdf", []byte("%PDF-1.7")).Document.ID
	n, err := files{a.client}.Download(t.Context(), file, io.Discard, 8)
	require.NoError(t, err)
	assert.EqualValues(t, 8, n)
	_, err = files{a.client}.Download(t.Context(), file, io.Discard, 7)
	require.ErrorIs(t, err, report.ErrOverLimit)
	w.sim.On("getFile").TooManyRequests(17)
	_, err = files{a.client}.Download(t.Context(), file, io.Discard, 8)
	var busy *report.BusyError
	require.ErrorAs(t, err, &busy)
	assert.Equal(t, 17*time.Second, busy.After)
}

// The limits of a group go on where it goes.
func TestAGroupKeepsItsLimitsWhenItBecomesAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.builds()
	g := gate{telegram.NewLimiter(telegram.LimiterOptions{}), a.groups}
	old, super := w.group.Chat(), int64(-1009)
	now := time.Now()
	_, err := a.groups.Follow(t.Context(), old, super)
	require.NoError(t, err)
	g.Penalize(old, time.Minute, now)
	assert.Equal(t, time.Minute, g.Admit(super, 0, now))
	later := now.Add(time.Minute)
	for range 4 {
		assert.Zero(t, g.Admit(old, 0, later))
	}
	assert.Positive(t, g.Admit(super, 0, later), "four are under way")
	g.Release(old, later)
	assert.Zero(t, g.Admit(super, 0, later))
}

// A quarter of a group's limit is for what answers a manager.
func TestAQuarterOfAGroupsLimitIsKeptForAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.builds()
	g := gate{telegram.NewLimiter(telegram.LimiterOptions{}), a.groups}
	chat, now := w.group.Chat(), time.Now()
	goes := func(u ticket.Urgency) bool {
		if g.Admit(chat, int(u), now) > 0 {
			return false
		}
		g.Release(chat, now)
		return true
	}
	for used := range 15 {
		assert.Equal(t, 15-used, g.Room(chat, int(ticket.ForCard), now))
		assert.True(t, goes([]ticket.Urgency{ticket.ForCard, ticket.ForShown, ticket.ForEdit}[used%3]))
	}
	assert.Zero(t, g.Room(chat, int(ticket.ForCard), now))
	for _, u := range []ticket.Urgency{ticket.ForCard, ticket.ForShown, ticket.ForEdit} {
		assert.False(t, goes(u), "%d", u)
	}
	for range 5 {
		assert.True(t, goes(ticket.ForGroup))
	}
	assert.False(t, goes(ticket.ForGroup))
	off := gate{telegram.NewLimiter(telegram.LimiterOptions{Off: true}), a.groups}
	assert.Equal(t, math.MaxInt, off.Room(chat, int(ticket.ForCard), now))
}

func TestWhoeverFollowsAGroupSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.builds()
	told := 0
	f := followed{a.groups, func() { told++ }}
	for range 2 {
		_, err := f.Follow(t.Context(), w.group.Chat(), -1009)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, told, "the first time")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Follow(ctx, -1009, -1010)
	require.Error(t, err)
	assert.Equal(t, 1, told)
}
