package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/go-telegram/bot/models"
)

const methodDownload = "download"

// Download writes a file of Telegram's to w and reports how many bytes that
// was. One longer than limit bytes is ClassOverLimit (limit 0 is none), one
// over 20 MB on the cloud server ClassFileTooBig. A local server names a path
// on this machine's disk, which is read there. After an error w may hold part
// of the file. An error of w itself is passed on as it is.
func (c *Client) Download(ctx context.Context, fileID string, w io.Writer, limit int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.downloadTimeout)
	defer cancel()
	file, err := c.GetFile(ctx, fileID)
	if err != nil {
		return 0, err
	}
	began := c.clock()
	n, err := c.fetch(ctx, file, w, limit)
	c.saw(methodDownload, err, began)
	return n, err
}

func (c *Client) fetch(ctx context.Context, file *models.File, w io.Writer, limit int64) (int64, error) {
	if limit > 0 && file.FileSize > limit {
		return 0, overLimit()
	}
	if filepath.IsAbs(file.FilePath) && c.base.String() != CloudURL {
		return copyLocal(file, w, limit)
	}
	ctx, a := c.follow(ctx, methodDownload)
	link := *c.base // it will hold the token: neither logged nor kept
	link.Path += "/file/bot" + c.bot.Token() + "/" + file.FilePath
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link.String(), http.NoBody)
	if err != nil {
		return 0, &Error{Method: methodDownload, Class: ClassBadFile, Text: "the file's path makes no link"}
	}
	resp, err := c.downloads.RoundTrip(req)
	if err != nil {
		return 0, a.failed(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, refusedFile(resp)
	}
	return copyBounded(w, resp.Body, limit, a.failed)
}

// refusedFile is the error of a link that gives no file: Telegram keeps one
// for an hour, and 404 says that this one is over.
func refusedFile(resp *http.Response) *Error {
	body, _ := readAnswer(resp)
	e := refusal(methodDownload, resp.StatusCode, body)
	if resp.StatusCode == http.StatusNotFound {
		e.Class = ClassUnknown
	}
	return e
}

// copyLocal reads what a local server stored on this disk.
func copyLocal(file *models.File, w io.Writer, limit int64) (int64, error) {
	unreadable := &Error{
		Method: methodDownload, Class: ClassNotSent,
		Text: "the local server's file cannot be read here: share its folder with the bot",
	}
	f, err := os.Open(file.FilePath)
	if err != nil {
		return 0, unreadable
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return 0, unreadable
	}
	return copyBounded(w, f, limit, func(error) *Error { return unreadable })
}

// copyBounded copies at most limit bytes. It tells an error of the source,
// which failed names, from one of w.
func copyBounded(w io.Writer, source io.Reader, limit int64, failed func(error) *Error) (int64, error) {
	from := &remembering{r: source}
	bounded := io.Reader(from)
	if limit > 0 {
		bounded = io.LimitReader(from, limit+1)
	}
	n, err := io.Copy(w, bounded)
	switch {
	case from.err != nil:
		return n, failed(from.err)
	case err != nil:
		return n, fmt.Errorf("write the downloaded file: %w", err)
	case limit > 0 && n > limit:
		return n, overLimit()
	}
	return n, nil
}

func overLimit() *Error {
	return &Error{Method: methodDownload, Class: ClassOverLimit, Text: "the file is longer than allowed"}
}

// remembering keeps the error that reading ended with.
type remembering struct {
	r   io.Reader
	err error
}

// Read reads on.
func (m *remembering) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err //nolint:wrapcheck // io.EOF must stay itself
}
