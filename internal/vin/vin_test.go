package vin_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/vin"
)

// known is a row of testdata/vins.csv.
type known struct {
	raw        string
	wellFormed bool
	checkOK    bool
	kind       string
	region     string
	maker      string
	year       int // 0: the source does not tell
}

func knownVINs(tb testing.TB) []known {
	tb.Helper()
	f, err := os.Open("testdata/vins.csv")
	require.NoError(tb, err)
	defer func() { require.NoError(tb, f.Close()) }()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	require.NoError(tb, err)
	require.Equal(tb, []string{"vin", "well_formed", "check_digit_ok", "region", "maker", "model_year", "kind"}, rows[0])
	all := make([]known, 0, len(rows)-1)
	for _, row := range rows[1:] {
		k := known{raw: row[0], wellFormed: row[1] == "1", checkOK: row[2] == "1", region: row[3], maker: row[4], kind: row[6]}
		if row[5] != "" {
			k.year, err = strconv.Atoi(row[5])
			require.NoError(tb, err)
		}
		all = append(all, k)
	}
	require.Len(tb, all, 447)
	return all
}

func TestNoRealVINIsRefusedOrAskedAbout(t *testing.T) {
	t.Parallel()
	real, unheeded := 0, 0
	for _, k := range knownVINs(t) {
		if k.kind != "real" {
			continue
		}
		real++
		for _, p := range []vin.Policy{vin.PolicyAuto, vin.PolicyOff} {
			got := vin.Check(k.raw, p)
			assert.Equal(t, vin.VerdictOK, got.Verdict, "%s with %s", k.raw, p)
			assert.Equal(t, vin.ReasonNone, got.Reason, "%s with %s: no hint at a real VIN", k.raw, p)
			assert.Equal(t, k.raw, got.VIN)
			assert.Empty(t, got.Changes())
		}
		want := vin.VerdictOK
		if !k.checkOK {
			unheeded++
			want = vin.VerdictReject
		}
		assert.Equal(t, want, vin.Check(k.raw, vin.PolicyStrict).Verdict, k.raw)
	}
	assert.Equal(t, 330, real)
	assert.Greater(t, unheeded, 50, "the sample must hold real VINs whose check digit is wrong")
}

func TestKnownVINsHaveTheTrueForm(t *testing.T) {
	t.Parallel()
	for _, k := range knownVINs(t) {
		if k.raw == "11111111111111111" { // sums up, but has no letter
			assert.False(t, vin.WellFormed(k.raw))
			continue
		}
		assert.Equal(t, k.wellFormed, vin.WellFormed(k.raw), k.raw)
		if k.wellFormed {
			digit, ok := vin.CheckDigit(k.raw)
			assert.True(t, ok, k.raw)
			assert.Equal(t, k.checkOK, digit == k.raw[8], k.raw)
		}
	}
}

func TestInvalidTextIsRefusedOrVisiblyChanged(t *testing.T) {
	t.Parallel()
	for _, k := range knownVINs(t) {
		if k.kind != "invalid" {
			continue
		}
		got := vin.Check(k.raw, vin.PolicyAuto)
		if got.Verdict == vin.VerdictReject {
			assert.NotEqual(t, vin.ReasonNone, got.Reason, k.raw)
			continue
		}
		assert.NotEmpty(t, got.Changes(), k.raw)
		assert.NotEqual(t, k.raw, got.VIN)
	}
}

