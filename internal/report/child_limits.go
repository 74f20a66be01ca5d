package report

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// confine takes from this process what a check does not need, for good: more
// memory and processor time than given, files, sockets, and a core file, in
// which the document would stand.
func confine(memory, cpuSeconds uint64) error {
	held, err := addressSpace()
	if err != nil {
		return err
	}
	// The runtime opens a descriptor for its first timer, which its own memory
	// scavenger may be: it must have it before files are forbidden.
	time.AfterFunc(time.Hour, func() {}).Stop()
	runtime.GOMAXPROCS(1)
	debug.SetTraceback("none") // a trace of a broken PDF helps nobody
	// The collector works harder before the wall is hit.
	debug.SetMemoryLimit(int64(memory / 4 * 3)) //nolint:gosec // read as 63 bits
	for _, l := range []struct {
		name     string
		resource int
		value    uint64
	}{
		// Go reserves hundreds of megabytes of address space that it never
		// touches, so the limit counts from there.
		{"address space", syscall.RLIMIT_AS, held + memory},
		{"processor time", syscall.RLIMIT_CPU, cpuSeconds},
		{"file size", syscall.RLIMIT_FSIZE, 0},
		{"core file", syscall.RLIMIT_CORE, 0},
		// Descriptors 0 to 3 are open; no file and no socket can join them.
		{"open files", syscall.RLIMIT_NOFILE, childFile + 1},
	} {
		if err := lower(l.resource, l.value); err != nil {
			return fmt.Errorf("limit %s to %d: %w", l.name, l.value, err)
		}
	}
	return nil
}

// lower sets both the soft and the hard limit, so that nothing raises it
// again; one that is lower already stays.
func lower(resource int, value uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(resource, &now); err != nil {
		return fmt.Errorf("read limit: %w", err)
	}
	value = min(value, now.Max)
	if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value}); err != nil {
		return fmt.Errorf("set limit: %w", err)
	}
	return nil
}

// addressSpace is how many bytes of it this process holds now.
func addressSpace() (uint64, error) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("read own size: %w", err)
	}
	first, _, _ := strings.Cut(string(statm), " ")
	pages, err := strconv.ParseUint(first, 10, 40)
	if err != nil {
		return 0, fmt.Errorf("read own size: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil //nolint:gosec // a page size is positive
}
