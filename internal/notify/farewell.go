package notify

import (
	"cmp"
	"context"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// farewell tells a person that they are forgotten, by the question that they
// answered with yes: an edit that is made twice is seen once. Then nothing is
// left of them, whether or not that could be told.
func (n *Notifier) farewell(ctx context.Context, ref ticket.ErasureRef) outbox.Outcome {
	e, err := n.Forgetting.Erasure(ctx, ref.Erasure)
	switch {
	case ticket.IsNotFound(err):
		return outbox.Done(nil)
	case err != nil:
		return broken(err)
	}
	text, err := n.Book.Say(cmp.Or(e.Language, n.Language), ticket.Say{Text: message.TextForgotten, To: ticket.Place{Chat: e.Owner}}, message.Facts{})
	if err != nil {
		return outbox.Dead(err, nil)
	}
	if err = n.tellForgotten(ctx, e, text); telegram.ClassOf(err).Temporary() && err != nil {
		return n.failed(ctx, e.Owner, err)
	}
	if err != nil {
		zerolog.Ctx(ctx).Info().Err(err).Msg("somebody who was forgotten cannot be told")
	}
	return outbox.Done(func(ctx context.Context) error {
		if err := n.Forgetting.Forgotten(ctx, e.ID); err != nil {
			return fmt.Errorf("end an erasure: %w", err)
		}
		return nil
	})
}

func (n *Notifier) tellForgotten(ctx context.Context, e ticket.Erasure, text message.Text) error {
	if e.Message != 0 {
		_, err := n.Sender.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: e.Owner, MessageID: e.Message, Text: text.HTML, ParseMode: models.ParseModeHTML,
		})
		if class := telegram.ClassOf(err); err == nil || class != telegram.ClassPostAnew {
			if class == telegram.ClassNotModified {
				return nil
			}
			return err
		}
	}
	_, err := n.post(ctx, ticket.Place{Chat: e.Owner}, text)
	return err
}
