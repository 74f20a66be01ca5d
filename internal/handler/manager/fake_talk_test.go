package manager_test

import (
	"context"
	"slices"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

func (w *world) Ask(_ context.Context, a ticket.Asking) (ticket.Line, error) {
	w.asked = append(w.asked, a)
	return ticket.Line{ID: int64(len(w.asked)), TicketID: a.Ticket}, nil
}

func (w *world) Spoken(_ context.Context, at ticket.Place) (bool, error) {
	return slices.ContainsFunc(w.asked, func(a ticket.Asking) bool { return a.Source == at }), nil
}

func (w *world) ShowOwner(_ context.Context, owner int64) error {
	w.shown = append(w.shown, owner)
	return nil
}

func (tx fakeTx) AddEvent(context.Context, ticket.Event) error { return nil }

// fakeBans are bans by person.
type fakeBans map[int64]account.Ban

func (f fakeBans) Ban(_ context.Context, user int64, reason string, by int64) (bool, error) {
	_, known := f[user]
	f[user] = account.Ban{Reason: reason, By: by}
	return !known, nil
}

func (f fakeBans) Unban(_ context.Context, user int64) (bool, error) {
	_, known := f[user]
	delete(f, user)
	return known, nil
}

func (f fakeBans) Banned(_ context.Context, user int64) (account.Ban, error) {
	if b, ok := f[user]; ok {
		return b, nil
	}
	return account.Ban{}, notFound()
}
