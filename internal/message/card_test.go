package message_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

type cardSample struct {
	title string
	view  message.CardView
}

func cardSamples(t *testing.T) []cardSample {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	in := func(status ticket.Status) func(*ticket.Ticket) {
		return func(t *ticket.Ticket) {
			t.Status = status
			if status != ticket.New {
				t.AssigneeID, t.AssigneeName, t.TakenAt = 5, "Анна", t.OpenedAt.Add(7*time.Minute)
			}
			if !status.Open() {
				t.ClosedAt = t.OpenedAt.Add(time.Hour)
			}
		}
	}
	card := func(title string, change ...func(*ticket.Ticket)) cardSample {
		return cardSample{title, message.CardView{
			Ticket: sampleTicket(change...), OwnerName: "Иван Петров", OwnerUsername: "ivan_petrov",
			Zone: moscow, BotName: "vin_report_bot",
		}}
	}
	var all []cardSample
	for _, status := range ticket.Statuses() {
		all = append(all, card(string(status), in(status)))
	}
	for _, why := range []string{ticket.UndeliveredBlocked, ticket.UndeliveredDeactivated, ticket.UndeliveredNoChat} {
		all = append(all, card("undelivered "+why, in(ticket.Undelivered), func(t *ticket.Ticket) { t.Undeliverable = why }))
	}
	for _, p := range []ticket.Priority{ticket.Low, ticket.High, ticket.Urgent} {
		all = append(all, card("priority "+string(p), func(t *ticket.Ticket) { t.Priority = p }))
	}
	all = append(all,
		card("confirmed", func(t *ticket.Ticket) { t.Confirmed = true }),
		card("taken by an anonymous admin", in(ticket.Taken), func(t *ticket.Ticket) { t.AssigneeName = "" }))

	all = append(all,
		card("deleted", in(ticket.Taken), func(t *ticket.Ticket) { t.DeletedAt = t.OpenedAt.Add(2 * time.Hour) }),
		card("erased", in(ticket.Done), func(t *ticket.Ticket) {
			t.VIN, t.OwnerID, t.ErasedAt = ticket.ErasedVIN, 0, t.OpenedAt.Add(90*24*time.Hour)
		}))

	for _, status := range ticket.Statuses() {
		due := card("due "+string(status), in(status))
		due.view.Deadline = due.view.Ticket.OpenedAt.Add(15 * time.Minute)
		all = append(all, due)
	}
	other := card("done by another than took it", in(ticket.Done))
	other.view.Report = ticket.Report{SenderID: 6, SenderName: "Борис", DeliveredAt: other.view.Ticket.ClosedAt}
	corrected := card("done, then corrected", in(ticket.Done))
	corrected.view.Report = ticket.Report{SenderID: 6, SenderName: "", DeliveredAt: corrected.view.Ticket.ClosedAt.Add(24 * time.Hour)}
	scanned := card("done with a scan", in(ticket.Done))
	scanned.view.Report = ticket.Report{SenderID: 6, SenderName: "Борис", DeliveredAt: scanned.view.Ticket.ClosedAt, NoText: true}
	ready := card("a report for the same VIN", in(ticket.Taken))
	ready.view.Now = ready.view.Ticket.OpenedAt.Add(80 * time.Hour)
	ready.view.Reusable = ticket.Report{ID: 3, TicketID: 7, DeliveredAt: ready.view.Ticket.OpenedAt}
	nameless := card("an owner without a name, a bot without one, no zone")
	nameless.view.OwnerName, nameless.view.OwnerUsername, nameless.view.BotName, nameless.view.Zone = "\u2066 ", "", "", nil
	hostile := card("an owner with a hostile name")
	hostile.view.OwnerName = "</code><b>\u202e" + strings.Repeat("א", 100)
	return append(all, other, corrected, scanned, ready, nameless, hostile)
}

func TestTheCardShowsThePresentState(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, s := range cardSamples(t) {
			text := book.Card(lang, s.view)
			assert.LessOrEqual(t, visible(text.HTML), 4096)
			b.WriteString("== " + s.title + "\n" + show(text) + "\n")
		}
		golden(t, "card."+lang+".txt", b.String())
	}
}

func TestTheButtonsFollowTheState(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for status, want := range map[ticket.Status]string{
		ticket.New:         "take:12 done_hint:12 copy",
		ticket.Taken:       "done_hint:12 release:12 prio:12:low prio:12:high prio:12:urgent reject:12 copy",
		ticket.Undelivered: "done_hint:12 reject:12 copy",
		ticket.Done:        "copy",
		ticket.Rejected:    "copy",
		ticket.Cancelled:   "copy",
	} {
		card := book.Card("ru", message.CardView{Ticket: sampleTicket(func(t *ticket.Ticket) { t.Status = status })})
		var got []string
		for _, row := range card.Keyboard.InlineKeyboard {
			require.NotEmpty(t, row)
			for _, b := range row {
				if b.CopyText.Text == sampleVIN {
					got = append(got, "copy")
					continue
				}
				got = append(got, b.CallbackData)
			}
		}
		assert.Equal(t, want, strings.Join(got, " "), status)
	}
}
