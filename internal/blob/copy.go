package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Keeper is an archive whose keys can be listed and looked at.
type Keeper interface {
	Store
	// Each calls f with every key that something is kept under, and its size.
	Each(ctx context.Context, f func(key string, size int64) error) error
	// Look gives the size and the SHA-256, in hex, of what is kept under a key,
	// or fails with [ErrNotFound].
	Look(ctx context.Context, key string) (size int64, sum string, err error)
}

var (
	_ Keeper = (*Files)(nil)
	_ Keeper = (*S3)(nil)
)

// Progress is how far a copy has come, in files and their bytes.
type Progress struct {
	Files, Bytes         int64 // there are
	DoneFiles, DoneBytes int64 // were looked at
	Copied               int64 // files
	Present              int64 // files that were there already
	Gone                 int64 // files that were erased meanwhile
	Failed               int64 // files
}

// Told is what a copy tells while it goes on.
type Told struct {
	Progress func(Progress)
	// Failed is called with a file that cannot be copied, where that is about the
	// file and not about the archives: the copy goes on.
	Failed func(key string, err error)
}

// Copy copies all files of one archive into another, and looks at each there.
// What is there already is not copied again, so a copy that ended may be
// repeated. What is erased meanwhile is in neither at its end.
func Copy(ctx context.Context, from, to Keeper, tell Told) (p Progress, err error) {
	if err := from.Each(ctx, func(_ string, size int64) error {
		p.Files++
		p.Bytes += size
		return nil
	}); err != nil {
		return p, err
	}
	tell.Progress(p)
	err = from.Each(ctx, func(key string, size int64) error {
		copied, err := copyOne(ctx, from, to, key, size)
		switch {
		case errors.Is(err, ErrNotFound):
			p.Gone++
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrOther):
			p.Failed++
			tell.Failed(key, err)
		case err != nil:
			return err
		case copied:
			p.Copied++
		default:
			p.Present++
		}
		p.DoneFiles++
		p.DoneBytes += size
		tell.Progress(p)
		return nil
	})
	return p, err
}

// copyOne copies a file, unless it is there.
func copyOne(ctx context.Context, from, to Keeper, key string, size int64) (copied bool, err error) {
	there, sum, err := to.Look(ctx, key)
	if err == nil && there == size {
		want := digestOf(key)
		if want == "" {
			if _, want, err = from.Look(ctx, key); err != nil {
				return false, err
			}
		}
		if sum == want {
			return false, nil
		}
	}
	switch {
	case err == nil:
		return false, fmt.Errorf("copy %s: %w", key, ErrOther)
	case !errors.Is(err, ErrNotFound):
		return false, err
	}
	return true, transfer(ctx, from, to, key)
}

// transfer brings a file from one archive into another, and looks at it there.
// One that was erased meanwhile is erased there, too: who erases begins where a
// file comes from.
func transfer(ctx context.Context, from, to Keeper, key string) error {
	size, sum, err := from.Look(ctx, key)
	if err != nil {
		return err
	}
	if want := digestOf(key); want != "" && want != sum {
		return fmt.Errorf("copy %s: %w", key, ErrDamaged)
	}
	file, err := from.Open(ctx, key)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := to.Put(ctx, key, file, size); err != nil {
		return err
	}
	there, stored, err := to.Look(ctx, key)
	if err == nil && (there != size || stored != sum) {
		err = fmt.Errorf("copy %s: %w", key, ErrDamaged)
	}
	if err != nil {
		return err
	}
	return stillThere(ctx, from, to, key)
}

func stillThere(ctx context.Context, from, to Keeper, key string) error {
	file, err := from.Open(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return errors.Join(err, to.Delete(ctx, key))
	}
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("copy %s: %w", key, err)
	}
	return nil
}

// digestOf is the SHA-256 that a key names; empty where it names none, as that
// of an upload.
func digestOf(key string) string {
	name := strings.TrimSuffix(path.Base(key), ".pdf")
	if len(name) != hex.EncodedLen(sha256.Size) || strings.Trim(name, "0123456789abcdef") != "" {
		return ""
	}
	return name
}

// Look implements [Keeper]: all of the file is read.
func (s *Files) Look(ctx context.Context, key string) (int64, string, error) {
	file, err := s.Open(ctx, key)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, untilDone{ctx: ctx, r: file})
	if err != nil {
		return 0, "", fmt.Errorf("read %s in the archive: %w", key, err)
	}
	return size, hex.EncodeToString(sum.Sum(nil)), nil
}

// Look implements [Keeper]. The SHA-256 is the one that was stored with the
// file, which the server held against what it got; a file that another program
// put there is read.
func (s *S3) Look(ctx context.Context, key string) (int64, string, error) {
	if err := checkKey(key); err != nil {
		return 0, "", err
	}
	answer, err := s.send(ctx, call{method: http.MethodHead, key: key})
	if err != nil {
		return 0, "", fmt.Errorf("look at %s in S3: %w", key, err)
	}
	_ = answer.Body.Close() // it is empty
	if sum := answer.Header.Get(sumHeader); sum != "" {
		return answer.ContentLength, sum, nil
	}
	file, err := s.open(ctx, key)
	if err != nil {
		return 0, "", fmt.Errorf("look at %s in S3: %w", key, err)
	}
	defer file.Close()
	sum, err := digest(file)
	if err != nil {
		return 0, "", fmt.Errorf("look at %s in S3: %w", key, err)
	}
	return file.size, hex.EncodeToString(sum), nil
}

// listed is what the keys of reports begin with. A bucket may hold other things.
const listed = "reports/"

// Each implements [Keeper].
func (s *S3) Each(ctx context.Context, f func(key string, size int64) error) error {
	for token := ""; ; {
		var page struct {
			XMLName  xml.Name `xml:"ListBucketResult"`
			Contents []struct {
				Key  string `xml:"Key"`
				Size int64  `xml:"Size"`
			} `xml:"Contents"`
			Next string `xml:"NextContinuationToken"`
		}
		query := url.Values{"list-type": {"2"}, "prefix": {listed}}
		if token != "" {
			query.Set("continuation-token", token)
		}
		if err := s.ask(ctx, call{method: http.MethodGet, query: query}, &page); err != nil {
			return fmt.Errorf("list the files in S3: %w", err)
		}
		for _, c := range page.Contents {
			if !isKey(c.Key) { // none of ours: a folder, as some programs make them
				continue
			}
			if err := f(c.Key, c.Size); err != nil {
				return err
			}
		}
		if token = page.Next; token == "" {
			return nil
		}
	}
}
