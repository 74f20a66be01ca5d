package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"vinbot/internal/ticket"
)

const (
	childCommand = "_check-pdf" // hidden: no person types it
	childFile    = 3            // the descriptor of the PDF
	childFailed  = 70           // exit code: it could not even begin
	childPrefix  = "check-pdf: "
)

// childArguments is the command line of a child, read back by [ChildMain].
func childArguments(l Limits) []string {
	return []string{
		childCommand,
		strconv.FormatUint(l.Memory, 10),
		strconv.FormatInt(int64(l.CPU/time.Second), 10),
	}
}

// ChildMain does the child's part where the arguments, without the program's
// name, ask for it: it limits its own process, checks the PDF at descriptor 3
// and writes the finding to answer as a line of JSON. The caller exits with
// the code at once if it was handled, before it reads a setting or opens a
// file.
func ChildMain(args []string, answer, complaint io.Writer) (handled bool, exitCode int) {
	if len(args) == 0 || args[0] != childCommand {
		return false, 0
	}
	if err := childCheck(args[1:], answer); err != nil {
		_, _ = fmt.Fprintf(complaint, "%s%v\n", childPrefix, err)
		return true, childFailed
	}
	return true, 0
}

func childCheck(args []string, answer io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("want memory and seconds, got %d arguments", len(args))
	}
	memory, err := strconv.ParseUint(args[0], 10, 63)
	if err != nil {
		return fmt.Errorf("read memory limit: %w", err)
	}
	seconds, err := strconv.ParseUint(args[1], 10, 31)
	if err != nil {
		return fmt.Errorf("read time limit: %w", err)
	}
	if err := confine(memory, seconds); err != nil {
		return err
	}
	file := os.NewFile(childFile, "report")
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at the report: %w", err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	found := inspectSafely(file, info.Size())
	if err := json.NewEncoder(answer).Encode(found); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if !found.OK() {
		return nil
	}
	// The answer stands already: whatever becomes of this process now, the PDF
	// is a good one.
	if err := json.NewEncoder(answer).Encode(searchSafely(file, info.Size(), found)); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// searchSafely looks for VINs in the text of a PDF that is known to be good. A
// panic of the text's reader says nothing about that.
func searchSafely(file io.ReaderAt, size int64, good Finding) (f Finding) {
	defer func() {
		if recover() != nil {
			f = good
		}
	}()
	return search(file, size, good)
}

// inspectSafely takes a panic of the parser for what it is: a PDF so broken
// that the parser's author did not think of it.
func inspectSafely(file io.ReadSeeker, size int64) (f Finding) {
	defer func() {
		if recover() != nil {
			f = Finding{Reason: ticket.ReasonDamaged, Detail: "the parser panicked"}
		}
	}()
	return inspect(file, size, parserLimits())
}
