package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// check sorts the tables and refuses what a lookup could not decide.
func (f *facts) check() error {
	slices.SortFunc(f.countries, func(a, b country) int { return cmp.Compare(a.code, b.code) })
	slices.SortFunc(f.wmis, func(a, b wmi) int { return cmp.Compare(a.code, b.code) })
	slices.SortFunc(f.regions, func(a, b region) int { return cmp.Compare(rank(a.from), rank(b.from)) })
	slices.SortFunc(f.years, func(a, b yearRule) int { return cmp.Compare(a.code, b.code) })
	slices.SortFunc(f.duties, func(a, b duty) int { return cmp.Compare(a.code, b.code) })
	for i := 1; i < len(f.countries); i++ {
		if f.countries[i-1].code == f.countries[i].code {
			return fmt.Errorf("countries.csv: %s stands there twice", f.countries[i].code)
		}
	}
	for i := 1; i < len(f.wmis); i++ {
		if f.wmis[i-1].code == f.wmis[i].code {
			return fmt.Errorf("wmi.csv: %s stands there twice", f.wmis[i].code)
		}
	}
	for i := 1; i < len(f.regions); i++ {
		if rank(f.regions[i-1].to) >= rank(f.regions[i].from) {
			return fmt.Errorf("regions.csv: %s is in two ranges", f.regions[i].from)
		}
	}
	for i := 1; i < len(f.years); i++ {
		if f.years[i-1].code == f.years[i].code {
			return fmt.Errorf("year_rules.csv: %s stands there twice", f.years[i].code)
		}
	}
	for i := 1; i < len(f.duties); i++ {
		if strings.HasPrefix(f.duties[i].code, f.duties[i-1].code) {
			return fmt.Errorf("check_digit.csv: %s begins %s", f.duties[i-1].code, f.duties[i].code)
		}
	}
	return nil
}
