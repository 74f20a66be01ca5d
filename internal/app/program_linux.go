package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// unmapProgram has the process hold no page of its own program. What is needed
// comes back at the next use from the file, most of it from the system's cache
// of it, and the rest stays out of the memory that the process takes: a start
// touches nearly all of thirty megabytes, what runs afterwards a fifth.
func unmapProgram() error {
	const doing = "let go of the program's pages"
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer smaps.Close()
	areas, err := unchanged(smaps, program)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	for _, a := range areas {
		if _, _, code := syscall.Syscall(syscall.SYS_MADVISE, a.from, a.to-a.from, syscall.MADV_DONTNEED); code != 0 {
			return fmt.Errorf("%s: %w", doing, code)
		}
	}
	return nil
}

// area is a part of the address space.
type area struct{ from, to uintptr }

// unchanged lists the areas that hold parts of a file as they are in the file:
// those that cannot be written, and of which no page was when they were set up.
// It reads what proc(5) calls smaps, in which a program's areas stand together,
// and no further: to tell of an area the system walks through all its pages,
// which may be many.
func unchanged(smaps io.Reader, file string) ([]area, error) {
	var areas []area
	var at area
	ours, met := false, false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		name, value := fields[0], fields[1]
		if from, to, ok := strings.Cut(name, "-"); ok && !strings.HasSuffix(name, ":") {
			of := strings.HasSuffix(lines.Text(), " "+file)
			if met && !of {
				break
			}
			met, ours = of, of && strings.HasPrefix(value, "r-")
			var err error
			if at, err = between(from, to); err != nil {
				return nil, err
			}
		}
		if ours && name == "Anonymous:" && value == "0" {
			areas = append(areas, at)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the areas: %w", err)
	}
	return areas, nil
}

// between gives the area between two addresses.
func between(from, to string) (area, error) {
	start, err := strconv.ParseUint(from, 16, strconv.IntSize)
	if err != nil {
		return area{}, fmt.Errorf("read where an area begins: %w", err)
	}
	end, err := strconv.ParseUint(to, 16, strconv.IntSize)
	if err != nil {
		return area{}, fmt.Errorf("read where an area ends: %w", err)
	}
	return area{uintptr(start), uintptr(end)}, nil
}
