// Package store keeps everything in the database: tickets with their history,
// cards and reports, people and groups, and the two queues. It is the only room
// that speaks GORM and SQL.
//
// Writes go through one goroutine, which commits what waits at that moment
// together: durability costs one fsync for many. Reads outside a transaction
// have connections of their own and see the last commit.
package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"gorm.io/gorm"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// Options say where the database is and who wants to know.
type Options struct {
	Database Database
	// Clock tells the time; every unit of work asks it once.
	Clock func() time.Time
	Log   zerolog.Logger
	// OnCommit is told what a commit left to be done: the new outbox rows and
	// the fleeting effects, in the order of their units. It runs after the
	// commit and before the callers are answered; it must not block, and must
	// not call the store.
	OnCommit func(heads []outbox.Head, fleeting []Fleeting)
	// OnEvents is told what happened to tickets, under the same rules.
	OnEvents func(events []ticket.Event)
	// Elsewhere reports whether another process carries out what this one
	// enqueues. Then that one is told, by the commit itself. Nil: never.
	Elsewhere func() bool
	// OnQueued is told of the rows that a commit put into another queue, under
	// the same rules.
	OnQueued func(in Queue, heads []outbox.Head)
	// OnTransaction is told how each transaction that writes ended, in one of the
	// Transaction… words, and how long it took, from the wait for the lock to the
	// commit. Nil: nobody wants to know.
	OnTransaction func(result string, took time.Duration)
	// LookAt says when a ticket's deadlines are to be looked at next, as the ticket
	// is written; the zero time for never. Nil: at once, wherever there are any.
	LookAt func(t ticket.Ticket, now time.Time) time.Time
	// Lock is the database's lock, where the caller holds it already. Without
	// it a database that must be migrated is locked meanwhile.
	Lock *Lock

	groupLimit int // of tests; 0 is the usual
}

// Fleeting is an effect that is never stored, with its payload as it would be
// (JSON), and the request it serves.
type Fleeting struct {
	Effect    ticket.Effect
	Payload   []byte
	RequestID string
}

// Store is the database. It implements ticket.Store; Accounts, Inbox and
// Outbox give the other ports.
type Store struct {
	queries

	writer   *writer
	aside    *writer // see [Store.alone]
	readers  *pool
	lookers  *pool // who answer what many ask at once; nil where that is the readers
	bans     banMemory
	settling settling

	showings, addressees gathered[account.Showing]

	dialect dialect
	closed  func() error
}

var _ ticket.Store = (*Store)(nil)

// Open opens the database, and makes or migrates its schema first where that
// is due. A database that is newer than the program is refused, untouched.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := o.Database.ready(); err != nil {
		return nil, err
	}
	if err := migrateAtOpen(ctx, o.Database, o.Lock); err != nil {
		return nil, err
	}
	w, err := newWriter(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Store{writer: w, aside: w, dialect: o.Database.dialect}
	w.bans = &s.bans
	s.queries = queries{on: s.reading, by: s.readingBy, past: s.readingPast}
	s.showings = gathered[account.Showing]{ctx: w.ctx, ask: s.showAll}
	s.addressees = gathered[account.Showing]{ctx: w.ctx, ask: s.addressAll}
	if s.dialect.news() != "" {
		s.aside, err = newWriter(ctx, Options{Database: o.Database, Clock: o.Clock, Log: o.Log, LookAt: o.LookAt, OnTransaction: o.OnTransaction, groupLimit: 1})
		if err == nil {
			s.aside.bans = &s.bans
		}
	}
	if err == nil {
		s.readers, err = openPool(o.Database, forReading)
	}
	if err == nil && s.dialect.far() {
		s.lookers, err = openPool(o.Database, forGathering)
	}
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	s.closed = sync.OnceValue(s.end)
	return s, nil
}

