package blob

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// quietTime is after how long without a request the server is asked how it is.
	quietTime = time.Minute
	// probeTime is how long that may take.
	probeTime = 2 * time.Second
)

// health remembers how the last request ended.
type health struct {
	clock func() time.Time

	mu    sync.Mutex
	asked time.Time
	since time.Time // when it began to fail; zero where it does not
	err   error
}

// note takes in how a request ended. A missing file, or one that is there
// already, is no fault of the server's, and who does not want to know any more
// knows nothing of it.
func (h *health) note(ctx context.Context, err error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	if err != nil && (errors.Is(err, ErrNotFound) || taken(err)) {
		err = nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked, h.err = h.clock(), err
	switch {
	case err == nil:
		h.since = time.Time{}
	case h.since.IsZero():
		h.since = h.asked
	}
}

func (h *health) read() (asked, since time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked, h.since, h.err
}

// Trouble says why the archive does not work, and since when; nil where it
// does. A server that was not asked for a minute is asked.
func (s *S3) Trouble(ctx context.Context) (since time.Time, err error) {
	if asked, _, _ := s.health.read(); s.Clock().Sub(asked) >= quietTime {
		ctx, cancel := context.WithTimeout(ctx, probeTime)
		defer cancel()
		// The answer is noted; that the key is not there is the good one.
		_ = s.ask(ctx, call{method: http.MethodGet, key: probes + "none"}, nil)
	}
	_, since, err = s.health.read()
	return since, err
}

// probes is what the keys begin with of files that are stored to see whether
// that can be done.
const probes = "doctor/"

// Probe stores a file, reads it and deletes it, and says what of that cannot be
// done.
func (s *S3) Probe(ctx context.Context) error {
	key, content := probes+strings.ToLower(rand.Text()), "vinbot doctor"
	if _, err := s.Put(ctx, key, strings.NewReader(content), int64(len(content))); err != nil {
		return err
	}
	err := s.probeRead(ctx, key, content)
	return errors.Join(err, s.Delete(ctx, key))
}

func (s *S3) probeRead(ctx context.Context, key, content string) error {
	file, err := s.Open(ctx, key)
	if err != nil {
		return err
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err == nil && string(got) != content {
		err = fmt.Errorf("read a file in S3: %w", ErrDamaged)
	}
	return err
}

// Versioned reports whether the bucket keeps what is deleted as older versions.
// Not every server can say so, and not every key may ask.
func (s *S3) Versioned(ctx context.Context) bool {
	var answer struct {
		Status string `xml:"Status"`
	}
	err := s.ask(ctx, call{method: http.MethodGet, query: map[string][]string{"versioning": {""}}}, &answer)
	return err == nil && answer.Status == "Enabled"
}

// Explain says in a sentence why the archive in S3 does not work, and what to do.
func (s *S3) Explain(err error) (cause, advice string) {
	if r, ok := errors.AsType[*RefusalError](err); ok {
		return s.explainRefusal(r)
	}
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &authority):
		return "the certificate of " + s.Endpoint + " is of an authority that this machine does not know",
			"put the authority's certificate among the system's (update-ca-certificates), or name its file in SSL_CERT_FILE"
	case errors.As(err, &host):
		return "the certificate of " + s.Endpoint + " is for another name: " + host.Error(),
			"mend S3_ENDPOINT; where it names the server without the bucket, set S3_PATH_STYLE to on"
	case errors.As(err, &invalid):
		return "the certificate of " + s.Endpoint + " is not valid: " + invalid.Error(), "renew it, or mend this machine's clock"
	}
	if u, ok := errors.AsType[*UnreachedError](err); ok {
		return u.Error(), "start it, look at the network or the firewall, or mend S3_ENDPOINT"
	}
	return err.Error(), "look at the server at " + s.Endpoint
}

// skewLimit is by how much a clock may be wrong before S3 refuses what it signed.
const skewLimit = 15 * time.Minute

func (s *S3) explainRefusal(r *RefusalError) (cause, advice string) {
	switch {
	case r.Code == "RequestTimeTooSkewed", r.Status == http.StatusForbidden && r.Skew.Abs() >= skewLimit:
		return fmt.Sprintf("this machine's clock is wrong by %s, and the S3 server refuses what it signs", r.Skew.Abs()),
			"let the machine keep its time by NTP"
	case r.Code == "NoSuchBucket":
		return "there is no bucket " + s.Bucket + " at " + s.Endpoint, "make it, or mend S3_BUCKET"
	case r.Code == "InvalidAccessKeyId", r.Code == "XAdminUserNotFound": // the latter is versitygw's word
		return "the S3 server does not know the access key", "mend S3_ACCESS_KEY"
	case r.Code == "SignatureDoesNotMatch":
		return "the S3 server does not take the secret key", "mend S3_SECRET_KEY"
	case r.Region != "" && r.Region != s.Region, r.Code == "AuthorizationHeaderMalformed", r.Code == "IncorrectRegion":
		if r.Region == "" {
			return "the bucket is in another region than " + s.Region, "set S3_REGION to the bucket's"
		}
		return "the bucket is in the region " + r.Region + ", not in " + s.Region, "set S3_REGION to " + r.Region
	case r.Status == http.StatusForbidden:
		return "the access key may not do that in the bucket " + s.Bucket + ": " + r.Error(),
			"give it the rights that docs/operations.md lists"
	case r.Status >= http.StatusInternalServerError:
		return r.Error(), "look at the server, and whether its disk is full"
	case r.Status == http.StatusNotFound, r.Status < http.StatusBadRequest:
		return r.Error() + ", which is not how S3 answers", "mend S3_ENDPOINT; S3_PATH_STYLE may have to be changed, too"
	}
	return r.Error(), "look at what the server logged"
}

// OverTheNetwork reports whether what is sent to a server can be read on its
// way: it is not encrypted, and leaves the machine.
func OverTheNetwork(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}
