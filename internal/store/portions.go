package store

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// largestPortion bounds how many rows a statement names.
const largestPortion = 64

// portions divides ids into as many as a statement may name.
func portions(ids []int64) iter.Seq[[]int64] { return slices.Chunk(ids, largestPortion) }

// within chooses rows by their ids, padded, so that there are few texts: each is kept
// prepared.
func within(ids []int64) (text string, values []any) {
	values = padded(ids)
	return ` IN (` + repeated("?", len(values)) + `)`, values
}

// padded repeats the last of some ids until there are as many as a power of two.
func padded(ids []int64) []any {
	values := anys(ids)
	for size := len(values); size&(size-1) != 0; size++ {
		values = append(values, values[len(ids)-1])
	}
	return values
}

// checked is a condition on rows that are found by their numbers. PostgreSQL cannot
// see through it, or it would read all that there are in one state or another while it
// does not know yet that they are many: it looks once a minute at most.
func checked(condition string) string { return `CASE WHEN ` + condition + ` THEN TRUE END` }

// runs divides n rows into those that are inserted together: as many as may be, then
// eights, then the rest. So there are few texts, and few statements.
func runs(n int) iter.Seq2[int, int] {
	const step = 8
	return func(yield func(from, to int) bool) {
		for from := 0; from < n; {
			size := min(n-from, largestPortion)
			if size > step {
				size -= size % step
			}
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
