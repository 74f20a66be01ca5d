package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"vinbot/internal/blob"
	"vinbot/internal/config"
	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

const (
	// archivePause is how often it is tried to bring into the bucket what waits.
	archivePause = 5 * time.Second
	// uploadsPause is how often it is looked for uploads that were never ended.
	uploadsPause = time.Hour
)

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
// bears this clock's time, which must be the server's. Asked, which may be nil, is
// told how each request ended.
func Bucket(cfg config.Config, clock func() time.Time, asked func(result string, took time.Duration)) (*blob.S3, error) {
	return blob.NewS3(blob.S3Options{
		Asked:    asked,
		Endpoint: string(cfg.S3Endpoint), Bucket: string(cfg.S3Bucket), Region: string(cfg.S3Region),
		AccessKey: cfg.S3AccessKey.Reveal(), SecretKey: cfg.S3SecretKey.Reveal(), PathStyle: bool(cfg.S3PathStyle), Clock: clock,
	})
}

// openArchive opens the archive that the settings name. Whether a bucket can be
// reached is not asked: owners get their reports all the same.
func (a *App) openArchive(ctx context.Context) error {
	folder, err := Files(a.Config, a.Clock)
	if err != nil {
		return err
	}
	a.archive = folder
	dir := filepath.Join(string(a.Config.DataDir), "waiting")
	if _, err := os.Stat(dir); !a.Config.S3() && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	waiting, err := blob.OpenFiles(dir, a.Clock)
	if err != nil {
		return err
	}
	if !a.Config.S3() {
		return errors.Join(a.takeBack(ctx, waiting, folder), waiting.Close())
	}
	bucket, err := Bucket(a.Config, time.Now, a.metrics.S3Asked)
	if err != nil {
		return errors.Join(err, waiting.Close())
	}
	a.tiers = &blob.Tiers{Bucket: bucket, Old: folder, Waiting: waiting, Alone: a.Config.Database.Path() != ""}
	a.archive = a.tiers
	return nil
}

// takeBack brings into the folder what waited for a bucket that is not used any
// more.
func (a *App) takeBack(ctx context.Context, waiting, folder *blob.Files) error {
	return waiting.Each(ctx, func(key string, _ int64) error {
		if err := blob.Move(ctx, waiting, folder, key); err != nil {
			a.Log.Warn().Err(err).Msg("a report that waited for a bucket stays where it is")
		}
		return nil
	})
}

// spool is the folder in which files lie on their way to the archive.
func (a *App) spool() string { return filepath.Join(string(a.Config.DataDir), "spool") }

// linker gives links to what is archived.
type linker interface {
	Link(ctx context.Context, key, name string) (url string, until time.Time, err error)
}

// archiveLinks are nil where the archive gives none.
func (a *App) archiveLinks() linker {
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
	if err != nil { // /readyz says it, too
		cause, _ := a.tiers.Bucket.Explain(err)
		a.Log.Warn().Str("fault", "archive").Str("cause", cause).Int("waiting", waiting).Msg("reports wait to be brought into the bucket")
	}
	return archivePause
}

// sweepArchive takes back what processes that died began to upload.
func (a *App) sweepArchive(ctx context.Context) time.Duration {
	taken, err := a.tiers.Bucket.Sweep(ctx)
	if taken > 0 {
		a.Log.Info().Int("uploads", taken).Msg("uploads to the bucket that were never ended are taken back")
	}
	if err != nil && ctx.Err() == nil {
		cause, _ := a.tiers.Bucket.Explain(err)
		a.Log.Warn().Str("fault", "archive").Str("cause", cause).Msg("it was not looked for uploads to the bucket that were never ended")
	}
	return uploadsPause
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
