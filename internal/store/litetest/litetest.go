// Package litetest gives tests an SQLite that has the schema already: the
// migrations run once in a test binary, and each test that asks gets a copy of
// what they made, which takes a thousandth of the time.
package litetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"vinbot/internal/store"
)

// template is a database that has the schema and no rows, byte for byte.
var template = sync.OnceValues(migrated) //nolint:gochecknoglobals // one for the process

func migrated() ([]byte, error) {
	dir, err := os.MkdirTemp("", "vinbot-lite-")
	if err != nil {
		return nil, fmt.Errorf("make the template's folder: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if _, err := store.Migrate(context.Background(), store.SQLite(path)); err != nil {
		return nil, err
	}
	made, err := os.ReadFile(path) //nolint:gosec // the file that was just made
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	return made, nil
}

// File makes a database that has the schema and no rows, and gives its path. It
// ends with the test.
func File(tb testing.TB) string {
	tb.Helper()
	return At(tb, filepath.Join(tb.TempDir(), "vinbot.db"))
}

// At makes one at a path where there is none, in a folder that is there, and
// gives the path back.
func At(tb testing.TB, path string) string {
	tb.Helper()
	schema, err := template()
	if err != nil {
		tb.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a path of the test's own
	if err != nil {
		tb.Fatal(err)
	}
	if _, err = file.Write(schema); err != nil {
		tb.Error(err)
	}
	if err = file.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}
