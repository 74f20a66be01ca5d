package app

import (
	"context"
	"path/filepath"
	"time"

	"vinbot/internal/blob"
	"vinbot/internal/config"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// archivePause is how often it is tried to bring into the bucket what waits.
const archivePause = 5 * time.Second

// archive is where reports are kept.
type archive interface {
	blob.Store
	Close() error
}

// Files opens the archive in the folder.
func Files(cfg config.Config, clock func() time.Time) (*blob.Files, error) {
	return blob.OpenFiles(filepath.Join(string(cfg.DataDir), "reports"), clock)
}

// Bucket makes the archive in the bucket that the settings name. What it signs
// bears this clock's time, which must be the server's.
func Bucket(cfg config.Config, clock func() time.Time) (*blob.S3, error) {
	return blob.NewS3(blob.S3Options{
		Endpoint: string(cfg.S3Endpoint), Bucket: string(cfg.S3Bucket), Region: string(cfg.S3Region),
		AccessKey: cfg.S3AccessKey.Reveal(), SecretKey: cfg.S3SecretKey.Reveal(), PathStyle: bool(cfg.S3PathStyle), Clock: clock,
	})
}

// openArchive opens the archive that the settings name. Whether a bucket can be
// reached is not asked: owners get their reports all the same.
func (a *App) openArchive() error {
	folder, err := Files(a.Config, a.Clock)
	if err != nil {
		return err
	}
	a.archive = folder
	if !a.Config.S3() {
		return nil
	}
	bucket, err := Bucket(a.Config, time.Now)
	if err != nil {
		return err
	}
	a.tiers = &blob.Tiers{Bucket: bucket, Old: folder}
	a.archive = a.tiers
	if a.Config.Database.Path() == "" { // replicas would not see what waits on one machine
		return nil
	}
	a.tiers.Waiting, err = blob.OpenFiles(filepath.Join(string(a.Config.DataDir), "waiting"), a.Clock)
	return err
}

// linker gives links to what is archived.
type linker interface {
	Link(ctx context.Context, key, name string) (url string, until time.Time, err error)
}

// links are nil where the archive gives none.
func (a *App) links() linker {
	if a.tiers == nil {
		return nil
	}
	return a.tiers
}

// catchUpArchive brings into the bucket what it did not take when it came.
func (a *App) catchUpArchive(ctx context.Context) time.Duration {
	moved, waiting, err := a.tiers.CatchUp(ctx)
	if ctx.Err() != nil {
		return 0
	}
	if moved > 0 {
		a.Log.Info().Int("moved", moved).Int("waiting", waiting).Msg("reports that waited are in the bucket")
	}
	if err != nil { // /readyz says it, too, and not every few seconds
		cause, _ := a.tiers.Bucket.Explain(err)
		a.Log.Debug().Str("cause", cause).Int("waiting", waiting).Msg("reports wait to be brought into the bucket")
	}
	return archivePause
}

// probeArchive looks at how long checking and archiving wait, and at the bucket.
func (a *App) probeArchive(ctx context.Context) httpd.Status {
	status := a.probeDepths(ctx, int(ticket.Background), int(ticket.Background), "reports wait to be checked or archived")
	if a.tiers == nil {
		return status
	}
	since, err := a.tiers.Bucket.Trouble(ctx)
	if err == nil {
		return status
	}
	cause, _ := a.tiers.Bucket.Explain(err)
	return httpd.Status{Age: max(status.Age, time.Since(since)), Reason: cause}
}
