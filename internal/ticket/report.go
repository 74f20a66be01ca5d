package ticket

import (
	"context"
	"fmt"
	"strconv"
)

// Incoming is a PDF that a manager sent for a ticket, or an album of them.
type Incoming struct {
	Ticket   int64
	FileID   string
	UniqueID string
	Size     int64  // bytes
	More     []File // the other files of an album, of which nothing else is known yet but where uploaded ones are kept
	Source   Place  // the message with the first document; none of an upload
	By       Actor

	// Kept is where an uploaded file, the first, is in the archive.
	Kept KeptFile
}

// KeptFile is a file in the archive.
type KeptFile struct{ Key, SHA256 string }

// ReceiveReport notes a report and sets it on its way: it is checked at once,
// waits while another of the ticket is live, or asks for a confirmation where
// the ticket is done. For a rejected or cancelled ticket it is a
// [CodeConflict] error. The same message for the same ticket again changes
// nothing, unless it was refused.
func (s *Service) ReceiveReport(ctx context.Context, in Incoming) (r Report, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		t, err := tx.Ticket(ctx, in.Ticket)
		if err != nil {
			return err
		}
		if t.Status == Rejected || t.Status == Cancelled || t.Erased() {
			return NewError(CodeConflict, "the ticket is closed", nil)
		}
		if in.Source.Message != 0 {
			r, err = tx.ReportAt(ctx, in.Source.Chat, in.Source.Message)
			if err == nil && r.TicketID == t.ID && r.Status != ReportRefused {
				return nil
			}
			if err != nil && !IsNotFound(err) {
				return err
			}
		}
		r = Report{
			TicketID: t.ID, Status: ReportReceived, FileID: in.FileID, UniqueID: in.UniqueID, Size: in.Size, More: in.More,
			Source: in.Source, SenderID: in.By.ID, SenderName: in.By.Name, ReceivedAt: tx.Now(),
			BlobKey: in.Kept.Key, SHA256: in.Kept.SHA256,
		}
		if err := claimUploads(ctx, tx, r); err != nil {
			return err
		}
		return s.admit(ctx, tx, t, &r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("receive a report for ticket %d: %w", in.Ticket, err)
	}
	return r, nil
}

// admit stores a new report, live if the ticket has no other.
func (s *Service) admit(ctx context.Context, tx Tx, t Ticket, r *Report) error {
	_, err := tx.LiveReport(ctx, t.ID)
	busy := err == nil
	if err != nil && !IsNotFound(err) {
		return err
	}
	if err := tx.InsertReport(ctx, r); err != nil {
		return err
	}
	if err := s.reportEvent(ctx, tx, *r, EventReportReceived, ""); err != nil {
		return err
	}
	if busy {
		return s.reply(ctx, tx, *r, TextReportWaiting)
	}
	return s.begin(ctx, tx, t, r)
}

// begin makes a waiting report the live one.
func (s *Service) begin(ctx context.Context, tx Tx, t Ticket, r *Report) error {
	switch t.Status {
	case Rejected, Cancelled:
		return s.refuse(ctx, tx, t, r, ReasonClosed)
	case Done:
		r.Correction = true
		return s.ask(ctx, tx, r, ReasonCorrection)
	case New, Taken, Delivering, Undelivered:
	}
	return s.check(ctx, tx, r)
}

func (s *Service) check(ctx context.Context, tx Tx, r *Report) error {
	if err := s.moveReport(ctx, tx, r, ReportChecking); err != nil {
		return err
	}
	return tx.Enqueue(ctx, Effect{
		Kind: EffectReportCheck, Lane: reportLane(r.ID), Urgency: Background, TicketID: r.TicketID,
		Payload: ReportRef{Report: r.ID},
	})
}

