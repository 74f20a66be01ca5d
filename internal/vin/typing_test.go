package vin_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/vin"
)

var update = flag.Bool("update", false, "write the table of typing errors into docs/vin.md")

const (
	docFile    = "../../docs/vin.md"
	tableBegin = "<!-- typing errors: begin -->\n"
	tableHead  = "| mistake | tried | noticed | right repair first | among the first three |\n| --- | ---: | ---: | ---: | ---: |\n"
	tableEnd   = "<!-- typing errors: end -->\n"
)

// The table in docs/vin.md is what this computes: every mistake of each kind, in
// every third real VIN whose check digit holds.
func TestTypingErrors(t *testing.T) {
	t.Parallel()
	var lawful, others []string
	for i, k := range knownVINs(t) {
		if k.kind != "real" || !k.checkOK || i%3 != 0 {
			continue
		}
		if strings.ContainsRune("123457LH", rune(k.raw[0])) {
			lawful = append(lawful, k.raw)
		} else {
			others = append(others, k.raw)
		}
	}
	var table bytes.Buffer
	table.WriteString(tableBegin)
	table.WriteString(tableHead)
	for _, m := range mistakes() {
		row := tryMistake(m, lawful)
		table.WriteString(row.line(m.name))
		assert.GreaterOrEqual(t, float64(row.noticed)/float64(row.tried), m.noticed, m.name)
		assert.GreaterOrEqual(t, float64(row.inThree)/float64(row.tried), m.inThree, m.name)
	}
	fmt.Fprintf(&table, "\nThe same where no law asks for a check digit, %d VINs against %d above:\n\n", len(others), len(lawful))
	table.WriteString(tableHead)
	for _, m := range mistakes() {
		table.WriteString(tryMistake(m, others).line(m.name))
	}
	table.WriteString(tableEnd)

	doc, err := os.ReadFile(docFile)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(doc), tableBegin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, tableEnd)
	require.True(t, found)
	want := before + table.String() + after
	if *update && want != string(doc) {
		require.NoError(t, os.WriteFile(docFile, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(doc), "go test ./internal/vin -run TypingErrors -update")
}

// mistake makes all texts that one kind of mistake can make of a VIN.
type mistake struct {
	name             string
	noticed, inThree float64 // at least these shares
	make             func(v string) []string
}

func mistakes() []mistake {
	return []mistake{
		{"any other character, all 32", 0.9, 0.2, func(v string) []string { return replaced(v, alphabet, nil) }},
		{"a digit for a digit", 0.95, 0.09, func(v string) []string { return replaced(v, "0123456789", isDigitByte) }},
		{"a look-alike (8 B, 5 S, 2 Z, 0 D, 1 7, 6 G, U V, M N, C G)", 0.95, 0.9, func(v string) []string {
			return pairs(v, "8B", "5S", "2Z", "0D", "17", "6G", "UV", "MN", "CG")
		}},
		{"the key beside (1 2, 2 3 … 9 0; W E, A S, …)", 0.95, 0.3, neighbours},
		{"two neighbours swapped", 0.85, 0.7, swapped},
		{"a character doubled", 1, 0.9, func(v string) []string { return everywhere(v, func(i int) string { return v[:i+1] + v[i:] }) }},
		{"a character missing", 1, 0.2, func(v string) []string { return everywhere(v, func(i int) string { return v[:i] + v[i+1:] }) }},
		{"the first or the last missing", 1, 0.95, func(v string) []string { return []string{v[1:], v[:len(v)-1]} }},
		{"the Russian layout on", 1, 0.9, func(v string) []string { return []string{typedInRussian(v)} }},
	}
}

type tried struct{ tried, noticed, first, inThree int }

// line is the row of the table.
func (r tried) line(name string) string {
	share := func(n int) float64 { return 100 * float64(n) / float64(r.tried) }
	return fmt.Sprintf("| %s | %d | %.1f %% | %.1f %% | %.1f %% |\n",
		name, r.tried, share(r.noticed), share(r.first), share(r.inThree))
}

func tryMistake(m mistake, vins []string) tried {
	var row tried
	for _, v := range vins {
		for _, wrong := range m.make(v) {
			if wrong == v {
				continue
			}
			row.tried++
			if got := vin.Check(wrong, vin.PolicyAuto); got.Verdict == vin.VerdictOK && got.Reason == vin.ReasonNone {
				continue
			}
			row.noticed++
			for i, c := range vin.Repair(wrong) {
				if c.VIN == v {
					row.inThree++
					if i == 0 {
						row.first++
					}
				}
			}
		}
	}
	return row
}

func isDigitByte(c byte) bool { return '0' <= c && c <= '9' }

// replaced puts each of the characters in each place where only allows it.
func replaced(v, by string, only func(byte) bool) []string {
	var all []string
	for i := range len(v) {
		for k := range len(by) {
			if by[k] != v[i] && (only == nil || only(v[i])) {
				all = append(all, v[:i]+by[k:k+1]+v[i+1:])
			}
		}
	}
	return all
}

func pairs(v string, pairs ...string) []string {
	var all []string
	for i := range len(v) {
		for _, pair := range pairs {
			if at := strings.IndexByte(pair, v[i]); at >= 0 {
				all = append(all, v[:i]+pair[1-at:2-at]+v[i+1:])
			}
		}
	}
	return all
}

func neighbours(v string) []string {
	var all []string
	for _, row := range []string{"1234567890", "WERTYU", "ASDFGHJKL", "ZXCVBNM"} {
		for k := 1; k < len(row); k++ {
			all = append(all, pairs(v, row[k-1:k+1])...)
		}
	}
	return all
}

func swapped(v string) []string {
	var all []string
	for i := range len(v) - 1 {
		all = append(all, v[:i]+v[i+1:i+2]+v[i:i+1]+v[i+2:])
	}
	return all
}

func everywhere(v string, wrong func(int) string) []string {
	var all []string
	for i := range len(v) {
		all = append(all, wrong(i))
	}
	return all
}

func typedInRussian(v string) string {
	const latin, russian = "QWERTYUIOPASDFGHJKLZXCVBNM", "йцукенгшщзфывапролдячсмить"
	keys := []rune(russian)
	return strings.Map(func(c rune) rune {
		if i := strings.IndexRune(latin, c); i >= 0 {
			return keys[i]
		}
		return c
	}, v)
}
