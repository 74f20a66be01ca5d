package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scope is something that a program with a token may do.
type Scope string

// The scopes.
const (
	ScopeTicketsRead  Scope = "tickets:read"  // see every ticket and what happens to it
	ScopeTicketsWrite Scope = "tickets:write" // open and cancel tickets
	ScopeReportsRead  Scope = "reports:read"  // fetch reports
	ScopeManage       Scope = "manage"        // what managers and admins do
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeTicketsRead, ScopeTicketsWrite, ScopeReportsRead, ScopeManage}
}

// ParseScopes reads a list of scopes with commas or spaces between them.
func ParseScopes(text string) ([]Scope, error) {
	var scopes []Scope
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		scope := Scope(name)
		if !slices.Contains(Scopes(), scope) {
			return nil, fmt.Errorf("there is no scope %q", name)
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

const (
	// UsualPerMinute is how many requests a minute a token allows unless somebody
	// says otherwise.
	UsualPerMinute = 600
	// MostPerMinute is how many it may allow.
	MostPerMinute = 1_000_000
	// MaxTokenName is how many characters its name may have.
	MaxTokenName = 64
)

// Token is what a program shows to be let in to the API.
type Token struct {
	ID     int64
	Name   string // whose it is, for people
	Scopes []Scope
	// PerMinute is how many requests it may make in a minute.
	PerMinute  int
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never; as exact as a minute
	RevokedAt  time.Time // zero while it lets in
}

// The prefixes by which secrets are told apart, and found by those who look for
// leaked ones.
const (
	PrefixToken   = "vbt_" // of a program
	PrefixAccess  = "vba_" // of an owner, for an hour
	PrefixRefresh = "vbr_" // of an owner, for the next hour
)

// secretBytes makes secrets of 256 bits.
const secretBytes = 32

// NewSecret makes a secret and gives it with what is kept of it.
func NewSecret(prefix string) (secret string, hash []byte) {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never fails: the program ends first
	secret = prefix + base64.RawURLEncoding.EncodeToString(random)
	return secret, HashSecret(secret)
}

// HashSecret gives what is kept of a secret. It is random throughout, so that
// nobody can guess it from its hash.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// OwnerCaller names an owner, and ProgramCaller a program by its token, where
// callers of the API are told apart.
func OwnerCaller(owner int64) string { return "owner:" + strconv.FormatInt(owner, 10) }

// ProgramCaller names a program by its token.
func ProgramCaller(token int64) string { return "token:" + strconv.FormatInt(token, 10) }

// Tokens are the tokens of programs. What does not exist is a
// ticket.CodeNotFound error.
type Tokens interface {
	// Create stores a token by the hash of its secret, and gives it its ID.
	Create(ctx context.Context, t Token, hash []byte) (Token, error)
	// Find finds a token by the hash of its secret, unless it was revoked.
	Find(ctx context.Context, hash []byte) (Token, error)
	// List lists all tokens, oldest first.
	List(ctx context.Context) ([]Token, error)
	// Revoke has a token let nobody in any more, and reports whether it did
	// before.
	Revoke(ctx context.Context, id int64) (bool, error)
}
