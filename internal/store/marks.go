package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// mark is what the work on an update or on a job begins with: it is noted as done,
// unless somebody has done it before.
type mark struct {
	update  int64 // its sequence number; 0 for a job
	job     int64
	attempt int // whose lease the job is

	// What the work on it will ask for: the version of the ticket whose card the job
	// posted, and whom the update is from. 0 for nothing.
	card, from int64
}

// markOf is the end of a job.
func markOf(job outbox.Job) mark {
	m := mark{job: job.ID, attempt: job.Attempt}
	if job.Kind == string(ticket.EffectCardPost) {
		m.card = job.TicketID
	}
	return m
}

// over is what a row becomes that is done: it tells nobody what was sent, nor
// to whom.
const over = `state = 'done', payload = NULL, merge_key = '', leased_until = NULL,
	lane = CASE WHEN chat_id > 0 THEN '' ELSE lane END, chat_id = CASE WHEN chat_id > 0 THEN 0 ELSE chat_id END`

// markings are the statements that note marks. Those of jobs go by attempt, which is
// the first for nearly all.
func markings(marks []mark, now time.Time) (all []statement) {
	var updates []int64
	jobs := map[int][]int64{}
	for _, m := range marks {
		if m.update != 0 {
			updates = append(updates, m.update)
		} else {
			jobs[m.attempt] = append(jobs[m.attempt], m.job)
		}
	}
	for ids := range portions(updates) {
		in, values := within(ids)
		all = append(all, sqlf(`UPDATE updates SET state = 'done', body = NULL, handled_at = ?
			WHERE `+checked(`state = 'waiting'`)+` AND seq`+in, append([]any{instant(now)}, values...)...).blind())
	}
	for _, attempt := range slices.Sorted(maps.Keys(jobs)) {
		for ids := range portions(jobs[attempt]) {
			in, values := within(ids)
			all = append(all, sqlf(`UPDATE outbox SET `+over+`, finished_at = ?
				WHERE attempt = ? AND `+checked(`state = 'leased'`)+` AND id`+in, append([]any{instant(now), attempt}, values...)...).blind())
		}
	}
	return all
}

// marked runs fn in a transaction that the mark begins. Where there is nothing to
// mark any more it gives otherwise, and nothing is done.
func (s *Store) marked(ctx context.Context, m mark, otherwise error, fn func(ctx context.Context, t *tx) error) error {
	run := func(ctx context.Context, t *tx) error {
		n, err := t.mark(ctx, m)
		if err == nil && n == 0 {
			err = otherwise
		}
		if err != nil || n == 0 {
			return err
		}
		return fn(ctx, t)
	}
	if t := s.joined(ctx); t != nil {
		return run(ctx, t)
	}
	return s.writer.submit(&unit{ctx: ctx, again: true, mark: &m, run: func(ctx context.Context, t *tx) error {
		if t.begun {
			return fn(ctx, t)
		}
		return run(ctx, t)
	}})
}

// stepwise runs what is nothing but steps, which are made each time that it runs. They
// are blind.
func (s *Store) stepwise(ctx context.Context, steps func(now time.Time) []step) error {
	run := func(ctx context.Context, t *tx) error { return t.perform(ctx, steps(t.now)) }
	if t := s.joined(ctx); t != nil {
		return run(ctx, t)
	}
	return s.writer.submit(&unit{ctx: ctx, again: true, steps: steps, run: func(ctx context.Context, t *tx) error {
		if t.begun {
			return nil
		}
		return run(ctx, t)
	}})
}

// mark notes one mark, and reports how many rows that changed.
func (t *tx) mark(ctx context.Context, m mark) (n int64, err error) {
	for _, s := range markings([]mark{m}, t.now) {
		n, err = t.run(ctx, "note that something is done", s)
	}
	return n, err
}
