package main

import (
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// colours reports whether what is printed may be coloured: on a terminal that can
// do so, unless its owner wants none (https://no-color.org).
func (p *program) colours() bool {
	return p.terminal(p.stdout) && p.setting("NO_COLOR") == "" && p.setting("TERM") != "dumb"
}

// isTerminal reports whether somebody reads what is written.
func isTerminal(to io.Writer) bool {
	file, ok := to.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// setting gives a variable of the environment, the last of its name.
func (p *program) setting(name string) (value string) {
	for _, line := range p.environ {
		if rest, ok := strings.CutPrefix(line, name+"="); ok {
			value = rest
		}
	}
	return value
}

// colour is what is written before and after an outcome on a terminal.
func (o outcome) colour() (on, off string) {
	const green, yellow, red, plain = "\x1b[32m", "\x1b[33m", "\x1b[1;31m", "\x1b[0m"
	switch o {
	case outcomeOK:
		return green, plain
	case outcomeWarn:
		return yellow, plain
	case outcomeFail:
		return red, plain
	}
	return "", ""
}

func noColour(outcome) (on, off string) { return "", "" }
