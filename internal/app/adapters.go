package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/metric"
	"vinbot/internal/outbox"
	"vinbot/internal/report"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

// sink stores what the updater brings.
type sink struct{ inbox *inbox.Inbox }

func (s sink) Append(ctx context.Context, batch []telegram.RawUpdate) error {
	raws := make([]inbox.Raw, len(batch))
	for i, u := range batch {
		raws[i] = inbox.Raw{ID: u.ID, Body: u.Body}
	}
	return s.inbox.Append(ctx, raws)
}

// gate keeps Telegram's limits for the chat that a group is now.
type gate struct {
	limiter *telegram.Limiter
	groups  *account.Groups
}

var _ outbox.Gate = gate{}

// Admit keeps a part of a group's limit for what answers somebody.
func (g gate) Admit(chat int64, urgency int, now time.Time) time.Duration {
	if urgency > int(ticket.ForGroup) {
		return g.limiter.AdmitUnasked(g.groups.Now(chat), now)
	}
	return g.limiter.Admit(g.groups.Now(chat), now)
}

// Room is asked for what answers nobody.
func (g gate) Room(chat int64, _ int, now time.Time) int {
	return g.limiter.Room(g.groups.Now(chat), now)
}

func (g gate) Release(chat int64, now time.Time) { g.limiter.Release(g.groups.Now(chat), now) }

func (g gate) Penalize(chat int64, pause time.Duration, now time.Time) {
	g.limiter.Penalize(g.groups.Now(chat), pause, now)
}

// followed are the groups, with somebody who wants to know when one became
// another: there, its admins are not known.
type followed struct {
	*account.Groups
	moved func()
}

// Follow remembers that a group became a supergroup.
func (f followed) Follow(ctx context.Context, from, to int64) (bool, error) {
	news, err := f.Groups.Follow(ctx, from, to)
	if news {
		f.moved()
	}
	return news, err
}

// files downloads from Telegram, in the words of the report room.
type files struct{ client *telegram.Client }

var _ report.Files = files{}

func (f files) Download(ctx context.Context, fileID string, w io.Writer, maxBytes int64) (int64, error) {
	n, err := f.client.Download(ctx, fileID, w, maxBytes)
	if err == nil {
		return n, nil
	}
	var refused *telegram.Error
	if errors.As(err, &refused) && refused.RetryAfter > 0 {
		return n, &report.BusyError{After: refused.RetryAfter, Err: err}
	}
	switch telegram.ClassOf(err) {
	case telegram.ClassFileTooBig:
		return n, errors.Join(report.ErrTooBig, err)
	case telegram.ClassOverLimit:
		return n, errors.Join(report.ErrOverLimit, err)
	case telegram.ClassBadFile, telegram.ClassBadRequest:
		return n, errors.Join(report.ErrGone, err)
	default:
		return n, fmt.Errorf("download from Telegram: %w", err)
	}
}

// jobMeter counts the outbox's jobs.
type jobMeter struct{ metrics *metric.Metrics }

func (m jobMeter) JobEnded(kind, outcome string, _ time.Duration) {
	m.metrics.OutboxSent(kind, outcome)
}
func (m jobMeter) JobResent(kind string) { m.metrics.ResentAfterUnknown(kind) }

// pollMeter counts polls; the inbox counts the updates that are new.
type pollMeter struct{ *metric.Metrics }

func (pollMeter) UpdatesReceived(int) {}
