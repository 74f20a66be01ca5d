package config

import (
	"errors"
	"slices"
	"strings"
)

// Switch is on or off.
type Switch bool

// Allowed lists the choices.
func (s Switch) Allowed() string { return list("on", "off") }

// UnmarshalText reads a choice.
func (s *Switch) UnmarshalText(text []byte) error {
	word, err := choose(text, "on", "off")
	*s = word == "on"
	return err
}

// LogLevel is the least weight of a line that is logged: trace, debug, info,
// warn or error.
type LogLevel string

// levels lists the levels, the chattiest first.
func levels() []LogLevel { return []LogLevel{"trace", "debug", "info", "warn", "error"} }

// Allowed lists the choices.
func (l LogLevel) Allowed() string { return list(levels()...) }

// UnmarshalText reads a choice.
func (l *LogLevel) UnmarshalText(text []byte) (err error) {
	*l, err = choose(text, levels()...)
	return err
}

// LogFormat is how log lines are written.
type LogFormat string

// The log's formats: one for machines, one for people.
const (
	LogJSON    LogFormat = "json"
	LogConsole LogFormat = "console"
)

// Allowed lists the choices.
func (f LogFormat) Allowed() string { return list(LogJSON, LogConsole) }

// UnmarshalText reads a choice.
func (f *LogFormat) UnmarshalText(text []byte) (err error) {
	*f, err = choose(text, LogJSON, LogConsole)
	return err
}

// Language is a language that the bot speaks.
type Language string

// The languages that the bot speaks.
const (
	Russian Language = "ru"
	English Language = "en"
)

// Allowed lists the choices.
func (l Language) Allowed() string { return list(Russian, English) }

// UnmarshalText reads a choice.
func (l *Language) UnmarshalText(text []byte) (err error) {
	*l, err = choose(text, Russian, English)
	return err
}

// CheckDigit says how a VIN with a wrong check digit is judged.
type CheckDigit string

// How a wrong check digit is judged: by where and by whom the car was built,
// always refused, or never looked at.
const (
	CheckAuto   CheckDigit = "auto"
	CheckStrict CheckDigit = "strict"
	CheckOff    CheckDigit = "off"
)

// Allowed lists the choices.
func (c CheckDigit) Allowed() string { return list(CheckAuto, CheckStrict, CheckOff) }

// UnmarshalText reads a choice.
func (c *CheckDigit) UnmarshalText(text []byte) (err error) {
	*c, err = choose(text, CheckAuto, CheckStrict, CheckOff)
	return err
}

// choose finds a word among the choices, in either case of letters.
func choose[T ~string](text []byte, choices ...T) (T, error) {
	word := T(strings.ToLower(strings.TrimSpace(string(text))))
	if !slices.Contains(choices, word) {
		return "", errors.New("not a choice")
	}
	return word, nil
}

// list words the choices: "a, b or c".
func list[T ~string](choices ...T) string {
	var b strings.Builder
	for i, c := range choices {
		switch {
		case i == 0:
		case i == len(choices)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(c))
	}
	return b.String()
}
