package main

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheTablesInTheTreeAreTheseFacts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tables.go")
	require.NoError(t, generate("../../data", file))
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	got, err := os.ReadFile("../../tables_generated.go")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got), "run go generate ./internal/vin")
	formatted, err := format.Source(got)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(formatted, got))
}

// small are facts of one line a table, in which a test puts a fault.
func small() fstest.MapFS {
	return fstest.MapFS{
		"countries.csv":   file("code,name_en,name_ru\nUS,United States,США\n"),
		"wmi.csv":         file("wmi,maker,country,source\n1M9682,Mosler,US,vpic\n1HG,Honda,US,vpic\n"),
		"regions.csv":     file("from,to,country,status,note\n1A,10,US,published,\n"),
		"year_rules.csv":  file("wmi,position,when,trust,decade,since,note\n1,10,always,sure,position_7,,\nVF1,,never,,,,\n"),
		"check_digit.csv": file("wmi,duty,note\n1,mandatory,\nJT,always,\n"),
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestSmallTables(t *testing.T) {
	t.Parallel()
	f, err := readFacts(small())
	require.NoError(t, err)
	source, err := f.source()
	require.NoError(t, err)
	for _, row := range []string{
		`"1HG\x00\x00\x05\x00"`, `"1M9682\x05\x00\x06\x00"`, `"HondaMosler"`, `"1A10\x00"`,
		`"1  \x0a\x01\x02\x01\x00VF1\x00\x00\x00\x00\x00"`, `"JT0JTZ\x02"`,
	} {
		assert.Contains(t, string(source), row)
	}
}

func TestFaultyFactsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ table, line, want string }{
		{"countries.csv", "USA,x,y", "two letters"},
		{"countries.csv", "RU,Russia,", "two names"},
		{"countries.csv", "US,x,y", "US stands there twice"},
		{"wmi.csv", "1H,Honda,US,vpic", "want three characters"},
		{"wmi.csv", "1HO,Honda,US,vpic", "want three characters"},
		{"wmi.csv", "1HG123,Honda,US,vpic", "six with a 9"},
		{"wmi.csv", "1HA,,US,vpic", "no maker"},
		{"wmi.csv", "1HA,Honda,JP,vpic", `country "JP" has no name`},
		{"wmi.csv", "1HG,Honda,US,known", "1HG stands there twice"},
		{"regions.csv", "1A,2A,US,published,", "the first one the same"},
		{"regions.csv", "2A,2,US,published,", "two codes"},
		{"regions.csv", "20,2A,US,published,", "ends before it begins"},
		{"regions.csv", "2A,2B,CA,published,", `country "CA" has no name`},
		{"regions.csv", "1Z,1Z,US,published,", "1Z is in two ranges"},
		{"year_rules.csv", "1HGC,10,always,sure,cycle,,", "one to three characters"},
		{"year_rules.csv", "2,10,sometimes,sure,cycle,,", "want one of never, always"},
		{"year_rules.csv", "2,9,always,sure,cycle,,", "want 10 or 11"},
		{"year_rules.csv", "2,10,always,perhaps,cycle,,", "want one of unsure"},
		{"year_rules.csv", "2,10,always,sure,century,,", "want one of cycle"},
		{"year_rules.csv", "2,10,always,sure,cycle,1980,", "a year from 1981"},
		{"year_rules.csv", "1,10,always,sure,cycle,,", "1 stands there twice"},
		{"check_digit.csv", "O,always,", "one to three characters"},
		{"check_digit.csv", "2,perhaps,", "want one of none"},
		{"check_digit.csv", "1HG,always,", "1 begins 1HG"},
		{"check_digit.csv", "a", "wrong number of fields"},
	} {
		t.Run(c.table+" "+c.line, func(t *testing.T) {
			t.Parallel()
			tables := small()
			tables[c.table] = file(string(tables[c.table].Data) + c.line + "\n")
			_, err := readFacts(tables)
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, c.table)
		})
	}
	tables := small()
	tables["wmi.csv"] = file("code,maker\n")
	_, err := readFacts(tables)
	require.ErrorContains(t, err, "the first line is not")
	delete(tables, "wmi.csv")
	_, err = readFacts(tables)
	require.ErrorContains(t, err, "read the facts")
	require.Error(t, generate(t.TempDir(), filepath.Join(t.TempDir(), "x")))
	require.ErrorContains(t, generate("../../data", filepath.Join(t.TempDir(), "no", "x")), "write the tables")
}
