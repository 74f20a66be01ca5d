package vin_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"vinbot/internal/vin"
)

const alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

// wellFormedVIN draws a VIN with any check digit.
func wellFormedVIN() *rapid.Generator[string] {
	return rapid.StringMatching(`[A-HJ-NPR-Z][A-HJ-NPR-Z0-9][A-HJ-NPR-Z0-8][A-HJ-NPR-Z0-9]{10}[0-9]{4}`)
}

// checkDigitByTheBook computes the check digit as 49 CFR 565.15 tells it, slowly.
func checkDigitByTheBook(v string) byte {
	transliteration := map[rune]int{}
	for i, row := range []string{"0", "1AJ", "2BKS", "3CLT", "4DMU", "5ENV", "6FW", "7GPX", "8HY", "9RZ"} {
		for _, c := range row {
			transliteration[c] = i
		}
	}
	weights := []int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}
	sum := 0
	for i, c := range v {
		sum += weights[i] * transliteration[c]
	}
	return "0123456789X"[sum%11]
}

func TestCheckDigitFollowsTheRegulation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := wellFormedVIN().Draw(t, "vin")
		got, ok := vin.CheckDigit(v)
		want := checkDigitByTheBook(v)
		assert.True(t, ok)
		assert.Equal(t, want, got)
		right := v[:8] + string(want) + v[9:]
		assert.Equal(t, vin.VerdictOK, vin.Check(right, vin.PolicyStrict).Verdict, right)
		if v != right {
			assert.Equal(t, vin.VerdictReject, vin.Check(v, vin.PolicyStrict).Verdict, v)
		}
	})
}

func TestEveryByteIsJudgedByTheAlphabet(t *testing.T) {
	t.Parallel()
	const v = "1HGCM82633A004352"
	for position := range len(v) {
		for b := range 256 {
			changed := v[:position] + string([]byte{byte(b)}) + v[position+1:]
			inAlphabet := strings.IndexByte(alphabet, byte(b)) >= 0
			want := inAlphabet && (position < 13 || '0' <= b && b <= '9')
			assert.Equal(t, want, vin.WellFormed(changed), "%q", changed)
			got := vin.Check(changed, vin.PolicyOff)
			assert.Equal(t, want, got.VIN == changed && got.Verdict == vin.VerdictOK, "%q", changed)
			_, ok := vin.CheckDigit(changed)
			assert.Equal(t, inAlphabet, ok, "%q", changed)
		}
	}
	for _, size := range []int{0, 1, 16} {
		_, ok := vin.CheckDigit(v[:size])
		assert.False(t, ok)
	}
}

// Of all mistakes in one character only those between characters of the same value
// (and O, I, Q, which are no characters of a VIN) pass the check digit.
func TestOneWrongCharacterIsAskedAboutWhereTheCheckDigitIsMandatory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := "1" + wellFormedVIN().Draw(t, "vin")[1:]
		v = v[:3] + "A" + v[4:] // a letter, whatever was drawn
		v = v[:8] + string(checkDigitByTheBook(v)) + v[9:]
		position := rapid.SampledFrom([]int{4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16}).Draw(t, "position")
		digit := rapid.ByteRange('0', '9').Draw(t, "digit")
		wrong := v[:position] + string(digit) + v[position+1:]
		want := vin.VerdictConfirm
		if checkDigitByTheBook(wrong) == wrong[8] {
			want = vin.VerdictOK
		}
		assert.Equal(t, want, vin.Check(wrong, vin.PolicyAuto).Verdict, wrong)
	})
}

func TestAnySpellingOfAVINIsReadTheSame(t *testing.T) {
	t.Parallel()
	spellings := map[rune][]string{
		'0': {"0", "O", "o", "Q", "q", "О", "о", "０", "Ｏ"}, '1': {"1", "I", "i", "１", "ｉ"}, '3': {"3", "З", "з"},
		'A': {"A", "a", "А", "а", "Ａ"}, 'H': {"H", "h", "Н", "н", "ｈ"}, 'X': {"X", "x", "Х", "х"}, 'Y': {"y", "У", "у"},
	}
	separators := rapid.SampledFrom([]string{"", "", "", "", " ", "-", ".", "*", " – ", "\u00a0", "\u200b"})
	rapid.Check(t, func(t *rapid.T) {
		v := wellFormedVIN().Draw(t, "vin")
		var raw strings.Builder
		raw.WriteString(rapid.SampledFrom([]string{"", "VIN ", "вин: ", "«"}).Draw(t, "before"))
		for _, c := range v {
			spelling, ok := spellings[c]
			if !ok {
				spelling = []string{string(c), strings.ToLower(string(c))}
			}
			raw.WriteString(rapid.SampledFrom(spelling).Draw(t, "character"))
			raw.WriteString(separators.Draw(t, "separator"))
		}
		got, changes := vin.Normalize(raw.String())
		assert.Equal(t, v, got, raw.String())
		position := 0
		for _, c := range changes {
			assert.GreaterOrEqual(t, c.At, position, "changes stand in the order of the text")
			position = c.At
			if c.To != "" {
				assert.Equal(t, c.To, got[c.At:c.At+1])
			}
		}
	})
}

func TestMaskNeverShowsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.String().Draw(t, "raw")
		masked := vin.Mask(raw)
		assert.LessOrEqual(t, utf8.RuneCountInString(masked), 8)
		if raw != "" {
			assert.Contains(t, masked, "…")
		}
	})
}
