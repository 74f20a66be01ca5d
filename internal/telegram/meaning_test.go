package telegram

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func answerBody(t *testing.T, code int, text string, parameters map[string]any) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"ok": false, "error_code": code, "description": text, "parameters": parameters,
	})
	require.NoError(t, err)
	return body
}

func TestEveryRefusalHasItsMeaning(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		text   string
		want   Class
	}{
		{403, "Forbidden: bot was blocked by the user", ClassBlocked},
		{400, "Bad Request: USER_IS_BLOCKED", ClassBlocked},
		{403, "Forbidden: user is deactivated", ClassDeactivated},
		{400, "Bad Request: INPUT_USER_DEACTIVATED", ClassDeactivated},
		{403, "Forbidden: bot can't initiate conversation with a user", ClassNoChat},
		{403, "Forbidden: bot can't send messages to bots", ClassNoChat},
		{400, "Bad Request: chat not found", ClassNoChat},
		{400, "Bad Request: private chat not found", ClassNoChat},
		{400, "Bad Request: PEER_ID_INVALID", ClassNoChat},
		{400, "Bad Request: PARTICIPANT_ID_INVALID", ClassNoChat},
		{403, "Forbidden: bot was kicked from the group chat", ClassKicked},
		{403, "Forbidden: bot was kicked from the supergroup chat", ClassKicked},
		{403, "Forbidden: bot is not a member of the supergroup chat", ClassKicked},
		{403, "Forbidden: bot is not a member of the channel chat", ClassKicked},
		{403, "Forbidden: the group chat was deleted", ClassKicked},
		{400, "Bad Request: group chat was deactivated", ClassKicked},
		{400, "Bad Request: CHANNEL_PRIVATE", ClassKicked},
		{400, "Bad Request: not enough rights to send text messages to the chat", ClassNoRights},
		{400, "Bad Request: not enough rights to send documents to the chat", ClassNoRights},
		{400, "Bad Request: have no write access to the chat", ClassNoRights},
		{400, "Bad Request: have no rights to send a message", ClassNoRights},
		{400, "Bad Request: CHAT_WRITE_FORBIDDEN", ClassNoRights},
		{400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", ClassNoRights},
		{400, "Bad Request: CHAT_RESTRICTED", ClassNoRights},
		{403, "Forbidden: something nobody has seen yet", ClassNoRights},
		{400, "Bad Request: message thread not found", ClassTopicGone},
		{400, "Bad Request: TOPIC_CLOSED", ClassTopicGone},
		{400, "Bad Request: TOPIC_DELETED", ClassTopicGone},
		{400, "Bad Request: group chat was upgraded to a supergroup chat", ClassMigrated},
		{400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same", ClassNotModified},
		{400, "Bad Request: MESSAGE_NOT_MODIFIED", ClassNotModified},
		{400, "Bad Request: query is too old and response timeout expired or query ID is invalid", ClassPressExpired},
		{400, "Bad Request: QUERY_ID_INVALID", ClassPressExpired},
		{400, "Bad Request: message to edit not found", ClassPostAnew},
		{400, "Bad Request: message can't be edited", ClassPostAnew},
		{400, "Bad Request: there is no text in the message to edit", ClassPostAnew},
		{400, "Bad Request: message to be replied not found", ClassReplyGone},
		{400, "Bad Request: message to reply not found", ClassReplyGone},
		{400, "Bad Request: replied message not found", ClassReplyGone},
		{400, "Bad Request: REPLY_MESSAGE_ID_INVALID", ClassReplyGone},
		{400, "Bad Request: REACTION_INVALID", ClassReactionInvalid},
		{400, "Bad Request: message to react not found", ClassReactionInvalid},
		{400, "Bad Request: wrong file identifier/HTTP URL specified", ClassBadFile},
		{400, "Bad Request: wrong remote file identifier specified: Wrong padding in the string", ClassBadFile},
		{400, "Bad Request: wrong file_id or the file is temporarily unavailable", ClassBadFile},
		{400, "Bad Request: FILE_REFERENCE_EXPIRED", ClassBadFile},
		{400, "Bad Request: file reference has expired", ClassBadFile},
		{400, "Bad Request: can't use file of type Photo as Document", ClassBadFile},
		{400, "Bad Request: file is too big", ClassFileTooBig},
		{413, "Request Entity Too Large", ClassFileTooBig},
		{401, "Unauthorized", ClassUnauthorized},
		{404, "Not Found", ClassUnauthorized},
		{400, "Logged out", ClassUnauthorized},
		{404, "Not Found: method not found", ClassBadRequest},
		{409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", ClassConflict},
		{409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", ClassWebhookActive},
		{429, "Too Many Requests: retry after 7", ClassTooMany},
		{500, "Internal Server Error: sent message was immediately deleted", ClassUnknown},
		{500, "Internal Server Error: restart", ClassUnknown},
		{502, "Bad Gateway", ClassUnknown},
		{400, "Bad Request: message text is empty", ClassBadRequest},
		{400, "Bad Request: can't parse entities: unexpected end tag", ClassBadRequest},
		{400, "Bad Request: BUTTON_DATA_INVALID", ClassBadRequest},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{tt.text, strings.ToLower(tt.text), strings.ToUpper(tt.text)} {
				e := refusal("sendMessage", tt.status, answerBody(t, tt.status, text, nil))
				assert.Equal(t, tt.want.String(), e.Class.String(), text)
				assert.Equal(t, tt.status, e.Status)
			}
		})
	}
}

func TestADeadMessageMeansWhatWasToBeDoneWithIt(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]Class{
		"editMessageText":    ClassPostAnew,
		"sendDocument":       ClassReplyGone,
		"setMessageReaction": ClassReactionInvalid,
		"leaveChat":          ClassBadRequest,
	} {
		e := refusal(method, 400, answerBody(t, 400, "Bad Request: MESSAGE_ID_INVALID", nil))
		assert.Equal(t, want.String(), e.Class.String(), method)
	}
}

