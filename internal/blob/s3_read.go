package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"
)

// ErrDamaged is what reading gives at the end of a file whose content is not
// what was stored.
var ErrDamaged = errors.New("the file in the archive is not what was stored")

// object is a file that is read from S3. Where its reader goes on is asked for
// when it reads, unless that is where the last answer goes on, too.
type object struct {
	s3     *S3
	ctx    context.Context //nolint:containedctx // a reader's calls have none of their own
	cancel context.CancelFunc
	key    string
	size   int64
	etag   string
	sum    string // SHA-256, hex; empty where it was not stored with the file

	at     int64         // where the reader is
	body   io.ReadCloser // nil where none is open
	bodyAt int64         // where the body goes on
	hash   hash.Hash     // of what was read without a gap from the beginning
	hashed int64         // how much that is
}

// open asks for a file.
func (s *S3) open(ctx context.Context, key string) (*object, error) {
	o := &object{s3: s, key: key, hash: sha256.New()}
	o.ctx, o.cancel = context.WithTimeout(ctx, requestTime)
	answer, err := s.send(o.ctx, call{method: http.MethodGet, key: key}) //nolint:bodyclose,contextcheck // the object closes it; its context is of the caller's
	if err != nil {
		o.cancel()
		return nil, err
	}
	o.body, o.size = answer.Body, answer.ContentLength
	o.etag, o.sum = answer.Header.Get("ETag"), answer.Header.Get(sumHeader)
	if o.size < 0 {
		return nil, errors.Join(errors.New("the S3 server does not say how long the file is"), o.Close())
	}
	return o, nil
}

// Read reads on.
func (o *object) Read(into []byte) (int, error) {
	if o.at >= o.size {
		return 0, o.ending()
	}
	if o.body == nil || o.bodyAt != o.at {
		if err := o.ask(); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(into)
	if o.hashed == o.at {
		_, _ = o.hash.Write(into[:n]) // a hash takes everything
		o.hashed += int64(n)
	}
	o.at += int64(n)
	o.bodyAt = o.at
	if o.at >= o.size {
		if err := o.ending(); !errors.Is(err, io.EOF) {
			return 0, err // not even the last bytes: nobody shall take it for whole
		}
		return n, nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return n, fmt.Errorf("read a file in S3: %w", unreached(err))
	}
	return n, nil
}

// ending is io.EOF, unless all was read and is not what was stored.
func (o *object) ending() error {
	if o.hashed == o.size && o.sum != "" && hex.EncodeToString(o.hash.Sum(nil)) != o.sum {
		return fmt.Errorf("read a file in S3: %w", ErrDamaged)
	}
	return io.EOF
}

// ask asks for the rest of the file, which must be the one that was opened.
func (o *object) ask() error {
	o.drop()
	header := map[string]string{"Range": "bytes=" + strconv.FormatInt(o.at, 10) + "-"}
	if o.etag != "" {
		header["If-Match"] = o.etag
	}
	answer, err := o.s3.send(o.ctx, call{method: http.MethodGet, key: o.key, header: header}) //nolint:bodyclose // as above
	if err != nil {
		return fmt.Errorf("read a file in S3: %w", err)
	}
	o.body, o.bodyAt = answer.Body, o.at
	if answer.StatusCode != http.StatusPartialContent && o.at > 0 {
		o.drop()
		return errors.New("read a file in S3: the server gives no ranges")
	}
	return nil
}

// Seek goes to a place in the file. Nothing is asked for yet.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("read a file in S3: before its beginning")
	}
	o.at = offset
	return offset, nil
}

func (o *object) drop() {
	if o.body != nil {
		_ = o.body.Close() // nothing is lost that is wanted
		o.body = nil
	}
}

// Close lets go of the file.
func (o *object) Close() error {
	o.drop()
	o.cancel()
	return nil
}

// held has what a reader gives at hand for as often as it is read, and checks
// that it is exactly size bytes.
func held(ctx context.Context, r io.Reader, size int64) (*io.SectionReader, func(), error) {
	if size < 0 {
		return nil, nil, ErrSize
	}
	if file, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		return section(file, size)
	}
	file, err := os.CreateTemp("", "vinbot-*")
	if err != nil {
		return nil, nil, fmt.Errorf("make a file for it: %w", err)
	}
	_ = os.Remove(file.Name()) // it is there as long as it is open
	release := func() { _ = file.Close() }
	written, err := io.Copy(file, io.LimitReader(untilDone{ctx: ctx, r: r}, size+1))
	if err == nil && written != size {
		err = ErrSize
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return io.NewSectionReader(file, 0, size), release, nil
}

func section(file interface {
	io.ReaderAt
	io.Seeker
}, size int64,
) (*io.SectionReader, func(), error) {
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // the caller says what was tried
	}
	end, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(at, io.SeekStart)
	}
	if err == nil && end-at != size {
		err = ErrSize
	}
	return io.NewSectionReader(file, at, size), func() {}, err
}

func digest(r io.Reader) ([]byte, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what was tried
	}
	return sum.Sum(nil), nil
}
