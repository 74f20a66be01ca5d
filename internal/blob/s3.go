package blob

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// linkLife is how long a link to a file may be used.
	linkLife = 5 * time.Minute
	// requestTime is how long one request may take with the content that it
	// brings, one part at most, or, of a reader, gets.
	requestTime = 10 * time.Minute
	// answerTime is how long a server may think.
	answerTime = 30 * time.Second
	// connectTime is how long it may take to reach it.
	connectTime = 5 * time.Second
	// contentType is what every file of the archive is.
	contentType = "application/pdf"
	// sumHeader is where the digest of a whole file is kept with it, in hex: that
	// of a file in parts is none of the checksums that S3 knows.
	sumHeader = "X-Amz-Meta-Sha256"
)

// S3Options say where an archive is.
type S3Options struct {
	Endpoint             string // the server's URL, without a path
	Bucket, Region       string
	AccessKey, SecretKey string
	// PathStyle has the bucket stand in the path and not before the host's name.
	PathStyle bool
	Clock     func() time.Time
	// Asked is told how each request ended, ok, away or refused, and how long that
	// took. Nil: nobody wants to know.
	Asked func(result string, took time.Duration)
	// Transport carries the requests in place of the network: for tests. Nil is
	// the network, with the system's certificate authorities.
	Transport http.RoundTripper
}

// S3 is the archive in a bucket of an object store that speaks S3.
//
// Keys are never replaced: what stands under one stays, and storing the same
// again is no error. So of two processes that store one file both succeed.
type S3 struct {
	S3Options

	base   url.URL // of the bucket
	signer signer
	client *http.Client
	health health
}

var _ Store = (*S3)(nil)

// NewS3 makes the archive. Nobody is called yet.
func NewS3(o S3Options) (*S3, error) {
	base, err := url.Parse(o.Endpoint)
	if err != nil || base.Host == "" {
		return nil, errors.New("the address of the S3 server is not usable")
	}
	base.Path, base.RawPath = "", ""
	if o.PathStyle {
		base.Path = "/" + o.Bucket
	} else {
		base.Host = o.Bucket + "." + base.Host
	}
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: connectTime}).DialContext,
			TLSHandshakeTimeout:   connectTime,
			ResponseHeaderTimeout: answerTime,
			IdleConnTimeout:       time.Minute,
			MaxIdleConnsPerHost:   4, //nolint:mnd // as many as the relay uses at once
			DisableCompression:    true,
		}
	}
	return &S3{
		S3Options: o, base: *base,
		signer: signer{access: o.AccessKey, secret: o.SecretKey, region: o.Region},
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a signature is good for one host
		}},
		health: health{clock: o.Clock},
	}, nil
}

// Close lets go of idle connections.
func (s *S3) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Put implements [Store].
func (s *S3) Put(ctx context.Context, key string, r io.Reader, size int64) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	file, release, err := held(ctx, r, size)
	if err != nil {
		return "", fmt.Errorf("store %d bytes: %w", size, err)
	}
	defer release()
	sum, err := digest(io.NewSectionReader(file, 0, size))
	if err != nil {
		return "", fmt.Errorf("store %d bytes: %w", size, err)
	}
	if size > partSize {
		err = s.putParts(ctx, key, file, hex.EncodeToString(sum))
	} else {
		err = s.putWhole(ctx, key, file, sum)
	}
	if err != nil && taken(err) {
		return s.same(ctx, key, size, hex.EncodeToString(sum))
	}
	if err != nil {
		return "", fmt.Errorf("store %s in S3: %w", key, err)
	}
	return hex.EncodeToString(sum), nil
}

func (s *S3) putWhole(ctx context.Context, key string, file *io.SectionReader, sum []byte) error {
	return s.ask(ctx, call{
		method: http.MethodPut, key: key, body: file, sum: sum,
		header: map[string]string{
			"Content-Type": contentType, "If-None-Match": "*", sumHeader: hex.EncodeToString(sum),
			"X-Amz-Checksum-Sha256": base64.StdEncoding.EncodeToString(sum),
		},
	}, nil)
}

// ErrOther is what storing gives where another file stands under the key.
var ErrOther = errors.New("another file is kept under this key")

