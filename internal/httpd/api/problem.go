package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vinbot/internal/httpd"
	"vinbot/internal/ticket"
)

// Problem is what is answered where something is wrong: RFC 9457, with our
// code, and the places of what is wrong in the request.
type Problem struct { //nolint:errname // its name is that of the schema
	Title     string        `json:"title" doc:"The status in words."`
	Status    int           `json:"status" doc:"The HTTP status."`
	Detail    string        `json:"detail" doc:"What is wrong, in a sentence for developers."`
	Code      string        `json:"code" doc:"What is wrong, for programs." example:"not_found"`
	RequestID string        `json:"request_id" doc:"Names the request in the server's log."`
	Errors    []FieldFault  `json:"errors,omitempty" doc:"What is wrong with parts of the request."`
	after     time.Duration // until it may be tried again; 0 says nothing
	allow     string        // the methods that there are
}

// FieldFault says what is wrong with a part of a request.
type FieldFault struct {
	Location string `json:"location" doc:"Where, as a path." example:"body.vin"`
	Message  string `json:"message" doc:"What is wrong there."`
}

// Error makes a problem an error that a handler may return.
func (p *Problem) Error() string { return p.Detail }

// The codes that only HTTP knows; the others are the domain's.
const (
	codeUnauthorized = "unauthorized"
	codeMalformed    = "malformed"
	codeMediaType    = "media_type"
	codeTooLarge     = "too_large"
	codeMethod       = "method"
	codePrecondition = "precondition"
)

func problem(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// conflict is a problem of what cannot be done in the present state.
func conflict(detail string) *Problem {
	return problem(http.StatusConflict, string(ticket.CodeConflict), detail)
}

// notFound is the same for what does not exist and for what is somebody else's.
func notFound() *Problem {
	return problem(http.StatusNotFound, string(ticket.CodeNotFound), "there is no such thing, or it is not yours")
}

// invalid is a problem of parts of a request.
func invalid(faults ...FieldFault) *Problem {
	p := problem(http.StatusUnprocessableEntity, string(ticket.CodeInvalid), "the request is understood, but parts of it are wrong")
	p.Errors = faults
	return p
}

// faultsOf are the faults that a validation found, always in the same order.
func faultsOf(errs []error) []FieldFault {
	faults := make([]FieldFault, 0, len(errs))
	for _, err := range errs {
		if detail, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			faults = append(faults, FieldFault{Location: detail.Location, Message: detail.Message})
		}
	}
	slices.SortStableFunc(faults, func(a, b FieldFault) int { return strings.Compare(a.Location, b.Location) })
	return faults
}

// problemOf gives what is answered to an error. What is internal says nothing of
// its cause, which is for the log.
func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		told := *p
		return &told
	}
	code := ticket.CodeOf(err)
	switch code {
	case ticket.CodeNotFound:
		return notFound()
	case ticket.CodeInternal:
		return problem(http.StatusInternalServerError, string(code), "something went wrong; the log knows it by the request's id")
	case ticket.CodeUnavailable:
		p := problem(httpd.StatusOf(code), string(code), "not possible at the moment; try again")
		p.after = time.Second
		return p
	case ticket.CodeConflict, ticket.CodeInvalid, ticket.CodeForbidden, ticket.CodeLimited:
	}
	detail := err.Error()
	if e, ok := errors.AsType[*ticket.Error](err); ok {
		detail = e.Message
	}
	return problem(httpd.StatusOf(code), string(code), detail)
}

// errPanicked stands for what a handler panicked with, which is logged where it was
// caught.
var errPanicked = errors.New("the handler panicked")

// Broken answers a request whose handler panicked.
func (a *API) Broken(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errPanicked) }

// fail answers with a problem, and logs what is ours.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	p.RequestID = httpd.RequestID(r.Context())
	if p.Status >= http.StatusInternalServerError && r.Context().Err() == nil {
		line := a.Log.Error().Err(err).Str("request_id", p.RequestID).Str("route", r.Pattern)
		if p.Status == http.StatusServiceUnavailable {
			line = line.Str("fault", "http")
		}
		line.Msg("a request failed")
	}
	if p.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((p.after+time.Second-1)/time.Second)))
	}
	if p.allow != "" {
		w.Header().Set("Allow", p.allow)
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="vinbot"`)
	}
	a.write(w, r, answer{status: p.Status, kind: kindProblem, body: p})
}
