package user

import (
	"context"
	"slices"
	"time"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// answerAll answers to each number of a message. Of several, those that need
// nothing more from the owner share one answer, with those that were too many;
// each question is a message of its own, since it has buttons of its own.
func (h *Handler) answerAll(ctx context.Context, tx ticket.Tx, requests []request, rest []vin.Found) error {
	var settled, open []ticket.Say
	var over *ticket.Say // the first that is over a limit
	for _, r := range requests {
		s, err := h.judge(ctx, tx, r)
		if err != nil {
			return err
		}
		switch {
		case s.Text == message.TextLimited:
			if over == nil {
				over = &s
			}
			settled = append(settled, s)
		case isSettled(s):
			settled = append(settled, s)
		default:
			open = append(open, s)
		}
	}
	if over != nil && !h.mustTell(ctx, tx, *over) && allLimited(settled) {
		settled, rest = nil, nil
	}
	if len(settled) > 1 || len(rest) > 0 {
		together := several(settled, rest)
		together.To, together.User, together.Year = requests[0].at, requests[0].owner, requests[0].year
		together.Count = len(open)
		if over != nil {
			together.Reason, together.Limit, together.Wait = over.Reason, over.Limit, over.Wait
		}
		settled = []ticket.Say{together}
	}
	for _, s := range append(settled, open...) {
		if err := say(ctx, tx, s); err != nil {
			return err
		}
	}
	return nil
}

// mustTell reports whether an owner does not know yet that they have reached a
// limit.
func (h *Handler) mustTell(ctx context.Context, tx ticket.Tx, s ticket.Say) bool {
	about := tooMuch{limit: s.Reason, most: s.Limit, wait: time.Duration(s.Wait) * time.Second}
	return h.reminders.remind(s.User, about, beatOf(ctx, tx, 0))
}

// allLimited tells whether there is nothing else to say.
func allLimited(answers []ticket.Say) bool {
	return !slices.ContainsFunc(answers, func(s ticket.Say) bool { return s.Text != message.TextLimited })
}

// isSettled tells whether an answer leaves nothing for the owner to do.
func isSettled(s ticket.Say) bool {
	switch s.Text {
	case message.TextOpened, message.TextExists:
		return true
	default:
		return s.Reason == vin.ReasonFrameNumber.String()
	}
}

// several makes one answer of several, and names what was too many.
func several(answers []ticket.Say, rest []vin.Found) ticket.Say {
	s := ticket.Say{Text: message.TextSeveral}
	for _, a := range answers {
		n := ticket.Number{VIN: a.VIN, Ticket: a.Ticket, Known: a.Text == message.TextExists, Reason: a.Reason}
		if a.Input != "" {
			n.VIN = a.Input
		}
		s.Numbers = append(s.Numbers, n)
		if a.Text == message.TextOpened {
			s.Changes = append(s.Changes, a.Changes...)
		}
	}
	for _, f := range rest {
		s.Numbers = append(s.Numbers, ticket.Number{VIN: f.Raw})
	}
	return s
}
