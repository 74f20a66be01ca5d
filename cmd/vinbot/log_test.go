package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/config"
)

func TestLog(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.now = func() time.Time { return time.Date(2026, 11, 23, 4, 5, 6, 7e6, time.FixedZone("", 3600)) }

	log, _ := c.logger("warn", config.LogJSON)
	log.Info().Msg("not this")
	log.Warn().Int("n", 1).Msg("this")
	assert.Equal(t, `{"level":"warn","n":1,"time":"2026-11-23T03:05:06.007Z","message":"this"}`+"\n", c.err.String())
	assert.Empty(t, c.out.String())

	c.err.Reset()
	log, end := c.logger("trace", config.LogConsole)
	log.Trace().Msg("for people")
	assert.Contains(t, c.err.String(), "for people")
	assert.NotContains(t, c.err.String(), "{")

	c.err.Reset()
	for range 3 {
		log.Warn().Str("fault", "polling").Msg("no updates")
	}
	assert.Equal(t, 1, strings.Count(c.err.String(), "no updates"), "told once a minute")
	end()
	assert.Contains(t, c.err.String(), "more=")
}
