package crm

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const (
	// overLimit is how long to wait after too many requests, and overTime after
	// requests that took too long in all: their sum is taken over ten minutes.
	overLimit = 10 * time.Second
	overTime  = time.Minute
	// blocked is how long to leave alone whoever shut us out by hand.
	blocked = 15 * time.Minute
)

// newWebhook is what to do about one that is refused.
const newWebhook = "make a new incoming webhook with the permission CRM, and put its https address into BITRIX24_WEBHOOK_URL"

// judge finds what is wrong with an answer.
// https://apidocs.bitrix24.com/limits.html, and "Statuses and System Error Codes"
// at the end of every method's page. Some methods say that a right is missing in
// words alone, with an empty code, or with the words in its place.
// https://apidocs.bitrix24.com/api-reference/crm/contacts/userfield/crm-contact-userfield-add.html
// https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-list.html
// https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-list.html
func (b *Bitrix24) judge(a answer) *FaultError {
	var said struct {
		Code  string `json:"error"`
		Words string `json:"error_description"`
	}
	_ = json.Unmarshal(a.body, &said) // what is no JSON has no code
	if denied := "access denied"; strings.HasPrefix(strings.ToLower(said.Code), denied) ||
		said.Code == "" && strings.HasPrefix(strings.ToLower(said.Words), denied) {
		said.Code = "ACCESS_DENIED"
	}
	f := &FaultError{Kind: Invalid, Code: codeOf(said.Code)}
	switch strings.ToUpper(said.Code) {
	case "":
		if a.status < http.StatusBadRequest && a.status >= http.StatusOK {
			return nil
		}
		if f.Kind = bitrixKind(a.status); f.Kind == Refused {
			f.Reason, f.Advice = RefusedToken, newWebhook
		}
	case "QUERY_LIMIT_EXCEEDED":
		f.Kind, f.Pause = Busy, overLimit
	case "OPERATION_TIME_LIMIT":
		f.Kind, f.Pause = Busy, overTime
	case "OVERLOAD_LIMIT":
		f.Kind, f.Reason, f.Pause, f.Advice = Refused, RefusedBanned, blocked, "ask Bitrix24's support to lift the block of the account's REST API"
	case "NO_AUTH_FOUND", "EXPIRED_TOKEN", "INVALID_TOKEN", "PORTAL_DELETED", "INVALID_REQUEST":
		f.Kind, f.Reason, f.Advice = Refused, RefusedToken, newWebhook
	case "INSUFFICIENT_SCOPE", "INVALID_CREDENTIALS", "USER_ACCESS_ERROR", "ALLOWED_ONLY_INTRANET_USER":
		f.Kind, f.Reason, f.Advice = Refused, RefusedRights, "give the webhook the permission CRM, and have it made by an administrator of the CRM"
	case "CREATE_DYNAMIC_ITEM_RESTRICTED", "UPDATE_DYNAMIC_ITEM_RESTRICTED":
		f.Kind, f.Reason, f.Advice = Refused, RefusedPlan, "look at what the account's plan allows"
	case "ACCESS_DENIED":
		f.Kind, f.Reason, f.Advice = Refused, RefusedRights, "have the webhook made by an administrator of the CRM"
		if a.status == http.StatusForbidden {
			f.Reason, f.Advice = RefusedPlan, "take a plan that has REST"
		}
	case "NOT_FOUND", "OWNER_NOT_FOUND":
		f.Kind = Gone
	case "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER":
		f.Kind = Away
	}
	return f
}

// bitrixKind classes an answer without a code: a proxy's, or one that only says
// "Access denied" in words.
func bitrixKind(status int) FaultKind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Refused
	case http.StatusTooManyRequests:
		return Busy
	case http.StatusBadRequest:
		return Invalid
	}
	return Away
}

// codeOf keeps of a code what a code can be, so that nothing else gets into the
// log.
func codeOf(code string) string {
	return shorten(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, code), 60)
}
