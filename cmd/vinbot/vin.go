package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"vinbot/internal/config"
	"vinbot/internal/vin"
)

// vinLine is the answer to one VIN; its fields are a contract. Country is a code of
// two letters (ISO 3166-1); Years are the model years that the VIN may mean, the
// likeliest first.
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
	checker := vinChecker{policy: vin.Policy(cfg.VINCheckDigit), json: *asJSON, now: p.now().Year(), out: out}
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
	now    int // the calendar year
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
	answer := vinAnswer{result: vin.Check(raw, c.policy)}
	if answer.result.Verdict != vin.VerdictReject {
		answer.car = vin.Decode(answer.result.VIN, c.now)
	}
	if answer.result.Reason != vin.ReasonNone {
		answer.repairs = vin.Repair(raw)
	}
	var err error
	if c.json {
		err = c.writeJSON(raw, answer)
	} else {
		_, err = fmt.Fprintln(c.out, answer.inWords())
	}
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// vinAnswer is what is known of one VIN.
type vinAnswer struct {
	result  vin.Result
	car     vin.Car
	repairs []vin.Candidate
}

func (c vinChecker) writeJSON(raw string, a vinAnswer) error {
	line := vinLine{
		Input: raw, VIN: a.result.VIN, Verdict: a.result.Verdict, Reason: a.result.Reason,
		Changes: a.result.Changes(), Suggestions: a.suggestions(),
		Maker: a.car.Maker, Country: string(a.car.Country), Years: a.car.Years.Models(),
	}
	if line.Changes == nil {
		line.Changes = []vin.Change{}
	}
	encoder := json.NewEncoder(c.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line) //nolint:wrapcheck // the caller wraps it
}

// suggestions are the VINs that may have been meant.
func (a vinAnswer) suggestions() []string {
	vins := make([]string, len(a.repairs))
	for i, repair := range a.repairs {
		vins[i] = repair.VIN
	}
	return vins
}

// inWords is the answer for people: the VIN, the verdict, what is wrong at which
// character, counted from 1, the car, and what may have been meant.
func (a vinAnswer) inWords() string {
	r := a.result
	words := fmt.Sprintf("%-17s  %s", strings.Map(printable, r.VIN), r.Verdict)
	if r.Reason != vin.ReasonNone {
		words += ": " + strings.ReplaceAll(r.Reason.String(), "_", " ")
	}
	if r.Spot() != vin.NoSpot {
		words += fmt.Sprintf(" (%s at %d)", strings.Map(printable, r.SpotCharacter()), r.Spot()+1)
	}
	if car := carInWords(a.car); car != "" {
		words += "  " + car
	}
	if len(a.repairs) > 0 {
		words += "  perhaps " + strings.Join(a.suggestions(), " or ")
	}
	return words
}

// carInWords names maker, country and model years, as far as they are known.
func carInWords(car vin.Car) string {
	var parts []string
	if car.Maker != "" {
		parts = append(parts, strings.Join(car.Brands(), " or "))
	}
	if car.Country != "" {
		parts = append(parts, car.Country.Name("en"))
	}
	if years := car.Years.Candidates(); len(years) > 0 {
		words := make([]string, len(years))
		for i, year := range years {
			words[i] = strconv.Itoa(year.Model)
		}
		if years[0].Certainty == vin.Likely {
			words[0] = "probably " + words[0]
		}
		parts = append(parts, strings.Join(words, " or "))
	}
	return strings.Join(parts, ", ")
}

// printable replaces what would steer a terminal.
func printable(c rune) rune {
	if unicode.IsPrint(c) {
		return c
	}
	return '?'
}
