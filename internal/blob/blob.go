// Package blob keeps the archive of reports: bytes under keys of our own
// making.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// ErrNotFound is what opening a key gives under which nothing is kept.
var ErrNotFound = errors.New("not in the archive")

// ErrKey is what a key gives that the archive does not take.
var ErrKey = errors.New("not a key of the archive")

// Store keeps files. It is safe for use from many goroutines.
type Store interface {
	// Put keeps exactly size bytes of r under the key and gives their SHA-256
	// in hex. When it returns they survive a power cut. A reader sees all of
	// the file or none, and the same call may be repeated after a crash. A key
	// is for one content: other bytes under it are refused by a bucket.
	Put(ctx context.Context, key string, r io.Reader, size int64) (sha256 string, err error)
	// Open reads what is kept under the key, or fails with [ErrNotFound].
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete forgets the key. Forgetting one that is not there is no error.
	Delete(ctx context.Context, key string) error
}

const (
	maxKey     = 512 // bytes; object stores take 1024
	maxSegment = 128 // bytes between slashes; file systems take 255
)

// checkKey allows what file systems and object stores both take without
// quoting: segments of lower-case letters, digits, dots, dashes and
// underscores, none of which begins with a dot.
func checkKey(key string) error {
	if len(key) > maxKey || !fs.ValidPath(key) {
		return fmt.Errorf("%w: %.64q", ErrKey, key)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if len(segment) > maxSegment || segment[0] == '.' || strings.Trim(segment, keyAlphabet) != "" {
			return fmt.Errorf("%w: %.64q", ErrKey, key)
		}
	}
	return nil
}

func isKey(name string) bool { return checkKey(name) == nil }

const keyAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789._-"
