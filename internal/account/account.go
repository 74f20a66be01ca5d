// Package account is about people and the groups they meet in: owners,
// managers, who may do what, in which language, and where the managers' cards
// go. It knows neither Telegram nor SQL.
package account

import (
	"context"
	"time"
)

// User is somebody who has written to the bot or acted in a managers' group.
type User struct {
	ID       int64 // Telegram's
	Name     string
	Username string // without @, empty for none
	// Language is a code that the message room has texts for, or empty: then
	// the default.
	Language string
	// LanguageChosen says that the person chose it: what Telegram says of their
	// client no longer counts.
	LanguageChosen bool
	// Unreachable says that Telegram refused a message to this person: the
	// bot is blocked, or the account is gone. Anything from them clears it.
	Unreachable bool
	FirstSeen   time.Time
	LastSeen    time.Time
}

// Store keeps people and chats. Every method joins the transaction that ctx
// carries, if it carries one. What does not exist is a ticket.CodeNotFound
// error.
type Store interface {
	// Seen stores what Telegram says of a person now and gives the stored
	// record, with Unreachable as it was before.
	Seen(ctx context.Context, u User) (User, error)
	User(ctx context.Context, id int64) (User, error)
	// ByUsername finds the person whom others write behind an @.
	ByUsername(ctx context.Context, username string) (User, error)
	// ChooseLanguage stores the language that a person chose.
	ChooseLanguage(ctx context.Context, id int64, language string) error
	// SetUnreachable notes whether messages to a person arrive.
	SetUnreachable(ctx context.Context, id int64, unreachable bool) error
	// Successors maps the old id of each migrated group to its new one.
	Successors(ctx context.Context) (map[int64]int64, error)
	// Migrated remembers that a group became a supergroup, once: it reports
	// whether this was news.
	Migrated(ctx context.Context, from, to int64) (bool, error)
}
