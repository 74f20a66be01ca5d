package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// pingPause is between two signs of life of the leader. The server takes
	// the lock from one that gave none for [lockLife]: without that a process
	// that was stopped would keep it for ever.
	pingPause = 2 * time.Second
	lockLife  = 6 * time.Second
	// sureFor is how long after its last sign of life a leader may act as one:
	// less than lockLife, by as much as a message takes to go out.
	sureFor = 5 * time.Second
	// lockSpace is the first half of the advisory lock's key ("vinb"); the
	// other is the schema's, so that two bots may share a database.
	lockSpace = 0x76696e62
	// newsChannel is where others say what they enqueued: the schema's, too.
	newsChannel = `'vinbot_outbox_' || hashtext(current_schema())`
)

// Candidate is a process that wants to lead: to be the one, of all that run on
// a PostgreSQL, that polls, handles and sends. It holds the server's lock by a
// connection of its own, which must go to the server itself, not to a pooler.
// One goroutine uses it; Sure is for all.
type Candidate struct {
	database postgres
	now      func() time.Time
	conn     *pgx.Conn
	epoch    int64
	pinged   atomic.Pointer[time.Time] // when the last sign of life was begun that arrived; nil while it does not lead
}

// NewCandidate gives a candidate for a database that several processes may run
// on; nil for one that has a single process.
func NewCandidate(d Database, now func() time.Time) *Candidate {
	p, ok := d.dialect.(postgres)
	if !ok {
		return nil
	}
	return &Candidate{database: p, now: now}
}

// Try tries to take the lead and gives the term's epoch; 0 while another leads.
func (c *Candidate) Try(ctx context.Context) (int64, error) {
	const doing = "try to take the lead"
	epoch, err := c.try(ctx)
	if err == nil && epoch == 0 {
		return 0, nil
	}
	if err == nil {
		err = c.listen(ctx)
	}
	if err == nil {
		c.epoch = epoch
		err = c.ping(ctx)
	}
	if err != nil {
		c.drop(ctx)
		return 0, fault(doing, err)
	}
	return epoch, nil
}

// listen has the connection told of what others enqueue. What they enqueued
// before is found by whoever begins to lead.
func (c *Candidate) listen(ctx context.Context) error {
	return listen(ctx, c.conn, newsChannel)
}

// listen has a connection told of what is said on a channel, whose name the server
// makes.
func listen(ctx context.Context, conn *pgx.Conn, named string) error {
	var channel string
	if err := conn.QueryRow(ctx, `SELECT `+named).Scan(&channel); err != nil {
		return err //nolint:wrapcheck // its callers word it
	}
	_, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{channel}.Sanitize())
	return err //nolint:wrapcheck // its callers word it
}

func (c *Candidate) try(ctx context.Context) (epoch int64, err error) {
	if c.conn == nil {
		config, err := c.database.config(forLeading)
		if err != nil {
			return 0, err
		}
		if c.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
			return 0, err //nolint:wrapcheck // Try words it
		}
	}
	var mine bool
	err = c.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, hashtext(current_schema()))`, lockSpace).Scan(&mine)
	if err != nil || !mine {
		return 0, err //nolint:wrapcheck // Try words it
	}
	// This waits for what the last leader still writes.
	err = c.conn.QueryRow(ctx, `INSERT INTO leader (id, epoch, taken_at) VALUES (1, 1, now())
		ON CONFLICT (id) DO UPDATE SET epoch = leader.epoch + 1, taken_at = excluded.taken_at RETURNING epoch`).Scan(&epoch)
	return epoch, err //nolint:wrapcheck // Try words it
}

// Keep waits until the next sign of life is due and gives it. Meanwhile it tells
// of what other processes enqueue: from which row on, at most. An error says
// that the lead is lost, or about to be: when the connection is cut Keep
// returns at once.
func (c *Candidate) Keep(ctx context.Context, news func(News)) error {
	const doing = "keep the lead"
	if c.conn == nil {
		return away(doing, errors.New("it is lost"))
	}
	wait, cancel := context.WithTimeout(ctx, pingPause)
	err := c.hear(wait, news)
	due := wait.Err() != nil
	cancel()
	switch {
	case ctx.Err() != nil:
		return nil //nolint:nilerr // the end of the loop that asks is not the end of the lead
	case err != nil && !due:
		return fault(doing, err)
	}
	return fault(doing, c.ping(ctx))
}

// hear passes news on until ctx ends, or the connection.
func (c *Candidate) hear(ctx context.Context, news func(News)) error {
	for ctx.Err() == nil {
		said, err := c.conn.WaitForNotification(ctx)
		if err != nil {
			return err //nolint:wrapcheck // Keep words it
		}
		news(newsOf(said.Payload))
	}
	return nil
}

// News is what another process enqueued: rows of outbox or, where it names one,
// of another queue, from an id on.
type News struct {
	Queue Queue
	From  int64
}

// said is how a process tells it: "4711", or "deliveries 4711".
func (n News) said() string {
	return strings.TrimSpace(string(n.Queue) + " " + strconv.FormatInt(n.From, 10))
}

// newsOf reads it. Whoever says something else wants everything to be looked at.
func newsOf(said string) (n News) {
	if in, from, found := strings.Cut(said, " "); found {
		n.Queue, said = Queue(in), from
	}
	var err error
	if n.From, err = strconv.ParseInt(said, 10, 64); err != nil {
		n.From = 1
	}
	return n
}

// ping gives a sign of life, to the server and to the followers.
func (c *Candidate) ping(ctx context.Context) error {
	begun := c.now()
	_, err := c.conn.Exec(ctx, `INSERT INTO leader_beat (id, epoch, at) VALUES (1, $1, now())
		ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, at = excluded.at`, c.epoch)
	if err != nil {
		return err //nolint:wrapcheck // its callers word it
	}
	c.pinged.Store(&begun)
	return nil
}

// Sure reports whether nobody else can lead yet: the last sign of life is
// fresh, by either clock, since one of them stands still while a machine sleeps.
func (c *Candidate) Sure() bool {
	pinged := c.pinged.Load()
	if pinged == nil {
		return false
	}
	now := c.now()
	return now.Sub(*pinged) < sureFor && now.Round(0).Sub(pinged.Round(0)) < sureFor
}

// Resign gives the lead up; another may take it at once. It is harmless when
// it is lost.
func (c *Candidate) Resign(ctx context.Context) { c.drop(ctx) }

// drop closes the connection, and with it gives the lock back.
func (c *Candidate) drop(ctx context.Context) {
	c.pinged.Store(nil)
	c.epoch = 0
	if c.conn == nil {
		return
	}
	letGo(ctx, c.conn)
	c.conn = nil
}

// letGo closes a connection that may hold the lock. The server would notice the
// end of the connection a little later: the lock is given back before.
func letGo(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = conn.Exec(ctx, `SELECT pg_advisory_unlock_all()`) // it may be gone already, and the lock with it
	_ = conn.Close(ctx)
}
