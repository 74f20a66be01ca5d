package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode"

	"vinbot/internal/config"
	"vinbot/internal/vin"
)

// vinLine is the answer to one VIN; its fields are a contract.
type vinLine struct {
	Input       string       `json:"input"`
	VIN         string       `json:"vin"`
	Verdict     vin.Verdict  `json:"verdict"`
	Reason      vin.Reason   `json:"reason"`
	Changes     []vin.Change `json:"changes"`
	Suggestions []string     `json:"suggestions"`
	Maker       string       `json:"maker"`
	Country     string       `json:"country"`
	Years       []int        `json:"years"`
}

// vin checks VINs: the arguments, or else standard input line by line.
func (p *program) vin(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "")
	given, err := parse(flags, args)
	if err != nil {
		return err
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, "VIN_CHECK_DIGIT"); err != nil {
		return err
	}
	out := bufio.NewWriter(p.stdout)
	checker := vinChecker{policy: vin.Policy(cfg.VINCheckDigit), json: *asJSON, out: out}
	if len(given) > 0 {
		for _, raw := range given {
			if err := checker.check(raw); err != nil {
				return err
			}
		}
		return checker.flush()
	}
	return checker.checkLines(bufio.NewReader(p.stdin))
}

// vinChecker answers for VINs in the order in which it is asked.
type vinChecker struct {
	policy vin.Policy
	json   bool
	out    *bufio.Writer
}

// checkLines answers line by line; whenever no input waits, the answers go out,
// so that a program at the other end can ask one at a time.
func (c vinChecker) checkLines(in *bufio.Reader) error {
	for {
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return c.last(line)
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		if err := c.check(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
}

// last answers what stands behind the last line break, if anything does.
func (c vinChecker) last(line string) error {
	if line != "" {
		if err := c.check(line); err != nil {
			return err
		}
	}
	return c.flush()
}

func (c vinChecker) flush() error {
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func (c vinChecker) check(raw string) error {
	result := vin.Check(raw, c.policy)
	var err error
	if c.json {
		err = c.writeJSON(raw, result)
	} else {
		_, err = fmt.Fprintln(c.out, inWords(result))
	}
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func (c vinChecker) writeJSON(raw string, result vin.Result) error {
	line := vinLine{
		Input: raw, VIN: result.VIN, Verdict: result.Verdict, Reason: result.Reason,
		Changes: result.Changes(), Suggestions: []string{}, Years: []int{},
	}
	if line.Changes == nil {
		line.Changes = []vin.Change{}
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line) //nolint:wrapcheck // the caller wraps it
}

// inWords is the answer for people: the VIN, the verdict, and what is wrong at
// which character, counted from 1.
func inWords(r vin.Result) string {
	words := fmt.Sprintf("%-17s  %s", strings.Map(printable, r.VIN), r.Verdict)
	if r.Reason != vin.ReasonNone {
		words += ": " + strings.ReplaceAll(r.Reason.String(), "_", " ")
	}
	if r.Spot() != vin.NoSpot {
		words += fmt.Sprintf(" (%s at %d)", strings.Map(printable, r.SpotCharacter()), r.Spot()+1)
	}
	return words
}

// printable replaces what would steer a terminal.
func printable(c rune) rune {
	if unicode.IsPrint(c) {
		return c
	}
	return '?'
}
