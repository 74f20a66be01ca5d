package config

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// S3 reports whether reports are archived in a bucket.
func (c Config) S3() bool { return c.S3Endpoint != "" }

// Endpoint is the URL of an S3 server.
type Endpoint string

// Allowed says what the address looks like.
func (e Endpoint) Allowed() string {
	return "http:// or https:// and the S3 server's host, with its port where it has one, and nothing else"
}

// UnmarshalText reads the address.
func (e *Endpoint) UnmarshalText(text []byte) error {
	var u WebURL
	if err := u.UnmarshalText(text); err != nil {
		return err
	}
	parsed, err := url.Parse(string(u))
	switch {
	case err != nil: // the parser's error repeats the value
		return errors.New("not a URL")
	case parsed.Path != "":
		return errors.New("more than an address: the bucket is named by S3_BUCKET")
	}
	*e = Endpoint(u)
	return nil
}

// Bucket is the name of a bucket.
type Bucket string

// Allowed says what a name looks like.
func (b Bucket) Allowed() string {
	return "3 to 63 lower-case letters, digits, dots and dashes, a letter or a digit first and last"
}

// UnmarshalText reads the name.
func (b *Bucket) UnmarshalText(text []byte) error {
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).Match(text) || strings.Contains(string(text), "..") {
		return errors.New("not a bucket's name")
	}
	*b = Bucket(text)
	return nil
}

// Region is the name of a region.
type Region string

// Allowed says what a name looks like.
func (r Region) Allowed() string { return "a region's name, like us-east-1" }

// UnmarshalText reads the name.
func (r *Region) UnmarshalText(text []byte) error {
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`).Match(text) {
		return errors.New("not a region's name")
	}
	*r = Region(text)
	return nil
}

// AccessKey is one of the two by which an S3 server knows who asks: the key's
// name, or the key itself.
type AccessKey struct{ Secret }

// Allowed says what a key looks like.
func (k AccessKey) Allowed() string { return "what the S3 server's operator gave, without spaces" }

// UnmarshalText reads a key.
func (k *AccessKey) UnmarshalText(text []byte) error {
	if !regexp.MustCompile(`^[!-~]{1,512}$`).Match(text) {
		return errors.New("not an S3 key")
	}
	k.Secret = NewSecret(string(text))
	return nil
}
