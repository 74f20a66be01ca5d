package message_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

type mineSample struct {
	title string
	view  message.MineView
}

func mineSamples(t *testing.T) []mineSample {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	waiting := func(id int64, status ticket.Status, place int) message.Waiting {
		return message.Waiting{Place: place, Ticket: sampleTicket(func(t *ticket.Ticket) {
			t.ID, t.Status = id, status
			if status != ticket.New {
				t.TakenAt = t.OpenedAt.Add(7 * time.Minute)
			}
		})}
	}
	done := func(count int) (all []ticket.Ticket) {
		for i := range count {
			all = append(all, sampleTicket(func(t *ticket.Ticket) {
				t.ID, t.Status, t.ClosedAt = int64(40-i), ticket.Done, t.OpenedAt.Add(time.Hour)
			}))
		}
		return all
	}
	many := message.MineView{Zone: moscow, Page: 1}
	for id := range int64(40) {
		many.Open = append(many.Open, waiting(9_000_000+id, ticket.New, 1000))
	}
	return []mineSample{
		{"nothing yet", message.MineView{Page: 1}},
		{"one in the queue, and nobody knows how long", message.MineView{Zone: moscow, Page: 1, Open: []message.Waiting{waiting(12, ticket.New, 3)}}},
		{"one of every kind", message.MineView{Zone: moscow, Page: 1, Wait: 38 * time.Minute, Open: []message.Waiting{
			waiting(12, ticket.New, 1), waiting(13, ticket.Taken, 0), waiting(14, ticket.Delivering, 0), waiting(15, ticket.Undelivered, 0),
		}}},
		{"a report", message.MineView{Zone: moscow, Page: 1, Done: done(1), Total: 1}},
		{"a page of reports, beside an open ticket", message.MineView{
			Zone: moscow, Page: 2, Done: done(message.MinePage), Total: 12, Wait: 3 * time.Hour, Open: []message.Waiting{waiting(41, ticket.Taken, 0)},
		}},
		{"no zone", message.MineView{Page: 1, Done: done(2), Total: 2}},
		{"more than anybody has", many},
	}
}

func TestAnOwnersTickets(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, s := range mineSamples(t) {
			text := book.Mine(lang, s.view)
			assert.LessOrEqual(t, visible(text.HTML), 4096, s.title)
			b.WriteString("== " + s.title + "\n" + show(text) + "\n")
		}
		golden(t, "mine."+lang+".txt", b.String())
	}
}

func TestPagesTurnRoundAndRound(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for page, want := range map[int]string{1: "my:3 my:1 my:2", 2: "my:1 my:2 my:3", 3: "my:2 my:3 my:1"} {
		text := book.Mine("en", message.MineView{Page: page, Total: 2*message.MinePage + 1})
		var got []string
		for _, b := range text.Keyboard.InlineKeyboard[0] {
			got = append(got, b.CallbackData)
		}
		assert.Equal(t, want, strings.Join(got, " "))
		assert.Equal(t, "my:"+strconv.Itoa(page), text.Keyboard.InlineKeyboard[1][0].CallbackData, "refreshed where one stands")
	}
	one := book.Mine("en", message.MineView{Page: 1, Total: message.MinePage})
	assert.Len(t, one.Keyboard.InlineKeyboard, 1, "one page needs no turning")
}

func TestHowLongItTakesInWords(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, c := range []struct {
		wait   time.Duration
		ru, en string
	}{
		{time.Millisecond, "1 секунду", "1 second"},
		{2 * time.Second, "2 секунды", "2 seconds"},
		{21 * time.Second, "21 секунду", "21 seconds"},
		{35*time.Second + 1, "36 секунд", "36 seconds"},
		{time.Minute, "1 минуту", "1 minute"},
		{91 * time.Second, "2 минуты", "2 minutes"},
		{12*time.Minute + time.Second, "13 минут", "13 minutes"},
		{20*time.Minute + time.Second, "25 минут", "25 minutes"},
		{38 * time.Minute, "40 минут", "40 minutes"},
		{90 * time.Minute, "90 минут", "90 minutes"},
		{91 * time.Minute, "2 часа", "2 hours"},
		{4*time.Hour + time.Minute, "5 часов", "5 hours"},
		{20*time.Hour + time.Minute, "21 час", "21 hours"},
		{48 * time.Hour, "48 часов", "48 hours"},
		{49 * time.Hour, "3 дня", "3 days"},
		{240 * time.Hour, "10 дней", "10 days"},
	} {
		for lang, want := range map[string]string{"ru": c.ru, "en": c.en} {
			text := book.Mine(lang, message.MineView{Wait: c.wait, Open: []message.Waiting{{Ticket: sampleTicket()}}})
			assert.Regexp(t, `\b`+want+`\b|[^0-9]`+want+`[^а-я]`, text.HTML, c.wait)
		}
	}
}

func TestTheStarsBelowAReport(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for given, want := range map[int]string{
		0: "1 ⭐,2 ⭐,3 ⭐,4 ⭐,5 ⭐", 4: "1 ⭐,2 ⭐,3 ⭐,✅ 4,5 ⭐",
	} {
		var labels []string
		for i, b := range book.Stars(7, given).InlineKeyboard[0] {
			labels = append(labels, b.Text)
			assert.Equal(t, "rate:7:"+strconv.Itoa(i+1), b.CallbackData)
			p, err := message.ParsePress(b.CallbackData)
			require.NoError(t, err)
			assert.Equal(t, message.Press{Kind: message.PressKindRate, ID: 7, Word: strconv.Itoa(i + 1)}, p)
		}
		assert.Equal(t, want, strings.Join(labels, ","))
	}
}
