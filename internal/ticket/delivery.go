package ticket

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Delivered notes that Telegram accepted a report's next file for the owner, as
// the message of that id. Only after the last one is the ticket done.
func (s *Service) Delivered(ctx context.Context, report int64, message int) error {
	return s.delivered(ctx, report, func(r *Report) { r.arrived(message) })
}

// SentFile is a file as Telegram names it.
type SentFile struct{ ID, UniqueID string }

// Uploaded notes the same of a file that Telegram did not have before: from now
// on it is sent by that file id.
func (s *Service) Uploaded(ctx context.Context, report int64, message int, file SentFile) error {
	return s.delivered(ctx, report, func(r *Report) {
		r.sentAs(file)
		r.arrived(message)
	})
}

// StoredFor notes that a report's files are in the archive, where its owner,
// whom nothing is sent to, can fetch them: the ticket is done.
func (s *Service) StoredFor(ctx context.Context, report int64, kept []KeptFile) error {
	return s.outcome(ctx, report, func(ctx context.Context, tx Tx, t Ticket, r *Report) error {
		for _, k := range kept {
			if _, err := claim(ctx, tx, k.Key); err != nil {
				return err
			}
		}
		r.keptAs(kept)
		return s.progress(ctx, tx, t, r)
	})
}

// delivered notes what has arrived of a report.
func (s *Service) delivered(ctx context.Context, report int64, note func(r *Report)) error {
	return s.outcome(ctx, report, func(ctx context.Context, tx Tx, t Ticket, r *Report) error {
		note(r)
		return s.progress(ctx, tx, t, r)
	})
}

// progress goes on after something of a report has arrived; when all has, the
// ticket is done.
func (s *Service) progress(ctx context.Context, tx Tx, t Ticket, r *Report) error {
	if !t.Fetched && r.pending() {
		if err := tx.UpdateReport(ctx, r); err != nil {
			return err
		}
		return tx.Enqueue(ctx, delivery(t, *r))
	}
	r.DeliveredAt = tx.Now()
	if err := s.moveReport(ctx, tx, r, ReportDelivered); err != nil {
		return err
	}
	from := t.Status
	if from == Delivering {
		t.ClosedAt, t.Undeliverable = tx.Now(), ""
		if err := s.move(ctx, tx, &t, Done); err != nil {
			return err
		}
	}
	if err := s.settled(ctx, tx, t, *r, Event{Kind: EventDelivered, From: from, Took: t.ToDone}); err != nil {
		return err
	}
	if err := s.thank(ctx, tx, *r); err != nil {
		return err
	}
	if err := archive(ctx, tx, *r); err != nil {
		return err
	}
	return s.promote(ctx, tx, t)
}

// thank shows the sender of a report that it was delivered, at their message.
func (s *Service) thank(ctx context.Context, tx Tx, r Report) error {
	if r.Source.Message == 0 {
		return nil
	}
	return tx.Enqueue(ctx, Effect{
		Kind: EffectReaction, Lane: reportLane(r.ID), Urgency: ForGroup, TicketID: r.TicketID,
		Payload: Reaction{On: r.Source, Emoji: "👍", Fallback: TextReportDelivered, Ticket: r.TicketID},
	})
}

// Undelivered notes that the owner cannot be reached, for one of the
// Undelivered… reasons. The report stays live and goes out on their return.
func (s *Service) Undelivered(ctx context.Context, report int64, why string) error {
	return s.outcome(ctx, report, func(ctx context.Context, tx Tx, t Ticket, r *Report) error {
		r.Reason = why
		if err := s.moveReport(ctx, tx, r, ReportUndelivered); err != nil {
			return err
		}
		from := t.Status
		if from == Delivering {
			t.Undeliverable = why
			if err := s.move(ctx, tx, &t, Undelivered); err != nil {
				return err
			}
		}
		if err := s.settled(ctx, tx, t, *r, Event{Kind: EventUndelivered, From: from, Detail: why}); err != nil {
			return err
		}
		if err := archive(ctx, tx, *r); err != nil { // it can be fetched from there
			return err
		}
		return s.reply(ctx, tx, *r, TextReportUndelivered)
	})
}

