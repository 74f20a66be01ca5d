package manager

import (
	"context"
	"fmt"
	"strconv"

	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// CloseParcel makes a report of what one person sent together, once nothing more
// has come for a while, or says what is wrong with it. It joins the transaction
// that ctx carries.
func (h *Handler) CloseParcel(ctx context.Context, id int64) error {
	err := h.Store.Within(ctx, func(ctx context.Context, tx ticket.Tx) error {
		p, err := h.Parcels.Parcel(ctx, id)
		if ticket.IsNotFound(err) || err == nil && (p.Closed() || p.Ticket == 0) {
			return nil
		}
		if err != nil {
			return err
		}
		if tx.Now().Before(p.Ends()) { // something was added since
			return closing(ctx, tx, p)
		}
		closed, err := h.Parcels.CloseParcel(ctx, id, p.TouchedAt)
		if err != nil || !closed { // another closing is on its way
			return err
		}
		return h.closed(ctx, tx, p)
	})
	if err != nil {
		return fmt.Errorf("close a parcel: %w", err)
	}
	return nil
}

// closing has a parcel closed when it is complete. Of those that wait for one
// parcel there is one: it looks again when it is too early.
func closing(ctx context.Context, tx ticket.Tx, p ticket.Parcel) error {
	number := strconv.FormatInt(p.ID, 10)
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectParcelClose, Lane: "parcel:" + number, Urgency: ticket.ForGroup, TicketID: p.Ticket,
		Merge: number, After: p.Ends().Sub(tx.Now()), Payload: ticket.ParcelRef{Parcel: p.ID},
	})
}

// closed hands on what is in a parcel.
func (h *Handler) closed(ctx context.Context, tx ticket.Tx, p ticket.Parcel) error {
	files, err := h.Parcels.ParcelFiles(ctx, p.ID)
	if err != nil || len(files) == 0 {
		return err
	}
	no, err := h.objectionToParcel(ctx, tx, p, files)
	if err != nil {
		return err
	}
	if no != nil {
		zerolog.Ctx(ctx).Info().Str("answer", no.Text).Str("reason", no.Reason).Int64("ticket", p.Ticket).Int("files", len(files)).
			Msg("a report was refused at once")
		no.To = p.Asked
		return enqueue(ctx, tx, ticket.Effect{
			Kind: ticket.EffectSay, Lane: ticket.Lane(p.Ticket), Chat: p.Asked.Chat, Urgency: ticket.ForGroup, TicketID: no.Ticket, Payload: *no,
		})
	}
	return h.receiveParcel(ctx, tx, p, files)
}

// objectionToParcel says what is wrong with the files, or with the ticket by now.
func (h *Handler) objectionToParcel(ctx context.Context, tx ticket.Tx, p ticket.Parcel, files []ticket.ParcelFile) (*ticket.Say, error) {
	t, err := tx.Ticket(ctx, p.Ticket)
	if ticket.IsNotFound(err) {
		return &ticket.Say{Text: message.TextNoSuchTicket, Count: int(p.Ticket)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the ticket: %w", err)
	}
	if no := objectionToTicket(t); no != nil {
		return no, nil
	}
	if len(files) > ticket.MaxFiles {
		no := refusal(ticket.ReasonTooMany, t.ID)
		no.Count = ticket.MaxFiles
		return no, nil
	}
	for i, f := range files {
		if f.Fault != "" {
			no := refusal(f.Fault, t.ID)
			if len(files) > 1 {
				no.File, no.Limit = i+1, len(files)
			}
			return no, nil
		}
	}
	return nil, nil //nolint:nilnil // no objection
}

// receiveParcel hands on a report of several files. From now on each of their
// messages stands for the ticket.
func (h *Handler) receiveParcel(ctx context.Context, tx ticket.Tx, p ticket.Parcel, files []ticket.ParcelFile) error {
	first := files[0]
	in := ticket.Incoming{
		Ticket: p.Ticket, FileID: first.File.FileID, UniqueID: first.File.UniqueID, Size: first.File.Size,
		Source: first.Source, By: p.By,
	}
	for _, f := range files[1:] {
		in.More = append(in.More, f.File)
		note := ticket.Card{TicketID: p.Ticket, Place: f.Source, Kind: ticket.CardNote, PostedAt: tx.Now()}
		if err := tx.AddCard(ctx, note); err != nil {
			return fmt.Errorf("remember what a file is for: %w", err)
		}
	}
	r, err := h.Tickets.ReceiveReport(ctx, in)
	if err != nil {
		return fmt.Errorf("receive a report: %w", err)
	}
	zerolog.Ctx(ctx).Debug().Int64("ticket", p.Ticket).Int64("report", r.ID).Int64("user", p.By.ID).Str("state", string(r.Status)).
		Int("files", len(files)).Msg("a report came")
	return nil
}
