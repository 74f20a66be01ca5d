package vin_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/vin"
)

func TestModelYears(t *testing.T) {
	t.Parallel()
	type years = []vin.Year
	for _, c := range []struct {
		about, raw string
		now        int
		reason     vin.YearReason
		want       years
	}{
		{"a digit whose next year is to come", "1HGCM82633A004352", 2026, vin.YearOnlyOne, years{{2003, vin.Certain}}},
		{"the same when it has come", "1HGCM82633A004352", 2032, vin.YearPosition7, years{{2003, vin.Likely}, {2033, vin.Possible}}},
		{"a letter at 7 before 2010", "3C4FY4BB71T283350", 2026, vin.YearOnlyOne, years{{2001, vin.Certain}}},
		{"a letter at 7", "1FTEX1CM8EFB88051", 2026, vin.YearPosition7, years{{2014, vin.Likely}, {1984, vin.Possible}}},
		{"a digit at 7", "2FTCF15F2ECA55516", 2026, vin.YearPosition7, years{{1984, vin.Likely}, {2014, vin.Possible}}},
		{"next year's model", "1FTEX1CM8VFB88051", 2026, vin.YearPosition7, years{{2027, vin.Likely}, {1997, vin.Possible}}},
		{"a year too early for it", "1FTEX1CM8VFB88051", 2025, vin.YearOnlyOne, years{{1997, vin.Certain}}},
		{"a lorry may have a digit at 7", "1XKAD49X9FJ458598", 2026, vin.YearCycle, years{{2015, vin.Possible}, {1985, vin.Possible}}},
		{"a motorcycle, too", "1HD1KEM14DB652351", 2026, vin.YearCycle, years{{2013, vin.Possible}, {1983, vin.Possible}}},
		{"0 is no year in America", "1HGCM82630A004352", 2026, vin.YearUnreadable, years{}},
		{"nor U", "1HGCM8263UA004352", 2026, vin.YearUnreadable, years{}},
		{"nor Z", "1HGCM8263ZA004352", 2026, vin.YearUnreadable, years{}},
		{"before Tesla", "5YJ3E1EA03F000316", 2026, vin.YearUnreadable, years{}},
		{"Lada", "XTAGFK330JY144213", 2026, vin.YearCycle, years{{2018, vin.Possible}, {1988, vin.Possible}}},
		{"older Lada", "XTA21099043723245", 2026, vin.YearOnlyOne, years{{2004, vin.Certain}}},
		{"a Porsche of 1996", "WP0ZZZ99ZTS392124", 2026, vin.YearCycle, years{{2026, vin.Possible}, {1996, vin.Possible}}},
		{"made in Russia since 2007", "XW8ZZZ5NZCG126820", 2026, vin.YearSince, years{{2012, vin.Certain}}},
		{"new Russian code", "EDXFB32B2TE041658", 2026, vin.YearSince, years{{2026, vin.Certain}}},
		{"China before its VINs", "LDC613P23A1305189", 2026, vin.YearSince, years{{2010, vin.Certain}}},
		{"Renault", "VF1LM1B0H36666155", 2026, vin.YearNotWritten, years{}},
		{"Dacia", "UU1LSDAAH48123456", 2026, vin.YearNotWritten, years{}},
		{"Nissan of Russia", "Z8NFEAC1353471091", 2026, vin.YearNotWritten, years{}},
		{"Mercedes-Benz for Europe", "WDD2120341A829457", 2026, vin.YearNotWritten, years{}},
		{"Mercedes-Benz for America", "WDDUG8CB9FA092680", 2026, vin.YearPosition7, years{{2015, vin.Likely}, {1985, vin.Possible}}},
		{"BMW for Europe", "WBAUE11010E754323", 2026, vin.YearNotWritten, years{}},
		{"BMW for America", "WBAVB13586PS65971", 2026, vin.YearOnlyOne, years{{2006, vin.Certain}}},
		{"Nissan for Europe", "JN1TANT31U0023878", 2026, vin.YearNotWritten, years{}},
		{"Nissan for America", "JN8BT3AB4SW412749", 2026, vin.YearPosition7, years{{2025, vin.Likely}, {1995, vin.Possible}}},
		{"Ford of Europe", "WF0PXXGCDP8K23759", 2026, vin.YearOnlyOne, years{{2008, vin.Certain}}},
		{"Ford of Russia", "X9FMXXEEBMCG12345", 2026, vin.YearSince, years{{2012, vin.Certain}}},
		{"Ford of Turkey for America", "NM0LS6BN8BT061234", 2026, vin.YearNotWritten, years{}},
		{"the same, its check digit right", "NM0LS6BN7BT061234", 2026, vin.YearSince, years{{2011, vin.Certain}}},
		{"Peugeot, two letters", "VF3BUAFZPCZ802138", 2026, vin.YearSince, years{{2012, vin.Likely}}},
		{"Peugeot, a serial number", "VF3YAZMFB12383967", 2026, vin.YearNotWritten, years{}},
		{"DS, Citroën and Peugeot since 2019", "VR7EFYHT2PN547380", 2026, vin.YearSince, years{{2023, vin.Certain}}},
		{"the same with a digit", "VR7EFYHT23N547380", 2026, vin.YearNotWritten, years{}},
		{"no scheme is known, a digit", "W1V44770513858498", 2026, vin.YearUnconfirmed, years{}},
		{"no scheme is known, a letter", "SZAAAAAAAEA000001", 2026, vin.YearUnconfirmed, years{{2014, vin.Possible}, {1984, vin.Possible}}},
		{"no such code", "GVWZZZ1KZ6W612305", 2026, vin.YearUnconfirmed, years{}},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			require.True(t, vin.WellFormed(c.raw))
			got := vin.Decode(c.raw, c.now).Years
			assert.Equal(t, c.reason, got.Reason, got.Reason.String())
			assert.Equal(t, c.want, append(years{}, got.Candidates()...))
			models := make([]int, len(c.want))
			for i, y := range c.want {
				models[i] = y.Model
			}
			assert.Equal(t, models, got.Models())
			only := 0
			if len(c.want) == 1 && c.want[0].Certainty == vin.Certain {
				only = c.want[0].Model
			}
			assert.Equal(t, only, got.Only())
		})
	}
}

