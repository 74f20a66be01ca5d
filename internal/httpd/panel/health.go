package panel

import (
	"context"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/outbox"
)

// health tells how the program is.
type health interface {
	Health(ctx context.Context) Health
}

// Health is how the program is. What is zero is not known.
type Health struct {
	Checks                  []httpd.State
	Version, Commit, Go     string
	Schema                  int64
	Database                string
	Begun                   time.Time // when this process was
	Alone                   bool      // there can be but one process
	Leads                   bool      // it is this one that polls and sends
	Processes               int
	LastPoll                time.Time // when Telegram answered last
	Queues                  []Queue
	DiskFree, DiskTotal     uint64 // in bytes, where files are kept
	UpdatesAside, JobsAside int
}

// Queue is how much of something waits, and since when.
type Queue struct {
	Name    string // a code
	Waiting int
	Oldest  time.Time
}

// QueueOf sums up a queue.
func QueueOf(name string, depths []outbox.Depth) Queue {
	q := Queue{Name: name}
	for _, d := range depths {
		q.Waiting += d.Waiting
		if !d.Oldest.IsZero() && (q.Oldest.IsZero() || d.Oldest.Before(q.Oldest)) {
			q.Oldest = d.Oldest
		}
	}
	return q
}

func (p *Panel) healthRoutes() []route {
	return []route{{"GET", "/health", managers, (*visit).showHealth}}
}

// healthPage is what the page of the program's health shows.
type healthPage struct {
	Health

	Now   time.Time
	Admin bool
}

// Percent is how much of the disk is free.
func (h healthPage) Percent() uint64 { return h.DiskFree * 100 / max(1, h.DiskTotal) }

// showHealth shows how the program is: the checks of /readyz, and figures.
func (v *visit) showHealth() error {
	h := v.Status.Health(v.ctx())
	var err error
	if _, h.UpdatesAside, err = v.Updates.Asides(v.ctx(), 1); err != nil {
		return err
	}
	for _, from := range []outbox.Shelf{v.Effects, v.CRMJobs} {
		if from == nil { // there is no CRM
			continue
		}
		kinds, err := from.AsideKinds(v.ctx())
		if err != nil {
			return err
		}
		for _, k := range kinds {
			h.JobsAside += k.Count
		}
	}
	return v.show("health", "health.title", healthPage{h, v.Clock(), admins.lets(v.role)})
}

// span tells how long something is, in its largest unit.
func (s *pages) span(lang string, d time.Duration) (string, error) {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		id   string
		size time.Duration
	}{{"span.days", day}, {"span.hours", time.Hour}, {"span.minutes", time.Minute}} {
		if d >= 2*unit.size {
			return s.text(lang, unit.id, "N", number(int64(d/unit.size)))
		}
	}
	return s.text(lang, "span.seconds", "N", number(int64(d/time.Second)))
}
