package httpd

import (
	"net/http"

	"vinbot/internal/ticket"
)

// StatusOf gives the HTTP status of a domain error's code.
func StatusOf(code ticket.Code) int {
	switch code {
	case ticket.CodeNotFound:
		return http.StatusNotFound
	case ticket.CodeConflict:
		return http.StatusConflict
	case ticket.CodeInvalid:
		return http.StatusUnprocessableEntity
	case ticket.CodeForbidden:
		return http.StatusForbidden
	case ticket.CodeLimited:
		return http.StatusTooManyRequests
	case ticket.CodeUnavailable:
		return http.StatusServiceUnavailable
	case ticket.CodeInternal:
	}
	return http.StatusInternalServerError
}
