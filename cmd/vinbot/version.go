package main

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"strconv"
	"strings"

	"vinbot/migrations"
)

// What the build says of itself: go build -ldflags "-X main.version=…".
var (
	version = "dev"
	commit  = "unknown" //nolint:gochecknoglobals // the linker sets it
)

// version says which program this is.
func (p *program) version(_ context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	schema, err := schemaVersion()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "vinbot %s\ncommit %s\ngo     %s %s/%s\nschema %d\n",
		version, commit, strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, schema)
	return nil
}

// schemaVersion is the newest schema that this program brings along: the
// number that begins its last migration's name.
func schemaVersion() (int, error) {
	files, err := migrations.SQLite()
	if err != nil {
		return 0, fmt.Errorf("read the schema: %w", err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	newest := 0
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			return 0, fmt.Errorf("read the number of migration %s: %w", name, err)
		}
		newest = max(newest, n)
	}
	return newest, nil
}
