package ticket

import (
	"context"
	"fmt"
	"strconv"
)

// SendAgain has the last report of a ticket that is done sent to its owner once
// more. Of a ticket that is somebody else's, or has no report, it is a
// [CodeNotFound] error. It changes nothing of the ticket.
func (s *Service) SendAgain(ctx context.Context, id, owner int64) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		t, err := tx.Ticket(ctx, id)
		if err != nil {
			return err
		}
		if t.OwnerID != owner || t.Status != Done {
			return NewError(CodeNotFound, "no such report of this owner", nil)
		}
		r, err := tx.LastReport(ctx, id)
		if err != nil {
			return err
		}
		for i := range r.Files() {
			ref := ReportRef{Report: r.ID, File: r.number(i)}
			if err := tx.Enqueue(ctx, Effect{
				Kind: EffectReportAgain, Lane: ChatLane(owner), Chat: owner, Urgency: ForOwner, TicketID: id,
				Merge: strconv.FormatInt(r.ID, 10) + ":" + strconv.Itoa(ref.File), Payload: ref,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("send the report of ticket %d again: %w", id, err)
	}
	return nil
}

// SentAgain notes that Telegram accepted a delivered report for the owner once
// more.
func (s *Service) SentAgain(ctx context.Context, report int64) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		r, t, err := withTicket(ctx, tx, report)
		if err != nil {
			return err
		}
		return tx.AddEvent(ctx, Event{
			TicketID: t.ID, Kind: EventSentAgain, From: t.Status, To: t.Status, ActorID: t.OwnerID, ReportID: r.ID,
		})
	})
	if err != nil {
		return fmt.Errorf("note that report %d was sent again: %w", report, err)
	}
	return nil
}