func TestParametersOfARefusal(t *testing.T) {
	t.Parallel()
	e := refusal("sendMessage", 429, answerBody(t, 429, "Too Many Requests: retry after 7", map[string]any{"retry_after": 9}))
	assert.Equal(t, 9*time.Second, e.RetryAfter)
	e = refusal("sendMessage", 429, answerBody(t, 429, "Too Many Requests: retry after 7", nil))
	assert.Equal(t, 7*time.Second, e.RetryAfter, "the text tells as well")
	e = refusal("sendMessage", 429, answerBody(t, 429, "Too Many Requests", nil))
	assert.Equal(t, time.Second, e.RetryAfter, "never none")

	e = refusal("sendMessage", 400, answerBody(t, 400, "Bad Request: group chat was upgraded to a supergroup chat",
		map[string]any{"migrate_to_chat_id": -1001234567890123}))
	assert.Equal(t, ClassMigrated, e.Class)
	assert.Equal(t, int64(-1001234567890123), e.MigrateTo)
}

func TestAnAnswerThatIsNotTheBotAPIs(t *testing.T) {
	t.Parallel()
	page := []byte("<html>WBA11111111111111</html>")
	for status, want := range map[int]Class{
		http.StatusOK: ClassUnknown, http.StatusFound: ClassNotSent, http.StatusForbidden: ClassNotSent,
		http.StatusNotFound: ClassNotSent, http.StatusProxyAuthRequired: ClassNotSent,
		http.StatusRequestEntityTooLarge: ClassFileTooBig, http.StatusTooManyRequests: ClassTooMany,
		http.StatusInternalServerError: ClassUnknown, http.StatusBadGateway: ClassUnknown,
	} {
		e := refusal("sendMessage", status, page)
		assert.Equal(t, want.String(), e.Class.String(), status)
		assert.NotContains(t, e.Error(), "WBA")
	}
	assert.Equal(t, time.Second, refusal("sendMessage", 429, page).RetryAfter)
	assert.Equal(t, ClassUnknown, refusal("sendMessage", 200, []byte(`{"ok":fal`)).Class)
	assert.Equal(t, ClassUnknown, refusal("sendMessage", 502, []byte(`{"error":"upstream"}`)).Class)
}

func TestOnlyHarmlessWordsAreKept(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"Bad Request: message can't be edited":                                                 "Bad Request: message can't be edited",
		"Bad Request: wrong file identifier/HTTP URL specified":                                "Bad Request: wrong file identifier/HTTP URL specified",
		"Bad Request: REACTION_INVALID":                                                        "Bad Request: REACTION_INVALID",
		"Too Many Requests: retry after 5":                                                     "Too Many Requests: retry after 5",
		`Bad Request: unsupported start tag "Ivan" at byte offset 9`:                           "Bad Request: unsupported start tag … at byte offset 9",
		`Bad Request: unsupported start tag "Iv"an" at byte`:                                   "Bad Request: unsupported start tag … at byte",
		`Bad Request: can't find "Ivan and so on`:                                              "Bad Request: can't find …",
		"Bad Request: button URL 'http://localhost/login?t=secret' is invalid":                 "Bad Request: button URL … is invalid",
		"Bad Request: cannot get http://localhost/login?t=secret":                              "Bad Request: cannot get …",
		"Bad Request: cannot read /var/lib/Ivan":                                               "Bad Request: cannot read …",
		"Bad Request: VIN WBAPK5C50BF123456 is wrong":                                          "Bad Request: VIN … is wrong",
		"Bad Request: Иван is not here, nor @ivan":                                             "Bad Request: … is not here, nor …",
		"Bad Request: chat -1001234567890 is closed, " + strings.Repeat("so very closed ", 40): "Bad Request: chat -1001234567890 is closed, " + strings.Repeat("so very closed ", 40)[:textLimit-44],
	}
	for in, want := range tests {
		assert.Equal(t, want, harmless(in))
	}
}

func FuzzHarmlessHidesAVINAndANameInQuotes(f *testing.F) {
	f.Add("Bad Request: ", ` tag "`, `" at`)
	f.Add("it can't ", "'", "'")
	f.Fuzz(func(t *testing.T, before, between, after string) {
		const vin = "WBAPK5C50BF123456"
		got := harmless(before + " " + vin + " " + between + " " + after)
		assert.NotContains(t, got, vin)
		assert.LessOrEqual(t, len(got), textLimit)
	})
}

func TestEveryClassHasAName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := ClassUnknown; c <= ClassBadRequest; c++ {
		assert.NotEmpty(t, c.String())
		assert.False(t, seen[c.String()], c.String())
		seen[c.String()] = true
	}
	assert.Equal(t, "unknown", Class(-1).String())
	assert.Equal(t, "unknown", (ClassBadRequest + 1).String())
	assert.True(t, ClassNotSent.Temporary())
	assert.False(t, ClassBlocked.Temporary())
	assert.Equal(t, ClassUnknown, ClassOf(assert.AnError))
}
