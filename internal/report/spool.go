package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"vinbot/internal/ticket"
)

// part is one of the files of a report, and of which.
type part struct {
	ticket.File
	ticket int64
	report int64
	number int // from 1; 0 for the only one
}

// parts lists a report's files.
func parts(r ticket.Report) []part {
	files := r.Files()
	all := make([]part, 0, len(files))
	for i, f := range files {
		p := part{File: f, ticket: r.TicketID, report: r.ID}
		if len(files) > 1 {
			p.number = i + 1
		}
		all = append(all, p)
	}
	return all
}

// patience is how long it is tried to look at a file before a manager is asked:
// longer where only the archive has it, since nobody could send it instead.
func (p part) patience() time.Duration {
	if p.Stored() {
		return archivePatience
	}
	return patience
}

// spooled is where a file is kept between its check and its archive.
func (d *Desk) spooled(f part) string {
	name := strconv.FormatInt(f.report, 10)
	if f.number > 1 {
		name += "-" + strconv.Itoa(f.number)
	}
	return filepath.Join(d.Spool, name+".pdf")
}

// download brings a file into the spool, whole or not at all.
func (d *Desk) download(ctx context.Context, f part) (found ticket.Finding, err error) {
	file, err := os.CreateTemp(d.Spool, "download-*")
	if err != nil {
		return found, fmt.Errorf("make a file for a download: %w", err)
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	sum := sha256.New()
	size, err := d.bring(ctx, f, io.MultiWriter(file, sum))
	if err != nil {
		return found, fmt.Errorf("download report %d: %w", f.report, err)
	}
	if err := os.Rename(file.Name(), d.spooled(f)); err != nil {
		return found, fmt.Errorf("keep a download: %w", err)
	}
	return ticket.Finding{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}, nil
}

// bring copies a file from where it is: Telegram, or, of an upload, the archive.
func (d *Desk) bring(ctx context.Context, f part, to io.Writer) (int64, error) {
	if !f.Stored() {
		return d.Files.Download(ctx, f.FileID, to, d.MaxSize)
	}
	file, err := d.Archive.Open(ctx, f.BlobKey)
	if err != nil {
		return 0, fmt.Errorf("open an upload: %w", err)
	}
	defer file.Close()
	size, err := io.Copy(to, file)
	if err != nil {
		return size, fmt.Errorf("read an upload: %w", err)
	}
	return size, nil
}

// fetched has a file in the spool and gives its SHA-256. It is downloaded again
// where the spool lost it, broke it or never had it whole.
func (d *Desk) fetched(ctx context.Context, f part) (string, error) {
	if f.SHA256 != "" {
		if sum, err := sumOf(d.spooled(f)); err == nil && sum == f.SHA256 {
			return sum, nil
		}
	}
	found, err := d.download(ctx, f)
	return found.SHA256, err
}

// sumOf gives the SHA-256 of a file, in hex.
func sumOf(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // a path of our own
	if err != nil {
		return "", fmt.Errorf("open a report to sum it up: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("sum up a report: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Sweep removes files from the spool that nobody will ask for: of reports that
// were refused, and of downloads that a dead process left.
func (d *Desk) Sweep() error {
	entries, err := os.ReadDir(d.Spool)
	if err != nil {
		return fmt.Errorf("read the spool folder: %w", err)
	}
	var faults []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || d.Clock().Sub(info.ModTime()) < spoolAge {
			continue // gone meanwhile, not ours, or young
		}
		if err := os.Remove(filepath.Join(d.Spool, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, fmt.Errorf("sweep the spool: %w", err))
		}
	}
	return errors.Join(faults...)
}
