package notify_test

import (
	"context"

	"vinbot/internal/account"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// flaky is a store whose reading fails as long as the test says.
type flaky struct {
	*store.Store
	w *world
}

func (f flaky) Ticket(ctx context.Context, id int64) (ticket.Ticket, error) {
	if fault := f.w.fault.Load(); fault != nil {
		return ticket.Ticket{}, *fault
	}
	return f.Store.Ticket(ctx, id)
}

func (f flaky) Showing(ctx context.Context, id int64) (account.Showing, error) {
	if fault := f.w.fault.Load(); fault != nil {
		return account.Showing{}, *fault
	}
	return f.Store.Showing(ctx, id)
}

func (f flaky) Addressed(ctx context.Context, id int64) (account.Showing, error) {
	if fault := f.w.fault.Load(); fault != nil {
		return account.Showing{}, *fault
	}
	return f.Store.Addressed(ctx, id)
}

func (f flaky) Report(ctx context.Context, id int64) (ticket.Report, error) {
	if fault := f.w.fault.Load(); fault != nil {
		return ticket.Report{}, *fault
	}
	return f.Store.Report(ctx, id)
}

func (f flaky) Cards(ctx context.Context, id int64) ([]ticket.Card, error) {
	if fault := f.w.fault.Load(); fault != nil {
		return nil, *fault
	}
	return f.Store.Cards(ctx, id)
}
