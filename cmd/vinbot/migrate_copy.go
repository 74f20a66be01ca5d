package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/store"
)

// migrateCopy moves the data of one database into another.
const migrateCopy = "copy"

// copyDatabase copies what the database --from holds into --to. Each is a URL, or
// @ and the file that holds it, since others see what a process was called with.
func (p *program) copyDatabase(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	from, to := flags.String("from", "", ""), flags.String("to", "", "")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 || *from == "" || *to == "" {
		return usageError{"copy wants --from URL --to URL, as DATABASE_URL is written, or @ and a file that holds it"}
	}
	source, err := databaseOf("--from", *from)
	if err != nil {
		return err
	}
	target, err := databaseOf("--to", *to)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	out := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "table\trows\tchecksum")
	tables, rows := 0, int64(0)
	err = store.Copy(ctx, source, target, func(t store.CopiedTable) {
		fmt.Fprintf(out, "%s\t%d\t%s\n", t.Name, t.Rows, t.Sum)
		tables, rows = tables+1, rows+t.Rows
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("tell what was copied: %w", err)
	}
	fmt.Fprintf(p.stdout, "%d tables with %d rows are copied; counts and checksums agree\n", tables, rows)
	return nil
}

// databaseOf reads a database's URL. What is wrong with it is told without it,
// since it may hold a password.
func databaseOf(flag, url string) (store.Database, error) {
	if path, named := strings.CutPrefix(url, "@"); named {
		text, err := os.ReadFile(path) //nolint:gosec // the operator's own file
		if err != nil {
			return store.Database{}, usageError{fmt.Sprintf("%s: %s", flag, err)}
		}
		url = strings.TrimSpace(string(text))
	}
	var d config.Database
	if err := d.UnmarshalText([]byte(url)); err != nil {
		return store.Database{}, usageError{fmt.Sprintf("%s: %s; allowed: %s", flag, err, d.Allowed())}
	}
	return app.Database(config.Config{Database: d}), nil
}
