package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// ErrSize is what storing gives when there were more or fewer bytes than said.
var ErrSize = errors.New("not as many bytes as announced")

// write puts exactly size bytes into a new file, down to the disk, and gives
// their SHA-256.
func (s *Files) write(ctx context.Context, name string, r io.Reader, size int64) (sum string, err error) {
	file, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return "", fmt.Errorf("create a file in the archive: %w", err)
	}
	defer func() {
		if closed := file.Close(); err == nil && closed != nil {
			sum, err = "", fmt.Errorf("close a file in the archive: %w", closed)
		}
	}()
	hash := sha256.New()
	// One byte more than announced is enough to know that there are too many.
	source := io.LimitReader(untilDone{ctx: ctx, r: r}, size+1)
	written, err := io.Copy(io.MultiWriter(file, hash), source)
	if err != nil {
		return "", fmt.Errorf("write %d bytes to the archive: %w", size, err)
	}
	if written != size {
		return "", fmt.Errorf("write %d bytes to the archive: %w", size, ErrSize)
	}
	if err := file.Sync(); err != nil {
		return "", fmt.Errorf("flush a file in the archive: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// makeDirs makes a folder and those above it.
func (s *Files) makeDirs(dir string) error {
	if err := s.root.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("make a folder in the archive: %w", err)
	}
	return nil
}

// syncUp makes the names in a folder, and the folder's own name and those
// above it, survive a power cut. One that did not change costs next to nothing.
func (s *Files) syncUp(dir string) error {
	for ; dir != "."; dir = path.Dir(dir) {
		if err := s.syncDir(dir); err != nil {
			return err
		}
	}
	return s.syncDir(".")
}

func (s *Files) syncDir(dir string) error {
	folder, err := s.root.Open(dir)
	if err != nil {
		return fmt.Errorf("flush a folder of the archive: %w", err)
	}
	err = folder.Sync()
	if closed := folder.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("flush a folder of the archive: %w", err)
	}
	return nil
}

// untilDone stops a copy when the context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx) //nolint:wrapcheck // the caller says what was tried
	}
	return u.r.Read(p) //nolint:wrapcheck // the caller says what was tried
}
