package blob

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// partSize is how long a part of a large file is; smaller ones go in one
// request. S3 takes parts of 5 MB to 5 GB, and 10,000 of them.
const partSize = 16 << 20

// abortTime is how long it may take to take back what was begun.
const abortTime = 10 * time.Second

// part is one of a file that was stored.
type part struct {
	Number int    `xml:"PartNumber"`
	ETag   string `xml:"ETag"`
	Sum    string `xml:"ChecksumSHA256"`
}

// putParts stores a large file in parts, each with its own checksum. Nothing is
// seen of it before the last one is there, and what was begun is taken back
// where it fails; what a crash leaves is taken back by the next try.
func (s *S3) putParts(ctx context.Context, key string, file *io.SectionReader, sum string) error {
	if err := s.abortAll(ctx, key); err != nil {
		return err
	}
	var begun struct {
		ID string `xml:"UploadId"`
	}
	err := s.ask(ctx, call{
		method: http.MethodPost, key: key, query: url.Values{"uploads": {""}},
		header: map[string]string{"Content-Type": contentType, sumHeader: sum, "X-Amz-Checksum-Algorithm": "SHA256"},
	}, &begun)
	if err != nil {
		return err
	}
	if begun.ID == "" {
		return errors.New("the server does not answer as S3 does")
	}
	err = s.allParts(ctx, key, begun.ID, file)
	if err != nil {
		taking, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
		defer cancel()
		err = errors.Join(err, s.abort(taking, key, begun.ID))
	}
	return err
}

func (s *S3) allParts(ctx context.Context, key, id string, file *io.SectionReader) error {
	var parts []part
	for at := int64(0); at < file.Size(); at += partSize {
		p, err := s.putPart(ctx, key, id, part{Number: len(parts) + 1},
			io.NewSectionReader(file, at, min(partSize, file.Size()-at)))
		if err != nil {
			return err
		}
		parts = append(parts, p)
	}
	return s.complete(ctx, key, id, parts)
}

func (s *S3) putPart(ctx context.Context, key, id string, p part, content *io.SectionReader) (part, error) {
	sum, err := digest(content)
	if err != nil {
		return part{}, err
	}
	p.Sum = base64.StdEncoding.EncodeToString(sum)
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	answer, err := s.send(ctx, call{
		method: http.MethodPut, key: key, body: content, sum: sum,
		query:  url.Values{"uploadId": {id}, "partNumber": {strconv.Itoa(p.Number)}},
		header: map[string]string{"X-Amz-Checksum-Sha256": p.Sum},
	})
	if err != nil {
		return part{}, err
	}
	defer answer.Body.Close()
	p.ETag = answer.Header.Get("ETag")
	return p, readAnswer(answer.Body, nil)
}

// complete makes the parts a file.
func (s *S3) complete(ctx context.Context, key, id string, parts []part) error {
	list, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"CompleteMultipartUpload"`
		Parts   []part   `xml:"Part"`
	}{Parts: parts})
	if err != nil {
		return err //nolint:wrapcheck // of our own numbers and texts: it cannot fail
	}
	body := strings.NewReader(string(list))
	sum, err := hex.DecodeString(hexSum(list))
	if err != nil {
		return err //nolint:wrapcheck // of our own digest: it cannot fail
	}
	var done struct {
		ETag string `xml:"ETag"`
	}
	return s.ask(ctx, call{
		method: http.MethodPost, key: key, query: url.Values{"uploadId": {id}},
		body: io.NewSectionReader(body, 0, body.Size()), sum: sum,
		header: map[string]string{"Content-Type": "application/xml", "If-None-Match": "*"},
	}, &done)
}

// abort takes back what was begun. What is not there any more is taken back.
func (s *S3) abort(ctx context.Context, key, id string) error {
	err := s.ask(ctx, call{method: http.MethodDelete, key: key, query: url.Values{"uploadId": {id}}}, nil)
	if r, ok := errors.AsType[*RefusalError](err); ok && r.Status == http.StatusNotFound {
		return nil
	}
	return err
}
