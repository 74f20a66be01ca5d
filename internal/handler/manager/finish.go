package manager

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// finish deals with a message that may finish a ticket: a PDF in reply to a
// card, a PDF with /done in its caption, or /done in reply to a PDF. Everything
// else is the managers' own talk. A message that is meant so and will not do
// is answered with what is wrong, and changes nothing.
func (h *Handler) finish(ctx context.Context, tx ticket.Tx, e errand) error {
	if !e.own && !e.finishes {
		return nil
	}
	link, err := h.linked(ctx, tx, e.m)
	if err != nil {
		return err
	}
	if e.own && e.m.MediaGroupID != "" {
		return h.hold(ctx, tx, e, link)
	}
	if link == 0 && !e.finishes && !h.meantForUs(e) {
		if e.edited || !looksLikePDF(e.file) {
			return nil
		}
		return h.hold(ctx, tx, e, 0)
	}
	album, err := h.albumOf(ctx, tx, e)
	if err != nil {
		return err
	}
	if album.ID != 0 {
		return h.direct(ctx, tx, album, e, link)
	}
	no, err := h.objection(ctx, tx, e, link)
	if err != nil {
		return err
	}
	if no != nil && no.Reason == ticket.ReasonNoDocument && no.Ticket != 0 && h.announces(e, link) {
		return h.claim(ctx, tx, e, no.Ticket)
	}
	if no != nil {
		zerolog.Ctx(ctx).Info().Str("answer", no.Text).Str("reason", no.Reason).Int64("ticket", no.Ticket).
			Msg("a report was refused at once")
		return h.reply(ctx, tx, e.m, *no)
	}
	return h.receive(ctx, tx, e, e.ticket(link))
}

// meantForUs tells a PDF that answers a message of the bot which stands for no
// ticket, or for one that nobody can find any more: it is asked about, since
// silence would pass for acceptance.
func (h *Handler) meantForUs(e errand) bool {
	return e.own && !e.edited && looksLikePDF(e.file) && h.repliesToBot(e.m)
}

// ticket is the number of the ticket that is meant: the one that was written,
// or the one of the card; 0 for none.
func (e errand) ticket(link int64) int64 {
	if e.done.HasID {
		return e.done.ID
	}
	return link
}

// objection says what is wrong with an attempt, or nothing: first with who
// makes it, then with what it names, then with the file.
func (h *Handler) objection(ctx context.Context, tx ticket.Tx, e errand, link int64) (*ticket.Say, error) {
	if no := h.objectionToSender(e); no != nil {
		no.Ticket = link
		return no, remember(ctx, tx, e, link)
	}
	id := e.ticket(link)
	if link == 0 {
		if no, err := h.objectionToDigest(ctx, tx, e); no != nil || err != nil {
			return no, err
		}
	}
	switch {
	case e.own && e.done.HasID && link != 0 && link != id:
		return &ticket.Say{Text: message.TextOtherTicket, Ticket: link, Count: int(e.done.ID)}, nil
	case e.done.HasID && id == 0:
		return &ticket.Say{Text: message.TextNoSuchTicket}, nil
	case id == 0 && e.file != nil:
		return &ticket.Say{Text: message.TextWhichTicket}, nil
	case id == 0:
		return h.objectionToFile(e, ticket.Ticket{}), nil
	}
	t, err := tx.Ticket(ctx, id)
	if ticket.IsNotFound(err) {
		return &ticket.Say{Text: message.TextNoSuchTicket, Count: int(id)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the ticket: %w", err)
	}
	return h.objectionToFile(e, t), nil
}

// objectionToFile goes by what Telegram says of the file, and by the ticket
// that it is for.
func (h *Handler) objectionToFile(e errand, t ticket.Ticket) *ticket.Say {
	if no := objectionToTicket(t); no != nil {
		return no
	}
	switch {
	case e.file == nil && e.media, e.file != nil && !looksLikePDF(e.file):
		return refusal(ticket.ReasonNotPDF, t.ID)
	case e.file == nil:
		return refusal(ticket.ReasonNoDocument, t.ID)
	case e.file.FileSize > h.MaxPDF:
		return refusal(ticket.ReasonTooLarge, t.ID)
	default:
		return nil
	}
}

// objectionToTicket says why a ticket takes no report.
func objectionToTicket(t ticket.Ticket) *ticket.Say {
	switch {
	case t.Erased():
		return refusal(ticket.ReasonErased, t.ID)
	case t.Status == ticket.Rejected || t.Status == ticket.Cancelled:
		return refusal(ticket.ReasonClosed, t.ID)
	default:
		return nil
	}
}

func refusal(reason string, id int64) *ticket.Say {
	return &ticket.Say{Text: ticket.TextReportRefused, Reason: reason, Ticket: id}
}

// receive hands a report on, and shows its sender that it was understood. A
// file that is on its way already is not sent twice.
func (h *Handler) receive(ctx context.Context, tx ticket.Tx, e errand, id int64) error {
	earlier, err := tx.ReportAt(ctx, e.source.Chat, e.source.Message)
	if err != nil && !ticket.IsNotFound(err) {
		return fmt.Errorf("look for an earlier report: %w", err)
	}
	if err == nil && earlier.TicketID == id {
		switch same := earlier.UniqueID == e.file.FileUniqueID; {
		case e.edited && same: // whatever was edited, it was not the report
			return nil
		case earlier.Status == ticket.ReportRefused:
		case same:
			return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextReportKnown, Ticket: id})
		default:
			return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextReportReplaced, Ticket: id})
		}
	}
	by, err := h.author(ctx, e)
	if err != nil {
		return err
	}
	if err := h.unclaim(ctx, tx, e, id); err != nil {
		return err
	}
	r, err := h.Tickets.ReceiveReport(ctx, ticket.Incoming{
		Ticket: id, FileID: e.file.FileID, UniqueID: e.file.FileUniqueID, Size: e.file.FileSize,
		Source: e.source, By: by,
	})
	if err != nil {
		return fmt.Errorf("receive a report: %w", err)
	}
	zerolog.Ctx(ctx).Debug().Int64("ticket", id).Int64("report", r.ID).Int64("user", by.ID).Str("state", string(r.Status)).
		Msg("a report came")
	return seen(ctx, tx, id, e.source)
}

// seen shows the sender of a file that it was understood.
func seen(ctx context.Context, tx ticket.Tx, id int64, at ticket.Place) error {
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectReaction, Lane: ticket.Lane(id), Chat: at.Chat, Urgency: ticket.ForGroup, TicketID: id,
		Payload: ticket.Reaction{On: at, Emoji: "👀", Ticket: id}, Fleeting: true,
	})
}

// help says in short how a ticket is finished.
func (h *Handler) help(ctx context.Context, tx ticket.Tx, e errand) error {
	return h.reply(ctx, tx, e.m, ticket.Say{Text: message.TextGroupHelp})
}
