package store

import (
	"context"
	"crypto/rand"

	"github.com/jackc/pgx/v5"
)

// eventsChannel is where processes say that something happened to tickets: the
// schema's, like that of [Candidate].
const eventsChannel = `'vinbot_events_' || hashtext(current_schema())`

// Listener tells a process of several that another did something to tickets, by a
// connection of its own, and others that this one did.
type Listener struct {
	store    *Store
	database postgres
	name     string // of this process, so that it does not listen to itself
}

// NewListener gives a listener for a database that several processes may run on;
// nil for one that has a single process.
func NewListener(s *Store, d Database) *Listener {
	p, ok := d.dialect.(postgres)
	if !ok {
		return nil
	}
	return &Listener{store: s, database: p, name: rand.Text()}
}

// Say tells the others. It is in nobody's transaction: PostgreSQL lets one commit at
// a time that says something.
func (l *Listener) Say(ctx context.Context) error {
	return l.store.alone(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "tell others that something happened", l.database.stirs(), l.name)
		return err
	})
}

// Hear calls heard each time that another process says something, until ctx ends or
// the connection does; and once at first, for what was said before.
func (l *Listener) Hear(ctx context.Context, heard func()) error {
	const doing = "hear what other processes do"
	config, err := l.database.config(forReading)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fault(doing, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it did its work, or failed
	if err := listen(ctx, conn, eventsChannel); err != nil {
		return fault(doing, err)
	}
	heard()
	for {
		said, err := conn.WaitForNotification(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fault(doing, err)
		case said.Payload != l.name:
			heard()
		}
	}
}
