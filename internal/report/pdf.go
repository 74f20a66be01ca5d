// Package report checks the PDFs that managers send before an owner gets them.
//
// A PDF comes from outside and its parser takes no context and bounds neither
// time nor memory, so it never runs in the bot's own process: the binary
// starts itself again as a child with hard limits (see [ChildMain]), gives it
// the open file, and reads one line of JSON from it.
package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"vinbot/internal/ticket"
)

// Finding is what the check of one PDF came to.
type Finding struct {
	// Reason is empty for a PDF that may be sent, else why not:
	// [ticket.ReasonNotPDF], [ticket.ReasonDamaged], [ticket.ReasonEncrypted],
	// [ticket.ReasonTooLarge], or [ticket.ReasonUnchecked] for one whose check
	// ran out of time or memory, so that a person must decide.
	Reason string `json:"reason,omitempty"`
	// Text says whether text was found in it, and VINs are those that the text
	// holds. Both say nothing where Searched is false: the search did not end.
	Searched bool     `json:"searched,omitempty"`
	Text     bool     `json:"text,omitempty"`
	VINs     []string `json:"vins,omitempty"`
	// Pages is the number of pages, where they could be counted.
	Pages int `json:"pages,omitempty"`
	// Detail tells an operator more; it never quotes the document.
	Detail string `json:"detail,omitempty"`
}

// OK says whether the PDF may be sent as it is.
func (f Finding) OK() bool { return f.Reason == "" }

// Limits bound one check.
type Limits struct {
	// Wall is how long a check may take, its process start included.
	Wall time.Duration
	// CPU is how much processor time it may use, in whole seconds.
	CPU time.Duration
	// Memory is how many bytes of address space the child may add to what it
	// holds at its start. Its parser keeps the whole file in memory.
	Memory uint64
	// Parallel is how many checks may run at once; others wait.
	Parallel int
}

// DefaultLimits suit a machine with one gigabyte of memory and reports of up
// to a hundred megabytes.
func DefaultLimits() Limits {
	return Limits{Wall: 20 * time.Second, CPU: 15 * time.Second, Memory: 512 << 20, Parallel: 2}
}

// Checker checks PDFs, each in a process of its own.
type Checker struct {
	limits Limits
	slots  chan struct{}
}

// NewChecker makes a checker. The program's main function, and TestMain of
// every test that uses one, must call [ChildMain] before anything else.
func NewChecker(limits Limits) *Checker {
	return &Checker{limits: limits, slots: make(chan struct{}, max(1, limits.Parallel))}
}

// Check says whether the file is a PDF of at most maxBytes that an owner can
// open. An error means that no verdict was reached and that asking again may
// help: the file cannot be read, ctx has ended, no process could be started.
func (c *Checker) Check(ctx context.Context, path string, maxBytes int64) (Finding, error) {
	file, err := os.Open(path) //nolint:gosec // the path is ours: a temporary file or the archive's
	if err != nil {
		return Finding{}, fmt.Errorf("open report to check it: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return Finding{}, fmt.Errorf("size of report: %w", err)
	case !info.Mode().IsRegular():
		return Finding{}, errors.New("check report: not a regular file")
	case info.Size() > maxBytes:
		return Finding{
			Reason: ticket.ReasonTooLarge,
			Detail: fmt.Sprintf("%d bytes, %d allowed", info.Size(), maxBytes),
		}, nil
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return Finding{}, fmt.Errorf("wait to check report: %w", context.Cause(ctx))
	}
	result, err := c.runChild(ctx, file)
	if err != nil {
		return Finding{}, err
	}
	return result.finding(), nil
}
