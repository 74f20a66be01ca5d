package message_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func TestLists(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	now := sampleTicket().OpenedAt.Add(35 * time.Minute)
	in := func(id int64, status ticket.Status, p ticket.Priority, ago time.Duration) ticket.Ticket {
		return sampleTicket(func(t *ticket.Ticket) {
			t.ID, t.Status, t.Priority, t.OpenedAt = id, status, p, now.Add(-ago)
			if status != ticket.New {
				t.AssigneeName = "Анна <К>"
			}
		})
	}
	var every []ticket.Ticket
	for i, s := range ticket.Statuses() {
		every = append(every, in(int64(i+1), s, ticket.Priorities()[i%4], time.Duration(i*i)*5*time.Hour))
	}
	every = append(every, sampleTicket(func(t *ticket.Ticket) { t.ID, t.Status, t.VIN, t.ErasedAt = 99, ticket.Done, ticket.ErasedVIN, now }))
	waiting := []ticket.Ticket{
		in(7, ticket.New, ticket.Urgent, time.Minute), in(3, ticket.New, ticket.Normal, 50*time.Hour), in(5, ticket.New, ticket.Low, time.Hour),
	}
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, v := range []message.ListView{
			{Kind: ticket.ListQueue, Tickets: waiting, Total: 3, Page: 1},
			{Kind: ticket.ListQueue, Tickets: waiting, Total: 60, Page: 2},
			{Kind: ticket.ListQueue, Page: 1},
			{Kind: ticket.ListQueue, Total: 60, Page: 9},
			{Kind: ticket.ListMine, Tickets: waiting[:1], Page: 1},
			{Kind: ticket.ListMine, Page: 1},
			{Kind: ticket.ListMine, Tickets: waiting, Total: 7, Page: 1},
			{Kind: ticket.ListFound, Tickets: waiting, VIN: "004352", Total: 5, Page: 1},
			{Kind: ticket.ListFound, Tickets: every, VIN: "004352", Page: 1},
			{Kind: ticket.ListFound, VIN: sampleVIN, Page: 1},
		} {
			v.Now = now
			b.WriteString(show(book.List(lang, v)) + "\n")
		}
		golden(t, "list."+lang+".txt", b.String())
	}
}

func TestALongListFitsIntoAMessage(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	v := message.ListView{Kind: ticket.ListFound, VIN: sampleVIN, Page: 1, Total: 1000, Now: sampleTicket().OpenedAt.Add(9999 * time.Hour)}
	for range message.MaxList {
		v.Tickets = append(v.Tickets, sampleTicket(func(t *ticket.Ticket) {
			t.ID, t.Status, t.Priority, t.AssigneeName = 1<<40, ticket.Undelivered, ticket.Urgent, strings.Repeat("<Я>", 50)
		}))
	}
	for _, lang := range message.Languages() {
		text := book.List(lang, v)
		assert.LessOrEqual(t, visible(text.HTML), 4096)
		assert.Equal(t, message.MaxList, strings.Count(text.HTML, sampleVIN)-1)
	}
}

func TestParsePriority(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]ticket.Priority{
		"low": ticket.Low, "НИЗКИЙ": ticket.Low, "norm": ticket.Normal, "обыч": ticket.Normal, "hi": ticket.High,
		"высокий": ticket.High, " urgent ": ticket.Urgent, "срочно": ticket.Urgent, "l": "", "": "", "urgently": "", "hо": "",
	} {
		got, ok := message.ParsePriority(word)
		assert.Equal(t, want, got, "%q", word)
		assert.Equal(t, want != "", ok, "%q", word)
	}
}

func TestACommandsNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		id   int64
		has  bool
		rest string
	}{
		"/prio 12 high":   {12, true, "high"},
		"/prio #12  high": {12, true, "high"},
		"/prio № 12 high": {12, true, "high"},
		"/prio 12":        {12, true, ""},
		"/prio high":      {0, false, "high"},
		"/prio":           {0, false, ""},
		"/prio #x high":   {0, true, "high"},
		"/prio 0 high":    {0, true, "high"},
	} {
		c, ok := message.FindCommand(text, nil, "")
		assert.True(t, ok)
		number, rest := c.Number()
		assert.Equal(t, message.Done{ID: want.id, HasID: want.has}, number, text)
		assert.Equal(t, want.rest, rest, text)
	}
}