func TestCheckDigitVerdictByPolicy(t *testing.T) {
	t.Parallel()
	const none, hint = vin.ReasonNone, vin.ReasonCheckDigit
	for _, c := range []struct {
		about, raw string
		policy     vin.Policy
		verdict    vin.Verdict
		reason     vin.Reason
	}{
		{"right", "1HGCM82633A004352", vin.PolicyAuto, vin.VerdictOK, none},
		{"right, with X", "1M8GDM9AXKP042788", vin.PolicyStrict, vin.VerdictOK, none},
		{"USA, wrong", "1HGCM82643A004352", vin.PolicyAuto, vin.VerdictConfirm, hint},
		{"USA (7), wrong", "7SAYGAEE0RF002511", vin.PolicyAuto, vin.VerdictConfirm, hint},
		{"6 is no part of North America", "6SAYGAEE0RF002511", vin.PolicyAuto, vin.VerdictOK, none},
		{"China (L), wrong", "L5BGA2V58NG590409", vin.PolicyAuto, vin.VerdictConfirm, hint},
		{"China (H), wrong", "HE9XR1C40PS083871", vin.PolicyAuto, vin.VerdictConfirm, hint},
		{"Toyota of Japan, wrong", "JTDKARFU1J3073485", vin.PolicyAuto, vin.VerdictOK, hint},
		{"another maker of Japan, wrong", "JSAJTD54V00264939", vin.PolicyAuto, vin.VerdictOK, none},
		{"BMW, wrong", "WBAUE11020E754323", vin.PolicyAuto, vin.VerdictOK, hint},
		{"BMW M, wrong", "WBSWL9C50AP786013", vin.PolicyAuto, vin.VerdictOK, hint},
		{"electric BMW, wrong", "WBY21CF000CU47924", vin.PolicyAuto, vin.VerdictOK, hint},
		{"Toyota of Turkey, wrong", "NMTK33BX00R132738", vin.PolicyAuto, vin.VerdictOK, hint},
		{"Toyota of France, wrong", "VNKJTUD30FA838549", vin.PolicyAuto, vin.VerdictOK, hint},
		{"Škoda, wrong", "TMBJJ7NE0K0123456", vin.PolicyAuto, vin.VerdictOK, hint},
		{"another maker of Czechia, wrong", "TMAJJ7NE0K0123456", vin.PolicyAuto, vin.VerdictOK, none},
		{"BMW of Kaliningrad, wrong", "X4XVA98477VB40475", vin.PolicyAuto, vin.VerdictOK, hint},
		{"Toyota of Russia, wrong", "XW7BF4FK50S051361", vin.PolicyAuto, vin.VerdictOK, hint},
		{"new Russian code, wrong", "EDXFB32B3TE041658", vin.PolicyAuto, vin.VerdictOK, hint},
		{"Lada, wrong", "XTA21099043723245", vin.PolicyAuto, vin.VerdictOK, none},
		{"Lada, wrong, strict", "XTA21099043723245", vin.PolicyStrict, vin.VerdictReject, hint},
		{"USA, wrong, strict", "1HGCM82643A004352", vin.PolicyStrict, vin.VerdictReject, hint},
		{"USA, wrong, off", "1HGCM82643A004352", vin.PolicyOff, vin.VerdictOK, none},
		{"BMW, wrong, off", "WBAUE11020E754323", vin.PolicyOff, vin.VerdictOK, none},
		{"USA, wrong, unknown policy", "1HGCM82643A004352", vin.Policy(""), vin.VerdictConfirm, hint},
		{"a letter for a check digit", "1HGCM826A3A004352", vin.PolicyAuto, vin.VerdictConfirm, hint},
		{"typed untidily", " vin: 1hg-cm826 43a.004352 ", vin.PolicyAuto, vin.VerdictConfirm, hint},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			got := vin.Check(c.raw, c.policy)
			assert.Equal(t, c.verdict, got.Verdict)
			assert.Equal(t, c.reason, got.Reason)
			spot := vin.NoSpot
			if c.reason == vin.ReasonCheckDigit {
				spot = 8
			}
			assert.Equal(t, spot, got.Spot())
		})
	}
}

