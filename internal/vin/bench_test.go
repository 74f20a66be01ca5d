package vin_test

import (
	"testing"

	"vinbot/internal/vin"
)

// BenchmarkCheck aims at 10 ns and no allocation for a normalised, well-formed VIN; a
// check digit that is wrong costs two more, to learn what that means for the maker.
func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"right", "1HGCM82633A004352"},
		{"mismatch_unheeded", "XTA21099043723245"},
		{"mismatch_hinted", "JTDKARFU1J3073485"},
		{"mismatch_asked", "1HGCM82643A004352"},
		{"written_with_spaces", "1hg cm826 33a 004352"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vin.Check(c.raw, vin.PolicyAuto)
			}
		})
	}
}

func BenchmarkWellFormed(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		vin.WellFormed("1HGCM82633A004352")
	}
}

func BenchmarkLooksLikeVIN(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		vin.LooksLikeVIN("Здравствуйте, сколько стоит отчёт?")
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"america", "1HGCM82633A004352"},
		{"russia", "XTA21099043723245"},
		{"small_maker", "ZA9AAAAAAAAF76001"},
		{"unknown_maker", "KF1SF08WJ8B257338"},
		{"ford_of_europe", "WF0PXXGCDP8K23759"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vin.Decode(c.raw, thisYear)
			}
		})
	}
}

func BenchmarkRepair(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"check_digit", "1HGCM82643A004352"},
		{"doubled", "1HGCM82633AA004352"},
		{"missing", "1HGCM82633A00435"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vin.Repair(c.raw)
			}
		})
	}
}