// FileRefused notes that Telegram would not send the report's next file: the
// ticket is the manager's again. An owner who has got some of several files is
// told that these were not all.
func (s *Service) FileRefused(ctx context.Context, report int64) error {
	return s.outcome(ctx, report, func(ctx context.Context, tx Tx, t Ticket, r *Report) error {
		from := t.Status
		if from == Delivering {
			if err := s.move(ctx, tx, &t, Taken); err != nil {
				return err
			}
		}
		if err := s.settled(ctx, tx, t, *r, Event{Kind: EventFileRefused, From: from}); err != nil {
			return err
		}
		number, _ := r.Next()
		if r.blame(number); number > 1 {
			if err := s.tellOwner(ctx, tx, t, TextOwnerPartial); err != nil {
				return err
			}
		}
		return s.refuse(ctx, tx, t, r, ReasonFile)
	})
}

// OwnerReturned sends every report that waited for an owner who could not be
// reached, and reports how many. One whose ticket was closed meanwhile is
// refused instead.
func (s *Service) OwnerReturned(ctx context.Context, owner int64) (sent int, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		waiting, err := tx.UndeliveredReports(ctx, owner)
		if err != nil {
			return err
		}
		sent = 0
		for _, r := range waiting {
			if err := s.redeliver(ctx, tx, &r); err != nil {
				return err
			}
			if r.Status == ReportDelivering {
				sent++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("send what waited for an owner: %w", err)
	}
	return sent, nil
}

// Redeliver sends the report of a ticket once more that could not reach its owner,
// since a manager knows better. It reports whether there was one.
func (s *Service) Redeliver(ctx context.Context, id int64, by Actor) (t Ticket, done bool, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if t, err = tx.Ticket(ctx, id); err != nil {
			return err
		}
		r, err := tx.LiveReport(ctx, id)
		if err != nil || r.Status != ReportUndelivered {
			return missing(err)
		}
		if err := s.redeliverBy(ctx, tx, &r, by.ID); err != nil {
			return err
		}
		done = true
		t, err = tx.Ticket(ctx, id)
		return err
	})
	if err != nil {
		return Ticket{}, false, fmt.Errorf("send the report of ticket %d once more: %w", id, err)
	}
	return t, done, nil
}

// redeliver is by the owner, who is back.
func (s *Service) redeliver(ctx context.Context, tx Tx, r *Report) error {
	return s.redeliverBy(ctx, tx, r, 0)
}

func (s *Service) redeliverBy(ctx context.Context, tx Tx, r *Report, by int64) error {
	t, err := tx.Ticket(ctx, r.TicketID)
	if err != nil {
		return err
	}
	from := t.Status
	if from == Rejected || from == Cancelled {
		return s.refuse(ctx, tx, t, r, ReasonClosed)
	}
	if from == Undelivered {
		t.Undeliverable = ""
		if err := s.move(ctx, tx, &t, Delivering); err != nil {
			return err
		}
		if by == 0 { // whom a manager sends it has not come back
			if err := s.tellOwner(ctx, tx, t, TextOwnerRedelivery); err != nil {
				return err
			}
		}
	}
	r.Reason = ""
	if err := tx.AddEvent(ctx, Event{
		TicketID: t.ID, Kind: EventRedelivery, From: from, To: t.Status, ActorID: cmp.Or(by, t.OwnerID), ReportID: r.ID,
	}); err != nil {
		return err
	}
	return s.deliver(ctx, tx, t, r)
}

// archive has the files of a report archived that was sent, or could not be, and
// whose files are not yet.
func archive(ctx context.Context, tx Tx, r Report) error {
	for i, f := range r.Files() {
		if f.BlobKey != "" {
			continue
		}
		if err := tx.Enqueue(ctx, Effect{
			Kind: EffectReportArchive, Lane: reportLane(r.ID), Urgency: Background, TicketID: r.TicketID,
			Payload: ReportRef{Report: r.ID, File: r.number(i)},
		}); err != nil {
			return err
		}
	}
	return nil
}

