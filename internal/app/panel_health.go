package app

import (
	"context"
	"fmt"
	"syscall"

	"vinbot/internal/httpd"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/outbox"
)

// Health tells the panel how the program is. What cannot be found out is left
// out: the checks say why.
func (a *App) Health(ctx context.Context) panel.Health {
	h := panel.Health{
		Checks:  httpd.Look(ctx, a.checks),
		Version: a.Build.Version, Commit: a.Build.Commit, Go: a.Build.GoVersion, Begun: a.begun,
		Leads: !a.follows(), Alone: a.candidate == nil,
	}
	found := func(err error) bool {
		if err != nil && ctx.Err() == nil {
			a.Log.Debug().Err(err).Msg("a figure of the program's health is missing")
		}
		return err == nil
	}
	if version, err := a.store.SchemaVersion(ctx); found(err) {
		h.Schema = version
	}
	if name, err := a.store.DatabaseVersion(ctx); found(err) {
		h.Database = name
	}
	if n, err := a.store.Processes(ctx); found(err) {
		h.Processes = n
	}
	if h.LastPoll = a.updater.State().LastSuccess; h.LastPoll.IsZero() {
		if at, err := a.store.LastPoll(ctx); found(err) {
			h.LastPoll = at
		}
	}
	if n, oldest, err := a.store.InboxDepth(ctx, a.client.ID()); found(err) {
		h.Queues = append(h.Queues, panel.Queue{Name: "updates", Waiting: n, Oldest: oldest})
	}
	for _, q := range []struct {
		name string
		outbox.Store
	}{{"effects", a.store.Outbox()}, {"deliveries", a.store.Webhooks().Queue()}, {"crm", a.store.CRM().Queue()}} {
		if depths, err := q.Depths(ctx); found(err) {
			h.Queues = append(h.Queues, panel.QueueOf(q.name, depths))
		}
	}
	if free, total, err := Disk(string(a.Config.DataDir)); found(err) {
		h.DiskFree, h.DiskTotal = free, total
	}
	return h
}

// Disk tells how much room there is where a folder lies, in bytes: how much is
// free for the program, and how much there is.
func Disk(folder string) (free, total uint64, err error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0, 0, fmt.Errorf("look at the disk of %s: %w", folder, err)
	}
	block := uint64(stat.Bsize) //nolint:gosec // G115: a block's size is positive
	return stat.Bavail * block, stat.Blocks * block, nil
}
