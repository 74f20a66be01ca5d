package account

import (
	"context"
	"time"
)

const (
	// PanelTime is how long a session in the panel lasts, whatever is done in it.
	PanelTime = 12 * time.Hour
	// LinkTime is how long a login link lets in.
	LinkTime = 5 * time.Minute
)

// The prefixes of the panel's secrets.
const (
	PrefixLink  = "vbl_" // of a login link
	PrefixPanel = "vbp_" // of a session, in a cookie
)

// PanelSession is a manager or an admin who signed in to the panel. It says who
// somebody is; what they may do is looked at with each request.
type PanelSession struct {
	ID    int64
	User  int64
	Agent string // what their browser calls itself
	// SeenAt is when it was used last, as exact as a minute.
	CreatedAt, SeenAt, ExpiresAt time.Time
}

// LoginLink lets one person into the panel, once. Its secret is in no table.
type LoginLink struct {
	User      int64
	ExpiresAt time.Time
	UsedAt    time.Time // zero while it was not
}

// Works reports whether a link lets in at a time.
func (l LoginLink) Works(now time.Time) bool { return l.UsedAt.IsZero() && now.Before(l.ExpiresAt) }

// PanelSessions are the people who are signed in to the panel, and the links by
// which they came. What does not exist is a ticket.CodeNotFound error. Every
// method joins the transaction that ctx carries, if it carries one.
type PanelSessions interface {
	// MakeLink stores a link by the hash of its secret.
	MakeLink(ctx context.Context, l LoginLink, hash []byte) error
	// Link finds a link, whether it works or not.
	Link(ctx context.Context, hash []byte) (LoginLink, error)
	// Enter spends a link and begins the session of its person, by the hash of the
	// session's secret. Of several who try at once one is let in; a link that does
	// not work is a ticket.CodeConflict error.
	Enter(ctx context.Context, link []byte, s PanelSession, hash []byte) (PanelSession, error)
	// Begin begins a session for somebody whom Telegram vouches for.
	Begin(ctx context.Context, s PanelSession, hash []byte) (PanelSession, error)
	// Find finds a session that has neither ended nor been revoked.
	Find(ctx context.Context, hash []byte, now time.Time) (PanelSession, error)
	// Touch notes that a session is used.
	Touch(ctx context.Context, id int64) error
	// List lists the sessions that let in, the newest first: one person's, or with
	// 0 everybody's.
	List(ctx context.Context, user int64, now time.Time) ([]PanelSession, error)
	// Revoke ends a session, of that person unless it is 0, and reports whether
	// there was one.
	Revoke(ctx context.Context, id, user int64) (bool, error)
}

// Deed is something that somebody did in the panel. It names people by id only,
// and no car.
type Deed struct {
	ID   int64
	At   time.Time
	User int64 // who did it
	// Action is a code, as "ticket.take"; see the panel's catalogue, which has a
	// word for each.
	Action string
	Ticket int64 // 0: of none
	Person int64 // whom it was done to, an owner or a manager; 0: nobody
	// Target names anything else that it was done to, as "webhook:3"; empty: nothing.
	Target string
	// Details are codes and numbers, never what somebody wrote.
	Details   map[string]string
	RequestID string
}

// DeedFilter chooses deeds, the newest first; what is zero chooses nothing away.
type DeedFilter struct {
	User   int64 // who did it
	Person int64 // whom it was done to
	Ticket int64
	Action string
	From   time.Time // at this time or later
	To     time.Time // before this time
	Before int64     // the number of the deed that all of them are older than
	Limit  int
}

// AuditKept is for how long it is kept what was done in the panel.
const AuditKept = 365 * 24 * time.Hour

// Audit is what was done in the panel. Add joins the transaction that ctx
// carries, so that what was done and that it was are one.
type Audit interface {
	Add(ctx context.Context, d Deed) error
	Deeds(ctx context.Context, by DeedFilter) ([]Deed, error)
}
