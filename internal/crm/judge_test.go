package crm_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm"
)

// says is a CRM that answers everything alike.
type says struct {
	status int
	body   string
	header http.Header
}

func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.status, Header: s.header, Request: r, Body: io.NopCloser(bytes.NewBufferString(s.body))}, nil
}

// TestWhatAnAnswerMeans goes through the answers that the vendors document.
func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	type want struct {
		kind   crm.FaultKind
		reason string
		pause  time.Duration
	}
	type line struct {
		status int
		body   string
		want   want
	}
	bitrix := func(status int, code, words string, w want) line {
		return line{status, `{"error":"` + code + `","error_description":"` + words + `"}`, w}
	}
	problem := `{"title":"x","status":404,"detail":"x"}`
	answers := map[string][]line{
		// https://apidocs.bitrix24.com/error-codes.html and https://apidocs.bitrix24.com/limits.html
		"bitrix24": {
			bitrix(500, "INTERNAL_SERVER_ERROR", "Internal server error", want{kind: crm.Away}),
			bitrix(500, "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response", want{kind: crm.Away}),
			bitrix(503, "QUERY_LIMIT_EXCEEDED", "Too many requests", want{crm.Busy, "", 10 * time.Second}),
			bitrix(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit", want{crm.Busy, "", time.Minute}),
			bitrix(401, "NO_AUTH_FOUND", "Wrong authorization data", want{kind: crm.Refused, reason: crm.RefusedToken}),
			bitrix(400, "INVALID_REQUEST", "Https required", want{kind: crm.Refused, reason: crm.RefusedToken}),
			bitrix(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload", want{crm.Refused, crm.RefusedBanned, 15 * time.Minute}),
			bitrix(403, "ACCESS_DENIED", "REST API is available only on commercial plans", want{kind: crm.Refused, reason: crm.RefusedPlan}),
			bitrix(403, "INVALID_CREDENTIALS", "Invalid request credentials", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(403, "insufficient_scope", "The request requires higher privileges", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(401, "expired_token", "The access token provided has expired", want{kind: crm.Refused, reason: crm.RefusedToken}),
			bitrix(403, "user_access_error", "The user does not have access", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(500, "PORTAL_DELETED", "Portal was deleted", want{kind: crm.Refused, reason: crm.RefusedToken}),
			// https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-add.html and crm-item-update.html
			bitrix(403, "allowed_only_intranet_user", "x", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(400, "ACCESS_DENIED", "x", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "x", want{kind: crm.Invalid}),
			bitrix(400, "100", "Expected iterable value for multiple field", want{kind: crm.Invalid}),
			bitrix(400, "", "x", want{kind: crm.Invalid}),
			bitrix(400, "CREATE_DYNAMIC_ITEM_RESTRICTED", "x", want{kind: crm.Refused, reason: crm.RefusedPlan}),
			bitrix(400, "UPDATE_DYNAMIC_ITEM_RESTRICTED", "x", want{kind: crm.Refused, reason: crm.RefusedPlan}),
			bitrix(400, "NOT_FOUND", "x", want{kind: crm.Gone}),
			// https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-add.html
			bitrix(400, "OWNER_NOT_FOUND", "x", want{kind: crm.Gone}),
			bitrix(400, "INVALID_ARG_VALUE", "x", want{kind: crm.Invalid}),
			// …/comments/crm-timeline-comment-list.html, …/userfield/crm-contact-userfield-add.html, …/status/crm-status-list.html
			bitrix(400, "", "Access denied.", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(400, "Access denied.", "x", want{kind: crm.Refused, reason: crm.RefusedRights}),
			bitrix(400, "ERROR_CORE", "x", want{kind: crm.Invalid}),
			{403, "<html>a firewall</html>", want{kind: crm.Refused, reason: crm.RefusedToken}},
			{502, "<html>a proxy</html>", want{kind: crm.Away}},
		},
		// https://www.amocrm.ru/developers/content/crm_platform/error-codes and
		// https://www.amocrm.ru/developers/content/api/recommendations
		"amocrm": {
			{401, `{"title":"Unauthorized","status":401,"detail":"x"}`, want{kind: crm.Refused, reason: crm.RefusedToken}},
			{402, `{}`, want{kind: crm.Refused, reason: crm.RefusedPlan}},
			{403, `{"title":"Forbidden","status":403}`, want{crm.Refused, crm.RefusedBanned, 15 * time.Minute}},
			{429, `{}`, want{crm.Busy, "", 10 * time.Second}},
			{404, problem, want{kind: crm.Gone}},
			{404, "<html>a proxy</html>", want{kind: crm.Away}},
			{400, `{"validation-errors":[{"request_id":"0","errors":[{"code":"NotSupportedChoice","path":"custom_fields_values.0.field_id"}]}],"status":400}`, want{kind: crm.Invalid}},
			{422, `{}`, want{kind: crm.Invalid}},
			{500, `{}`, want{kind: crm.Away}},
			{504, ``, want{kind: crm.Away}},
			{301, ``, want{kind: crm.Away}},
		},
	}
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, l := range answers[v.name] {
					made := v.crm(crm.Options{Meter: nobody{}, Clock: time.Now, Language: "ru", Transport: says{status: l.status, body: l.body}})
					f, ok := crm.AsFault(made.Comment(t.Context(), "7", "text"))
					require.True(t, ok, "%d %s", l.status, l.body)
					assert.Equal(t, l.want, want{f.Kind, f.Reason, f.Pause}, "%d %s", l.status, l.body)
					assert.Equal(t, l.status, f.Status)
					if f.Kind == crm.Refused {
						assert.NotEmpty(t, f.Advice, l.body)
					}
				}
			})
		})
	}
}

// TestAPauseThatAmoCRMNamesIsKept.
func TestAPauseThatAmoCRMNamesIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for said, want := range map[string]time.Duration{"3": 3 * time.Second, "99999": time.Hour, "soon": 10 * time.Second} {
			made := vendors()[1].crm(crm.Options{
				Meter: nobody{}, Clock: time.Now, Transport: says{status: 429, header: http.Header{"Retry-After": {said}}},
			})
			f, ok := crm.AsFault(made.Comment(t.Context(), "7", "text"))
			require.True(t, ok)
			assert.Equal(t, want, f.Pause, said)
		}
	})
}

// TestALeadThatWasDeletedIsNotThere however amoCRM answers for one.
func TestALeadThatWasDeletedIsNotThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			answer says
			want   []string
		}{
			{says{status: 204}, nil},
			{says{status: 200, body: `{"id":7,"is_deleted":true}`}, nil},
			{says{status: 200, body: `{"id":7,"is_deleted":false}`}, []string{"7"}},
		} {
			made := vendors()[1].crm(crm.Options{Meter: nobody{}, Clock: time.Now, Transport: tt.answer})
			there, err := made.There(t.Context(), []string{"7"})
			require.NoError(t, err)
			assert.Equal(t, tt.want, there, tt.answer.body)
		}
	})
}