// same reports whether what stands under a key is what was to be stored.
func (s *S3) same(ctx context.Context, key string, size int64, sum string) (string, error) {
	content, err := s.open(ctx, key)
	if err != nil {
		return "", fmt.Errorf("look at what %s holds in S3: %w", key, err)
	}
	defer content.Close()
	kept := content.sum
	if kept == "" && content.size == size { // put there by another program
		raw, err := digest(content)
		if err != nil {
			return "", fmt.Errorf("look at what %s holds in S3: %w", key, err)
		}
		kept = hex.EncodeToString(raw)
	}
	if content.size != size || kept != sum {
		return "", fmt.Errorf("store %s in S3: %w", key, ErrOther)
	}
	return sum, nil
}

// Open implements [Store]. What it gives is an [io.ReadSeeker], too, and checks
// what is read from the beginning to the end against the digest that was stored
// with it.
func (s *S3) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	content, err := s.open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("open %s in S3: %w", key, err)
	}
	return content, nil
}

// Delete implements [Store]. What was begun under the key and not ended goes, too:
// its parts hold what is to be forgotten.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	begun := s.abortAll(ctx, key)
	err := s.ask(ctx, call{method: http.MethodDelete, key: key}, nil)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err = errors.Join(begun, err); err != nil {
		return fmt.Errorf("delete %s from S3: %w", key, err)
	}
	return nil
}

// Link gives a URL by which a file can be fetched without a key, for five
// minutes, under that name.
func (s *S3) Link(key, name string) (string, time.Time, error) {
	if err := checkKey(key); err != nil {
		return "", time.Time{}, err
	}
	u, now := s.url(key), s.Clock()
	u.RawQuery = url.Values{
		"response-content-type":        {contentType},
		"response-content-disposition": {`attachment; filename="` + name + `"`},
	}.Encode()
	return s.signer.presign(u, linkLife, now), now.Add(linkLife), nil
}

// url addresses a key, or the bucket.
func (s *S3) url(key string) url.URL {
	u := s.base
	u.Path += "/" + key
	if key == "" {
		u.Path = cmp.Or(s.base.Path, "/")
	}
	return u
}

// call is one request.
type call struct {
	method, key string
	query       url.Values
	header      map[string]string
	body        *io.SectionReader // nil: none
	sum         []byte            // the body's SHA-256
	aside       bool              // how it ends says nothing of the archive's health
}

// noBody is the digest of nothing.
const noBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// request makes a call's request, signed.
func (s *S3) request(ctx context.Context, c call) (*http.Request, error) {
	u := s.url(c.key)
	u.RawQuery = canonicalQuery(c.query)
	r, err := http.NewRequestWithContext(ctx, c.method, u.String(), http.NoBody)
	if err != nil {
		return nil, errors.New("the address of the S3 server is not usable")
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	sum := noBody
	if c.body != nil {
		sum = hex.EncodeToString(c.sum)
		r.ContentLength = c.body.Size()
		if c.body.Size() > 0 {
			r.Body = io.NopCloser(io.NewSectionReader(c.body, 0, c.body.Size()))
		}
	}
	s.signer.sign(r, sum, s.Clock())
	return r, nil
}

// send sends a request and gives the answer to it, whose body the caller closes,
// unless it is a refusal. What a connection broke that stood idle is sent again.
func (s *S3) send(ctx context.Context, c call) (*http.Response, error) {
	begun := s.Clock()
	answer, err := s.sendOnce(ctx, c)
	if err != nil && ctx.Err() == nil && broken(err) {
		answer, err = s.sendOnce(ctx, c)
	}
	if !c.aside {
		s.health.note(ctx, err)
	}
	if s.Asked != nil && !errors.Is(ctx.Err(), context.Canceled) {
		s.Asked(resultOf(err), s.Clock().Sub(begun))
	}
	return answer, err
}

// resultOf is how a request ended. A missing file, or one that is there already,
// is an answer like any other.
func resultOf(err error) string {
	r, ok := errors.AsType[*RefusalError](err)
	switch {
	case err == nil, errors.Is(err, ErrNotFound), taken(err):
		return "ok"
	case ok && r.Status < http.StatusInternalServerError:
		return "refused"
	}
	return "away"
}

func (s *S3) sendOnce(ctx context.Context, c call) (*http.Response, error) {
	r, err := s.request(ctx, c)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, unreached(err)
	}
	if answer.StatusCode < http.StatusMultipleChoices {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, refused(answer, s.Clock())
}

// ask sends a request and reads the answer, in XML where into is not nil.
func (s *S3) ask(ctx context.Context, c call, into any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	answer, err := s.send(ctx, c)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return readAnswer(answer.Body, into)
}
