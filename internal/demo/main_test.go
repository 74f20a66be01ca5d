package demo

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"vinbot/internal/report"
)

// TestMain lets the test binary be the child that checks PDFs, and looks for
// goroutines that a demo left behind.
func TestMain(m *testing.M) {
	if handled, code := report.ChildMain(os.Args[1:], os.Stdout, os.Stderr); handled {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}
