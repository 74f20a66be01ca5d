package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

const alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890" // in the order of the country codes

// facts are the tables as people write them.
type facts struct {
	wmis      []wmi
	countries []country
	regions   []region
	years     []yearRule
	duties    []duty
}

type wmi struct{ code, maker, country string }

type country struct{ code, english, russian string }

type region struct{ from, to, country string }

// yearRule holds positions in when, trust and decade.
type yearRule struct {
	code                          string
	position, when, trust, decade int
	since                         int // 0: unknown
}

type duty struct {
	code string
	duty int
}

// The words of the columns, in the order of their numbers in the tables.
func whens() []string {
	return []string{"never", "always", "letter", "two_letters", "not_all_digits", "check_digit", "ford"}
}
func trusts() []string  { return []string{"unsure", "likely", "sure"} }
func decades() []string { return []string{"cycle", "position_7"} }
func duties() []string  { return []string{"none", "mandatory", "always"} }

func readFacts(folder fs.FS) (facts, error) {
	var f facts
	for _, table := range []struct {
		name string
		head string
		take func([]string) error
	}{
		{"countries.csv", "code,name_en,name_ru", f.takeCountry},
		{"wmi.csv", "wmi,maker,country,source", f.takeWMI},
		{"regions.csv", "from,to,country,status,note", f.takeRegion},
		{"year_rules.csv", "wmi,position,when,trust,decade,since,note", f.takeYearRule},
		{"check_digit.csv", "wmi,duty,note", f.takeDuty},
	} {
		if err := readTable(folder, table.name, table.head, table.take); err != nil {
			return facts{}, fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return f, f.check()
}

// readTable gives each row below the head to take.
func readTable(folder fs.FS, name, head string, take func([]string) error) error {
	file, err := folder.Open(name)
	if err != nil {
		return fmt.Errorf("read the facts: %w", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return fmt.Errorf("read the facts: %w", err)
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != head {
		return fmt.Errorf("the first line is not %q", head)
	}
	for i, row := range rows[1:] {
		if err := take(row); err != nil {
			return fmt.Errorf("row %d, %q: %w", i+2, row[0], err)
		}
	}
	return nil
}

func (f *facts) takeCountry(row []string) error {
	if len(row[0]) != 2 || row[1] == "" || row[2] == "" {
		return errors.New("want a code of two letters and two names")
	}
	f.countries = append(f.countries, country{row[0], row[1], row[2]})
	return nil
}

func (f *facts) takeWMI(row []string) error {
	small := len(row[0]) == 6 && row[0][2] == '9'
	if !small && len(row[0]) != 3 || !isCode(row[0]) {
		return errors.New("want three characters, or six with a 9 as the third")
	}
	if row[1] == "" {
		return errors.New("no maker")
	}
	f.wmis = append(f.wmis, wmi{row[0], row[1], row[2]})
	return f.knownCountry(row[2])
}

func (f *facts) takeRegion(row []string) error {
	if len(row[0]) != 2 || len(row[1]) != 2 || !isCode(row[0]) || !isCode(row[1]) || row[0][0] != row[1][0] {
		return errors.New("want two codes of two characters, the first one the same")
	}
	if rank(row[0]) > rank(row[1]) {
		return errors.New("the range ends before it begins")
	}
	f.regions = append(f.regions, region{row[0], row[1], row[2]})
	return f.knownCountry(row[2])
}

func (f *facts) takeYearRule(row []string) error {
	r := yearRule{code: row[0]}
	if len(row[0]) < 1 || len(row[0]) > 3 || !isCode(row[0]) {
		return errors.New("want one to three characters of a VIN")
	}
	var err error
	if r.when, err = numberOf(whens(), row[2]); err != nil {
		return err
	}
	if row[2] == "never" {
		f.years = append(f.years, r)
		return nil
	}
	if r.position, err = strconv.Atoi(row[1]); err != nil || r.position != 10 && r.position != 11 {
		return fmt.Errorf("position %q: want 10 or 11", row[1])
	}
	if r.trust, err = numberOf(trusts(), row[3]); err != nil {
		return err
	}
	if r.decade, err = numberOf(decades(), row[4]); err != nil {
		return err
	}
	if row[5] != "" {
		if r.since, err = strconv.Atoi(row[5]); err != nil || r.since < 1981 || r.since > 2039 {
			return fmt.Errorf("since %q: want a year from 1981 to 2039", row[5])
		}
	}
	f.years = append(f.years, r)
	return nil
}

func (f *facts) takeDuty(row []string) error {
	if len(row[0]) < 1 || len(row[0]) > 3 || !isCode(row[0]) {
		return errors.New("want one to three characters of a VIN")
	}
	n, err := numberOf(duties(), row[1])
	f.duties = append(f.duties, duty{row[0], n})
	return err
}

func (f *facts) knownCountry(code string) error {
	if !slices.ContainsFunc(f.countries, func(c country) bool { return c.code == code }) {
		return fmt.Errorf("country %q has no name", code)
	}
	return nil
}

func numberOf(words []string, word string) (int, error) {
	if n := slices.Index(words, word); n >= 0 {
		return n, nil
	}
	return 0, fmt.Errorf("%q: want one of %s", word, strings.Join(words, ", "))
}

func isCode(s string) bool { return strings.Trim(s, alphabet) == "" }

// rank is a number that sorts codes of two characters as ISO 3780 does.
func rank(code string) int {
	return strings.IndexByte(alphabet, code[0])*len(alphabet) + strings.IndexByte(alphabet, code[1])
}
