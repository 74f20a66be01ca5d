package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// errBusy says that a key of the archive is in use at this moment.
var errBusy = errors.New("the same file is being stored or erased")

// unclaimed erases a file that no report names: whoever stored it died before it
// was noted, or what was to name it was erased.
func (d *Desk) unclaimed(ctx context.Context, job outbox.Job) outbox.Outcome {
	var c ticket.Copy
	if err := json.Unmarshal(job.Payload, &c); err != nil {
		return outbox.Dead(fmt.Errorf("read the payload of %s: %w", job.Kind, err), nil)
	}
	done, ok := d.hold(c.Key)
	if !ok {
		return again(errBusy)
	}
	defer done()
	claimed, err := d.Tickets.Claimed(ctx, c)
	if err == nil && !claimed {
		d.Log.Info().Str("request_id", ticket.RequestID(ctx)).Int64("ticket", c.Ticket).Msg("a stored file that no report names is erased")
		err = d.Archive.Delete(ctx, c.Key)
	}
	if err != nil {
		return again(err)
	}
	return outbox.Done(nil)
}

// hold has nobody else store or erase anything at a key, unless somebody does:
// what is about to be stored once more must not be erased in between.
func (d *Desk) hold(key string) (done func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, taken := d.busy[key]; taken {
		return nil, false
	}
	d.busy[key] = struct{}{}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.busy, key)
	}, true
}
