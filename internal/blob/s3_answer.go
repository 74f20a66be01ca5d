package blob

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer bounds what is read of an answer that is no file.
const maxAnswer = 4 << 20

// RefusalError is an answer of an S3 server that says no.
type RefusalError struct {
	Status int
	// Code is S3's word for what is wrong, like NoSuchBucket; empty where the
	// answer gave none.
	Code string
	// Region is the one that the server wants requests to be signed for.
	Region string
	// Skew is by how much this machine's clock is ahead of the server's.
	Skew time.Duration
}

// Error says what was refused.
func (r *RefusalError) Error() string {
	if r.Code == "" {
		return fmt.Sprintf("the S3 server answered %d", r.Status)
	}
	return fmt.Sprintf("the S3 server answered %d %s", r.Status, r.Code)
}

// Is makes a missing file an [ErrNotFound].
func (r *RefusalError) Is(target error) bool {
	return target == ErrNotFound && r.Status == http.StatusNotFound && (r.Code == "NoSuchKey" || r.Code == "")
}

// UnreachedError is an S3 server that could not be talked to.
type UnreachedError struct{ Err error }

// Error says why.
func (u *UnreachedError) Error() string { return "the S3 server cannot be reached: " + u.Err.Error() }

// Unwrap gives the reason.
func (u *UnreachedError) Unwrap() error { return u.Err }

// unreached strips a client's error of the URL, in which a key stands.
func unreached(err error) error {
	if withURL, ok := errors.AsType[*url.Error](err); ok {
		err = withURL.Err
	}
	return &UnreachedError{Err: err}
}

// broken reports whether a request met a connection that broke.
func broken(err error) bool {
	_, ok := errors.AsType[*UnreachedError](err)
	return ok && !errors.Is(err, context.DeadlineExceeded)
}

// refused reads why a request was refused.
func refused(answer *http.Response, now time.Time) error {
	var body struct {
		Code   string `xml:"Code"`
		Region string `xml:"Region"`
	}
	r := &RefusalError{Status: answer.StatusCode}
	if text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)); err == nil && xml.Unmarshal(text, &body) == nil {
		r.Code, r.Region = body.Code, body.Region
	}
	if region := answer.Header.Get("X-Amz-Bucket-Region"); region != "" {
		r.Region = region
	}
	if theirs, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		r.Skew = now.Sub(theirs).Round(time.Second)
	}
	return r
}

// taken reports whether a key could not be stored since something stands there,
// or is being stored.
func taken(err error) bool {
	r, ok := errors.AsType[*RefusalError](err)
	return ok && (r.Status == http.StatusPreconditionFailed || r.Status == http.StatusConflict && r.Code == "ConditionalRequestConflict")
}

// readAnswer reads what a server answered. Some begin an answer before they
// know how it ends, and then put a refusal into it.
func readAnswer(from io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(from, maxAnswer))
	if err != nil {
		return unreached(err)
	}
	if into == nil {
		return nil
	}
	var failure struct {
		XMLName xml.Name `xml:"Error"`
		Code    string   `xml:"Code"`
	}
	if xml.Unmarshal(text, &failure) == nil {
		return &RefusalError{Status: http.StatusInternalServerError, Code: failure.Code}
	}
	if err := xml.Unmarshal(text, into); err != nil {
		return errors.New("the server does not answer as S3 does")
	}
	return nil
}
