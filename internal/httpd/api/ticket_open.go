package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

type openInput struct {
	Body struct {
		VIN       string `json:"vin" maxLength:"256" doc:"As somebody typed it: what can be read as one VIN." example:"1HGCM82633A004352"`
		Confirmed bool   `json:"confirmed,omitempty" doc:"The owner says that it is right although its check digit is wrong."`
		OwnerID   int64  `json:"owner_id,omitempty" minimum:"1" doc:"For programs: the Telegram user who wants the report, and gets it there. Without one it is fetched."`
	}
}

// openTicket opens a ticket: an owner for themselves, a program for an owner
// whom the bot knows, or for itself.
func (a *API) openTicket(ctx context.Context, in *openInput) (*ticketOutput, error) {
	who := callerOf(ctx)
	found := vin.Check(in.Body.VIN, a.Policy)
	switch {
	case found.Verdict == vin.VerdictReject:
		return nil, invalid(FieldFault{Location: "body.vin", Message: "is no VIN: " + found.Reason.String()})
	case found.Verdict == vin.VerdictConfirm && !in.Body.Confirmed:
		return nil, invalid(FieldFault{Location: "body.confirmed", Message: "the check digit is wrong: say that the VIN is right, or correct it"})
	}
	o := ticket.Opening{VIN: found.VIN, Confirmed: found.Verdict == vin.VerdictConfirm, Owner: in.Body.OwnerID, By: who.actor()}
	if who.owner != 0 {
		if in.Body.OwnerID != 0 && in.Body.OwnerID != who.owner {
			return nil, invalid(FieldFault{Location: "body.owner_id", Message: "is somebody else"})
		}
		o.Owner = who.owner
	}
	var t ticket.Ticket
	var fresh bool
	err := a.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		if err := a.reach(ctx, who, &o); err != nil {
			return err
		}
		if err := a.mayOpen(ctx, tx, o); err != nil {
			return err
		}
		var err error
		t, fresh, err = a.Tickets.Open(ctx, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	said := who.shows(t)
	said.Location = root + "/tickets/" + strconv.FormatInt(t.ID, 10)
	if !fresh {
		said.Status = http.StatusOK
	}
	return said, nil
}

// reach finds out whether the bot can send the owner their report: whoever wrote
// to it can be written to.
func (a *API) reach(ctx context.Context, who caller, o *ticket.Opening) error {
	if o.Owner == 0 {
		o.Fetched = true
		return nil
	}
	_, err := a.People.User(ctx, o.Owner)
	switch {
	case ticket.IsNotFound(err) && who.owner != 0:
		o.Fetched = true
		return nil
	case ticket.IsNotFound(err):
		return invalid(FieldFault{Location: "body.owner_id", Message: "never wrote to the bot"})
	case err != nil:
		return err
	}
	return a.notBanned(ctx, o.Owner)
}

// mayOpen keeps the limits of an owner; what is open already may be asked for
// again.
func (a *API) mayOpen(ctx context.Context, tx ticket.Tx, o ticket.Opening) error {
	if o.Owner == 0 {
		return nil
	}
	if _, err := tx.OpenTicket(ctx, o.Owner, o.VIN); !ticket.IsNotFound(err) {
		return err
	}
	if a.MaxOpen <= 0 && a.MaxHour <= 0 {
		return nil
	}
	if err := a.Store.HoldOwner(ctx, o.Owner); err != nil { // who counts at the same time would count as few
		return err
	}
	demand, err := tx.Demand(ctx, o.Owner, max(a.MaxHour, 1))
	switch {
	case err != nil:
		return err
	case a.MaxOpen > 0 && demand.Open >= a.MaxOpen:
		return conflict("the owner has " + strconv.Itoa(demand.Open) + " open tickets, and may have no more")
	case a.MaxHour <= 0 || demand.Nth.IsZero():
		return nil
	}
	if wait := demand.Nth.Add(time.Hour).Sub(tx.Now()); wait > 0 {
		p := problem(http.StatusTooManyRequests, string(ticket.CodeLimited), "the owner opened "+strconv.Itoa(a.MaxHour)+" tickets in the last hour")
		p.after = wait
		return p
	}
	return nil
}

// aboutTickets are the routes of who wants a report.
func (a *API) aboutTickets() {
	const tag, one = "Tickets", root + "/tickets/{id}"
	add(a, operation{
		ID: "openTicket", Method: "POST", Path: root + "/tickets", Tag: tag, Summary: "Open a ticket",
		Details: "The same owner with the same VIN, still open, gets that ticket, with 200.",
		Scope:   account.ScopeTicketsWrite, Owners: true, Status: http.StatusCreated, Also: []int{http.StatusOK},
		Errors: []int{http.StatusConflict},
	}, a.openTicket)
	add(a, operation{
		ID: "listTickets", Method: "GET", Path: root + "/tickets", Tag: tag, Summary: "List tickets, the newest first",
		Scope: account.ScopeTicketsRead, Owners: true,
	}, a.listTickets)
	add(a, operation{
		ID: "getTicket", Method: "GET", Path: one, Tag: tag, Summary: "Read a ticket",
		Scope: account.ScopeTicketsRead, Owners: true, Also: []int{http.StatusNotModified}, Errors: []int{http.StatusNotFound},
	}, a.getTicket)
	add(a, operation{
		ID: "cancelTicket", Method: "POST", Path: one + "/cancel", Tag: tag, Summary: "Cancel a ticket that is no longer needed",
		Scope: account.ScopeTicketsWrite, Owners: true, Errors: changeErrors(),
	}, a.cancelTicket)
	add(a, operation{
		ID: "listEvents", Method: "GET", Path: one + "/events", Tag: tag, Summary: "What happened to a ticket, the oldest first",
		Scope: account.ScopeTicketsRead, Owners: true, Errors: []int{http.StatusNotFound},
	}, a.listEvents)
}

// changeErrors are what may be wrong with a change of a ticket.
func changeErrors() []int {
	return []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed}
}
