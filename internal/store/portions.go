package store

import (
	"context"
	"iter"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// largestPortion bounds how many rows a statement names.
const largestPortion = 64

// portions divides n rows into runs from, to, each as long as a power of two:
// so few lengths make few statements, and those stay prepared.
func portions(n int) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from := 0; from < n; {
			size := min(largestPortion, 1<<(bits.Len(uint(n-from))-1))
			if !yield(from, from+size) {
				return
			}
			from += size
		}
	}
}

// repeated gives n placeholders, separated by commas.
func repeated(placeholder string, n int) string {
	return strings.Repeat(placeholder+", ", n-1) + placeholder
}

func anys(ids []int64) []any {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	return values
}

// pruneStep is how many rows one transaction forgets.
const pruneStep = 500

// prune runs a DELETE of two values, a time and a limit, until it finds less
// than a step of it, and reports how many rows are gone.
func (s *Store) prune(ctx context.Context, doing, statement string, before time.Time) (int, error) {
	total := 0
	for {
		var n int64
		err := s.do(ctx, func(ctx context.Context, t *tx) error {
			var err error
			n, err = t.exec(ctx, doing, statement, instant(before), pruneStep)
			return err
		})
		if err != nil {
			return total, err
		}
		total += int(n)
		if n < pruneStep {
			return total, nil
		}
	}
}

// pageOf says in the text how many rows a page has, at least as many as are
// wanted. Where PostgreSQL does not know it until it is asked, it plans the
// statement anew each time, which takes longer than the page; but each text is
// kept prepared, so there must be few.
func pageOf(limit int) string {
	for _, size := range []int{11, 21, 51, 101} {
		if limit <= size {
			return strconv.Itoa(size)
		}
	}
	return strconv.Itoa(limit) // nobody asks for that
}
