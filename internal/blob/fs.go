package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

const (
	dirMode  = 0o700
	fileMode = 0o600
	// incoming holds the files that are being written. It lies on the same
	// file system as the rest, so that a rename moves them at once, and is one
	// folder, so that leftovers are found without walking the archive. No key
	// begins with a dot.
	incoming = ".incoming"
	// leftoverAge is how old an unfinished file is that nobody writes any more.
	leftoverAge = time.Hour
)

// Files is the archive in a folder of the local file system.
type Files struct {
	root *os.Root // nothing outside of it can be reached, by symlinks neither
}

var _ Store = (*Files)(nil)

// OpenFiles opens the archive in dir, makes it if needed, and removes what
// crashed processes left half-written. Close it at the end.
func OpenFiles(dir string, now func() time.Time) (*Files, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the archive's folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the archive's folder: %w", err)
	}
	s := &Files{root: root}
	if err := s.prepare(now()); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Close lets go of the folder.
func (s *Files) Close() error {
	if err := s.root.Close(); err != nil {
		return fmt.Errorf("close the archive's folder: %w", err)
	}
	return nil
}

func (s *Files) prepare(now time.Time) error {
	if err := s.makeDirs(incoming); err != nil {
		return err
	}
	leftovers, err := fs.ReadDir(s.root.FS(), incoming)
	if err != nil {
		return fmt.Errorf("look for unfinished files in the archive: %w", err)
	}
	for _, entry := range leftovers {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && now.Sub(info.ModTime()) < leftoverAge {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at an unfinished file in the archive: %w", err)
		}
		if err := s.root.RemoveAll(path.Join(incoming, entry.Name())); err != nil {
			return fmt.Errorf("remove an unfinished file from the archive: %w", err)
		}
	}
	return nil
}

// Put implements [Store].
func (s *Files) Put(ctx context.Context, key string, r io.Reader, size int64) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	if err := s.makeDirs(path.Dir(key)); err != nil {
		return "", err
	}
	unfinished := path.Join(incoming, rand.Text())
	sum, err := s.write(ctx, unfinished, r, size)
	if err != nil {
		return "", errors.Join(err, s.drop(unfinished))
	}
	if err := s.root.Rename(unfinished, key); err != nil {
		return "", errors.Join(fmt.Errorf("move %s into the archive: %w", key, err), s.drop(unfinished))
	}
	if err := s.syncUp(path.Dir(key)); err != nil {
		return "", err
	}
	return sum, nil
}

// Open implements [Store].
func (s *Files) Open(_ context.Context, key string) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	file, err := s.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", key, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s in the archive: %w", key, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s in the archive: %w", key, err), file.Close())
	}
	if info.IsDir() { // the beginning of other keys
		return nil, errors.Join(fmt.Errorf("open %s: %w", key, ErrNotFound), file.Close())
	}
	return file, nil
}

// Delete implements [Store].
func (s *Files) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	info, err := s.root.Lstat(key)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete %s from the archive: %w", key, err)
	}
	if err := s.drop(key); err != nil {
		return err
	}
	return s.syncDir(path.Dir(key))
}

// drop removes a file, and does not mind if it is gone already.
func (s *Files) drop(name string) error {
	if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s from the archive: %w", name, err)
	}
	return nil
}
