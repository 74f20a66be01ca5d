package demo

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

// begin starts a demo on a free port; the test's end stops it.
func begin(t *testing.T) *Demo {
	t.Helper()
	return beginAt(t, time.Now)
}

// beginAt starts one whose time a test decides.
func beginAt(t *testing.T, clock func() time.Time) *Demo {
	t.Helper()
	level := zerolog.WarnLevel
	if testing.Verbose() && os.Getenv("DEMO_TEST_LOG") != "" {
		level = zerolog.DebugLevel
	}
	d, err := New(Options{
		Config: config.Demo{Addr: "127.0.0.1:0"}, Clock: clock,
		Log: zerolog.New(zerolog.NewTestWriter(t)).Level(level),
	})
	require.NoError(t, err)
	require.NoError(t, d.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, d.Stop(context.WithoutCancel(t.Context()))) })
	return d
}
