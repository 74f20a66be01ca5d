package telegramtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// apiError is an answer with ok=false, as the Bot API words it.
type apiError struct {
	Code        int
	Description string
	RetryAfter  int
	MigrateTo   int64
	// raw, where set, is the body of a server that is not the Bot API (a proxy's HTML page).
	raw string
}

var _ error = (*apiError)(nil)

func (e *apiError) Error() string { return strconv.Itoa(e.Code) + " " + e.Description }

// body is the answer's JSON.
func (e *apiError) body() []byte {
	if e.raw != "" {
		return []byte(e.raw)
	}
	out := `{"ok":false,"error_code":` + strconv.Itoa(e.Code) + `,"description":` + jsonString(e.Description)
	switch {
	case e.RetryAfter != 0:
		out += `,"parameters":{"retry_after":` + strconv.Itoa(e.RetryAfter) + `}`
	case e.MigrateTo != 0:
		out += `,"parameters":{"migrate_to_chat_id":` + strconv.FormatInt(e.MigrateTo, 10) + `}`
	}
	return []byte(out + "}")
}

func badRequest(format string, args ...any) *apiError {
	return &apiError{Code: http.StatusBadRequest, Description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) *apiError {
	return &apiError{Code: http.StatusForbidden, Description: "Forbidden: " + text}
}

func conflict(text string) *apiError {
	return &apiError{Code: http.StatusConflict, Description: "Conflict: " + text}
}

func tooManyRequests(seconds int) *apiError {
	return &apiError{
		Code: http.StatusTooManyRequests, RetryAfter: seconds,
		Description: "Too Many Requests: retry after " + strconv.Itoa(seconds),
	}
}

func unauthorized() *apiError {
	return &apiError{Code: http.StatusUnauthorized, Description: "Unauthorized"}
}

func notFound() *apiError {
	return &apiError{Code: http.StatusNotFound, Description: "Not Found"}
}

const (
	otherPoller = "terminated by other getUpdates request; make sure that only one bot instance is running"
	webhookSet  = "terminated by setWebhook request"
	webhookOn   = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	badQueryID  = "query is too old and response timeout expired or query ID is invalid"
	notModified = "message is not modified: specified new message content and reply markup are exactly the same as " +
		"a current content and reply markup of the message"
)

// jsonString quotes a string as JSON.
func jsonString(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return `""` // a string always encodes
	}
	return string(quoted)
}
