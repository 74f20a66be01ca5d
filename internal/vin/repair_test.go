package vin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/vin"
)

func TestRepairs(t *testing.T) {
	t.Parallel()
	const honda = "1HGCM82633A004352"
	for _, c := range []struct {
		about, raw string
		want       vin.Candidate
	}{
		{"keyboard layout", "1РПСЬ82633Ф004352", vin.Candidate{honda, vin.RepairLayout, 0, "1PПCЬ82633Ф004352", honda}},
		{"the same with spaces and a label", "vin: 1рпсь 82633ф 004352", vin.Candidate{honda, vin.RepairLayout, 0, "1PПCЬ82633Ф004352", honda}},
		{"doubled letter", "1HGCM82633AA004352", vin.Candidate{honda, vin.RepairDoubled, 10, "A", ""}},
		{"doubled digit", "1HGCM82633A0043522", vin.Candidate{honda, vin.RepairDoubled, 16, "2", ""}},
		{"doubled where no check digit is", "XTA210999043723245", vin.Candidate{"XTA21099043723245", vin.RepairDoubled, 6, "9", ""}},
		{"one too many", "1HGCMX82633A004352", vin.Candidate{honda, vin.RepairExtra, 5, "X", ""}},
		{"one too many behind", "1HGCM82633A0043527", vin.Candidate{honda, vin.RepairExtra, 17, "7", ""}},
		{"several too many behind", "5UXFA13585LY088477890", vin.Candidate{"5UXFA13585LY08847", vin.RepairExtra, 17, "7890", ""}},
		{"several too many in front", "N01HGCM82633A004352", vin.Candidate{honda, vin.RepairExtra, 0, "N0", ""}},
		{"the last is missing", "1HGCM82633A00435", vin.Candidate{honda, vin.RepairMissing, 16, "", "2"}},
		{"the first is missing", "HGCM82633A004352", vin.Candidate{honda, vin.RepairMissing, 0, "", "1"}},
		{"one of two is missing", "1HGCM82633A04352", vin.Candidate{honda, vin.RepairMissing, 11, "", "0"}},
		{"one of ZZZ is missing", "WVWZZ1KZ6W612305", vin.Candidate{"WVWZZZ1KZ6W612305", vin.RepairMissing, 5, "", "Z"}},
		{"look-alike", "1HGCM8Z633A004352", vin.Candidate{honda, vin.RepairLookAlike, 6, "Z", "2"}},
		{"look-alike in the tail", "1HGCM82633A0043S2", vin.Candidate{"1HGCM82633A004352", vin.RepairLookAlike, 15, "S", "5"}},
		{"two look-alikes in the tail", "XTA21099043723Z4S", vin.Candidate{"XTA21099043723245", vin.RepairLookAlike, 14, "Z4S", "245"}},
		{"a Cyrillic letter", "1HGCM82б33A004352", vin.Candidate{honda, vin.RepairLookAlike, 7, "Б", "6"}},
		{"a sign", "1HGCM82633A0043#2", vin.Candidate{"1HGCM82633A004352", vin.RepairUnreadable, 15, "#", "5"}},
		{"swapped", "1HGCM82633A004532", vin.Candidate{honda, vin.RepairSwap, 14, "53", "35"}},
		{"swapped into the tail", "XTA2109904372A245", vin.Candidate{"XTA210990437A2245", vin.RepairSwap, 12, "2A", "A2"}},
		{"swapped in the maker's code", "XAT21099043723245", vin.Candidate{"XTA21099043723245", vin.RepairSwap, 1, "AT", "TA"}},
		{"neighbouring key", "1JGCM82633A004352", vin.Candidate{honda, vin.RepairKey, 1, "J", "H"}},
		{"Toyota, hinted at", "JTDKB20U487654312", vin.Candidate{}},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			got := vin.Repair(c.raw)
			if c.want.VIN == "" {
				for _, one := range got {
					assert.Equal(t, vin.ReasonNone, vin.Check(one.VIN, vin.PolicyAuto).Reason)
				}
				return
			}
			assert.Contains(t, got, c.want)
		})
	}
}

func TestNothingIsRepairedWithoutNeed(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "привет", "Toyota Corolla 2015", "GX110-0069622", "SCP110067053", "1HGCM", "11111111111111111111111111",
		"1HGCM82633ЯЖЩ4352", "1HGCM82633A0Ж", "AAAAAAAAAAAAAAAAO", "XTA2109904372324", "BMW X5 2015 12345678",
	} {
		assert.Empty(t, vin.Repair(raw), raw)
	}
	for _, k := range knownVINs(t) {
		if k.kind == "real" && vin.Decode(k.raw, thisYear).WMI != "" {
			assert.Empty(t, vin.Repair(k.raw), k.raw)
		}
	}
}

