package main

import (
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/config"
	"vinbot/internal/echo"
)

// logTime is RFC 3339 in UTC, to the millisecond.
const logTime = "2006-01-02T15:04:05.000Z"

// logger writes to standard error: what a subcommand was asked for goes to
// standard output.
//
// A fault that repeats is told once a minute; end tells what was held back.
func (p *program) logger(level config.LogLevel, format config.LogFormat) (_ zerolog.Logger, end func()) {
	least, err := zerolog.ParseLevel(string(level))
	if err != nil { // config takes no level that zerolog does not know
		least = zerolog.InfoLevel
	}
	to := p.stderr
	if format == config.LogConsole {
		to = zerolog.ConsoleWriter{Out: p.stderr, TimeFormat: time.TimeOnly}
	}
	echoes := echo.NewWriter(to)
	return zerolog.New(echoes).Level(least).Hook(timestamp{p.now}), func() {
		_ = echoes.Close() // a log that cannot be written cannot say so
	}
}

// timestamp dates every line.
type timestamp struct{ now func() time.Time }

// Run adds the time.
func (t timestamp) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str(zerolog.TimestampFieldName, t.now().UTC().Format(logTime))
}
