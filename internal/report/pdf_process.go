package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"vinbot/internal/ticket"
)

const (
	maxAnswer     = 64 << 10 // bytes that the child may say
	maxComplaint  = 1 << 10  // bytes of its standard error that are looked at
	childPipeWait = 2 * time.Second
)

// childResult is how a child ended and what it said.
type childResult struct {
	answer    []byte
	complaint []byte
	state     *os.ProcessState // nil if it was late before it began
	late      bool             // killed since it took too long
}

// runChild checks an open file in a child and waits for its end.
func (c *Checker) runChild(ctx context.Context, file *os.File) (childResult, error) {
	timed, cancel := context.WithTimeout(ctx, c.limits.Wall)
	defer cancel()

	answer, complaint := cappedBuffer{limit: maxAnswer}, cappedBuffer{limit: maxComplaint, rest: discard}
	// /proc/self/exe is this very binary, also after an upgrade replaced its file.
	cmd := exec.CommandContext(timed, "/proc/self/exe", childArguments(c.limits)...) //nolint:gosec // numbers of ours
	cmd.Env = []string{}                                                             // no token, no password
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = &answer, &complaint
	cmd.ExtraFiles = []*os.File{file} // becomes descriptor 3
	cmd.WaitDelay = childPipeWait
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true,            // Ctrl+C at a terminal ends the bot, which then ends the child
		Pdeathsig: syscall.SIGKILL, // and a killed bot leaves none behind
	}
	// The signal is tied to the thread that started the child, so the thread
	// must outlive it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	runErr := cmd.Run()
	if ctx.Err() != nil {
		return childResult{}, fmt.Errorf("check report: %w", context.Cause(ctx))
	}
	late := timed.Err() != nil
	if cmd.ProcessState == nil && !late {
		return childResult{}, fmt.Errorf("start the process that checks a report: %w", runErr)
	}
	return childResult{
		answer:    answer.bytes,
		complaint: complaint.bytes,
		state:     cmd.ProcessState,
		late:      late,
	}, nil
}

// finding believes the child's last whole answer; a child that was killed,
// crashed or spoke nonsense before it gave one leaves the PDF unchecked. One
// that was killed while it searched the text has said what the PDF is.
func (r childResult) finding() Finding {
	if f, ok := r.lastAnswer(); ok {
		return f
	}
	switch {
	case r.state != nil && r.state.Success():
		return unchecked("the answer was not understood")
	case r.late:
		return unchecked("took too long")
	default:
		return unchecked(strings.TrimSpace(r.state.String() + " " + runtimeComplaint(r.complaint)))
	}
}

// lastAnswer is the last line that is whole.
func (r childResult) lastAnswer() (last Finding, ok bool) {
	for line := range bytes.Lines(r.answer) {
		var f Finding
		if json.Unmarshal(line, &f) != nil || !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		last, ok = f, true
	}
	return last, ok
}

// runtimeComplaint picks the line with which the Go runtime says why it gave
// up. Other lines might quote the document and stay unread.
func runtimeComplaint(stderr []byte) string {
	for line := range strings.Lines(string(stderr)) {
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "runtime: ") ||
			strings.HasPrefix(line, childPrefix) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func unchecked(detail string) Finding {
	return Finding{Reason: ticket.ReasonUnchecked, Detail: detail}
}

// overflow says what becomes of what a cappedBuffer has no room for.
type overflow int

const (
	refuse  overflow = iota // fail the write: the writer's pipe breaks
	discard                 // drop it silently
)

// cappedBuffer keeps at most limit bytes.
type cappedBuffer struct {
	limit int
	rest  overflow
	bytes []byte
}

func (b *cappedBuffer) Write(p []byte) (int, error) {
	kept := p[:min(len(p), b.limit-len(b.bytes))]
	b.bytes = append(b.bytes, kept...)
	if len(kept) < len(p) && b.rest == refuse {
		return len(kept), errors.New("the child says too much")
	}
	return len(p), nil
}
