package main

import (
	"flag"
	"io"
	"strings"
)

// parse reads a subcommand's flags, which may stand before, between and behind
// its other arguments, and returns the latter. Behind -- all are arguments.
func parse(flags *flag.FlagSet, args []string) ([]string, error) {
	flags.SetOutput(io.Discard)
	var rest []string
	for len(args) > 0 {
		before := len(args)
		if err := flags.Parse(args); err != nil {
			return nil, usageError{strings.ReplaceAll(err.Error(), "flag provided but not defined", "there is no flag")}
		}
		consumed := args[:before-flags.NArg()]
		args = flags.Args()
		if len(consumed) > 0 && consumed[len(consumed)-1] == "--" {
			return append(rest, args...), nil
		}
		if len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	return rest, nil
}

// noArguments is for subcommands that take neither flags nor arguments.
func noArguments(args []string) error {
	rest, err := parse(flag.NewFlagSet("", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{"takes no argument: " + rest[0]}
	}
	return nil
}
