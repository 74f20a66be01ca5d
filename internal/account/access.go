package account

import (
	"context"
	"time"
)

// Role is what somebody may do in the panel.
type Role int

// The roles, each of which may do what the one before it may.
const (
	Nobody Role = iota
	Manager
	Admin
)

// MembershipLife is how long it is believed that somebody is in a group. Who
// left it has no access after that, even where nobody said so.
const MembershipLife = 10 * time.Minute

// Membership is whether a person was in a group when Telegram last said so.
type Membership struct {
	Chat      int64
	Inside    bool
	CheckedAt time.Time
}

// Members knows who is in the managers' groups.
type Members interface {
	// Note notes what Telegram says at this moment.
	Note(ctx context.Context, chat, user int64, inside bool) error
	// Of lists what is known of a person.
	Of(ctx context.Context, user int64) ([]Membership, error)
}

// AccessOptions are those of an [Access].
type AccessOptions struct {
	Roles   Roles
	Groups  *Groups
	Members Members
	Clock   func() time.Time
}

// Access says what somebody may do in the panel.
type Access struct{ AccessOptions }

// NewAccess makes it.
func NewAccess(o AccessOptions) *Access { return &Access{o} }

// MayAct reports whether somebody in a managers' group may act on tickets.
func (a *Access) MayAct(user int64) bool { return a.Roles.MayAct(user) }

// Role gives what a person may do at this moment: admins are those of the
// settings, managers those who may act on tickets and were in one of the groups
// a moment ago.
func (a *Access) Role(ctx context.Context, user int64) (Role, error) {
	if a.Roles.Admin(user) {
		return Admin, nil
	}
	if !a.Roles.MayAct(user) {
		return Nobody, nil
	}
	known, err := a.Members.Of(ctx, user)
	if err != nil {
		return Nobody, err
	}
	since := a.Clock().Add(-MembershipLife)
	elsewhere := false
	for _, m := range known {
		switch {
		case !m.Inside || !m.CheckedAt.After(since):
		case a.Groups.Allowed(m.Chat):
			return Manager, nil
		default:
			elsewhere = true
		}
	}
	if !elsewhere {
		return Nobody, nil
	}
	return a.moved(ctx, known, since)
}

// moved looks whether a group became another one, of which another process was
// told.
func (a *Access) moved(ctx context.Context, known []Membership, since time.Time) (Role, error) {
	if err := a.Groups.Load(ctx); err != nil {
		return Nobody, err
	}
	for _, m := range known {
		if m.Inside && m.CheckedAt.After(since) && a.Groups.Allowed(m.Chat) {
			return Manager, nil
		}
	}
	return Nobody, nil
}