// ask has a manager confirm a report, for a reason.
func (s *Service) ask(ctx context.Context, tx Tx, r *Report, reason string) error {
	r.Reason = reason
	if err := s.moveReport(ctx, tx, r, ReportNeedsConfirmation); err != nil {
		return err
	}
	if err := s.reportEvent(ctx, tx, *r, EventReportQuestion, reason); err != nil {
		return err
	}
	if r.Source.Message == 0 { // uploaded: who did asks
		return nil
	}
	return tx.Enqueue(ctx, Effect{
		Kind: EffectReportQuestion, Lane: Lane(r.TicketID), Chat: r.Source.Chat, Urgency: ForGroup, TicketID: r.TicketID,
		Payload: ReportRef{Report: r.ID},
	})
}

// ConfirmReport is a manager's answer to whether a report is to be sent all
// the same. When that is no longer the question it is a [CodeConflict] error.
func (s *Service) ConfirmReport(ctx context.Context, id int64, by Actor, send bool) (r Report, err error) {
	err = s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		var t Ticket
		if r, t, err = withTicket(ctx, tx, id); err != nil {
			return err
		}
		if r.Status != ReportNeedsConfirmation {
			return NewError(CodeConflict, "the report waits for no answer", nil)
		}
		if !send {
			return s.refuseBy(ctx, tx, t, &r, refusal{reason: ReasonWithdrawn, by: by.ID})
		}
		if err := tx.AddEvent(ctx, Event{
			TicketID: t.ID, Kind: EventReportConfirmed, From: t.Status, To: t.Status,
			ActorID: by.ID, ReportID: id, Detail: r.Reason,
		}); err != nil {
			return err
		}
		if r.Reason == ReasonUnchecked || r.Reason == ReasonOtherVIN {
			return s.accept(ctx, tx, t, &r)
		}
		return s.check(ctx, tx, &r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("confirm report %d: %w", id, err)
	}
	return r, nil
}

// Finding is what the check of one of a report's files found out.
type Finding struct {
	// Reason is empty for a good PDF, [ReasonUnchecked] for one that could
	// not be looked at, [ReasonOtherVIN] for one that seems to be about another
	// car, otherwise why it is refused.
	Reason string
	// NoText and FoundVIN are the report's.
	NoText   bool
	FoundVIN string
	SHA256   string // hex; empty if it was not downloaded
	Size     int64  // bytes
}

// Checked takes the outcome of a report's check, a finding for each of its
// files: accepted, refused, or a question to the manager. An outcome that comes
// too late changes nothing.
func (s *Service) Checked(ctx context.Context, id int64, found ...Finding) error {
	err := s.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		r, t, err := withTicket(ctx, tx, id)
		if IsNotFound(err) { // deleted meanwhile
			return nil
		}
		if err != nil || r.Status != ReportChecking {
			return err
		}
		r.found(found)
		number, reason := worst(found)
		switch reason {
		case "":
			return s.accept(ctx, tx, t, &r)
		case ReasonUnchecked, ReasonOtherVIN:
			return s.ask(ctx, tx, &r, reason)
		default:
			r.blame(number)
			return s.refuse(ctx, tx, t, &r, reason)
		}
	})
	if err != nil {
		return fmt.Errorf("note the check of report %d: %w", id, err)
	}
	return nil
}

// accept sends a report to the ticket's owner. A ticket that nobody took is
// taken by the sender.
func (s *Service) accept(ctx context.Context, tx Tx, t Ticket, r *Report) error {
	if t.Status == Rejected || t.Status == Cancelled {
		return s.refuse(ctx, tx, t, r, ReasonClosed)
	}
	r.Reason = ""
	if err := s.moveReport(ctx, tx, r, ReportAccepted); err != nil {
		return err
	}
	from := t.Status
	if from == New {
		t.AssigneeID, t.AssigneeName, t.TakenAt = r.SenderID, r.SenderName, tx.Now()
	}
	if from != Done { // a correction leaves the ticket done
		if err := s.move(ctx, tx, &t, Delivering); err != nil {
			return err
		}
	}
	if err := tx.AddEvent(ctx, Event{
		TicketID: t.ID, Kind: EventReportAccepted, From: from, To: t.Status, ActorID: r.SenderID, ReportID: r.ID, Took: t.ToTake,
	}); err != nil {
		return err
	}
	return s.deliver(ctx, tx, t, r)
}

