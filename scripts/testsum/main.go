// Command testsum reads what go test -json writes, shows one line a package,
// the output of what failed and the reason of what was skipped, and ends with
// the line "N passed, N failed, N skipped". It exits 1 if anything failed, or if
// there was no test at all.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() { os.Exit(summarize(os.Stdin, os.Stdout)) }

// event is a line of go test -json (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// test names a test; a package as a whole has no name.
type test struct{ pkg, name string }

// summary is what is known so far.
type summary struct {
	out                     io.Writer
	passed, failed, skipped int
	output                  map[test][]string
	inPackage               map[string]int // failed tests
	skips                   []string
}

func summarize(in io.Reader, out io.Writer) int {
	s := &summary{out: out, output: map[test][]string{}, inPackage: map[string]int{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		s.line(line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.failed++
			fmt.Fprintf(out, "cannot read the tests' output: %s\n", err)
			break
		}
	}
	for _, skip := range s.skips {
		fmt.Fprintln(out, skip)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	if s.failed > 0 || s.passed == 0 {
		return 1
	}
	return 0
}

func (s *summary) line(line string) {
	if strings.TrimSpace(line) == "" {
		return
	}
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		fmt.Fprint(s.out, line) // not ours: something that the go command says
		return
	}
	t := test{e.Package, e.Test}
	switch e.Action {
	case "output":
		s.output[t] = append(s.output[t], e.Output)
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e)
		} else {
			s.endTest(t, e)
		}
		delete(s.output, t)
	}
}

func (s *summary) endTest(t test, e event) {
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		s.skips = append(s.skips, "skipped "+t.pkg+" "+t.name+": "+reason(s.output[t]))
	case "fail":
		s.failed++
		s.inPackage[t.pkg]++
		fmt.Fprintf(s.out, "--- %s %s\n%s", t.pkg, t.name, strings.Join(s.output[t], ""))
	}
}

// reason is what a skipped test said, without the lines about its running.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

// endPackage shows a package's line. One that failed without any of its tests
// doing so (it does not compile, panicked, timed out or leaks) counts as one
// failure, and what its tests had said is shown.
func (s *summary) endPackage(e event) {
	word := map[string]string{"pass": "ok", "fail": "FAIL", "skip": "no tests"}[e.Action]
	alone := e.Action == "fail" && s.inPackage[e.Package] == 0
	if alone {
		s.failed++
	}
	for t, output := range s.output {
		if t.pkg != e.Package {
			continue
		}
		if alone || (e.Action == "fail" && t.name == "") {
			fmt.Fprintf(s.out, "--- %s %s\n%s", t.pkg, t.name, strings.Join(output, ""))
		}
		delete(s.output, t)
	}
	fmt.Fprintf(s.out, "%-8s %s (%.1fs)\n", word, e.Package, e.Elapsed)
}
