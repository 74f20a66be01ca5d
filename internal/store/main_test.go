package store_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"vinbot/internal/store/pgtest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashWriterEnv); path != "" {
		crashWriter(path) // this process is the one that will be killed
	}
	if path := os.Getenv(openerEnv); path != "" {
		os.Exit(opener(path))
	}
	goleak.VerifyTestMain(pgtest.Tests{Of: m})
}
