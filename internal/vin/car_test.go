package vin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/vin"
)

const thisYear = 2026

func TestMakerAndCountry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, wmi, maker, english, russian string }{
		{"1HGCM82633A004352", "1HG", "Honda", "United States", "США"},
		{"XTA21099043723245", "XTA", "Lada", "Russia", "Россия"},
		{"EDXFB32B2TE041658", "EDX", "Tenet", "Russia", "Россия"},
		{"10TAAAAAAAA000001", "10T", "Oshkosh", "United States", "США"}, // the table's first row
		{"ZPBAAAAAAAA000001", "ZPB", "Lamborghini", "Italy", "Италия"},
		{"1M9AAAAAAAA682001", "1M9682", "Mosler", "United States", "США"},
		{"ZA9AAAAAAAAF76001", "ZA9F76", "Pagani", "Italy", "Италия"},
		{"ZA9AAAAAAAA999001", "", "", "Italy", "Италия"}, // another small maker
		{"X89AAAAAAAA999001", "X89", "Small series", "Russia", "Россия"},
		{"KF1SF08WJ8B257338", "", "", "Israel", "Израиль"},
		{"XSAAAAAAAAA000001", "", "", "Russia", "Россия"},
		{"AZAAAAAAAAA000001", "", "", "Cyprus", "Кипр"}, // AZ–A1: digits come after letters
		{"A1AAAAAAAAA000001", "", "", "Cyprus", "Кипр"},
		{"A2AAAAAAAAA000001", "", "", "Zimbabwe", "Зимбабве"},
		{"E0AAAAAAAAA000001", "", "", "Russia", "Россия"}, // EA–E0: 0 comes last
		{"GVWZZZ1KZ6W612305", "", "", "", ""},
		{"ZZZZZZ1KZ6W612305", "", "", "Slovenia", "Словения"},
		{"1HGCM82633A00435", "", "", "", ""},
	} {
		car := vin.Decode(c.raw, thisYear)
		assert.Equal(t, c.maker, car.Maker, c.raw)
		assert.Equal(t, c.wmi, car.WMI, c.raw)
		assert.Equal(t, c.english, car.Country.Name("en"), c.raw)
		assert.Equal(t, c.russian, car.Country.Name("ru"), c.raw)
	}
	assert.Equal(t, vin.Country("US"), vin.Decode("1HGCM82633A004352", thisYear).Country)
	for _, c := range []vin.Country{"", "U", "XX", "USA", "United States of America"} {
		assert.Empty(t, c.Name("en"), c)
	}
	assert.Equal(t, "Japan", vin.Country("JP").Name("de"))
	assert.Equal(t, []string{"Jeep", "Dodge", "Chrysler"}, vin.Decode("1C4NJDEB5FD340542", thisYear).Brands())
	assert.Nil(t, vin.Car{}.Brands())
}

// tableName is a maker's name as the tables spell it, or as it is the brand of.
func tableName(maker string) []string {
	switch maker {
	case "Motor Coach Industries":
		return []string{"MCI"}
	case "Citroen":
		return []string{"Citroën"}
	case "RAM":
		return []string{"Ram"}
	case "Beijing Benz":
		return []string{"Mercedes-Benz"}
	case "Dongfeng Yueda Kia":
		return []string{"Kia"}
	case "Dongfeng PSA":
		return []string{"Peugeot", "Citroën"}
	case "SAIC MG/Roewe":
		return []string{"MG", "Roewe"}
	case "Tenet/Chery (RU)":
		return []string{"Tenet", "Chery"}
	case "FAW Jiefang (standard example)":
		return []string{"FAW"}
	default:
		return []string{maker}
	}
}

// Of the VINs whose source names the maker 98 in 100 must be decoded to it.
func TestMakersOfKnownVINs(t *testing.T) {
	t.Parallel()
	named, right := 0, 0
	for _, k := range knownVINs(t) {
		if k.maker == "" {
			continue
		}
		named++
		brands := vin.Decode(k.raw, thisYear).Brands()
		if slices.ContainsFunc(tableName(k.maker), func(name string) bool { return slices.Contains(brands, name) }) {
			right++
		} else {
			t.Logf("%s of %s was decoded to %v", k.raw, k.maker, brands)
		}
	}
	assert.Equal(t, 266, named)
	assert.GreaterOrEqual(t, float64(right), 0.98*float64(named))
	assert.Equal(t, 265, right, "docs/vin.md tells this figure")
}

// In each region with twenty real VINs or more the maker of 95 in 100 is known.
func TestMakersAreKnownInEveryRegion(t *testing.T) {
	t.Parallel()
	all, hit := map[string]int{}, map[string]int{}
	for _, k := range knownVINs(t) {
		if k.kind != "real" {
			continue
		}
		all[k.region]++
		if car := vin.Decode(k.raw, thisYear); car.WMI != "" {
			hit[k.region]++
		} else {
			t.Logf("%s of %s: maker unknown", k.raw, k.region)
			assert.NotEmpty(t, car.Country, k.raw)
		}
	}
	large := 0
	for region, n := range all {
		if n >= 20 {
			large++
			assert.GreaterOrEqual(t, float64(hit[region]), 0.95*float64(n), region)
		}
	}
	assert.Equal(t, 5, large)
}

func TestCountriesOfKnownVINs(t *testing.T) {
	t.Parallel()
	for _, k := range knownVINs(t) {
		if k.kind != "real" || k.region == "S.America" {
			continue
		}
		code := vin.Decode(k.raw, thisYear).Country
		want := strings.Split(strings.TrimSuffix(strings.Replace(k.region, "UK", "GB", 1), "(E)"), "/")
		assert.Contains(t, want, string(code), k.raw)
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	for _, raw := range []string{"1HGCM82633A004352", "ZA9AAAAAAAAF76001", "KF1SF08WJ8B257338", "WF0PXXGCDP8K23759"} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { vin.Decode(raw, thisYear) }), raw)
	}
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = vin.Country("JP").Name("ru") }))
}
