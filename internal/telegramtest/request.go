package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxUpload is what a bot may send in one file.
const maxUpload = 50 << 20

var errTooLarge = errors.New("request entity too large")

// param is one parameter of a call: a value, or an uploaded file.
type param struct {
	name, value string
	file        []byte
	filename    string
	isFile      bool
}

// query is one call of the Bot API.
type query struct {
	method string
	params []param
	chat   int64 // the numeric chat_id, 0 if none
}

func (q *query) lookup(name string) (param, bool) {
	for _, p := range q.params {
		if p.name == name {
			return p, true
		}
	}
	return param{}, false
}

func (q *query) text(name string) string {
	p, _ := q.lookup(name)
	return p.value
}

func (q *query) int(name string) int {
	n, err := strconv.Atoi(q.text(name))
	if err != nil {
		return 0
	}
	return n
}

func (q *query) bool(name string) bool {
	switch strings.ToLower(q.text(name)) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// decode reads a parameter that holds JSON, strictly, into the value; an absent one leaves it alone.
func (q *query) decode(name string, into any) error {
	p, ok := q.lookup(name)
	if !ok || p.value == "" {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(p.value))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("parameter %s of %s: %w", name, q.method, err)
	}
	return nil
}

// readParams takes parameters as the real server does: from the query string, a form, JSON or multipart.
func readParams(r *http.Request) ([]param, error) {
	var params []param
	if r.URL.RawQuery != "" {
		params = appendValues(params, r.URL.Query())
	}
	if r.Body == nil || r.Method == http.MethodGet {
		return params, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxUpload+1<<20))
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	if len(body) >= maxUpload+1<<20 {
		return nil, errTooLarge
	}
	if len(body) == 0 {
		return params, nil
	}
	kind, attributes, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("content type: %w", err)
	}
	switch kind {
	case "multipart/form-data":
		return appendMultipart(params, body, attributes["boundary"])
	case "application/json":
		return appendJSON(params, body)
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("form: %w", err)
		}
		return appendValues(params, values), nil
	default:
		return nil, fmt.Errorf("content type %q is not one that the Bot API takes", kind)
	}
}

func appendValues(params []param, values url.Values) []param {
	for name, v := range values {
		params = append(params, param{name: name, value: v[0]})
	}
	return params
}

func appendJSON(params []param, body []byte) ([]param, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, fmt.Errorf("object expected as request: %w", err)
	}
	for name, raw := range fields {
		value := string(raw)
		if raw[0] == '"' {
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, fmt.Errorf("parameter %s: %w", name, err)
			}
		}
		params = append(params, param{name: name, value: value})
	}
	return params, nil
}

// appendMultipart splits a form by hand: this is the hot path, since the client library sends every call this way.
func appendMultipart(params []param, body []byte, boundary string) ([]param, error) {
	if boundary == "" {
		return nil, errors.New("multipart without a boundary")
	}
	delimiter := []byte("\r\n--" + boundary)
	if !bytes.HasPrefix(body, delimiter[2:]) {
		return nil, errors.New("multipart does not begin with its boundary")
	}
	rest := body[len(delimiter)-2:]
	for {
		if bytes.HasPrefix(rest, []byte("--")) {
			return params, nil
		}
		end := bytes.Index(rest, delimiter)
		head := bytes.Index(rest, []byte("\r\n\r\n"))
		if end < 0 || head < 0 {
			return nil, errors.New("multipart ends before its closing boundary")
		}
		if end < head {
			return nil, errors.New("multipart has a part without a header")
		}
		p, err := readPart(string(rest[:head]), rest[head+4:end])
		if err != nil {
			return nil, err
		}
		params = append(params, p)
		rest = rest[end+len(delimiter):]
	}
}

func readPart(header string, content []byte) (param, error) {
	for line := range strings.SplitSeq(header, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(name, "Content-Disposition") {
			continue
		}
		_, attributes, err := mime.ParseMediaType(value)
		if err != nil {
			return param{}, fmt.Errorf("content disposition: %w", err)
		}
		if filename, ok := attributes["filename"]; ok {
			return param{name: attributes["name"], isFile: true, filename: filename, file: content}, nil
		}
		return param{name: attributes["name"], value: string(content)}, nil
	}
	return param{}, errors.New("multipart has a part without Content-Disposition")
}
