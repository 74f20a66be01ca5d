package telegram

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// envelope is what surrounds every answer of the Bot API.
type envelope struct {
	OK          bool   `json:"ok"`
	ErrorCode   int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// refusal makes the error of an answer that is not "ok". An answer that is not
// the Bot API's (a proxy's page, cut JSON) is judged by its status alone.
func refusal(method string, status int, body []byte) *Error {
	var a envelope
	if err := json.Unmarshal(body, &a); err != nil || a.ErrorCode == 0 && a.Description == "" {
		return strangeAnswer(method, status)
	}
	if a.ErrorCode == 0 {
		a.ErrorCode = status
	}
	e := &Error{
		Method: method, Status: a.ErrorCode, MigrateTo: a.Parameters.MigrateTo,
		Class: meaningOf(method, a.ErrorCode, a.Description), Text: harmless(a.Description),
	}
	if e.MigrateTo != 0 {
		e.Class = ClassMigrated
	}
	if e.Class == ClassTooMany {
		e.RetryAfter = retryAfter(a.Parameters.RetryAfter, a.Description)
	}
	return e
}

// strangeAnswer judges an answer that is not the Bot API's. What a proxy
// refused or redirected did not reach Telegram.
func strangeAnswer(method string, status int) *Error {
	e := &Error{Method: method, Status: status, Class: ClassUnknown, Text: "the answer is not the Bot API's"}
	switch {
	case status == http.StatusTooManyRequests:
		e.Class, e.RetryAfter = ClassTooMany, time.Second
	case status == http.StatusRequestEntityTooLarge:
		e.Class = ClassFileTooBig
	case status >= 300 && status < 500:
		e.Class = ClassNotSent
	}
	return e
}

// retryAfter is the pause that a 429 asks for, which the server also writes
// into the text: at least a second.
func retryAfter(seconds int, text string) time.Duration {
	if seconds <= 0 {
		_, rest, _ := strings.Cut(strings.ToLower(text), "retry after ")
		seconds, _ = strconv.Atoi(strings.TrimSpace(rest))
	}
	return time.Duration(max(seconds, 1)) * time.Second
}

// meaningOf finds the class of a refusal. Most of the meaning hides in the
// text, which comes as a sentence or, passed on from deeper servers, in
// capitals with underscores.
func meaningOf(method string, status int, text string) Class {
	switch {
	case status == http.StatusTooManyRequests:
		return ClassTooMany
	case status >= 500:
		return ClassUnknown
	case status == http.StatusRequestEntityTooLarge:
		return ClassFileTooBig
	case status == http.StatusConflict && mentions(text, "webhook"):
		return ClassWebhookActive
	case status == http.StatusConflict:
		return ClassConflict
	case status == http.StatusUnauthorized:
		return ClassUnauthorized
	case status == http.StatusNotFound && !mentions(text, "method not found"):
		return ClassUnauthorized // a token that is not even shaped like one
	}
	for _, m := range meanings() {
		if mentions(text, m.phrases...) {
			return m.class
		}
	}
	if mentions(text, "message_id_invalid", "message not found") {
		return deadMessage(method)
	}
	if status == http.StatusForbidden {
		return ClassNoRights
	}
	return ClassBadRequest
}

// deadMessage says what a message id that is no more means: it depends on what
// was to be done with it.
func deadMessage(method string) Class {
	switch {
	case strings.HasPrefix(method, "edit"):
		return ClassPostAnew
	case strings.HasPrefix(method, "send"):
		return ClassReplyGone
	case method == methodReact:
		return ClassReactionInvalid
	default:
		return ClassBadRequest
	}
}

// mentions reports whether a text holds one of the phrases, which are in lower
// case, in either case of letters.
func mentions(text string, phrases ...string) bool {
	text = strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

type meaning struct {
	class   Class
	phrases []string
}

// meanings are the wordings of 400 and 403, as the Bot API server and the
// servers behind it send them, in the order in which they are looked for.
func meanings() []meaning {
	return []meaning{
		{ClassBlocked, []string{"bot was blocked by the user", "user_is_blocked"}},
		{ClassDeactivated, []string{"user is deactivated", "input_user_deactivated"}},
		{ClassMigrated, []string{"upgraded to a supergroup"}},
		{ClassKicked, []string{
			"bot was kicked", "bot is not a member", "bot is not a participant",
			"group chat was deleted", "group chat was deactivated", "channel_private",
		}},
		{ClassTopicGone, []string{
			"message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid", "topic closed", "topic deleted",
		}},
		{ClassNoRights, []string{
			"not enough rights", "have no rights", "no write access", "need administrator rights",
			"chat_write_forbidden", "chat_send_", "chat_restricted", "chat_admin_required",
			"chat_guest_send_forbidden", "user_banned_in_channel", "right_forbidden",
		}},
		{ClassNoChat, []string{
			"can't initiate conversation", "chat not found", "user not found", "peer_id_invalid", "user_id_invalid",
			"chat_id_invalid", "can't send messages to bots", "can't send messages to the user", "have no access to the user",
			"member not found", "participant_id_invalid",
		}},
		{ClassNotModified, []string{"message is not modified", "message_not_modified"}},
		{ClassPressExpired, []string{"query is too old", "query id is invalid", "query_id_invalid"}},
		{ClassPostAnew, []string{
			"message to edit not found", "message can't be edited", "message_edit_time_expired", "message_author_required",
			"there is no text in the message to edit", "there is no caption in the message to edit",
		}},
		{ClassReplyGone, []string{
			"message to reply not found", "message to be replied not found", "replied message not found",
			"reply message not found", "reply_message_id_invalid", "reply_to_invalid",
		}},
		{ClassReactionInvalid, []string{
			"reaction_invalid", "reaction_empty", "reactions_too_many", "reaction is not allowed", "reactions are disabled",
			"message to react not found", "invalid reaction type", "available_reactions",
		}},
		{ClassFileTooBig, []string{"file is too big", "request entity too large"}},
		{ClassBadFile, []string{
			"wrong file identifier", "wrong remote file", "wrong file_id", "invalid file_id", "file_id_invalid",
			"file reference", "file_reference_", "can't use file of type", "type of file mismatch",
			"media_empty", "media_invalid", "document_invalid", "file_parts_invalid",
		}},
		{ClassUnauthorized, []string{"logged out"}},
	}
}
