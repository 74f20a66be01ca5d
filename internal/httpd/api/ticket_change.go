package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

type changeInput struct {
	ID    int64  `path:"id" minimum:"1"`
	Match string `header:"If-Match" doc:"The ETag of the ticket as the caller knows it: where it has changed since, nothing is done."`
}

// change does something to a ticket that the caller sees and knows as it is.
func (a *API) change(
	ctx context.Context, in changeInput, do func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error),
) (*ticketOutput, error) {
	who := callerOf(ctx)
	var said *ticketOutput
	err := a.Store.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		if err := a.hold(ctx, in); err != nil {
			return err
		}
		t, err := a.seen(ctx, in.ID)
		if err != nil {
			return err
		}
		if err := unchanged(in.Match, t); err != nil {
			return err
		}
		if t, err = do(ctx, t, who.actor()); err != nil {
			return err
		}
		said = who.shows(t)
		return nil
	})
	return said, err
}

// hold has a ticket stay as it is until it is changed, where the caller says what
// they know of it: another process could change it in between.
func (a *API) hold(ctx context.Context, in changeInput) error {
	if in.Match == "" {
		return nil
	}
	return a.Store.Hold(ctx, in.ID)
}

// unchanged refuses a change of a ticket that is not as its caller knows it. A
// weak tag names no version (RFC 9110, 13.1.1).
func unchanged(match string, t ticket.Ticket) error {
	if match == "" || names(match, t) {
		return nil
	}
	return problem(http.StatusPreconditionFailed, codePrecondition, "the ticket has changed: its ETag is "+etag(t))
}

func (a *API) cancelTicket(ctx context.Context, in *changeInput) (*ticketOutput, error) {
	return a.change(ctx, *in, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		t, outcome, err := a.Tickets.CancelFor(ctx, t.ID, by)
		if err == nil && outcome == ticket.CancelTooLate {
			return t, conflict("a ticket that is " + string(t.Status) + " cannot be cancelled")
		}
		return t, err
	})
}

func (a *API) takeTicket(ctx context.Context, in *changeInput) (*ticketOutput, error) {
	return a.change(ctx, *in, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		t, outcome, err := a.Tickets.Take(ctx, t.ID, by)
		switch {
		case err != nil || outcome == ticket.TakenNow || outcome == ticket.TakenBefore:
			return t, err
		case outcome == ticket.TakenByOther:
			return t, conflict("somebody else has the ticket")
		}
		return t, cannot(t, "be taken")
	})
}

func cannot(t ticket.Ticket, verb string) error {
	return conflict("a ticket that is " + string(t.Status) + " cannot " + verb)
}

func (a *API) releaseTicket(ctx context.Context, in *changeInput) (*ticketOutput, error) {
	return a.change(ctx, *in, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		t, done, err := a.Tickets.Release(ctx, t.ID, by)
		if err == nil && !done && t.Status != ticket.New {
			return t, cannot(t, "be released")
		}
		return t, err
	})
}

func (a *API) reopenTicket(ctx context.Context, in *changeInput) (*ticketOutput, error) {
	return a.change(ctx, *in, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		t, done, err := a.Tickets.Reopen(ctx, t.ID, by)
		if err == nil && !done {
			return t, cannot(t, "be reopened")
		}
		return t, err
	})
}

type rejectInput struct {
	ID    int64  `path:"id" minimum:"1"`
	Match string `header:"If-Match" doc:"As of every change."`
	Body  Rejection
}

func (a *API) rejectTicket(ctx context.Context, in *rejectInput) (*ticketOutput, error) {
	why := ticket.Rejection{Reason: in.Body.Reason, Text: ticket.Words(in.Body.Text)}
	if (why.Reason == ticket.RejectOther) != (why.Text != "") {
		return nil, invalid(FieldFault{Location: "body.text", Message: "goes with the reason other, and only with it"})
	}
	return a.change(ctx, changeInput{ID: in.ID, Match: in.Match}, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		t, done, err := a.Tickets.Reject(ctx, t.ID, why, by)
		if err == nil && !done {
			return t, cannot(t, "be rejected")
		}
		return t, err
	})
}

type priorityInput struct {
	ID    int64  `path:"id" minimum:"1"`
	Match string `header:"If-Match" doc:"As of every change."`
	Body  struct {
		Priority string `json:"priority" enum:"low,normal,high,urgent"`
	}
}

