package user_test

import (
	"context"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// fakeTalk answers as the test says, and remembers what it was asked.
type fakeTalk struct {
	out    ticket.Answered // of Answer where it may be one; NoAnswer unless the test says otherwise
	toOnly bool            // only a reply is an answer
	fail   error
	spoken bool

	answers  []ticket.Answering
	to       []int64 // the questions of AnswerTo
	returned int
}

func (f *fakeTalk) Answer(_ context.Context, a ticket.Answering) (ticket.Answered, error) {
	f.answers = append(f.answers, a)
	if a.To == 0 && (f.toOnly || !a.Plain) {
		return ticket.Answered{}, f.fail
	}
	return f.out, f.fail
}

func (f *fakeTalk) AnswerTo(_ context.Context, question int64, a ticket.Answering) (ticket.Answered, error) {
	f.to = append(f.to, question)
	f.answers = append(f.answers, a)
	return f.out, f.fail
}

func (f *fakeTalk) Spoken(context.Context, ticket.Place) (bool, error) { return f.spoken, f.fail }

func (f *fakeTalk) OwnerReturned(context.Context, int64) error {
	f.returned++
	return f.fail
}

// fakeBans are bans by person.
type fakeBans map[int64]account.Ban

func (f fakeBans) Banned(_ context.Context, user int64) (account.Ban, error) {
	if b, ok := f[user]; ok {
		return b, nil
	}
	return account.Ban{}, ticket.NewError(ticket.CodeNotFound, "nobody's", nil)
}

func (f fakeBans) Told(_ context.Context, user int64) error {
	b := f[user]
	b.Told = true
	f[user] = b
	return nil
}

func (tx fakeTx) Ticket(_ context.Context, id int64) (ticket.Ticket, error) {
	for _, t := range tx.w.tickets {
		if t.ID == id {
			return t, nil
		}
	}
	return ticket.Ticket{}, ticket.NewError(ticket.CodeNotFound, "no such ticket", nil)
}
