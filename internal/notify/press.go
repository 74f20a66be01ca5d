package notify

import (
	"context"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// answerPress answers a button press; one that expired needs no answer. Where
// there are no words for it, an empty answer ends the button's waiting.
func (n *Notifier) answerPress(ctx context.Context, p ticket.PressAnswer) outbox.Outcome {
	lang, err := n.language(ctx, p.User)
	if err != nil {
		return broken(err)
	}
	facts, err := n.facts(ctx, p.Ticket, 0)
	if err != nil {
		return broken(err)
	}
	text, err := n.Book.Press(lang, p, facts)
	if err != nil {
		zerolog.Ctx(ctx).Error().Err(err).Msg("no words for the answer to a press")
	}
	err = n.Sender.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{
		CallbackQueryID: p.Press, Text: text, ShowAlert: p.Alert, URL: p.URL,
	})
	if err == nil || telegram.ClassOf(err) == telegram.ClassPressExpired {
		return outbox.Done(nil)
	}
	return n.failed(ctx, 0, err)
}

// react puts an emoji on a message; where that cannot be done a text says it.
func (n *Notifier) react(ctx context.Context, r ticket.Reaction) outbox.Outcome {
	err := n.Sender.SetMessageReaction(ctx, &bot.SetMessageReactionParams{
		ChatID: r.On.Chat, MessageID: r.On.Message,
		Reaction: []models.ReactionType{{
			Type:              models.ReactionTypeTypeEmoji,
			ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: r.Emoji},
		}},
	})
	if err == nil {
		return n.keepThumb(ctx, r)
	}
	switch class := telegram.ClassOf(err); {
	case class == telegram.ClassNotModified:
		return outbox.Done(nil)
	case class.Temporary():
		return n.failed(ctx, r.On.Chat, err)
	case class == telegram.ClassMigrated && !n.superseded(r.On.Chat):
		if out := n.failed(ctx, r.On.Chat, err); !n.superseded(r.On.Chat) {
			return out
		} // the message stayed behind in the old group
	}
	if r.Fallback == "" {
		zerolog.Ctx(ctx).Info().Err(err).Int64("chat", r.On.Chat).Msg("no reaction can be set")
		return outbox.Done(nil)
	}
	return outbox.Done(func(ctx context.Context) error { return n.sayInstead(ctx, r) })
}

// keepThumb puts the 👍 back that a late 👀 replaced: the 👀 goes out from
// memory, beside the lane of its report, so that one that was slow on its way
// may arrive after the report did.
func (n *Notifier) keepThumb(ctx context.Context, r ticket.Reaction) outbox.Outcome {
	if r.Emoji != "👀" {
		return outbox.Done(nil)
	}
	report, err := n.Store.ReportAt(ctx, r.On.Chat, r.On.Message)
	if err != nil || report.Status != ticket.ReportDelivered {
		return outbox.Done(nil) // the 👍 is yet to come, if it does
	}
	r.Emoji = "👍"
	return n.react(ctx, r)
}

func (n *Notifier) sayInstead(ctx context.Context, r ticket.Reaction) error {
	return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		return tx.Enqueue(ctx, ticket.Effect{
			Kind: ticket.EffectSay, Lane: ticket.Lane(r.Ticket), Chat: r.On.Chat, Urgency: ticket.ForGroup, TicketID: r.Ticket,
			Payload: ticket.Say{Text: r.Fallback, To: r.On, Ticket: r.Ticket},
		})
	})
}
