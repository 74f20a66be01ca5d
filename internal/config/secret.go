package config

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
)

// Secret is a value that prints as *** wherever it is printed: by every verb
// of fmt, as JSON, as text, and so by every logger. Only Reveal gives it.
//
// It holds a pointer, since fmt prints the raw memory of a struct's unexported
// fields and would otherwise show a Secret that hides in one.
type Secret struct{ value *string }

// NewSecret hides a value.
func NewSecret(value string) Secret {
	return Secret{value: &value}
}

// Reveal gives the value itself, which the caller must not print.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String hides the value.
func (s Secret) String() string { return hidden }

// GoString hides the value.
func (s Secret) GoString() string { return hidden }

// Format hides the value from every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON hides the value.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue hides the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Token is the token of a bot.
type Token struct{ Secret }

// Allowed says what a token looks like.
func (t Token) Allowed() string {
	return "the token that BotFather gave: digits, a colon, then letters, digits, - and _"
}

// UnmarshalText reads a token.
func (t *Token) UnmarshalText(text []byte) error {
	if !regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{1,200}$`).Match(text) {
		return errors.New("not a bot token")
	}
	t.Secret = NewSecret(string(text))
	return nil
}
