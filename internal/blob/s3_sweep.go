package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// unfinishedAge is how old an upload in parts is that nobody goes on with any more.
const unfinishedAge = 24 * time.Hour

// upload is one in parts that was begun.
type upload struct {
	Key   string    `xml:"Key"`
	ID    string    `xml:"UploadId"`
	Begun time.Time `xml:"Initiated"`
}

// Sweep takes back the uploads of reports that were begun over a day ago and never
// ended, and says how many: a process died in the middle of one, and nobody came
// to try again. What they hold is nowhere to be seen, and is paid for.
func (s *S3) Sweep(ctx context.Context) (taken int, err error) {
	old, err := s.unfinished(ctx)
	if err != nil {
		return 0, err
	}
	for _, u := range old {
		if err := s.abort(ctx, u.Key, u.ID); err != nil {
			return taken, fmt.Errorf("take back an upload to S3: %w", err)
		}
		taken++
	}
	return taken, nil
}

// Unfinished says how many a [S3.Sweep] would take back.
func (s *S3) Unfinished(ctx context.Context) (int, error) {
	old, err := s.unfinished(ctx)
	return len(old), err
}

func (s *S3) unfinished(ctx context.Context) (old []upload, err error) {
	all, err := s.uploads(ctx, call{query: url.Values{"prefix": {listed}}, aside: true})
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		if isKey(u.Key) && s.Clock().Sub(u.Begun) >= unfinishedAge {
			old = append(old, u)
		}
	}
	return old, nil
}

// abortAll takes back what was begun of a file.
func (s *S3) abortAll(ctx context.Context, key string) error {
	all, err := s.uploads(ctx, call{query: url.Values{"prefix": {key}}})
	for _, u := range all {
		if u.Key == key {
			err = errors.Join(err, s.abort(ctx, key, u.ID))
		}
	}
	return err
}

// uploads lists what was begun and not ended, of keys that begin so. A server that
// has no such list has told so.
func (s *S3) uploads(ctx context.Context, c call) (all []upload, err error) {
	c.method = http.MethodGet
	c.query.Set("uploads", "")
	for {
		var page struct {
			Uploads   []upload `xml:"Upload"`
			Truncated bool     `xml:"IsTruncated"`
			NextKey   string   `xml:"NextKeyMarker"`
			NextID    string   `xml:"NextUploadIdMarker"`
		}
		err := s.ask(ctx, c, &page)
		if r, ok := errors.AsType[*RefusalError](err); ok && r.Status == http.StatusNotImplemented {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list what was begun in S3: %w", err)
		}
		all = append(all, page.Uploads...)
		if !page.Truncated || page.NextKey == "" {
			return all, nil
		}
		c.query.Set("key-marker", page.NextKey)
		c.query.Set("upload-id-marker", page.NextID)
	}
}
