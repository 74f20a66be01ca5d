package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// digestOf has a ticket in every state, and the priorities and warnings that a
// line may show.
func digestOf() message.DigestView {
	var v message.DigestView
	add := func(change func(*ticket.Ticket)) {
		v.Tickets = append(v.Tickets, sampleTicket(func(t *ticket.Ticket) { t.ID = int64(101 + len(v.Tickets)) }, change))
	}
	for _, p := range []ticket.Priority{ticket.Normal, ticket.Low, ticket.High, ticket.Urgent} {
		add(func(t *ticket.Ticket) { t.Priority = p })
	}
	add(func(t *ticket.Ticket) { t.VIN, t.Confirmed, t.Priority = "1FTFW1ET5DFC10372", true, ticket.High })
	add(func(t *ticket.Ticket) { t.VIN = "00Z00000000000001" })
	for _, s := range ticket.Statuses()[1:] {
		add(func(t *ticket.Ticket) {
			t.Status, t.AssigneeName, t.VIN = s, "Анна Смирнова-Белозерская", "WBAFW51040C245397"
		})
	}
	add(func(t *ticket.Ticket) { t.Status, t.Confirmed = ticket.Taken, true }) // by an anonymous admin
	add(func(t *ticket.Ticket) { t.Status, t.VIN, t.ErasedAt = ticket.Done, ticket.ErasedVIN, t.OpenedAt })
	return v
}

func TestTheDigestShowsThePresentStateOfEach(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		golden(t, "digest."+lang+".txt", "== many\n"+show(book.Digest(lang, digestOf()))+
			"\n== none is left\n"+show(book.Digest(lang, message.DigestView{})))
	}
}

// anyTicket is a ticket of the longest that there can be.
func anyTicket(t *rapid.T) ticket.Ticket {
	return ticket.Ticket{
		ID:           rapid.Int64Range(1, 1<<62).Draw(t, "id"),
		VIN:          rapid.SampledFrom([]string{"WDB906633AS120001", "SALLAAAG5BA123456", "1FTFW1ET5DFC10372"}).Draw(t, "vin"),
		Status:       rapid.SampledFrom(ticket.Statuses()).Draw(t, "status"),
		Priority:     rapid.SampledFrom([]ticket.Priority{ticket.Low, ticket.Normal, ticket.High, ticket.Urgent}).Draw(t, "priority"),
		Confirmed:    rapid.Bool().Draw(t, "confirmed"),
		AssigneeName: rapid.SampledFrom([]string{"", strings.Repeat("&<", 99), strings.Repeat("👩‍🔧", 99), strings.Repeat("א", 99)}).Draw(t, "name"),
		OpenedAt:     sampleTicket().OpenedAt,
	}
}

func TestThirtyTicketsFitIntoADigestWhateverTheySay(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	rapid.Check(t, func(t *rapid.T) {
		v := message.DigestView{Tickets: rapid.SliceOfN(rapid.Custom(anyTicket), 2, message.MaxDigest).Draw(t, "tickets")}
		if rapid.Bool().Draw(t, "alike") {
			for i := range v.Tickets {
				v.Tickets[i] = v.Tickets[0]
				v.Tickets[i].ID = int64(i + 1)
			}
		}
		for _, lang := range message.Languages() {
			text := book.Digest(lang, v)
			assert.LessOrEqual(t, visible(text.HTML), 4096)
			assert.Equal(t, len(v.Tickets)+3, strings.Count(text.HTML, "\n")+1, "a line each")
			buttons := 0
			for _, row := range text.Keyboard.InlineKeyboard {
				for _, b := range row {
					assert.NotEmpty(t, b.Text)
					assert.LessOrEqual(t, len(b.CallbackData), 64)
					buttons++
				}
			}
			assert.Equal(t, len(v.Tickets), buttons)
		}
	})
}

func TestADigestThatWouldBeTooLongGoesWithoutTheCars(t *testing.T) {
	t.Parallel()
	var v message.DigestView
	for i := range message.MaxDigest {
		v.Tickets = append(v.Tickets, sampleTicket(func(t *ticket.Ticket) {
			t.ID, t.VIN, t.Status, t.Confirmed = 9_000_000_000+int64(i), "SALLAAAG5BA123456", ticket.Taken, true
			t.AssigneeName = strings.Repeat("🔧", 30)
		}))
	}
	long := newBook(t).Digest("ru", v)
	assert.NotContains(t, long.HTML, "Land Rover")
	assert.Contains(t, long.HTML, "9000000029")
	v.Tickets = v.Tickets[:20]
	assert.Contains(t, newBook(t).Digest("ru", v).HTML, "Land Rover")
}

func TestADigestIsKnownByItsOwnButtons(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	v := digestOf()
	digest := &models.Message{ReplyMarkup: book.Digest("ru", v).Keyboard}
	var want []int64
	for _, k := range v.Tickets {
		want = append(want, k.ID)
	}
	assert.Equal(t, want, message.TicketsOf(digest))
	_, _, ok := message.TicketOf(digest)
	assert.False(t, ok, "it stands for no one ticket")

	card := &models.Message{ReplyMarkup: book.Card("ru", message.CardView{Ticket: sampleTicket()}).Keyboard}
	assert.Nil(t, message.TicketsOf(card))
	assert.Nil(t, message.TicketsOf(&models.Message{}))
	two := &models.Message{ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
		{{CallbackData: "take:1"}, {CallbackData: "take:2"}}, {{CallbackData: "done_hint:1"}},
	}}}
	assert.Nil(t, message.TicketsOf(two), "nothing but tickets to take")
	one := &models.Message{ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
		{{CallbackData: "take:1"}}, {{CallbackData: "take:1"}},
	}}}
	assert.Nil(t, message.TicketsOf(one))
}

func TestADigestsButtonsFollowTheState(t *testing.T) {
	t.Parallel()
	text := newBook(t).Digest("ru", message.DigestView{Tickets: []ticket.Ticket{
		sampleTicket(), sampleTicket(func(t *ticket.Ticket) { t.ID, t.Status = 13, ticket.Taken }),
	}})
	require.Len(t, text.Keyboard.InlineKeyboard, 1)
	row := text.Keyboard.InlineKeyboard[0]
	assert.Equal(t, "Взять 12 take:12 🔧 13 take:13",
		fmt.Sprint(row[0].Text, " ", row[0].CallbackData, " ", row[1].Text, " ", row[1].CallbackData))
}
