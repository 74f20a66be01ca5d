package account

import (
	"context"
	"strings"
	"time"
)

// Asker is an owner, by the newest of their tickets.
type Asker struct {
	Owner  int64
	Ticket int64
	At     time.Time // when it was opened
}

// Served is what an owner has asked for in all, and what they thought of it.
type Served struct {
	Tickets, Open, Done int
	Ratings, Stars      int
}

// Named is a person, and where they stand in the list of who has such a name.
type Named struct {
	User

	Place NamePlace
}

// NamePlace is a place in the list of names; the zero one is before the first.
type NamePlace struct {
	Name string // or the last word of it, folded
	ID   int64
}

// Owners are people as they are looked for and looked at.
type Owners interface {
	// Askers lists owners by their newest tickets, the newest first, none of which
	// is from before on: 0 for all. Limit at most.
	Askers(ctx context.Context, before int64, limit int) ([]Asker, error)
	// Named lists people whose name, or the last word of it, begins so, by name,
	// behind a place in that list, limit at most. The case of letters does not
	// matter.
	Named(ctx context.Context, beginning string, after NamePlace, limit int) ([]Named, error)
	// Users finds people by their ids; those who are not known are left out.
	Users(ctx context.Context, ids []int64) (map[int64]User, error)
	Served(ctx context.Context, owner int64) (Served, error)
	// Stars gives what owners gave for tickets, by ticket.
	Stars(ctx context.Context, tickets []int64) (map[int64]int, error)
}

// FoldName makes of a name what it is compared by.
func FoldName(name string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(strings.ToLower(name)), " "), "ё", "е")
}

// LastWord gives the last word of a folded name of several; empty of one.
func LastWord(folded string) string {
	i := strings.LastIndexByte(folded, ' ')
	if i < 0 {
		return ""
	}
	return folded[i+1:]
}