// end stops and closes what was opened.
func (s *Store) end() (err error) {
	if s.aside != nil && s.aside != s.writer {
		s.aside.stop()
		err = s.aside.close()
	}
	s.writer.stop()
	for _, p := range []*pool{s.lookers, s.readers} {
		if p != nil {
			err = errors.Join(err, p.close())
		}
	}
	return errors.Join(err, s.writer.close()) // last, so that it takes the journal into the file
}

// Close waits for what is being written, refuses what comes after, and closes
// the database. It may be called twice.
func (s *Store) Close() error { return s.closed() }

// reading gives the transaction that ctx carries, or else the readers.
func (s *Store) reading(ctx context.Context) (*gorm.DB, error) {
	if t := s.joined(ctx); t != nil {
		return t.on(ctx)
	}
	return s.readers.db.Session(&gorm.Session{NewDB: true, Context: ctx}), nil
}

// looking is the way to who answers what many ask at once, or to the transaction that
// ctx carries.
func (s *Store) looking(ctx context.Context) queries {
	if s.lookers == nil || s.joined(ctx) != nil {
		return s.queries
	}
	by := func(ctx context.Context) (line, context.Context, error) { return s.lookers.line, ctx, nil }
	return queries{by: by, past: by}
}

// readingBy is reading, past GORM.
func (s *Store) readingBy(ctx context.Context) (line, context.Context, error) {
	if t := s.joined(ctx); t != nil {
		return t.by(ctx)
	}
	return s.readers.line, ctx, nil
}

// readingPast is readingBy for a statement that is blind.
func (s *Store) readingPast(ctx context.Context) (line, context.Context, error) {
	if t := s.joined(ctx); t != nil {
		return t.past(ctx)
	}
	return s.readers.line, ctx, nil
}

// Do runs fn in one transaction; see [ticket.Store]. Within another it joins
// that: an error undoes what fn did, and all of it where the error is passed on.
func (s *Store) Do(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	run := func(ctx context.Context, t *tx) error { return fn(ctx, t) }
	if t := s.joined(ctx); t != nil {
		return t.apart(ctx, run)
	}
	return s.do(ctx, run)
}

// Within runs fn in one transaction; see [ticket.Store]. An error within another
// ends that.
func (s *Store) Within(ctx context.Context, fn func(ctx context.Context, tx ticket.Tx) error) error {
	return s.do(ctx, func(ctx context.Context, t *tx) error {
		err := fn(ctx, t)
		if err != nil && t.failed == nil {
			t.failed = err
		}
		return err
	})
}

// Accounts gives the people and the chats.
func (s *Store) Accounts() account.Store { return accounts{s} }

// Inbox gives the queue of a bot's incoming updates.
func (s *Store) Inbox(botID int64) inbox.Store { return inboxStore{s: s, bot: botID} }

// Outbox gives the queue of outgoing effects.
func (s *Store) Outbox() outbox.Store { return outboxStore{s} }

// Settle takes what was written lately to its place in the database's file,
// beside who writes: after much was written, so that no writer has to stop for
// it.
func (s *Store) Settle(ctx context.Context) error { return s.dialect.settle(ctx) }

// Scrub sees to it that what was erased is in none of the database's files. In
// the database itself it is overwritten when it is erased; in its journal it
// would stay until that is used anew.
func (s *Store) Scrub(ctx context.Context) error { return s.dialect.scrub(ctx) }

// Writable reports whether the database takes a write, by writing.
func (s *Store) Writable(ctx context.Context) error {
	return s.do(ctx, func(_ context.Context, t *tx) error {
		_, err := t.exec(ctx, "write the heartbeat", `
			INSERT INTO heartbeat (id, at) VALUES (1, ?)
			ON CONFLICT (id) DO UPDATE SET at = excluded.at`, instant(t.now))
		return err
	})
}

// SchemaVersion gives the number of the newest migration that the database has.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	db, err := s.reading(ctx)
	if err != nil {
		return 0, err
	}
	var version int64
	err = db.Raw(`SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Row().Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("schema version: %w", fault("read the schema's version", err))
	}
	return version, nil
}