// deliver puts a report into its owner's queue.
func (s *Service) deliver(ctx context.Context, tx Tx, t Ticket, r *Report) error {
	if err := s.moveReport(ctx, tx, r, ReportDelivering); err != nil {
		return err
	}
	if err := s.editCards(ctx, tx, t.ID); err != nil {
		return err
	}
	if t.Fetched {
		return tx.Enqueue(ctx, Effect{
			Kind: EffectReportStore, Lane: reportLane(r.ID), Urgency: Background, TicketID: t.ID,
			Payload: ReportRef{Report: r.ID},
		})
	}
	return tx.Enqueue(ctx, delivery(t, *r))
}

// delivery is the effect that sends a report's next file to the owner. Of
// several each goes by itself: so each goes once, whatever happens between them.
func delivery(t Ticket, r Report) Effect {
	return Effect{
		Kind: EffectReportDeliver, Lane: ChatLane(t.OwnerID), Chat: t.OwnerID, Urgency: ForOwner, TicketID: t.ID,
		Payload: ReportRef{Report: r.ID},
	}
}

// refuse ends a report for a reason that lies in it.
func (s *Service) refuse(ctx context.Context, tx Tx, t Ticket, r *Report, reason string) error {
	return s.refuseBy(ctx, tx, t, r, refusal{reason: reason, by: r.SenderID})
}

// refusal says why a report ends, and who brought it about.
type refusal struct {
	reason string
	by     int64
}

// refuseBy ends a report, tells its sender why, and lets the next one begin.
func (s *Service) refuseBy(ctx context.Context, tx Tx, t Ticket, r *Report, why refusal) error {
	if err := s.endReport(ctx, tx, t, r, why); err != nil {
		return err
	}
	return s.promote(ctx, tx, t)
}

// endReport ends a report and tells its sender why.
func (s *Service) endReport(ctx context.Context, tx Tx, t Ticket, r *Report, why refusal) error {
	r.Reason = why.reason
	if err := s.moveReport(ctx, tx, r, ReportRefused); err != nil {
		return err
	}
	if err := tx.AddEvent(ctx, Event{
		TicketID: t.ID, Kind: EventReportRefused, From: t.Status, To: t.Status,
		ActorID: why.by, ReportID: r.ID, Detail: why.reason,
	}); err != nil {
		return err
	}
	if r.FileID == StoredFile { // an upload, of which nobody has another copy to send
		return eraseFiles(ctx, tx, t.ID, r.uploads())
	}
	return s.reply(ctx, tx, *r, TextReportRefused)
}

// endWaiting ends every report of a ticket that waits for the live one's outcome.
func (s *Service) endWaiting(ctx context.Context, tx Tx, t Ticket, why refusal) error {
	for {
		next, err := tx.WaitingReport(ctx, t.ID)
		if IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.endReport(ctx, tx, t, &next, why); err != nil {
			return err
		}
	}
}

// uploads are the files of a report that are in the archive alone.
func (r Report) uploads() (files []ReportFile) {
	for i, f := range r.Files() {
		if f.Stored() {
			files = append(files, ReportFile{Report: r.ID, File: r.number(i), Key: f.BlobKey})
		}
	}
	return files
}

// promote begins the oldest report that waited for the live one's outcome.
func (s *Service) promote(ctx context.Context, tx Tx, t Ticket) error {
	next, err := tx.WaitingReport(ctx, t.ID)
	if IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.begin(ctx, tx, t, &next)
}

func reportLane(id int64) string { return "report:" + strconv.FormatInt(id, 10) }
