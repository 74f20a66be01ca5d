package ticket_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// told lists what was enqueued since it was asked last, in a few words each,
// and forgets it.
func (w *world) told() []string {
	told := []string{}
	for _, e := range w.effects {
		told = append(told, describe(e))
	}
	w.effects = nil
	return told
}

func describe(e ticket.Effect) string {
	switch p := e.Payload.(type) {
	case ticket.Say:
		return fmt.Sprintf("say %s %s to %d", p.Text, p.Reason, e.Chat)
	case ticket.CardRef:
		return fmt.Sprintf("%s %d in %d:%d", e.Kind, p.Ticket, p.At.Chat, p.At.Message)
	case ticket.ReportRef:
		return fmt.Sprintf("%s %d", e.Kind, p.Report)
	case ticket.Reaction:
		return fmt.Sprintf("%s %s on %d", e.Kind, p.Emoji, p.On.Message)
	default:
		return fmt.Sprintf("%s %+v", e.Kind, p)
	}
}

// history lists a ticket's events, in a few words each.
func (w *world) history(id int64) []string {
	var lines []string
	for _, e := range w.events {
		if e.TicketID == id {
			lines = append(lines, fmt.Sprintf("%s %s>%s by %d", e.Kind, e.From, e.To, e.ActorID))
		}
	}
	return lines
}

// opened makes a ticket whose card, message 50, stands in the group.
func (w *world) opened() ticket.Ticket {
	k, fresh, err := w.Open(context.Background(), ticket.Opening{Owner: owner, VIN: vin})
	require.NoError(w.t, err)
	require.True(w.t, fresh)
	require.NoError(w.t, w.CardPosted(context.Background(), ticket.Card{
		TicketID: k.ID, Place: ticket.Place{Chat: group, Message: 50}, Kind: ticket.CardMain, Rendered: k.Version,
	}))
	w.told()
	return k
}

// taken makes a ticket that Anna has taken.
func (w *world) taken() ticket.Ticket {
	k, outcome, err := w.Take(context.Background(), w.opened().ID, anna())
	require.NoError(w.t, err)
	require.Equal(w.t, ticket.TakenNow, outcome)
	w.told()
	return k
}

// pdf is what a manager sends as a message.
func pdf(id int64, message int, by ticket.Actor) ticket.Incoming {
	return ticket.Incoming{
		Ticket: id, FileID: "file", UniqueID: "unique", Size: 1000,
		Source: ticket.Place{Chat: group, Message: message}, By: by,
	}
}

// receive has a manager's PDF received.
func (w *world) receive(id int64, message int, by ticket.Actor) ticket.Report {
	r, err := w.ReceiveReport(context.Background(), pdf(id, message, by))
	require.NoError(w.t, err)
	return r
}

// delivering makes a ticket whose report is on its way to the owner.
func (w *world) delivering() (ticket.Ticket, ticket.Report) {
	k := w.taken()
	r := w.receive(k.ID, 60, anna())
	require.NoError(w.t, w.Checked(context.Background(), r.ID, ticket.Finding{SHA256: "abc", Size: 1000}))
	w.told()
	return w.tickets[k.ID], w.reports[r.ID]
}

// done makes a ticket whose report was delivered.
func (w *world) done() (ticket.Ticket, ticket.Report) {
	k, r := w.delivering()
	require.NoError(w.t, w.Delivered(context.Background(), r.ID, 900))
	w.told()
	return w.tickets[k.ID], w.reports[r.ID]
}

// closed puts a ticket into a status that nothing in the service leads to yet.
func (w *world) closed(id int64, as ticket.Status) {
	k := w.tickets[id]
	k.Status = as
	k.Version++
	w.tickets[id] = k
}

func code(t *testing.T, want ticket.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, ticket.CodeOf(err), err.Error())
}
