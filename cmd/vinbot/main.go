// Command vinbot is a Telegram bot: car owners send it VINs, managers answer
// with vehicle history reports, and it brings each to its owner.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"vinbot/internal/config"
	"vinbot/internal/report"
)

// The exit codes.
const (
	exitFine   = 0
	exitFailed = 1 // what was asked could not be done
	exitUsage  = 2 // wrong usage or settings
)

func main() {
	if handled, code := report.ChildMain(os.Args[1:], os.Stdout, os.Stderr); handled {
		os.Exit(code)
	}
	config.SetLocal(os.Getenv("TZ"))
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it.
func run(args []string, stdout, stderr io.Writer) int {
	return newProgram(stdout, stderr).run(context.Background(), args)
}

// program is what the subcommands see of the world, so that a test can give
// them another.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	dir            string // where .env is looked for
	now            func() time.Time
	terminal       func(io.Writer) bool
	work           workers
}

func newProgram(stdout, stderr io.Writer) *program {
	return &program{
		stdin: os.Stdin, stdout: stdout, stderr: stderr,
		environ: os.Environ(), dir: ".", now: time.Now, terminal: isTerminal, work: theWorkers(),
	}
}

// command is one subcommand.
type command struct {
	name string
	args string // what may follow the name
	does string
	run  func(p *program, ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"run", "", "poll Telegram and do the work (what vinbot alone does, too)", (*program).serve},
		{"demo", "", "the same against a built-in simulator, with a web page; needs no token", (*program).demo},
		{"doctor", "[--json]", "check settings, token, group rights, disk, clock and ports", (*program).doctor},
		{"health", "", "ask a running bot whether it lives: the container's health check", (*program).health},
		{"migrate", "up|down|status|copy", "the schema: bring it up, one step down, show it; or copy a database into another", (*program).migrate},
		{"backup", "FILE", "copy the SQLite database, also while the bot runs", (*program).backup},
		{"restore", "FILE", "put such a copy in the database's place; the old one is kept", (*program).restore},
		{"token", "create|list|revoke", "the tokens by which other programs use the API", (*program).token},
		{"login-link", "--user ID", "a link into the panel for a manager or an admin, good once", (*program).loginLink},
		{"blob", "copy --from fs|s3 --to fs|s3", "copy the archive of reports into a bucket, or back; also while the bot runs", (*program).blob},
		{"crm", "sync --since DATE [--dry-run]", "have the running bot bring over what the CRM lacks", (*program).crm},
		{"vin", "[VIN…] [--json]", "check VINs, from arguments or one a line on standard input", (*program).vin},
		{"version", "", "version, commit, Go and schema version", (*program).version},
	}
}

// errTold marks a failure that the subcommand has already told.
var errTold = errors.New("failed")

// usageError is a mistake in how a subcommand was called.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func (p *program) run(ctx context.Context, args []string) int {
	name := "run"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if name == "help" || asksForHelp(args) {
		p.help(p.stdout)
		return exitFine
	}
	for _, c := range commands() {
		if c.name == name {
			return p.exitCode(c, c.run(p, ctx, args))
		}
	}
	fmt.Fprintf(p.stderr, "vinbot: there is no command %q\n\n", name)
	p.help(p.stderr)
	return exitUsage
}

func asksForHelp(args []string) bool {
	for _, a := range args {
		switch a {
		case "-h", "-help", "--help":
			return true
		case "--":
			return false
		}
	}
	return false
}

func (p *program) help(to io.Writer) {
	fmt.Fprintf(to, "Usage: vinbot [command]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(to, "  %-33s %s\n", strings.TrimSpace(c.name+" "+c.args), c.does)
	}
	fmt.Fprintf(to, "\nSettings come from the environment and from .env; .env.example explains each.\n")
}

// exitCode tells what went wrong, and how bad that is.
func (p *program) exitCode(c command, err error) int {
	var usage usageError
	var faults config.Errors
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errTold):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintf(p.stderr, "vinbot %s: %s\nUsage: vinbot %s\n", c.name, usage.text, strings.TrimSpace(c.name+" "+c.args))
		return exitUsage
	case errors.As(err, &faults):
		fmt.Fprintf(p.stderr, "vinbot %s: these settings are wrong:\n", c.name)
		for _, f := range faults {
			fmt.Fprintf(p.stderr, "  %s\n", f)
		}
		return exitUsage
	default:
		fmt.Fprintf(p.stderr, "vinbot %s: %s\n", c.name, err)
		return exitFailed
	}
}
