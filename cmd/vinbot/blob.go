package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"vinbot/internal/app"
	"vinbot/internal/blob"
	"vinbot/internal/config"
)

// Where reports may be archived.
const (
	inFolder = "fs"
	inBucket = "s3"
)

// blob moves the archive.
func (p *program) blob(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "copy" {
		return usageError{"wants copy --from fs|s3 --to fs|s3"}
	}
	return p.copyArchive(ctx, args[1:])
}

// copyArchive copies all reports from where they were archived to where they
// are to be. It works beside a running bot.
func (p *program) copyArchive(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	from, to := flags.String("from", "", ""), flags.String("to", "", "")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	pair := *from + " " + *to
	if len(rest) > 0 || pair != inFolder+" "+inBucket && pair != inBucket+" "+inFolder {
		return usageError{"copy wants --from fs --to s3, or --from s3 --to fs"}
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, append(s3Settings(), "DATA_DIR")...); err != nil {
		return err
	}
	if !cfg.S3() {
		return config.Errors{{Name: "S3_ENDPOINT", Wrong: "not set", Allowed: cfg.S3Endpoint.Allowed()}}
	}
	folder, err := app.Files(cfg, p.now)
	if err != nil {
		return err
	}
	defer folder.Close()
	bucket, err := app.Bucket(cfg, p.now, nil)
	if err != nil {
		return err
	}
	defer bucket.Close()
	ctx, stop := untilSignal(ctx)
	defer stop()
	source, target := blob.Keeper(folder), blob.Keeper(bucket)
	if *from == inBucket {
		source, target = target, source
	}
	return p.tellCopy(ctx, source, target, bucket)
}

// tellCopy copies, and tells how that goes on and how it ended.
func (p *program) tellCopy(ctx context.Context, from, to blob.Keeper, bucket *blob.S3) error {
	bar := newBar(p.stderr)
	done, err := blob.Copy(ctx, from, to, blob.Told{Progress: bar.show, Failed: func(key string, err error) {
		bar.clear()
		fmt.Fprintf(p.stderr, "%s: %s\n", key, err)
	}})
	bar.clear()
	fmt.Fprintf(p.stdout, "%d of %d files looked at (%s): %d copied, %d were there already, %d erased meanwhile, %d failed\n",
		done.DoneFiles, done.Files, size(done.DoneBytes), done.Copied, done.Present, done.Gone, done.Failed)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; the same command goes on where it ended")
	case err != nil && blob.Away(err):
		cause, advice := bucket.Explain(err)
		return fmt.Errorf("%s → %s; the same command goes on where it ended", cause, advice)
	case err != nil:
		return err
	case done.Failed > 0:
		return errTold
	}
	fmt.Fprintln(p.stdout, "every file was looked at there: sizes and SHA-256 agree")
	return nil
}

// bar is a line that shows how far a copy has come; where nobody looks, it is
// none.
type bar struct {
	to    io.Writer
	last  int // the per mille that is shown; -1: none is
	width int
}

func newBar(to io.Writer) *bar {
	if file, ok := to.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &bar{to: to, last: -1}
		}
	}
	return &bar{to: io.Discard, last: -1}
}

// show redraws the line where it changed.
func (b *bar) show(p blob.Progress) {
	const whole, cells = 1000, 30
	part := whole
	if p.Bytes > 0 {
		part = int(min(p.DoneBytes*whole/p.Bytes, whole))
	}
	if part == b.last && p.DoneFiles < p.Files {
		return
	}
	full := part * cells / whole
	line := fmt.Sprintf("[%s%s] %3d%%  %d of %d files, %s of %s", strings.Repeat("#", full), strings.Repeat(".", cells-full),
		part*100/whole, p.DoneFiles, p.Files, size(p.DoneBytes), size(p.Bytes))
	fmt.Fprintf(b.to, "\r%-*s", b.width, line)
	b.last, b.width = part, max(b.width, len(line))
}

// clear takes the line away.
func (b *bar) clear() {
	if b.last >= 0 {
		fmt.Fprintf(b.to, "\r%*s\r", b.width, "")
	}
	b.last = -1
}

// size words a number of bytes.
func size(n int64) string {
	const unit = 1024
	switch {
	case n < unit:
		return fmt.Sprintf("%d B", n)
	case n < unit*unit:
		return fmt.Sprintf("%.1f KB", float64(n)/unit)
	case n < unit*unit*unit:
		return fmt.Sprintf("%.1f MB", float64(n)/(unit*unit))
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(unit*unit*unit))
}
