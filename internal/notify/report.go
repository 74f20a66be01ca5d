package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// delivery is a report on its way to its owner.
type delivery struct {
	report  ticket.Report
	ticket  ticket.Ticket
	seen    time.Time // when the owner last did something, as of before the sending
	caption string
}

// deliverReport sends the PDF, or of several the next one, to the ticket's owner
// by its file id. Only what Telegram answers decides what becomes of the ticket,
// and every answer decides it: a report is never left on its way.
func (n *Notifier) deliverReport(ctx context.Context, ref ticket.ReportRef) outbox.Outcome {
	r, err := n.Store.Report(ctx, ref.Report)
	if err != nil {
		return unread(fmt.Errorf("read a report to deliver: %w", err))
	}
	if r.Status != ticket.ReportDelivering {
		return outbox.Done(nil)
	}
	t, err := n.Store.Ticket(ctx, r.TicketID)
	if err != nil {
		return unread(fmt.Errorf("read the ticket of a report: %w", err))
	}
	owner, err := n.person(ctx, t.OwnerID)
	if err != nil {
		return broken(err)
	}
	d := delivery{report: r, ticket: t, seen: owner.LastSeen, caption: n.Book.ReportCaption(owner.Language, t, r)}
	sent, err := n.sendReport(ctx, d)
	if err != nil {
		return n.notDelivered(ctx, d, err)
	}
	return outbox.Done(func(ctx context.Context) error {
		if _, file := r.Next(); file.Stored() && sent.Document != nil {
			as := ticket.SentFile{ID: sent.Document.FileID, UniqueID: sent.Document.FileUniqueID}
			return n.Tickets.Uploaded(ctx, r.ID, sent.ID, as)
		}
		return n.Tickets.Delivered(ctx, r.ID, sent.ID)
	})
}

// sendDocument sends a report's file as it is known: by Telegram's id, or from
// the archive.
func (n *Notifier) sendDocument(ctx context.Context, p *bot.SendDocumentParams, f ticket.File) (*models.Message, error) {
	if !f.Stored() {
		p.Document = &models.InputFileString{Data: f.FileID}
		return n.Sender.SendDocument(ctx, p)
	}
	file, err := n.Archive.Open(ctx, f.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open a report to send it: %w", err)
	}
	defer file.Close()
	p.Document = &models.InputFileUpload{Filename: "report.pdf", Data: file}
	return n.Sender.SendDocument(ctx, p)
}

// sendReport sends a report's file with its caption. Of a refusal whose words
// are not known nobody can tell whether it is about the file, the manager's,
// or the caption, ours: what was refused was not sent, so the file goes out
// once more alone. The owner is owed the report, not our words.
func (n *Notifier) sendReport(ctx context.Context, d delivery) (*models.Message, error) {
	number, file := d.report.Next()
	p := &bot.SendDocumentParams{
		ChatID:    d.ticket.OwnerID,
		Caption:   d.caption,
		ParseMode: models.ParseModeHTML,
	}
	last := number == len(d.report.Files())
	if last && d.ticket.Status != ticket.Done { // a correction is not rated: the ticket was
		p.ReplyMarkup = n.Book.Stars(d.ticket.ID, 0)
	}
	sent, err := n.sendDocument(ctx, p, file)
	if err == nil || telegram.ClassOf(err) != telegram.ClassBadRequest {
		return sent, err
	}
	zerolog.Ctx(ctx).Error().Err(err).Int64("ticket", d.ticket.ID).Msg("a report was refused; sending it without its caption")
	p.Caption, p.ParseMode, p.ReplyMarkup = "", "", nil
	return n.sendDocument(ctx, p, file)
}

func (n *Notifier) notDelivered(ctx context.Context, d delivery, err error) outbox.Outcome {
	class := telegram.ClassOf(err)
	if why := outOfReach(class); why != "" {
		return n.undelivered(d, why)
	}
	if class.Temporary() {
		return n.failed(ctx, d.ticket.OwnerID, err)
	}
	zerolog.Ctx(ctx).Error().Err(err).Int64("ticket", d.ticket.ID).Msg("Telegram would not send a report's file")
	return outbox.Done(func(ctx context.Context) error { return n.Tickets.FileRefused(ctx, d.report.ID) })
}

// undelivered has the report wait for the owner's return. An owner who came
// back while it was being refused has been welcomed already, with nothing yet
// to be sent, so that it goes out at once.
func (n *Notifier) undelivered(d delivery, why string) outbox.Outcome {
	return outbox.Done(func(ctx context.Context) error {
		owner, err := n.person(ctx, d.ticket.OwnerID)
		if err != nil {
			return err
		}
		if err := n.Tickets.Undelivered(ctx, d.report.ID, why); err != nil {
			return err
		}
		if owner.LastSeen.After(d.seen) && !owner.Unreachable {
			_, err := n.Tickets.OwnerReturned(ctx, owner.ID)
			return err
		}
		return n.markUnreachable(ctx, d.ticket.OwnerID)
	})
}

// askAboutReport asks the manager whether a report is to be sent all the same.
func (n *Notifier) askAboutReport(ctx context.Context, ref ticket.ReportRef) outbox.Outcome {
	r, err := n.Store.Report(ctx, ref.Report)
	if err != nil {
		return unread(fmt.Errorf("read a report to ask about: %w", err))
	}
	if r.Status != ticket.ReportNeedsConfirmation {
		return outbox.Done(nil)
	}
	t, err := n.Store.Ticket(ctx, r.TicketID)
	if err != nil {
		return unread(fmt.Errorf("read the ticket of a report: %w", err))
	}
	at, err := n.post(ctx, r.Source, n.Book.ReportQuestion(n.Language, r, t))
	if err != nil {
		return n.failed(ctx, at.Chat, err)
	}
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.CardPosted(ctx, ticket.Card{TicketID: t.ID, Place: at, Kind: ticket.CardNote})
	})
}
