package telegram

import (
	"errors"
	"fmt"
	"time"
)

// Class is what a failed call means for whoever made it: whether it happened,
// whether it may ever succeed, and whom it concerns. The zero class is Unknown.
type Class int

// The classes. Those that say a person or a chat is out of reach come first
// after Unknown and NotSent, then what is as good as done, then what must be
// done another way, then our own faults.
const (
	// ClassUnknown is a timeout, a connection cut after the request was
	// written, a 5xx or an answer that cannot be read: nobody knows whether the
	// call happened.
	ClassUnknown Class = iota
	// ClassNotSent is a call that did not happen: no connection, or something
	// between us and Telegram refused it. Try again.
	ClassNotSent
	// ClassTooMany is a 429: it did not happen; wait RetryAfter.
	ClassTooMany
	// ClassBlocked is an owner who blocked the bot, and may come back.
	ClassBlocked
	// ClassDeactivated is an account that is gone for good.
	ClassDeactivated
	// ClassNoChat is a chat that the bot cannot open: the person never started
	// it, or there is no such chat, or no such person in it.
	ClassNoChat
	// ClassKicked is a group that the bot is not in, or that is no more.
	ClassKicked
	// ClassNoRights is a group where the bot may not write.
	ClassNoRights
	// ClassTopicGone is a forum topic that is closed or deleted: use General.
	ClassTopicGone
	// ClassMigrated is a group that became a supergroup: MigrateTo names it.
	ClassMigrated
	// ClassNotModified is an edit that changes nothing: as good as done.
	ClassNotModified
	// ClassPressExpired is a button press that waited too long for its answer,
	// or has it already: nothing is left to do.
	ClassPressExpired
	// ClassPostAnew is a message that cannot be edited any more: post another.
	ClassPostAnew
	// ClassReplyGone is a message to reply to that is no more: send without.
	ClassReplyGone
	// ClassReactionInvalid is a reaction that cannot be set: answer in words.
	ClassReactionInvalid
	// ClassBadFile is a file id that Telegram does not, or no longer, accept.
	ClassBadFile
	// ClassFileTooBig is a file beyond what Telegram hands out or takes: 20 MB
	// for a download from the cloud server.
	ClassFileTooBig
	// ClassOverLimit is a file longer than the caller's own limit.
	ClassOverLimit
	// ClassUnauthorized is a token that Telegram does not know.
	ClassUnauthorized
	// ClassConflict is another poller on the same token.
	ClassConflict
	// ClassWebhookActive is a webhook on the token, which forbids polling.
	ClassWebhookActive
	// ClassBadRequest is a request that can never succeed: our own fault.
	ClassBadRequest
)

// String names the class in logs and metrics.
func (c Class) String() string {
	names := [...]string{
		ClassUnknown: "unknown", ClassNotSent: "not_sent", ClassTooMany: "too_many",
		ClassBlocked: "blocked", ClassDeactivated: "deactivated", ClassNoChat: "no_chat",
		ClassKicked: "kicked", ClassNoRights: "no_rights", ClassTopicGone: "topic_gone",
		ClassMigrated: "migrated", ClassNotModified: "not_modified",
		ClassPressExpired: "press_expired", ClassPostAnew: "post_anew",
		ClassReplyGone: "reply_gone", ClassReactionInvalid: "reaction_invalid",
		ClassBadFile: "bad_file", ClassFileTooBig: "file_too_big",
		ClassOverLimit: "over_limit", ClassUnauthorized: "unauthorized",
		ClassConflict: "conflict", ClassWebhookActive: "webhook_active",
		ClassBadRequest: "bad_request",
	}
	if c < 0 || int(c) >= len(names) {
		return "unknown"
	}
	return names[c]
}

// Temporary reports whether the same call may succeed later without anybody
// changing it. After ClassUnknown that risks doing it twice.
func (c Class) Temporary() bool {
	switch c {
	case ClassUnknown, ClassNotSent, ClassTooMany, ClassUnauthorized, ClassConflict, ClassWebhookActive:
		return true
	default:
		return false
	}
}

// Error is a call to Telegram that failed. It holds nothing that must not be
// logged: no token, no name, no text of a message.
type Error struct {
	Method     string
	Class      Class
	Status     int           // of the answer; 0 if there was none
	RetryAfter time.Duration // for ClassTooMany
	MigrateTo  int64         // for ClassMigrated: the supergroup's id, 0 if not told
	Text       string        // Telegram's words without anything quoted, or ours

	cause error // context.Canceled or context.DeadlineExceeded, or nil
}

// Error says what failed and why.
func (e *Error) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("telegram %s: %s (%s)", e.Method, e.Text, e.Class)
	}
	return fmt.Sprintf("telegram %s: %d %s (%s)", e.Method, e.Status, e.Text, e.Class)
}

// Unwrap gives the end of the context, if that is what ended the call.
func (e *Error) Unwrap() error { return e.cause }

// ClassOf gives the class of a failed call. An error that is none of this
// room's is ClassUnknown.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ClassUnknown
}
