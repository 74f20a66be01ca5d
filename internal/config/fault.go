package config

import (
	"errors"
	"slices"
	"strings"
)

// hidden stands wherever a secret would.
const hidden = "***"

// maxShown is how much of a wrong value is shown, in bytes.
const maxShown = 80

// Fault is one setting that is wrong.
type Fault struct {
	// Name is the setting's name.
	Name string
	// Value is what was given; empty if nothing was.
	Value string
	// Wrong says what is wrong with it.
	Wrong string
	// Allowed says what would be right.
	Allowed string

	setting string // the one that is missing for it, when Name is a NAME_FILE
	secret  bool
}

// String words a fault in one line, without any secret.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Name)
	if f.Value != "" {
		b.WriteString("=" + f.shown())
	}
	b.WriteString(": " + f.Wrong)
	if f.Allowed != "" {
		b.WriteString("; allowed: " + f.Allowed)
	}
	return b.String()
}

// shown is the value as it may be printed: secrets hidden, and a URL's user
// and password always.
func (f Fault) shown() string {
	value := shown(f.Value, f.secret)
	if len(value) > maxShown {
		value = strings.ToValidUTF8(value[:maxShown], "?") + "…"
	}
	return value
}

// onOneLine replaces what would break a line or steer a terminal.
func onOneLine(r rune) rune {
	if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || (r >= 0x80 && r < 0xa0) {
		return '?'
	}
	return r
}

// Errors is every setting that is wrong, as an error of one line each.
type Errors []Fault

// Error lists the faults, one a line.
func (fs Errors) Error() string {
	lines := make([]string, 0, len(fs))
	for _, f := range fs {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// Only keeps of Load's error what concerns the named settings and the .env
// file, for a subcommand that needs no others; nil if nothing is left.
func Only(err error, names ...string) error {
	var all Errors
	if !errors.As(err, &all) {
		return err
	}
	var kept Errors
	for _, f := range all {
		if f.Name == dotEnv || slices.Contains(names, f.setting) {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

func (fs Errors) about(setting string) bool {
	return slices.ContainsFunc(fs, func(f Fault) bool { return f.setting == setting })
}

// sort puts the faults into the order in which the settings are listed.
func (fs Errors) sort(settings []setting) {
	place := func(f Fault) int {
		return slices.IndexFunc(settings, func(s setting) bool { return s.name == f.setting })
	}
	slices.SortStableFunc(fs, func(a, b Fault) int { return place(a) - place(b) })
}
