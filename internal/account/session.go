package account

import (
	"context"
	"errors"
	"time"
)

// Session is an owner who signed in to the API.
type Session struct {
	ID    int64
	Owner int64
	// AccessUntil is when its present access token ends, ExpiresAt when its
	// last refresh token does.
	AccessUntil, ExpiresAt time.Time
}

// Renewal are a session's next secrets, by their hashes.
type Renewal struct {
	Access, Refresh        []byte
	AccessUntil, ExpiresAt time.Time
}

// Sessions are the owners who signed in. What does not exist is a
// ticket.CodeNotFound error.
type Sessions interface {
	// Begin begins a session by the hashes of its first two secrets.
	Begin(ctx context.Context, s Session, access, refresh []byte) error
	// Find finds the session of an access token, unless its time is up.
	Find(ctx context.Context, access []byte, now time.Time) (Session, error)
	// Renew takes a refresh token, once, and gives its session new secrets. One
	// that was taken before ends the session: reused.
	Renew(ctx context.Context, refresh []byte, next Renewal) (owner int64, reused bool, err error)
	// End ends a session.
	End(ctx context.Context, id int64) error
}

// Grant is a portion of requests that a caller may make in a minute.
type Grant struct {
	Caller  string
	Token   int64 // of a program, which is noted to be used; 0 for none
	Minute  time.Time
	Portion int
}

// Usage counts what callers were allowed, for all processes together.
type Usage interface {
	// Grant counts a portion, and gives how many requests the caller was
	// granted in that minute by now.
	Grant(ctx context.Context, g Grant) (total int, err error)
}

// AnswerKey is the name that a caller gave a request, and what it asked.
type AnswerKey struct {
	Caller, Name string
	Request      []byte // a hash
}

// Answer is what was answered to a request that may come again.
type Answer struct {
	Request []byte // a hash of what was asked
	Status  int
	Headers map[string]string
	Body    []byte
	Ticket  int64 // what it tells about, with which it is erased; 0: none
}

// ErrUnderway says that a request of the same name is being carried out by
// another process.
var ErrUnderway = errors.New("a request of the same name is under way")

// Answers keeps answers for a day. Both methods join the transaction that ctx
// carries, so that a request and its answer are one.
type Answers interface {
	// Claim takes a key for a request; where it was taken before it gives what
	// was answered then. While another process carries it out it is
	// [ErrUnderway]; in this one who comes second waits.
	Claim(ctx context.Context, k AnswerKey) (kept Answer, fresh bool, err error)
	Keep(ctx context.Context, k AnswerKey, a Answer) error
}
