package main

import (
	"context"
	"fmt"
	"runtime"
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
	schema, err := migrations.Newest()
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	fmt.Fprintf(p.stdout, "vinbot %s\ncommit %s\ngo     %s %s/%s\nschema %d\n",
		version, commit, strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, schema)
	return nil
}
