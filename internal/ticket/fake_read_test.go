package ticket_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"vinbot/internal/ticket"
)

func missing(what string) error { return ticket.NewError(ticket.CodeNotFound, what+" not found", nil) }

// first gives the first that matches by id, or a CodeNotFound error.
func first[T any](of map[int64]T, what string, match func(T) bool) (T, error) {
	for _, id := range slices.Sorted(maps.Keys(of)) {
		if match(of[id]) {
			return of[id], nil
		}
	}
	var none T
	return none, missing(what)
}

func (w *world) Ticket(_ context.Context, id int64) (ticket.Ticket, error) {
	return first(w.tickets, "ticket", func(t ticket.Ticket) bool { return t.ID == id && !t.Deleted() })
}

func (w *world) OpenTicket(_ context.Context, owner int64, vin string) (ticket.Ticket, error) {
	return first(w.tickets, "open ticket", func(t ticket.Ticket) bool {
		return t.OwnerID == owner && t.VIN == vin && t.Status.Open() && !t.Deleted()
	})
}

func (w *world) TicketsOf(context.Context, int64, ...ticket.Status) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) OpenTickets(_ context.Context, after int64, limit int) (found []ticket.Ticket, err error) {
	for _, id := range slices.Sorted(maps.Keys(w.tickets)) {
		if id > after && w.tickets[id].Status.Open() && w.shown(id) && len(found) < limit {
			found = append(found, w.tickets[id])
		}
	}
	return found, nil
}

func (w *world) CardAt(context.Context, int64, int) (ticket.Card, error) {
	return ticket.Card{}, errors.New("the service does not ask")
}

func (w *world) Digest(_ context.Context, chat int64, message int) (found []ticket.Card, err error) {
	for _, c := range w.cards {
		if c.Kind == ticket.CardDigest && c.Place.Chat == chat && c.Place.Message == message {
			found = append(found, c)
		}
	}
	return found, nil
}

func (w *world) Cards(_ context.Context, id int64) (found []ticket.Card, err error) {
	for _, c := range w.cards {
		if c.TicketID == id && w.shown(id) {
			found = append(found, c)
		}
	}
	return found, nil
}

func (w *world) Report(_ context.Context, id int64) (ticket.Report, error) {
	return first(w.reports, "report", func(r ticket.Report) bool { return r.ID == id && w.shown(r.TicketID) })
}

func (w *world) ReportAt(_ context.Context, chat int64, message int) (ticket.Report, error) {
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(w.reports))) {
		if r := w.reports[id]; r.Source.Chat == chat && r.Source.Message == message && w.shown(r.TicketID) {
			return r, nil
		}
	}
	return ticket.Report{}, missing("report")
}

func (w *world) LiveReport(_ context.Context, id int64) (ticket.Report, error) {
	return first(w.reports, "live report", func(r ticket.Report) bool {
		return r.TicketID == id && r.Status.Live() && w.shown(id)
	})
}

func (w *world) WaitingReport(_ context.Context, id int64) (ticket.Report, error) {
	return first(w.reports, "waiting report", func(r ticket.Report) bool {
		return r.TicketID == id && r.Status == ticket.ReportReceived && w.shown(id)
	})
}

func (w *world) UndeliveredReports(_ context.Context, owner int64) (found []ticket.Report, err error) {
	for _, id := range slices.Sorted(maps.Keys(w.reports)) {
		if r := w.reports[id]; r.Status == ticket.ReportUndelivered && w.tickets[r.TicketID].OwnerID == owner && w.shown(r.TicketID) {
			found = append(found, r)
		}
	}
	return found, nil
}

func (w *world) LastReport(_ context.Context, id int64) (ticket.Report, error) {
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(w.reports))) {
		if r := w.reports[n]; r.TicketID == id && r.Status == ticket.ReportDelivered && w.shown(id) {
			return r, nil
		}
	}
	return ticket.Report{}, missing("delivered report")
}

func (w *world) Events(_ context.Context, id int64) (found []ticket.Event, err error) {
	for _, e := range w.events {
		if e.TicketID == id && w.shown(id) {
			found = append(found, e)
		}
	}
	return found, nil
}

func (w *world) Ahead(context.Context, ticket.Ticket) (int, error) {
	return 0, errors.New("the service does not ask")
}

func (w *world) Demand(context.Context, int64, int) (ticket.Demand, error) {
	return ticket.Demand{}, errors.New("the service does not ask")
}

func (w *world) DoneOf(context.Context, int64, int, int) ([]ticket.Ticket, int, error) {
	return nil, 0, errors.New("the service does not ask")
}

func (w *world) DoneSince(context.Context, time.Time, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) Rating(_ context.Context, id int64) (ticket.Rating, error) {
	r, ok := w.ratings[id]
	if !ok {
		return ticket.Rating{}, missing("rating")
	}
	return r, nil
}

func (w *world) Queue(context.Context, int, int) ([]ticket.Ticket, int, error) {
	return nil, 0, errors.New("the service does not ask")
}

func (w *world) InHand(context.Context, int64, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) CountInHand(context.Context, int64) (int, error) {
	return 0, errors.New("the service does not ask")
}

func (w *world) CountFound(context.Context, string) (int, error) {
	return 0, errors.New("the service does not ask")
}

func (w *world) Find(context.Context, string, int) ([]ticket.Ticket, error) {
	return nil, errors.New("the service does not ask")
}

func (w *world) Reusable(_ context.Context, vin string, since time.Time) (ticket.Report, error) {
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(w.reports))) {
		r := w.reports[id]
		k := w.tickets[r.TicketID]
		if r.Status == ticket.ReportDelivered && !r.DeliveredAt.Before(since) && k.VIN == vin && k.Status == ticket.Done {
			return r, nil
		}
	}
	return ticket.Report{}, missing("report for the VIN")
}

func (w *world) PromptAt(_ context.Context, chat int64, message int) (ticket.Prompt, error) {
	for _, p := range w.prompts {
		if p.Place.Chat == chat && p.Place.Message == message {
			return p, nil
		}
	}
	return ticket.Prompt{}, missing("prompt")
}
