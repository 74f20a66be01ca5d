package store_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashWriterEnv); path != "" {
		crashWriter(path) // this process is the one that will be killed
	}
	if path := os.Getenv(openerEnv); path != "" {
		os.Exit(opener(path))
	}
	goleak.VerifyTestMain(m)
}