// The true year of a known VIN is among the candidates or there is none, a certain
// year is the true one, and one called likely is, too.
func TestYearsOfKnownVINs(t *testing.T) {
	t.Parallel()
	told, first, alone := 0, 0, 0
	for _, k := range knownVINs(t) {
		if k.year == 0 {
			continue
		}
		told++
		years := vin.Decode(k.raw, thisYear).Years
		candidates := years.Candidates()
		if len(candidates) == 0 {
			assert.Equal(t, "doc", k.kind, "%s: no year, for %v", k.raw, years.Reason)
			continue
		}
		assert.Contains(t, years.Models(), k.year, k.raw)
		if candidates[0].Model == k.year {
			first++
		}
		if candidates[0].Certainty != vin.Possible {
			assert.Equal(t, k.year, candidates[0].Model, "%s: %v", k.raw, candidates)
		}
		if years.Only() != 0 {
			alone++
		}
	}
	assert.Equal(t, []int{236, 233, 47}, []int{told, first, alone}, "docs/vin.md tells these figures")
}

func TestNoYearIsYetToCome(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := wellFormedVIN().Draw(t, "vin")
		now := rapid.IntRange(2010, 2060).Draw(t, "now")
		years := vin.Decode(v, now).Years
		assert.NotZero(t, years.Reason)
		for i, y := range years.Candidates() {
			assert.LessOrEqual(t, y.Model, now+1)
			assert.GreaterOrEqual(t, y.Model, 1980)
			assert.NotZero(t, y.Certainty)
			if i > 0 {
				assert.Equal(t, vin.Possible, y.Certainty)
				assert.NotEqual(t, vin.Certain, years.Candidates()[0].Certainty)
			}
		}
	})
}

func TestYearReasonsAndCertaintiesHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for r := vin.YearNotWritten; r <= vin.YearCycle; r++ {
		assert.Regexp(t, `^[a-z_0-9]+$`, r.String())
		assert.False(t, seen[r.String()], r)
		seen[r.String()] = true
	}
	text, err := json.Marshal([]any{vin.Possible, vin.Likely, vin.Certain, vin.YearReason(0), vin.YearCycle})
	require.NoError(t, err)
	assert.JSONEq(t, `["possible","likely","certain","","cycle"]`, string(text))
	assert.Equal(t, "year reason 99", vin.YearReason(99).String())
	assert.Equal(t, "certainty 0", vin.Certainty(0).String())
}