func TestRefusalNamesReasonAndSpot(t *testing.T) {
	t.Parallel()
	const nowhere = vin.NoSpot
	for _, c := range []struct {
		raw       string
		reason    vin.Reason
		spot      int
		character string
		size      int
	}{
		{"", vin.ReasonEmpty, nowhere, "", 0},
		{" - * . ", vin.ReasonEmpty, nowhere, "", 0},
		{"VIN:", vin.ReasonEmpty, nowhere, "", 0},
		{"1HGCM82633A00435", vin.ReasonTooShort, nowhere, "", 16},
		{"1HGCM82633A0043522", vin.ReasonTooLong, nowhere, "", 18},
		{"1HGCM82633Я004352", vin.ReasonBadCharacter, 10, "Я", 17},
		{"WDBUH87J46#202412", vin.ReasonBadCharacter, 10, "#", 17},
		{"1HGCM82633/A004352", vin.ReasonBadCharacter, 10, "/", 18},
		{"1HGCM82633/A00435", vin.ReasonBadCharacter, 10, "/", 17},
		{"Ю1HGCM82633A00", vin.ReasonTooShort, nowhere, "", 14},
		{"11111111111111111", vin.ReasonNoLetter, nowhere, "", 17},
		{"OIQ11111111111111", vin.ReasonNoLetter, nowhere, "", 17},
		{"1HGCM82633A00B352", vin.ReasonTailNotDigits, 13, "B", 17},
		{"1HGCM82633A00435S", vin.ReasonTailNotDigits, 16, "S", 17},
		{"1H9CM82633A00B35S", vin.ReasonTailNotDigits, 16, "S", 17},
		{"AAAAAAAAAAAAAAAAO", vin.ReasonTailNotDigits, 13, "A", 17},
		{"Toyota Corolla 2015", vin.ReasonWords, nowhere, "", 17},
	} {
		t.Run(c.raw, func(t *testing.T) {
			t.Parallel()
			got := vin.Check(c.raw, vin.PolicyOff)
			assert.Equal(t, vin.VerdictReject, got.Verdict)
			assert.Equal(t, c.reason, got.Reason)
			assert.Equal(t, c.spot, got.Spot())
			assert.Equal(t, c.character, got.SpotCharacter())
			assert.Equal(t, c.size, got.Size())
		})
	}
}

func TestSmallMakerMayHaveALetterFourthFromTheEnd(t *testing.T) {
	t.Parallel()
	assert.Equal(t, vin.VerdictOK, vin.Check("TM91234567890B345", vin.PolicyAuto).Verdict)
	assert.Equal(t, vin.ReasonTailNotDigits, vin.Check("TMA1234567890B345", vin.PolicyAuto).Reason)
}

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"auto", "strict", "off"} {
		p, err := vin.ParsePolicy(name)
		require.NoError(t, err)
		assert.Equal(t, vin.Policy(name), p)
	}
	for _, name := range []string{"", "on", "AUTO"} {
		_, err := vin.ParsePolicy(name)
		require.ErrorContains(t, err, "want auto, strict or off")
	}
}

func TestEveryVerdictAndReasonHasItsOwnName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range vin.Reasons() {
		assert.Regexp(t, `^[a-z_]+$`, r.String())
		assert.False(t, seen[r.String()], r)
		seen[r.String()] = true
	}
	assert.Len(t, seen, int(vin.ReasonCheckDigit), "Reasons must list all of them")
	text, err := json.Marshal([]any{vin.VerdictOK, vin.VerdictConfirm, vin.VerdictReject, vin.ReasonNone, vin.ReasonTooShort})
	require.NoError(t, err)
	assert.JSONEq(t, `["ok","confirm","reject","","too_short"]`, string(text))
	assert.Equal(t, "verdict 0", vin.Verdict(0).String())
	assert.Equal(t, "reason 99", vin.Reason(99).String())
}

func TestMaskShowsSevenCharactersAtMost(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"1HGCM82633A004352":  "1HG…4352",
		"XTA21099043723245":  "XTA…3245",
		"ЯЯЯМ82633A004ЖЖЖЖ":  "ЯЯЯ…ЖЖЖЖ",
		"GX1100069622":       "GX1…9622",
		"1HGCM82633":         "…",
		"":                   "",
		"\xff\xfe1HGCM82633": "\xff\xfe1…2633",
	} {
		assert.Equal(t, want, vin.Mask(raw))
	}
}

func TestCheckOfANormalisedVINDoesNotAllocate(t *testing.T) {
	for _, raw := range []string{"1HGCM82633A004352", "XTA21099043723245", "JTDKARFU1J3073485", "1HGCM82643A004352"} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { vin.Check(raw, vin.PolicyAuto) }), raw)
	}
}
