// Package echo keeps a log from being filled by one fault that is met again and
// again, as while Telegram, the database or a bucket is away: the first line of it
// is written at once, and then one a minute that tells how many more there were.
//
// It stands between the logger and where the lines go. A line asks for it by the
// field "fault", which names what the fault is about; all others pass.
package echo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

const (
	// Pause lies between two lines of one fault.
	Pause = time.Minute
	// most bounds how many faults are told apart; what comes beyond passes.
	most = 1000
)

// Writer passes lines on. The lines that it held back it tells when their time has
// come, or when it is closed.
type Writer struct {
	to io.Writer

	mu     sync.Mutex
	faults map[string]*fault
	closed bool
}

// fault is one that was written less than a minute ago.
type fault struct {
	more  int    // lines that were held back since
	last  []byte // the newest of them
	timer *time.Timer
}

var _ io.WriteCloser = (*Writer)(nil)

// NewWriter makes a writer before another.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to, faults: map[string]*fault{}} }

// Write passes a line on, or holds it back.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed && bytes.Contains(line, []byte(`"fault":"`)) && w.repeats(line) {
		return len(line), nil
	}
	return w.to.Write(line) //nolint:wrapcheck // it is that writer's
}

// repeats notes a line's fault, and tells whether it was told lately.
func (w *Writer) repeats(line []byte) bool {
	key := keyOf(line)
	if f, lately := w.faults[key]; lately {
		f.more++
		f.last = append(f.last[:0], line...)
		return true
	}
	if len(w.faults) < most {
		f := &fault{}
		f.timer = time.AfterFunc(Pause, func() { w.passed(key) })
		w.faults[key] = f
	}
	return false
}

// passed tells what was held back in the minute that is over, and begins another;
// a fault that was not met in it is a new one when it comes again.
func (w *Writer) passed(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.faults[key]
	switch {
	case f == nil:
	case f.more == 0:
		delete(w.faults, key)
	default:
		_ = w.tell(f) // where a log cannot be written nobody can be told
		f.timer.Reset(Pause)
	}
}

// tell writes the newest line that was held back, with how many there were.
func (w *Writer) tell(f *fault) error {
	line := bytes.TrimSuffix(bytes.TrimRight(f.last, "\n"), []byte("}"))
	line = append(line, `,"more":`...)
	line = strconv.AppendInt(line, int64(f.more), 10)
	f.more = 0
	if _, err := w.to.Write(append(line, "}\n"...)); err != nil {
		return fmt.Errorf("tell what was held back: %w", err)
	}
	return nil
}

// Close tells what was held back. What comes afterwards passes.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	var err error
	for key, f := range w.faults {
		f.timer.Stop()
		delete(w.faults, key)
		if f.more > 0 {
			if e := w.tell(f); err == nil {
				err = e
			}
		}
	}
	return err
}

// keyOf tells faults apart: by what they are about, what is said of them, and the
// cause or error, whatever numbers are in it.
func keyOf(line []byte) string {
	var said struct{ Fault, Message, Kind, Cause, Error string }
	if json.Unmarshal(line, &said) != nil {
		return string(line)
	}
	return said.Fault + "\n" + said.Message + "\n" + said.Kind + "\n" + withoutNumbers(said.Cause) + "\n" + withoutNumbers(said.Error)
}

// withoutNumbers leaves numbers out: ids, ports, and how long something took.
func withoutNumbers(text string) string {
	return string(bytes.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, []byte(text)))
}
