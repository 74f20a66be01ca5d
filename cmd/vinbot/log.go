package main

import (
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/config"
)

// logTime is RFC 3339 in UTC, to the millisecond.
const logTime = "2006-01-02T15:04:05.000Z"

// logger writes to standard error: what a subcommand was asked for goes to
// standard output.
func (p *program) logger(level config.LogLevel, format config.LogFormat) zerolog.Logger {
	least, err := zerolog.ParseLevel(string(level))
	if err != nil { // config takes no level that zerolog does not know
		least = zerolog.InfoLevel
	}
	log := zerolog.New(p.stderr)
	if format == config.LogConsole {
		log = zerolog.New(zerolog.ConsoleWriter{Out: p.stderr, TimeFormat: time.TimeOnly})
	}
	return log.Level(least).Hook(timestamp{p.now})
}

// timestamp dates every line.
type timestamp struct{ now func() time.Time }

// Run adds the time.
func (t timestamp) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str(zerolog.TimestampFieldName, t.now().UTC().Format(logTime))
}
