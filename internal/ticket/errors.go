package ticket

import "errors"

// Code classes an error by what can be done about it.
type Code string

// The codes. Anything without one is internal.
const (
	CodeNotFound    Code = "not_found"
	CodeConflict    Code = "conflict"
	CodeInvalid     Code = "invalid"
	CodeForbidden   Code = "forbidden"
	CodeLimited     Code = "limited"
	CodeUnavailable Code = "unavailable"
	CodeInternal    Code = "internal"
)

// Error is the one error of the domain.
type Error struct {
	Code Code
	// Message says what is wrong, in English, for logs and for the API; the
	// chats have their own words by Code.
	Message string
	Cause   error
}

// Error gives the message and its cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// NewError makes a domain error. The message is a constant, so that no name
// and no VIN gets into a log by way of an error.
func NewError(code Code, message string, cause error) *Error {
	return &Error{Code: code, Message: message, Cause: cause}
}

// CodeOf gives the code of the first domain error in err's chain, and
// [CodeInternal] where there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// IsNotFound reports whether err says that something does not exist.
func IsNotFound(err error) bool { return err != nil && CodeOf(err) == CodeNotFound }
