package app

import (
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// committed passes on what a commit left to be done. The relay is there before
// the first commit.
func (a *App) committed(heads []outbox.Head, fleeting []store.Fleeting) {
	for _, h := range heads {
		a.metrics.OutboxEnqueued(h.Kind)
	}
	if a.follows() {
		return // the leader was told
	}
	a.relay.Announce(heads)
	for _, f := range fleeting {
		a.relay.Fleet(outbox.Job{
			Head:    outbox.Head{Kind: string(f.Effect.Kind), Chat: f.Effect.Chat, Lane: f.Effect.Lane},
			Payload: f.Payload, Attempt: 1, RequestID: f.RequestID, TicketID: f.Effect.TicketID,
		})
	}
}

// happened takes what a commit changed of tickets.
func (a *App) happened(events []ticket.Event) {
	a.count(events)
	a.moved()
	if a.elsewhere.say != nil {
		a.elsewhere.say.Wake()
	}
}

// count counts what happened to tickets.
func (a *App) count(events []ticket.Event) {
	if a.hub != nil {
		a.hub.Happened()
	}
	for _, e := range events {
		a.tellOf(e)
		if e.From == ticket.New && (e.To == ticket.Taken || e.To == ticket.Delivering) { // a PDF takes, too
			a.metrics.TicketTaken(e.Took)
		}
		switch e.Kind {
		case ticket.EventOpened:
			a.metrics.TicketOpened()
		case ticket.EventDelivered:
			if e.From != e.To { // a correction closes nothing
				a.metrics.TicketDone(e.Took)
			}
		case ticket.EventRejected:
			a.metrics.TicketRejected()
		case ticket.EventUndelivered:
			a.metrics.TicketUndelivered()
		case ticket.EventCancelled:
			a.metrics.TicketCancelled()
		case ticket.EventRated:
			a.metrics.TicketRated(e.Detail)
		case ticket.EventSentAgain:
			a.metrics.ReportSentAgain()
		case ticket.EventOverdue:
			a.metrics.TicketOverdue(e.Detail)
		default:
		}
	}
}

// tellOf logs what happened to a ticket: at the level info the lines of this kind
// are its story, one a thing that happened, and what was sent about it.
func (a *App) tellOf(e ticket.Event) {
	line := a.Log.Info().Str("request_id", e.RequestID).Int64("ticket", e.TicketID).Str("event", string(e.Kind))
	if e.From != e.To {
		line = line.Str("from", string(e.From)).Str("to", string(e.To))
	}
	if e.ActorID != 0 {
		line = line.Int64("user", e.ActorID)
	}
	if e.ReportID != 0 {
		line = line.Int64("report", e.ReportID)
	}
	if e.Detail != "" { // a code or an id
		line = line.Str("detail", e.Detail)
	}
	line.Msg("ticket")
}
