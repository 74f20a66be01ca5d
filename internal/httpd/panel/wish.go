package panel

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// maxWords is how long a rejection in a manager's own words may be.
const maxWords = 1000

// verb is something that can be done to a ticket.
type verb string

// The verbs, as routes and forms name them.
const (
	take       verb = "take"
	release    verb = "release"
	prioritize verb = "priority"
	assign     verb = "assign"
	reject     verb = "reject"
	reopen     verb = "reopen"
	cancel     verb = "cancel"
	redeliver  verb = "retry"
	remove     verb = "delete"
)

// inBulk lists those that are done to many at once.
func inBulk() []verb { return []verb{take, release, prioritize, assign, reject} }

// wish is something that somebody wants done, with what it needs to be known.
type wish struct {
	verb     verb
	priority ticket.Priority
	to       ticket.Actor
	why      ticket.Rejection
}

// readWish reads from the form what is wanted.
func (v *visit) readWish(wanted verb) (wish, error) {
	w := wish{verb: wanted}
	var err error
	switch wanted {
	case prioritize:
		w.priority = ticket.Priority(v.r.PostFormValue("priority"))
		if !slices.Contains(ticket.Priorities(), w.priority) {
			err = v.refuse(http.StatusUnprocessableEntity, "act.choose_priority")
		}
	case assign:
		w.to, err = v.assignee(v.r.PostFormValue("to"))
	case reject:
		w.why, err = v.rejection()
	case take, release, reopen, cancel, redeliver, remove:
	}
	return w, err
}

// assignee reads who is to have a ticket.
func (v *visit) assignee(named string) (ticket.Actor, error) {
	id, ok := theirNumber(named)
	if !ok {
		return ticket.Actor{}, v.refuse(http.StatusUnprocessableEntity, "act.choose_person")
	}
	if !v.Access.MayAct(id) {
		return ticket.Actor{}, v.refuse(http.StatusUnprocessableEntity, "act.no_manager")
	}
	all, err := v.colleagues()
	if err != nil {
		return ticket.Actor{}, err
	}
	for _, u := range all {
		if u.ID == id {
			return v.named(u), nil
		}
	}
	return ticket.Actor{}, v.refuse(http.StatusUnprocessableEntity, "act.no_manager")
}

// rejection reads why a ticket is closed: own words, where there are some, or a
// usual reason.
func (v *visit) rejection() (ticket.Rejection, error) {
	why := ticket.Rejection{Reason: v.r.PostFormValue("reason"), Text: ticket.Words(v.r.PostFormValue("words"))}
	switch {
	case utf8.RuneCountInString(why.Text) > maxWords:
		return why, v.refuse(http.StatusUnprocessableEntity, "act.words_too_long", "Count", maxWords)
	case why.Text != "":
		why.Reason = ticket.RejectOther
	case !slices.Contains(ticket.UsualRejections(), why.Reason):
		return why, v.refuse(http.StatusUnprocessableEntity, "act.choose_reason")
	}
	return why, nil
}

// details are what the audit notes of a wish.
func (w wish) details() map[string]string {
	switch w.verb {
	case prioritize:
		return map[string]string{"priority": string(w.priority)}
	case reject:
		return map[string]string{"reason": w.why.Reason}
	default:
		return nil
	}
}

// fulfil does what is wanted to a ticket that somebody knows as of a version, and
// notes it. A ticket that is another one by now is a refusal that says how it
// stands; 0 is any version.
func (v *visit) fulfil(w wish, id, version int64) error {
	deed := account.Deed{Action: "ticket." + string(w.verb), Ticket: id, Person: w.to.ID, Details: w.details()}
	return v.did(deed, func(ctx context.Context) error {
		if err := v.Store.Hold(ctx, id); err != nil {
			return err
		}
		t, err := v.Store.Ticket(ctx, id)
		if err != nil {
			return err
		}
		if version != 0 && t.Version != version && w.verb != take {
			return v.overtaken(t)
		}
		t, done, err := v.carryOut(ctx, w, id)
		if err == nil && !done {
			return v.overtaken(t)
		}
		return err
	})
}

// carryOut has the service do it, and reports whether it did.
func (v *visit) carryOut(ctx context.Context, w wish, id int64) (t ticket.Ticket, done bool, err error) {
	by := v.actor()
	switch w.verb {
	case take:
		var outcome ticket.TakeOutcome
		t, outcome, err = v.Tickets.Take(ctx, id, by)
		done = outcome == ticket.TakenNow || outcome == ticket.TakenBefore
	case release:
		t, done, err = v.Tickets.Release(ctx, id, by)
	case prioritize:
		t, done, err = v.Tickets.Prioritize(ctx, id, w.priority, by)
		done = done || err == nil && t.Priority == w.priority && t.Status.Open()
	case assign:
		t, done, err = v.Tickets.Assign(ctx, id, w.to, by)
		done = done || err == nil && t.AssigneeID == w.to.ID && t.Status == ticket.Taken
	case reject:
		t, done, err = v.Tickets.Reject(ctx, id, w.why, by)
	case reopen:
		t, done, err = v.Tickets.Reopen(ctx, id, by)
	case cancel:
		var outcome ticket.CancelOutcome
		t, outcome, err = v.Tickets.CancelFor(ctx, id, by)
		done = outcome != ticket.CancelTooLate
	case redeliver:
		t, done, err = v.Tickets.Redeliver(ctx, id, by)
	case remove:
		t, err = v.Tickets.Delete(ctx, id, by)
		done = true
	}
	return t, done, err
}

// overtaken refuses what was wanted of a ticket that somebody else was faster
// with: it says how it stands.
func (v *visit) overtaken(t ticket.Ticket) error {
	stands, err := v.stands(t)
	if err != nil {
		return err
	}
	return v.refuse(http.StatusConflict, "act.overtaken", "Number", t.ID, "Stands", stands)
}

// stands says in a few words how a ticket stands.
func (v *visit) stands(t ticket.Ticket) (string, error) {
	if t.Status != ticket.Taken {
		return v.pages.text(v.lang, "stands."+string(t.Status))
	}
	who, err := v.holder(t)
	if err != nil {
		return "", err
	}
	ago := v.Clock().Sub(t.TakenAt)
	if ago < time.Minute {
		return v.pages.text(v.lang, "stands.taken_now", "Name", who)
	}
	span, err := v.span(ago)
	if err != nil {
		return "", err
	}
	return v.pages.text(v.lang, "stands.taken", "Name", who, "Span", span)
}

// The routes that do something to one ticket.
func (v *visit) takeTicket() error      { return v.does(take) }
func (v *visit) releaseTicket() error   { return v.does(release) }
func (v *visit) priorityTicket() error  { return v.does(prioritize) }
func (v *visit) assignTicket() error    { return v.does(assign) }
func (v *visit) rejectTicket() error    { return v.does(reject) }
func (v *visit) reopenTicket() error    { return v.does(reopen) }
func (v *visit) cancelTicket() error    { return v.does(cancel) }
func (v *visit) redeliverTicket() error { return v.does(redeliver) }
func (v *visit) removeTicket() error    { return v.does(remove) }

// does does something to the ticket that the path names.
func (v *visit) does(wanted verb) error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	w, err := v.readWish(wanted)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64) // none: any
	if err := v.fulfil(w, id, version); err != nil {
		return v.conflictAbout(id, err)
	}
	if wanted == remove {
		return v.done("/", "act.done.delete", "Number", id)
	}
	if err := v.say("act.done."+string(wanted), "Number", id, "Name", w.to.Name); err != nil {
		return err
	}
	return v.answerAbout(http.StatusOK, id)
}
