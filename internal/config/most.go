package config

import (
	"errors"
	"fmt"
	"strconv"
)

// greatest is the most that a limit on owners may allow: beyond it there is none.
const greatest = 100_000

// Most is how many of something one owner may have; 0 is no limit.
type Most int

// Allowed says which limits are taken.
func (m Most) Allowed() string {
	return fmt.Sprintf("a whole number of 0 to %d; 0 is no limit", greatest)
}

// UnmarshalText reads the limit.
func (m *Most) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 32)
	if err != nil {
		return errors.New("not a whole number")
	}
	if n > greatest {
		return errors.New("out of range")
	}
	*m = Most(n)
	return nil
}
