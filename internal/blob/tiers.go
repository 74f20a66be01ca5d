package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// Tiers is the archive in a bucket, with the folders beside it: the one where
// reports were kept before there was a bucket, and one where they wait while
// the bucket takes none.
type Tiers struct {
	Bucket *S3
	// Old is only read, and erased from.
	Old *Files
	// Waiting holds what the bucket did not take.
	Waiting *Files
	// Alone says that no other process needs to see what waits. Where others do,
	// what the bucket does not take is not stored.
	Alone bool
}

var _ Store = (*Tiers)(nil)

// Put implements [Store].
func (t *Tiers) Put(ctx context.Context, key string, r io.Reader, size int64) (string, error) {
	from, err := rewound(r)
	if err != nil {
		return "", err
	}
	sum, err := t.Bucket.Put(ctx, key, r, size)
	if err == nil || !t.Alone || from == nil || ctx.Err() != nil || !Away(err) {
		return sum, err
	}
	if again := from(); again != nil {
		return "", errors.Join(err, again)
	}
	sum, waits := t.Waiting.Put(ctx, key, r, size)
	if waits != nil {
		return "", errors.Join(err, waits)
	}
	return sum, nil
}

// rewound gives what takes a reader back to where it is; nil where nothing does.
func rewound(r io.Reader) (func() error, error) {
	seeker, ok := r.(io.Seeker)
	if !ok {
		return nil, nil //nolint:nilnil // there is none
	}
	at, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("find the beginning of what is stored: %w", err)
	}
	return func() error {
		if _, err := seeker.Seek(at, io.SeekStart); err != nil {
			return fmt.Errorf("go back to the beginning of what is stored: %w", err)
		}
		return nil
	}, nil
}

// Away reports whether a bucket did not take something for a reason of its own.
func Away(err error) bool {
	_, unreached := errors.AsType[*UnreachedError](err)
	_, refused := errors.AsType[*RefusalError](err)
	return unreached || refused
}

// Open implements [Store].
func (t *Tiers) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	for _, folder := range t.folders() {
		file, err := folder.Open(ctx, key)
		if err == nil || !errors.Is(err, ErrNotFound) {
			return file, err
		}
	}
	return t.Bucket.Open(ctx, key)
}

// Delete implements [Store]. Whoever copies a file looks afterwards whether it is
// still where it came from; so that it sees in time that it is not, whichever way
// it copies, the folders are looked through before and after the bucket.
func (t *Tiers) Delete(ctx context.Context, key string) error {
	if err := t.deleteInFolders(ctx, key); err != nil {
		return err
	}
	if err := t.Bucket.Delete(ctx, key); err != nil {
		return err
	}
	return t.deleteInFolders(ctx, key)
}

func (t *Tiers) deleteInFolders(ctx context.Context, key string) error {
	for _, folder := range t.folders() {
		if err := folder.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// ErrNoLink is what asking for a link gives where the file is not in the bucket.
var ErrNoLink = errors.New("the file is not in the bucket yet")

// Link gives a link to a file that is in the bucket: see [S3.Link].
func (t *Tiers) Link(ctx context.Context, key, name string) (string, time.Time, error) {
	if _, _, err := t.Bucket.Look(ctx, key); err != nil {
		if errors.Is(err, ErrNotFound) {
			err = ErrNoLink
		}
		return "", time.Time{}, err
	}
	return t.Bucket.Link(key, name)
}

// CatchUp brings what waits into the bucket, and gives how much still waits. A
// file that cannot be brought there for a reason of its own keeps no other.
func (t *Tiers) CatchUp(ctx context.Context) (moved, waiting int, err error) {
	keys := []string{}
	if err := t.Waiting.Each(ctx, func(key string, _ int64) error {
		keys = append(keys, key)
		return nil
	}); err != nil {
		return 0, 0, err
	}
	var faults []error
	for i, key := range keys {
		err := Move(ctx, t.Waiting, t.Bucket, key)
		switch {
		case err == nil:
			moved++
		case errors.Is(err, ErrNotFound): // erased meanwhile
		case Away(err), ctx.Err() != nil:
			return moved, len(keys) - i + len(faults), errors.Join(append(faults, err)...)
		default:
			faults = append(faults, err)
		}
	}
	return moved, len(faults), errors.Join(faults...)
}

// Move brings a file from one archive into another.
func Move(ctx context.Context, from, to Keeper, key string) error {
	if err := transfer(ctx, from, to, key); err != nil {
		return err
	}
	return from.Delete(ctx, key)
}

// Close lets go of the folders and of idle connections.
func (t *Tiers) Close() error {
	faults := []error{t.Bucket.Close()}
	for _, folder := range t.folders() {
		faults = append(faults, folder.Close())
	}
	return errors.Join(faults...)
}

func (t *Tiers) folders() (all []*Files) {
	for _, folder := range []*Files{t.Waiting, t.Old} {
		if folder != nil { // it may not have been opened
			all = append(all, folder)
		}
	}
	return all
}

// Each calls f with every key that something is kept under, and its size.
func (s *Files) Each(ctx context.Context, f func(key string, size int64) error) error {
	err := fs.WalkDir(s.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return missing(err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case name == incoming:
			return fs.SkipDir
		case !entry.Type().IsRegular() || !isKey(name):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return missing(err)
		}
		return f(name, info.Size())
	})
	if err != nil {
		return fmt.Errorf("list the archive: %w", err)
	}
	return nil
}

// missing takes what was deleted meanwhile for no error.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
