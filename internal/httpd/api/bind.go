package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// maxBody is the largest body but for a report's, in bytes.
const maxBody = 1 << 20

// param is a parameter of an operation.
type param struct {
	name, in string // in the path, the query or the header
	index    int    // of its field
	kind     reflect.Kind
	schema   *huma.Schema
	required bool
	usual    string // what it is where it is not given
	blank    bool   // empty is as good as not given
	nonzero  bool   // 0 names nobody
	doc      string
}

// body is the JSON that an operation takes.
type body struct {
	index    int
	of       reflect.Type
	schema   *huma.Schema
	required bool
}

// inputOf reads what an operation takes from its input's fields.
func (a *API) inputOf(t reflect.Type, hint string) (params []param, b *body) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "Body" {
			b = &body{index: i, of: f.Type, required: f.Type.Kind() != reflect.Pointer}
			b.schema = a.registry.Schema(f.Type, true, hint+"Request")
			continue
		}
		for _, in := range []string{"path", "query", "header"} {
			name := f.Tag.Get(in)
			if name == "" {
				continue
			}
			schema := huma.SchemaFromField(a.registry, f, hint+f.Name)
			schema.Description = "" // the parameter itself says it
			params = append(params, param{
				name: name, in: in, index: i, kind: f.Type.Kind(), schema: schema, usual: f.Tag.Get("default"),
				required: in == "path" || f.Tag.Get("required") == "true", doc: f.Tag.Get("doc"),
				blank: in == "header" || f.Tag.Get("blank") == "true", nonzero: f.Tag.Get("nonzero") == "true",
			})
		}
	}
	return params, b
}

// bind reads a request's parts into an input, and says of each what is wrong. It
// gives the body as it came.
func (a *API) bind(w http.ResponseWriter, r *http.Request, rt *route, in reflect.Value) (text []byte, err error) {
	var found huma.ValidateResult
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // a filter that cannot be read must not show everything
		found.Errors = append(found.Errors, &huma.ErrorDetail{Location: "query", Message: "cannot be read"})
	}
	for _, p := range rt.params {
		var values []string
		switch p.in {
		case "path":
			values = []string{r.PathValue(p.name)}
		case "query":
			values = query[p.name]
		case "header":
			values = r.Header.Values(p.name)
		}
		a.bindParam(p, values, in.Field(p.index), &found)
		query.Del(p.name)
	}
	for name := range query { // a filter that is misspelt must not show everything
		found.Errors = append(found.Errors, &huma.ErrorDetail{Location: "query." + name, Message: "there is no such parameter"})
	}
	if rt.body != nil {
		if text, err = a.bindBody(w, r, rt.body, in, &found); err != nil {
			return nil, err
		}
	}
	if len(found.Errors) > 0 {
		return nil, invalid(faultsOf(found.Errors)...)
	}
	return text, nil
}

// given gives what is to be read of a parameter's values, or says what is wrong
// with them.
func (p param) given(values []string) (read []string, fault string) {
	empty := len(values) == 0 || len(values) == 1 && values[0] == ""
	switch {
	case empty && p.required:
		return nil, "is missing"
	case empty && len(values) > 0 && !p.blank: // a filter for nothing must not show everything
		return nil, "is empty"
	case empty && p.usual == "":
		return nil, ""
	case empty:
		return []string{p.usual}, ""
	case p.kind != reflect.Slice && len(values) > 1:
		return nil, "is given more than once"
	}
	return values, ""
}

// bindParam reads one parameter.
func (a *API) bindParam(p param, values []string, into reflect.Value, found *huma.ValidateResult) {
	path := huma.NewPathBuffer([]byte(p.in+"."+p.name), len(p.in)+1+len(p.name))
	values, fault := p.given(values)
	if fault != "" {
		found.Add(path, nil, fault)
	}
	if len(values) == 0 {
		return
	}
	switch p.kind {
	case reflect.Slice:
		var list []any
		var texts []string
		for _, value := range values {
			for part := range strings.SplitSeq(value, ",") {
				texts, list = append(texts, part), append(list, part)
			}
		}
		huma.Validate(a.registry, p.schema, path, huma.ModeWriteToServer, list, found)
		into.Set(reflect.ValueOf(texts).Convert(into.Type()))
	case reflect.Int64, reflect.Int:
		n, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil {
			found.Add(path, nil, "is no whole number")
			return
		}
		if n == 0 && p.nonzero {
			found.Add(path, nil, "must not be 0")
			return
		}
		huma.Validate(a.registry, p.schema, path, huma.ModeWriteToServer, n, found)
		into.SetInt(n)
	case reflect.Bool:
		yes, err := strconv.ParseBool(values[0])
		if err != nil {
			found.Add(path, nil, "is neither true nor false")
			return
		}
		into.SetBool(yes)
	default:
		huma.Validate(a.registry, p.schema, path, huma.ModeWriteToServer, values[0], found)
		into.SetString(values[0])
	}
}

// bindBody reads the JSON of a request.
func (a *API) bindBody(w http.ResponseWriter, r *http.Request, b *body, in reflect.Value, found *huma.ValidateResult) (text []byte, err error) {
	text, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, unreadBody(err)
	}
	if len(bytes.TrimSpace(text)) == 0 && !b.required {
		return text, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, problem(http.StatusUnsupportedMediaType, codeMediaType, "the body must be application/json")
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil || !utf8.Valid(text) || replaced(plain, text) {
		return nil, problem(http.StatusBadRequest, codeMalformed, "the body is no JSON in UTF-8")
	}
	before := len(found.Errors)
	if holds(plain, "\x00") {
		found.Errors = append(found.Errors, &huma.ErrorDetail{Location: "body", Message: "holds a text with U+0000"})
	}
	huma.Validate(a.registry, b.schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, plain, found)
	if len(found.Errors) > before {
		return text, nil
	}
	if err := json.Unmarshal(text, in.Field(b.index).Addr().Interface()); err != nil { // a number out of its type's range, say
		found.Errors = append(found.Errors, &huma.ErrorDetail{Location: "body", Message: "holds a value that does not fit"})
	}
	return text, nil
}

// holds reports whether a text in JSON holds another, as U+0000, which PostgreSQL
// does not store.
func holds(value any, text string) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return holds(inner, text) })
	case map[string]any:
		for name, inner := range v {
			if holds(name, text) || holds(inner, text) {
				return true
			}
		}
	}
	return false
}

// replaced reports whether JSON holds half a character (a surrogate that stands
// alone), in whose place another was read.
func replaced(value any, text []byte) bool {
	const instead = "\uFFFD"
	given := bytes.Contains(text, []byte(instead)) || bytes.Contains(bytes.ToLower(text), []byte(`\ufffd`))
	return !given && holds(value, instead)
}

// unreadBody says why a body could not be read.
func unreadBody(err error) *Problem {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem(http.StatusRequestEntityTooLarge, codeTooLarge, "the body is too large")
	}
	return problem(http.StatusBadRequest, codeMalformed, "the body did not arrive whole")
}
