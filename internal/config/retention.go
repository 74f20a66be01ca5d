package config

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// maxRetention is a hundred years, in days.
const maxRetention = 36500

// RetentionDays is how many days something is kept; 0 is for ever.
type RetentionDays int

// Duration is that time; 0 is for ever.
func (d RetentionDays) Duration() time.Duration { return time.Duration(d) * 24 * time.Hour }

// Allowed says which numbers are taken.
func (d RetentionDays) Allowed() string {
	return fmt.Sprintf("a whole number of days, 1 to %d, or 0 for ever", maxRetention)
}

// UnmarshalText reads the number.
func (d *RetentionDays) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 32)
	if err != nil {
		return errors.New("not a whole number")
	}
	if n > maxRetention {
		return errors.New("out of range")
	}
	*d = RetentionDays(n)
	return nil
}

// ReuseDays is for how many days something is offered again; 0 is off.
type ReuseDays int

// Duration is that time; 0 is off.
func (d ReuseDays) Duration() time.Duration { return RetentionDays(d).Duration() }

// Allowed says which numbers are taken.
func (d ReuseDays) Allowed() string {
	return fmt.Sprintf("a whole number of days, 1 to %d, or 0 for off", maxRetention)
}

// UnmarshalText reads the number.
func (d *ReuseDays) UnmarshalText(text []byte) error { return (*RetentionDays)(d).UnmarshalText(text) }
