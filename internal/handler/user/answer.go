package user

import (
	"context"
	"fmt"
	"time"

	"vinbot/internal/ticket"
)

// albumPause is how long the answer to an album waits for the album's other
// items: they are separate updates, and one answer is enough.
const albumPause = time.Second

// albumMemory is for how long an album is known to have had its answer: its
// other items come within seconds, or after a restart.
const albumMemory = time.Minute

// answer is the effect of saying something in a private chat.
func answer(s ticket.Say) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectSay, Lane: ticket.ChatLane(s.To.Chat), Chat: s.To.Chat, Urgency: ticket.ForOwner,
		TicketID: s.Ticket, Payload: s,
	}
}

func say(ctx context.Context, tx ticket.Tx, s ticket.Say) error { return enqueue(ctx, tx, answer(s)) }

// retract removes the buttons of a message of ours.
func retract(ctx context.Context, tx ticket.Tx, at ticket.Place) error {
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectRetract, Lane: ticket.ChatLane(at.Chat), Chat: at.Chat, Urgency: ticket.ForEdit,
		Payload: ticket.Retract{At: at},
	})
}

// answerPress answers a button press; it counts against no chat's limit.
func answerPress(ctx context.Context, tx ticket.Tx, a ticket.PressAnswer) error {
	return enqueue(ctx, tx, ticket.Effect{
		Kind: ticket.EffectPressAnswer, Lane: ticket.ChatLane(a.User), Urgency: ticket.ForOwner, TicketID: a.Ticket,
		Payload: a, Fleeting: true,
	})
}

func enqueue(ctx context.Context, tx ticket.Tx, e ticket.Effect) error {
	if err := tx.Enqueue(ctx, e); err != nil {
		return fmt.Errorf("enqueue %s: %w", e.Kind, err)
	}
	return nil
}
