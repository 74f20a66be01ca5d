package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	// stampLayout is how a signature's time is written.
	stampLayout = "20060102T150405Z"
	// unsigned stands for the digest of a body in a link, which has none.
	unsigned = "UNSIGNED-PAYLOAD"
)

// signer signs requests by AWS's Signature Version 4, as it is for S3:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
type signer struct {
	access, secret, region string
}

// sign signs a request, with all headers that it has, by the digest of its body.
func (s signer) sign(r *http.Request, body string, now time.Time) {
	stamp := now.UTC().Format(stampLayout)
	r.Header.Set("X-Amz-Date", stamp)
	r.Header.Set("X-Amz-Content-Sha256", body)
	names, headers := canonicalHeaders(r)
	signature := s.signature(stamp, strings.Join([]string{
		r.Method, escape(r.URL.Path, true), canonicalQuery(r.URL.Query()), headers, names, body,
	}, "\n"))
	r.Header.Set("Authorization", algorithm+" Credential="+s.access+"/"+s.scope(stamp)+
		", SignedHeaders="+names+", Signature="+signature)
}

// presign makes a link of a GET: whoever has it may send it, for as long as it
// lives.
func (s signer) presign(u url.URL, life time.Duration, now time.Time) string {
	stamp := now.UTC().Format(stampLayout)
	query := u.Query()
	query.Set("X-Amz-Algorithm", algorithm)
	query.Set("X-Amz-Credential", s.access+"/"+s.scope(stamp))
	query.Set("X-Amz-Date", stamp)
	query.Set("X-Amz-Expires", strconv.Itoa(int(life/time.Second)))
	query.Set("X-Amz-SignedHeaders", "host")
	signature := s.signature(stamp, strings.Join([]string{
		http.MethodGet, escape(u.Path, true), canonicalQuery(query), "host:" + u.Host + "\n", "host", unsigned,
	}, "\n"))
	u.RawQuery = canonicalQuery(query) + "&X-Amz-Signature=" + signature
	return u.String()
}

// scope is what a signature of that time is good for.
func (s signer) scope(stamp string) string {
	return stamp[:len("20060102")] + "/" + s.region + "/s3/aws4_request"
}

func (s signer) signature(stamp, canonical string) string {
	key := []byte("AWS4" + s.secret)
	for part := range strings.SplitSeq(s.scope(stamp), "/") {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, algorithm+"\n"+stamp+"\n"+s.scope(stamp)+"\n"+hexSum([]byte(canonical))))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // a hash takes everything
	return h.Sum(nil)
}

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// canonicalHeaders lists a request's headers, the host among them, as they are
// signed: their names, and they themselves.
func canonicalHeaders(r *http.Request) (names, lines string) {
	values := map[string]string{"host": r.URL.Host}
	list := []string{"host"}
	for name := range r.Header {
		lower := strings.ToLower(name)
		values[lower] = strings.TrimSpace(r.Header.Get(name))
		list = append(list, lower)
	}
	slices.Sort(list)
	var b strings.Builder
	for _, name := range list {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return strings.Join(list, ";"), b.String()
}

// canonicalQuery writes a query in the one way that is signed. It is sent so,
// too.
func canonicalQuery(query url.Values) string {
	pairs := make([]string, 0, len(query))
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, escape(name, false)+"="+escape(value, false))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape writes all but letters, digits and -._~ in hex; of a path, not the
// slashes.
func escape(text string, path bool) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if strings.IndexByte(plain, c) >= 0 || path && c == '/' {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
	}
	return b.String()
}
