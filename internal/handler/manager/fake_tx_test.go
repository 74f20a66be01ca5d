package manager_test

import (
	"context"
	"slices"
	"time"

	"vinbot/internal/ticket"
)

// fakeTx has what the handler may use; anything else panics.
type fakeTx struct {
	ticket.Tx
	world *world
}

func (tx fakeTx) Now() time.Time { return tx.world.now }

func (tx fakeTx) Ticket(_ context.Context, id int64) (ticket.Ticket, error) {
	if t, ok := tx.world.tickets[id]; ok {
		return t, nil
	}
	return ticket.Ticket{}, notFound()
}

func (tx fakeTx) LiveReport(_ context.Context, id int64) (ticket.Report, error) {
	for _, r := range tx.world.reports {
		if r.TicketID == id && r.Status.Live() {
			return r, nil
		}
	}
	return ticket.Report{}, notFound()
}

func (tx fakeTx) OpenTicket(_ context.Context, owner int64, vin string) (ticket.Ticket, error) {
	return tx.world.openTicket(owner, vin)
}

func (tx fakeTx) CardAt(ctx context.Context, chat int64, message int) (ticket.Card, error) {
	return tx.world.CardAt(ctx, chat, message)
}

func (tx fakeTx) Digest(_ context.Context, chat int64, message int) (lines []ticket.Card, err error) {
	for _, c := range tx.world.cards {
		if c.Kind == ticket.CardDigest && c.Place.Chat == chat && c.Place.Message == message {
			lines = append(lines, c)
		}
	}
	return lines, nil
}

func (tx fakeTx) Report(ctx context.Context, id int64) (ticket.Report, error) {
	return tx.world.Report(ctx, id)
}

func (tx fakeTx) ReportAt(_ context.Context, chat int64, message int) (ticket.Report, error) {
	return tx.world.reportAt(chat, message)
}

func (tx fakeTx) PromptAt(_ context.Context, chat int64, message int) (ticket.Prompt, error) {
	for _, p := range tx.world.prompts {
		if p.Place.Chat == chat && p.Place.Message == message {
			return p, nil
		}
	}
	return ticket.Prompt{}, notFound()
}

func (tx fakeTx) DropPrompts(_ context.Context, id int64) error {
	tx.world.prompts = slices.DeleteFunc(tx.world.prompts, func(p ticket.Prompt) bool { return p.TicketID == id })
	return nil
}

func (tx fakeTx) AddCard(_ context.Context, c ticket.Card) error {
	tx.world.cards = append(tx.world.cards, c)
	return nil
}

func (tx fakeTx) Enqueue(_ context.Context, e ticket.Effect) error {
	if tx.world.fail != nil {
		return tx.world.fail
	}
	tx.world.effects = append(tx.world.effects, e)
	return nil
}