func TestTheLikeliestRepairComesFirst(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"1HGCM82633AA004352": "1HGCM82633A004352",
		"WVWZZ1KZ6W612305":   "WVWZZZ1KZ6W612305",
		"1РПСЬ82633Ф004352":  "1HGCM82633A004352",
		"1HGCM82633A00435":   "1HGCM82633A004352",
		"1HGCM8Z633A004352":  "1HGCM82633A004352",
	} {
		got := vin.Repair(raw)
		require.NotEmpty(t, got, raw)
		assert.Equal(t, want, got[0].VIN, "%s: %v", raw, got)
	}
}

// Each invalid text of the table is refused, changed visibly, or repaired with the
// owner's consent, and what is proposed for it is sound.
func TestInvalidTextsAreRefusedChangedOrRepaired(t *testing.T) {
	t.Parallel()
	refused, changed, repairable := 0, 0, 0
	for _, k := range knownVINs(t) {
		if k.kind != "invalid" {
			continue
		}
		got := vin.Check(k.raw, vin.PolicyAuto)
		candidates := vin.Repair(k.raw)
		checkCandidates(t, k.raw, candidates)
		switch {
		case got.Verdict != vin.VerdictReject:
			assert.NotEmpty(t, got.Changes(), k.raw)
			changed++
		case len(candidates) > 0:
			repairable++
		default:
			refused++
		}
	}
	assert.Equal(t, []int{26, 21, 11}, []int{refused, changed, repairable}, "docs/vin.md tells these figures")
}

func checkCandidates(t require.TestingT, raw string, candidates []vin.Candidate) {
	require.LessOrEqual(t, len(candidates), vin.MaxCandidates)
	normal, _ := vin.Normalize(raw)
	seen := map[string]bool{normal: true}
	for _, c := range candidates {
		require.True(t, vin.WellFormed(c.VIN), "%q: %v", raw, c)
		require.Equal(t, vin.VerdictOK, vin.Check(c.VIN, vin.PolicyAuto).Verdict, "%q: %v", raw, c)
		require.False(t, seen[c.VIN], "%q: %v", raw, candidates)
		seen[c.VIN] = true
		text := []rune(normal)
		require.Equal(t, c.VIN, string(text[:c.At])+c.To+string(text[c.At+len([]rune(c.From)):]), "%q: %v", raw, c)
	}
}

func TestCandidatesAreSoundVINs(t *testing.T) {
	t.Parallel()
	characters := []rune("0123456789ABCDEFGHJKLMNPRSTUVWXYZOIQЯБШ#")
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(wellFormedVIN().Draw(t, "vin"))
		for range rapid.IntRange(0, 3).Draw(t, "mistakes") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			c := rapid.SampledFrom(characters).Draw(t, "character")
			switch rapid.IntRange(0, 2).Draw(t, "mistake") {
			case 0:
				text[at] = c
			case 1:
				text = append(text[:at], text[at+1:]...)
			default:
				text = append(text[:at], append([]rune{c}, text[at:]...)...)
			}
		}
		checkCandidates(t, string(text), vin.Repair(string(text)))
	})
}

func TestWhichPartIsShort(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]vin.Part{
		"1HGCM82633A00435":  vin.PartSerial,
		"1HGCM8633A004352":  vin.PartDescriptor,
		"HGCM82633A004352":  vin.PartMaker,
		"WVWZZ1KZ6W612305":  vin.PartDescriptor,
		"WVWUK63B92P54681":  vin.PartSerial,
		"1HGCM82633A00":     vin.PartUnknown,
		"1HGCM82633A004":    vin.PartSerial,
		"XTA2109904372324":  vin.PartSerial,
		"1HGCM82633A004352": vin.PartUnknown,
		"QQQ":               vin.PartUnknown,
		"":                  vin.PartUnknown,
		"GVWUK63B92P54681":  vin.PartUnknown,
		"1HGCM82633AЯ0435":  vin.PartUnknown,
		"1HGCM826330A04AB":  vin.PartSerial,
	} {
		assert.Equal(t, want, vin.ShortPart(v), "%s: %s", v, vin.ShortPart(v))
	}
	assert.Equal(t, []string{"", "maker", "descriptor", "serial"},
		[]string{vin.PartUnknown.String(), vin.PartMaker.String(), vin.PartDescriptor.String(), vin.PartSerial.String()})
}
