package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/metric"
	"vinbot/internal/ticket"
)

// counting is as much of the program as counts.
func counting(now *time.Time) *App {
	return &App{
		Options: Options{Log: zerolog.Nop(), Clock: func() time.Time { return *now }},
		metrics: metric.New(metric.Build{}),
	}
}

func TestWhatHappensToTicketsIsCountedWithHowLongItTook(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	a := counting(&now)
	a.count([]ticket.Event{
		{Kind: ticket.EventOpened, To: ticket.New},
		{Kind: ticket.EventTaken, From: ticket.New, To: ticket.Taken, Took: 10 * time.Minute},
		{Kind: ticket.EventAssigned, From: ticket.New, To: ticket.Taken, Took: time.Minute},
		{Kind: ticket.EventAssigned, From: ticket.Taken, To: ticket.Taken},
		{Kind: ticket.EventReportAccepted, From: ticket.New, To: ticket.Delivering, Took: time.Hour},
		{Kind: ticket.EventReportAccepted, From: ticket.Taken, To: ticket.Delivering, Took: time.Hour},
		{Kind: ticket.EventDelivered, From: ticket.Delivering, To: ticket.Done, Took: 3 * time.Hour},
		{Kind: ticket.EventDelivered, From: ticket.Done, To: ticket.Done, Took: 3 * time.Hour},
		{Kind: ticket.EventRejected, From: ticket.Taken, To: ticket.Rejected},
	})
	answer := httptest.NewRecorder()
	a.metrics.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		"vinbot_tickets_opened_total 1", "vinbot_tickets_taken_total 3", "vinbot_tickets_done_total 1", "vinbot_tickets_rejected_total 1",
		"vinbot_tickets_time_to_take_seconds_count 3", "vinbot_tickets_time_to_take_seconds_sum 4260",
		"vinbot_tickets_time_to_done_seconds_count 1", "vinbot_tickets_time_to_done_seconds_sum 10800",
	} {
		assert.Contains(t, answer.Body.String(), want+"\n")
	}
}

// TestAFigureIsAskedForNowAndThen: however often it is scraped.
func TestAFigureIsAskedForNowAndThen(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	asked, fault := 0, error(nil)
	f := figure[int]{app: counting(&now), question: func(context.Context) (int, error) {
		asked++
		return asked, fault
	}}
	says := func(value int, known bool) {
		t.Helper()
		got, ok := f.get()
		assert.Equal(t, known, ok)
		if known {
			assert.Equal(t, value, got)
		}
	}
	says(1, true)
	says(1, true)
	now = now.Add(figureLife)
	says(2, true)
	now, fault = now.Add(figureLife), errors.New("away")
	says(0, false)
	fault = nil
	says(4, true)
	now = now.Add(-time.Hour)
	says(5, true)
}

func TestABacklogIsAsOldAsTheOldestOfIt(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	asked, fault := 0, error(nil)
	read := counting(&now).watched(func(context.Context) (b backlog, err error) {
		asked++
		b.add(2, time.Unix(1_800_000_000, 0).Add(-time.Minute))
		b.add(1, time.Unix(1_800_000_000, 0).Add(-time.Hour))
		b.add(3, time.Time{}) // nothing of it is due yet
		return b, fault
	})
	says := func(oldest time.Duration, known bool, times int) {
		t.Helper()
		waiting, age, ok := read()
		assert.Equal(t, known, ok)
		if known {
			assert.Equal(t, 6, waiting)
			assert.Equal(t, oldest, age)
		}
		assert.Equal(t, times, asked)
	}
	says(time.Hour, true, 1)
	now = now.Add(time.Second)
	says(time.Hour+time.Second, true, 1)
	now, fault = now.Add(figureLife), errors.New("away")
	says(0, false, 2)
}
