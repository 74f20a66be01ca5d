package message_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func statsSamples() map[string]message.StatsView {
	busy := message.StatsView{
		Period: "month", StatsCounts: message.StatsCounts{Opened: 128, Taken: 120, Done: 101, Rejected: 5, Undelivered: 2},
		OpenNow: 14, InTime: 92, Ratings: 38, Average: 4.66,
		ToTake: message.StatsTimes{Count: 120, Median: 6 * time.Minute, P90: 40 * time.Minute},
		ToDone: message.StatsTimes{Count: 101, Median: 72 * time.Minute, P90: 5 * time.Hour},
		Priorities: map[ticket.Priority]message.StatsCounts{
			ticket.Urgent: {Opened: 3, Done: 3}, ticket.Normal: {Opened: 115, Done: 91, Rejected: 4}, ticket.Low: {Opened: 10, Done: 7, Rejected: 1},
		},
	}
	quiet := message.StatsView{
		Period: "today", StatsCounts: message.StatsCounts{Opened: 1}, OpenNow: 1,
		Priorities: map[ticket.Priority]message.StatsCounts{ticket.Normal: {Opened: 1}},
	}
	n := 1234567
	huge := message.StatsView{
		Period: "week", StatsCounts: message.StatsCounts{Opened: n, Taken: n, Done: n, Rejected: n, Undelivered: n},
		OpenNow: n, InTime: n, Ratings: n, Average: 5,
		ToTake:     message.StatsTimes{Count: n, Median: 30 * time.Second, P90: 99*time.Hour + 59*time.Minute},
		ToDone:     message.StatsTimes{Count: n, Median: 100*time.Hour + 10*time.Minute, P90: 12345 * time.Hour},
		Priorities: map[ticket.Priority]message.StatsCounts{ticket.High: {Opened: 123456, Done: 12345, Rejected: 1234}},
	}
	return map[string]message.StatsView{"busy": busy, "quiet": quiet, "huge": huge, "nothing": {Period: "week"}}
}

func TestTheStatisticsFitAPhone(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, name := range []string{"busy", "quiet", "huge", "nothing"} {
			text := book.Stats(lang, statsSamples()[name])
			assert.LessOrEqual(t, visible(text), 1024, "a caption")
			table := text[strings.Index(text, "<pre>")+len("<pre>") : strings.Index(text, "</pre>")]
			for line := range strings.Lines(table) {
				assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 30, line)
			}
			b.WriteString("== " + name + "\n" + text + "\n\n")
		}
		opened, done := book.StatsLegend(lang)
		b.WriteString(opened + ", " + done + "\n")
		golden(t, "stats."+lang+".txt", b.String())
	}
}

func TestPeriodsAreReadInBothLanguages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "today", "Today": "today", " сегодня ": "today", "week": "week", "неделю": "week", "MONTH": "month", "месяц": "month",
	} {
		got, ok := message.ParsePeriod(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
	_, ok := message.ParsePeriod("year")
	assert.False(t, ok)
}
