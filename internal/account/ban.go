package account

import (
	"context"
	"time"
)

// Ban keeps somebody from using the bot as an owner.
type Ban struct {
	// Reason is what an admin wrote, which the person is told. It is erased
	// with all else that is known of the person.
	Reason string
	By     int64
	At     time.Time
	// Told says that the person knows. They are told once.
	Told bool
}

// Bans are the people who may not use the bot. Every method joins the
// transaction that ctx carries, if it carries one. Nobody's ban is a
// ticket.CodeNotFound error.
type Bans interface {
	// Ban bans a person, and reports whether they were not before. The reason
	// of who was is replaced.
	Ban(ctx context.Context, user int64, reason string, by int64) (fresh bool, err error)
	// Unban lifts a ban, and reports whether there was one.
	Unban(ctx context.Context, user int64) (lifted bool, err error)
	// Banned finds a person's ban.
	Banned(ctx context.Context, user int64) (Ban, error)
	// Told notes that a person knows of their ban.
	Told(ctx context.Context, user int64) error
}