// Archived notes where a file of a delivered report is kept. That of one that
// was erased meanwhile is erased, too.
func (s *Service) Archived(ctx context.Context, file ReportFile, sha256 string) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		if _, err := claim(ctx, tx, file.Key); err != nil {
			return err
		}
		kept, err := tx.NoteArchive(ctx, file, sha256)
		if err != nil || kept {
			return err
		}
		return eraseFiles(ctx, tx, 0, []ReportFile{file})
	})
	if err != nil {
		return fmt.Errorf("note the archive of report %d: %w", file.Report, err)
	}
	return nil
}

// outcome runs what an attempt at delivery led to. One that comes for a report
// that is no longer being delivered changes nothing.
func (s *Service) outcome(
	ctx context.Context, report int64, do func(ctx context.Context, tx Tx, t Ticket, r *Report) error,
) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		r, t, err := withTicket(ctx, tx, report)
		if IsNotFound(err) { // deleted meanwhile
			return nil
		}
		if err != nil || r.Status != ReportDelivering {
			return err
		}
		return do(ctx, tx, t, &r)
	})
	if err != nil {
		return fmt.Errorf("note the delivery of report %d: %w", report, err)
	}
	return nil
}

// settled writes the event of a delivery's outcome and refreshes the cards.
func (s *Service) settled(ctx context.Context, tx Tx, t Ticket, r Report, e Event) error {
	e.TicketID, e.To, e.ReportID = t.ID, t.Status, r.ID
	if err := tx.AddEvent(ctx, e); err != nil {
		return err
	}
	return s.editCards(ctx, tx, t.ID)
}

// move changes a ticket's status, along the table only.
func (s *Service) move(ctx context.Context, tx Tx, t *Ticket, to Status) error {
	if t.Erased() {
		return NewError(CodeConflict, "the data of the ticket were erased", nil)
	}
	if !t.Status.May(to) {
		return NewError(CodeConflict, "a ticket that is "+string(t.Status)+" cannot become "+string(to), nil)
	}
	s.measure(t, to, tx.Now())
	if to == New { // nobody has it
		t.AssigneeID, t.AssigneeName, t.TakenAt = 0, "", time.Time{}
	}
	t.Status = to
	return tx.Update(ctx, t)
}

// moveReport changes a report's status, along the table only.
func (s *Service) moveReport(ctx context.Context, tx Tx, r *Report, to ReportStatus) error {
	if !r.Status.May(to) {
		return NewError(CodeConflict, "a report that is "+string(r.Status)+" cannot become "+string(to), nil)
	}
	r.Status = to
	return tx.UpdateReport(ctx, r)
}

// reply answers the manager's message with the report. Who uploaded it asks.
func (s *Service) reply(ctx context.Context, tx Tx, r Report, text string) error {
	if r.Source.Message == 0 {
		return nil
	}
	return tx.Enqueue(ctx, Effect{
		Kind: EffectSay, Lane: Lane(r.TicketID), Chat: r.Source.Chat, Urgency: ForGroup, TicketID: r.TicketID,
		Payload: Say{Text: text, To: r.Source, Ticket: r.TicketID, Report: r.ID, Reason: r.Reason},
	})
}

// reportEvent writes an event of the report's sender.
func (s *Service) reportEvent(ctx context.Context, tx Tx, r Report, kind EventKind, detail string) error {
	t, err := tx.Ticket(ctx, r.TicketID)
	if err != nil {
		return err
	}
	return tx.AddEvent(ctx, Event{
		TicketID: r.TicketID, Kind: kind, From: t.Status, To: t.Status,
		ActorID: r.SenderID, ReportID: r.ID, Detail: detail,
	})
}

func withTicket(ctx context.Context, tx Tx, report int64) (Report, Ticket, error) {
	r, err := tx.Report(ctx, report)
	if err != nil {
		return Report{}, Ticket{}, err
	}
	t, err := tx.Ticket(ctx, r.TicketID)
	if err != nil {
		return Report{}, Ticket{}, err
	}
	return r, t, nil
}
