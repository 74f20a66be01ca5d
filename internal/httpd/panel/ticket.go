package panel

import (
	"context"
	"net/http"
	"strconv"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func (p *Panel) ticketRoutes() []route {
	return []route{
		{"GET", "/tickets/{id}", managers, (*visit).showTicket},
		{"POST", "/tickets/{id}/take", managers, (*visit).takeTicket},
	}
}

// dossier is what the page of a ticket shows.
type dossier struct {
	Ticket ticket.Ticket
	Events []ticket.Event
}

// showTicket shows a ticket with its history.
func (v *visit) showTicket() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	shown, err := v.dossier(id)
	if err != nil {
		return err
	}
	if v.partial() {
		return v.part("ticket", shown)
	}
	return v.show("ticket", "ticket.title", shown)
}

func (v *visit) dossier(id int64) (dossier, error) {
	found, err := v.Store.Ticket(v.ctx(), id)
	if err != nil {
		return dossier{}, err
	}
	events, err := v.Store.Events(v.ctx(), id)
	return dossier{found, events}, err
}

// takeTicket gives a ticket to who asks, unless somebody was faster.
func (v *visit) takeTicket() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.did(account.Deed{Action: "ticket.take", Ticket: id}, func(ctx context.Context) error {
		found, outcome, err := v.Tickets.Take(ctx, id, v.actor())
		switch {
		case err != nil:
			return err
		case outcome == ticket.TakenByOther && found.AssigneeName != "":
			return v.refuse(http.StatusConflict, "ticket.taken_by", "Name", found.AssigneeName)
		case outcome == ticket.TakenByOther, outcome == ticket.NotTakeable:
			return v.refuse(http.StatusConflict, "error.conflict")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !v.partial() {
		return v.done("/tickets/"+strconv.FormatInt(id, 10), "ticket.taken", "Number", id)
	}
	if err := v.say("ticket.taken", "Number", id); err != nil {
		return err
	}
	shown, err := v.dossier(id)
	if err != nil {
		return err
	}
	return v.part("ticket", shown)
}