func (a *API) prioritizeTicket(ctx context.Context, in *priorityInput) (*ticketOutput, error) {
	return a.change(ctx, changeInput{ID: in.ID, Match: in.Match}, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		t, done, err := a.Tickets.Prioritize(ctx, t.ID, ticket.Priority(in.Body.Priority), by)
		if err == nil && !done && !t.Status.Open() {
			return t, cannot(t, "be given a priority")
		}
		return t, err
	})
}

func (a *API) deleteTicket(ctx context.Context, in *changeInput) (*ticketOutput, error) {
	return a.change(ctx, *in, func(ctx context.Context, t ticket.Ticket, by ticket.Actor) (ticket.Ticket, error) {
		return a.Tickets.Delete(ctx, t.ID, by)
	})
}

func (a *API) restoreTicket(ctx context.Context, in *changeInput) (*ticketOutput, error) {
	who := callerOf(ctx)
	var said *ticketOutput
	err := a.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		if err := a.hold(ctx, *in); err != nil {
			return err
		}
		t, err := tx.DeletedTicket(ctx, in.ID)
		if err != nil {
			return err
		}
		if err := unchanged(in.Match, t); err != nil {
			return err
		}
		if t, err = a.Tickets.Restore(ctx, in.ID, who.actor()); err == nil {
			said = who.shows(t)
		}
		return err
	})
	return said, err
}

// aboutManaging are the routes of who works on tickets.
func (a *API) aboutManaging() {
	change := func(id, verb, summary string) operation {
		return operation{
			ID: id, Method: "POST", Path: root + "/tickets/{id}/" + verb, Tag: "Managing", Summary: summary,
			Scope: account.ScopeManage, Errors: changeErrors(),
		}
	}
	add(a, change("takeTicket", "take", "Take a ticket"), a.takeTicket)
	add(a, change("releaseTicket", "release", "Put a ticket back into the queue"), a.releaseTicket)
	add(a, change("rejectTicket", "reject", "Close a ticket without a report; its owner is told why"), a.rejectTicket)
	add(a, change("prioritizeTicket", "priority", "Set a ticket's priority"), a.prioritizeTicket)
	add(a, change("reopenTicket", "reopen", "Put a closed ticket back into the queue; its owner is told"), a.reopenTicket)
	add(a, change("restoreTicket", "restore", "Take a ticket out of the bin"), a.restoreTicket)
	remove := change("deleteTicket", "", "Put a ticket into the bin")
	remove.Method, remove.Path = http.MethodDelete, root+"/tickets/{id}"
	add(a, remove, a.deleteTicket)
	add(a, operation{
		ID: "listBin", Method: "GET", Path: root + "/bin", Tag: "Managing", Summary: "The deleted tickets, the last deleted first",
		Scope: account.ScopeManage,
	}, a.listBin)
}

type binInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" blank:"true" maxLength:"64" doc:"The page before said it: next."`
}

func (a *API) listBin(ctx context.Context, in *binInput) (*listOutput, error) {
	after, err := readBinCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := a.Store.Bin(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := TicketPage{Items: make([]Ticket, 0, len(found))}
	for i, t := range found {
		if i == in.Limit {
			page.Next = writeBinCursor(found[i-1])
			break
		}
		page.Items = append(page.Items, callerOf(ctx).view(t))
	}
	return &listOutput{Body: page}, nil
}

// writeBinCursor writes where a page of the bin ended: the place, not the ticket,
// which may leave the bin before the next page is asked for.
func writeBinCursor(t ticket.Ticket) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "deleted:%d:%d", t.DeletedAt.UnixMicro(), t.ID))
}

func readBinCursor(cursor string) (after ticket.BinPlace, err error) {
	if cursor == "" {
		return after, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, _ := strings.Cut(strings.TrimPrefix(string(text), "deleted:"), ":")
	micro, bad := strconv.ParseInt(at, 10, 64)
	number, wrong := strconv.ParseInt(id, 10, 64)
	after = ticket.BinPlace{DeletedAt: time.UnixMicro(micro).UTC(), ID: number}
	if err != nil || bad != nil || wrong != nil || micro < 0 || number < 1 || cursor != writeBinCursor(ticket.Ticket{ID: number, DeletedAt: after.DeletedAt}) {
		return ticket.BinPlace{}, errCursor()
	}
	return after, nil
}
