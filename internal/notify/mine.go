package notify

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// showMine shows an owner their tickets as they are now: in a message of its
// own, or in the one that they turn the pages of.
func (n *Notifier) showMine(ctx context.Context, m ticket.MineRef) outbox.Outcome {
	lang, err := n.language(ctx, m.User)
	if err != nil {
		return broken(err)
	}
	view, err := n.mine(ctx, m)
	if err != nil {
		return broken(fmt.Errorf("read an owner's tickets: %w", err))
	}
	text := n.Book.Mine(lang, view)
	if m.To.Message != 0 {
		err = n.edit(ctx, m.To, text)
		switch telegram.ClassOf(err) {
		case telegram.ClassNotModified:
			return outbox.Done(nil)
		case telegram.ClassPostAnew:
			m.To.Message = 0
		default:
			return n.ended(ctx, m.To.Chat, err)
		}
	}
	_, err = n.post(ctx, m.To, text)
	return n.ended(ctx, m.To.Chat, err)
}

// ended is the outcome of a call after which nothing is to be noted.
func (n *Notifier) ended(ctx context.Context, chat int64, err error) outbox.Outcome {
	if err != nil {
		return n.failed(ctx, chat, err)
	}
	return outbox.Done(nil)
}

func (n *Notifier) edit(ctx context.Context, at ticket.Place, text message.Text) error {
	p := &bot.EditMessageTextParams{
		ChatID: at.Chat, MessageID: at.Message, Text: text.HTML, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview(),
	}
	if text.Keyboard != nil { // a typed nil would be sent as null
		p.ReplyMarkup = text.Keyboard
	}
	_, err := n.Sender.EditMessageText(ctx, p)
	return err
}

// mine reads a page of an owner's tickets; of a page that is no longer there,
// the last one.
func (n *Notifier) mine(ctx context.Context, m ticket.MineRef) (v message.MineView, err error) {
	v.Zone = n.Zone
	open, err := n.Store.TicketsOf(ctx, m.User, ticket.New, ticket.Taken, ticket.Delivering, ticket.Undelivered)
	if err != nil {
		return v, err
	}
	for _, t := range open {
		w := message.Waiting{Ticket: t}
		if t.Status == ticket.New {
			ahead, err := n.Store.Ahead(ctx, t)
			if err != nil {
				return v, err
			}
			w.Place = ahead + 1
		}
		v.Open = append(v.Open, w)
	}
	if len(open) > 0 {
		done, err := n.Store.DoneSince(ctx, n.Clock().Add(-ticket.WaitHorizon), ticket.WaitSample)
		if err != nil {
			return v, err
		}
		v.Wait, _ = ticket.TypicalWait(done)
	}
	for v.Page = max(m.Page, 1); ; v.Page = message.Pages(v.Total) {
		v.Done, v.Total, err = n.Store.DoneOf(ctx, m.User, (v.Page-1)*message.MinePage, message.MinePage)
		if err != nil || len(v.Done) > 0 || v.Total == 0 {
			return v, err
		}
	}
}

// sendReportAgain sends its owner a file of a report that they have had before.
// Nothing hangs on it: the ticket is done.
func (n *Notifier) sendReportAgain(ctx context.Context, ref ticket.ReportRef) outbox.Outcome {
	r, err := n.Store.Report(ctx, ref.Report)
	if err != nil {
		return unread(fmt.Errorf("read a report to send again: %w", err))
	}
	file, ok := r.File(ref.File)
	if !ok {
		return outbox.Dead(fmt.Errorf("report %d has no file %d", r.ID, ref.File), nil)
	}
	t, err := n.Store.Ticket(ctx, r.TicketID)
	if err != nil {
		return unread(fmt.Errorf("read the ticket of a report: %w", err))
	}
	lang, err := n.language(ctx, t.OwnerID)
	if err != nil {
		return broken(err)
	}
	_, err = n.sendDocument(ctx, &bot.SendDocumentParams{
		ChatID: t.OwnerID, Caption: n.Book.ReportAgainCaption(lang, t, ref.File, len(r.Files())), ParseMode: models.ParseModeHTML,
	}, file)
	switch class := telegram.ClassOf(err); {
	case err == nil && ref.File < len(r.More)+1 && ref.File > 0: // noted with the last one
		return outbox.Done(nil)
	case err == nil:
		return outbox.Done(func(ctx context.Context) error { return n.Tickets.SentAgain(ctx, r.ID) })
	case class == telegram.ClassBadRequest, class == telegram.ClassBadFile:
		return outbox.Done(func(ctx context.Context) error { return n.reportGone(ctx, t) })
	}
	return n.failed(ctx, t.OwnerID, err)
}

// reportGone says that Telegram no longer has a report's file.
func (n *Notifier) reportGone(ctx context.Context, t ticket.Ticket) error {
	return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		return tx.Enqueue(ctx, ticket.Effect{
			Kind: ticket.EffectSay, Lane: ticket.ChatLane(t.OwnerID), Chat: t.OwnerID, Urgency: ticket.ForOwner, TicketID: t.ID,
			Payload: ticket.Say{
				Text: message.TextReportGone, To: ticket.Place{Chat: t.OwnerID}, User: t.OwnerID, Ticket: t.ID, VIN: t.VIN,
			},
		})
	})
}

// showStars marks the rating below a report.
func (n *Notifier) showStars(ctx context.Context, s ticket.StarsRef) outbox.Outcome {
	r, err := n.Store.Rating(ctx, s.Ticket)
	if err != nil && !ticket.IsNotFound(err) {
		return broken(fmt.Errorf("read a rating: %w", err))
	}
	_, err = n.Sender.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{
		ChatID: s.At.Chat, MessageID: s.At.Message, ReplyMarkup: n.Book.Stars(s.Ticket, r.Stars),
	})
	switch telegram.ClassOf(err) {
	case telegram.ClassNotModified, telegram.ClassPostAnew:
		return outbox.Done(nil)
	default:
		return n.ended(ctx, s.At.Chat, err)
	}
}
