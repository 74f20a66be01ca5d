package notify

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// deliverReport sends the PDF to the ticket's owner by its file id. Only what
// Telegram answers decides what becomes of the ticket.
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
	lang, err := n.language(ctx, t.OwnerID)
	if err != nil {
		return outbox.Failed(err)
	}
	sent, err := n.Sender.SendDocument(ctx, &bot.SendDocumentParams{
		ChatID:    t.OwnerID,
		Document:  &models.InputFileString{Data: r.FileID},
		Caption:   n.Book.ReportCaption(lang, t),
		ParseMode: models.ParseModeHTML,
	})
	if err == nil {
		return outbox.Done(func(ctx context.Context) error { return n.Tickets.Delivered(ctx, r.ID, sent.ID) })
	}
	switch telegram.ClassOf(err) {
	case telegram.ClassBlocked:
		return n.undelivered(r, t, ticket.UndeliveredBlocked)
	case telegram.ClassDeactivated:
		return n.undelivered(r, t, ticket.UndeliveredDeactivated)
	case telegram.ClassNoChat, telegram.ClassNoRights:
		return n.undelivered(r, t, ticket.UndeliveredNoChat)
	case telegram.ClassBadFile, telegram.ClassBadRequest, telegram.ClassFileTooBig:
		n.Log.Error().Err(err).Int64("ticket", t.ID).Msg("Telegram would not send a report's file")
		return outbox.Done(func(ctx context.Context) error { return n.Tickets.FileRefused(ctx, r.ID) })
	default:
		return n.failed(ctx, t.OwnerID, err)
	}
}

func (n *Notifier) undelivered(r ticket.Report, t ticket.Ticket, why string) outbox.Outcome {
	return outbox.Done(func(ctx context.Context) error {
		if err := n.Accounts.SetUnreachable(ctx, t.OwnerID, true); err != nil {
			return fmt.Errorf("note an owner who cannot be reached: %w", err)
		}
		return n.Tickets.Undelivered(ctx, r.ID, why)
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
		return n.failed(ctx, r.Source.Chat, err)
	}
	return outbox.Done(func(ctx context.Context) error {
		return n.Tickets.CardPosted(ctx, ticket.Card{TicketID: t.ID, Place: at, Kind: ticket.CardNote})
	})
}
