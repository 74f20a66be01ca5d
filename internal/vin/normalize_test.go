package vin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/vin"
)

func TestNormalizeRemovesWhatIsNotPartOfTheNumber(t *testing.T) {
	t.Parallel()
	const want = "1HGCM82633A004352"
	for _, raw := range []string{
		want,
		"1hgcm82633a004352",
		"\t1HGCM82633A004352 \r\n",
		"1HG CM8 2633A 004352",
		"1HG-CM8–2633A—004352",
		"1HG.CM8·2633A•004352",
		"*1HGCM82633A004352*",
		"⭐️1HGCM82633A004352⭐️",
		"1HGCM826\u00a033A\u2009004352",
		"\ufeff1HGCM82633\u200bA004352\u200e",
		"１ＨＧＣＭ８２６３３Ａ００４３５２",
		"１ｈｇ　ＣＭ８２６３３Ａ－００４３５２",
		"VIN 1HGCM82633A004352",
		"vin:1HGCM82633A004352",
		"VIN1HGCM82633A004352",
		"Vin-code: 1HGCM82633A004352",
		"VIN NO. 1HGCM82633A004352",
		"VIN number = 1HGCM82633A004352",
		"VIN No 1HGCM82633A004352",
		"(VIN) 1HGCM82633A004352",
		"вин 1HGCM82633A004352",
		"ВИН-код: 1HGCM82633A004352",
		"Вин номер № 1HGCM82633A004352",
		"ＶＩＮ：1HGCM82633A004352",
		"«1HGCM82633A004352»",
		"`1HGCM82633A004352`, ",
		"1HGCM82633A004352?",
	} {
		got, changes := vin.Normalize(raw)
		assert.Equal(t, want, got, "%q", raw)
		for _, c := range changes {
			assert.False(t, c.Shown(), "%q: %+v", raw, c)
		}
	}
}

func TestNormalizeWritesDownEveryChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw, want string
		changes   []vin.Change
		shown     int
	}{
		{"1HGCM82633A004352", "1HGCM82633A004352", nil, 0},
		{"XWEКU811CD0002591", "XWEKU811CD0002591", []vin.Change{{vin.KindCyrillic, 3, "К", "K"}}, 1},
		{"WV1ZZZ7нZ6H051189", "WV1ZZZ7HZ6H051189", []vin.Change{{vin.KindCyrillic, 7, "н", "H"}}, 1},
		{"IHGCM8263ЗAоO4Q52", "1HGCM82633A004052", []vin.Change{
			{vin.KindNotInVIN, 0, "I", "1"},
			{vin.KindCyrillic, 9, "З", "3"},
			{vin.KindCyrillic, 11, "о", "0"},
			{vin.KindNotInVIN, 12, "O", "0"},
			{vin.KindNotInVIN, 14, "Q", "0"},
		}, 5},
		{" VIN: 1h  Gｃ* ", "1HGC", []vin.Change{
			{vin.KindLabel, 0, " VIN: ", ""},
			{vin.KindCase, 1, "h", "H"},
			{vin.KindSeparator, 2, "  ", ""},
			{vin.KindWidth, 3, "ｃ", "C"},
			{vin.KindSeparator, 4, "* ", ""},
		}, 0},
		{"- 1 - 2 ", "12", []vin.Change{
			{vin.KindSeparator, 0, "- ", ""},
			{vin.KindSeparator, 1, " - ", ""},
			{vin.KindSeparator, 2, " ", ""},
		}, 0},
		{"АВЕКМНРСТУХОЗ", "ABEKMHPCTYX03", []vin.Change{
			{vin.KindCyrillic, 0, "А", "A"},
			{vin.KindCyrillic, 1, "В", "B"},
			{vin.KindCyrillic, 2, "Е", "E"},
			{vin.KindCyrillic, 3, "К", "K"},
			{vin.KindCyrillic, 4, "М", "M"},
			{vin.KindCyrillic, 5, "Н", "H"},
			{vin.KindCyrillic, 6, "Р", "P"},
			{vin.KindCyrillic, 7, "С", "C"},
			{vin.KindCyrillic, 8, "Т", "T"},
			{vin.KindCyrillic, 9, "У", "Y"},
			{vin.KindCyrillic, 10, "Х", "X"},
			{vin.KindCyrillic, 11, "О", "0"},
			{vin.KindCyrillic, 12, "З", "3"},
		}, 13},
	} {
		t.Run(c.raw, func(t *testing.T) {
			t.Parallel()
			got, changes := vin.Normalize(c.raw)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.changes, changes)
			assert.Len(t, vin.Check(c.raw, vin.PolicyAuto).ShownChanges(), c.shown)
		})
	}
}

func TestALabelTakesNothingFromTheVIN(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"VIN no 1x14g1zkm9g1640":    "N01X14G1ZKM9G1640",
		"VIN no N01X14G1ZKM9G1640":  "N01X14G1ZKM9G1640",
		"VIN N0 1X14G1ZKM9G1640":    "N01X14G1ZKM9G1640",
		"VIN no 1HGCM82633A00435":   "1HGCM82633A00435",
		"VIN code 1HGCM82633A00435": "1HGCM82633A00435",
	} {
		got, _ := vin.Normalize(raw)
		assert.Equal(t, want, got, raw)
		found, rest := vin.Find(raw)
		assert.Len(t, found, 1, raw)
		assert.Empty(t, rest)
	}
}

func TestNormalizeAssumesNoOtherRepair(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"1HGCM82633AA004352": "1HGCM82633AA004352", // doubled
		"ЧЦ8":                "ЧЦ8",                // the Russian keyboard layout of XW8
		"Б5S8ёі":             "Б5S8ЁІ",             // looks like 6 and others; і is no Russian letter
		"1HG/CM8":            "1HG/CM8",
		"1HG:CM8":            "1HG:CM8",
		"1\xffA":             "1�A",
	} {
		got, _ := vin.Normalize(raw)
		assert.Equal(t, want, got, "%q", raw)
	}
}

func TestFrameNumberIsNoTypingError(t *testing.T) {
	t.Parallel()
	for raw, frame := range map[string]bool{
		"GX110-0069622":      true,
		"gx110 0069622":      true,
		"GX115-0001807":      true,
		"NZE141-9134919":     true,
		"FN15-002153":        true,
		"FB15-806559":        true,
		"CT9A-0001234":       true,
		"GDB-012345":         true,
		"VIN: ВН5-123456":    true, // a label, and Cyrillic look-alikes
		"GX11O-OO69622":      true,
		"SCP110067053":       true,
		"EU11105303":         true,
		"XTA2109904372":      false, // a Lada's VIN that breaks off
		"9111121907":         false,
		"911-112190":         false,
		"1HGCM-82633A-00435": false,
		"GX110-00696":        false,
		"GX110-00A9622":      false,
		"GX110-Ж069622":      false,
		"WDB2304741F028230":  false,
	} {
		got := vin.Check(raw, vin.PolicyAuto)
		assert.Equal(t, frame, got.Reason == vin.ReasonFrameNumber, raw)
		if frame {
			assert.Equal(t, vin.VerdictReject, got.Verdict, raw)
			assert.True(t, vin.LooksLikeVIN(raw), raw)
		}
	}
}

func TestTalkIsToldFromAVINWithAFault(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"1HGCM82633A004352":    true,
		"1hg cm826 33a 004352": true,
		"1HGCM82633A00435":     true,
		"1HGCM82633A0043522":   true,
		"1HGCM82633Ж004352":    true,
		"WVWZZZ 1KZ 6W612305":  true,
		"WVWZZZ 1KZ 6W61230":   true,
		"W0LOZCF 68 48022377":  true,
		"Z94CT41DBFR41":        true,
		"KMHE341CBF":           true,
		"А123АА177":            true, // a plate: better told what a VIN is by its length
		"ABCDEFGHIJKLMNOPQ":    true,
		"11111111111111111":    true,
		"SCP110067053":         true,
		"":                     false,
		"hello":                false,
		"hello how are you":    false,
		"Здравствуйте, сколько стоит отчёт?": false,
		"Когда будет готово? Жду с 10:30":    false,
		"спасибо":                     false,
		"tooshort":                    false,
		"JS":                          false,
		"+7 912 345-67-89":            false,
		"89123456789":                 false,
		"Toyota Corolla 2015":         false,
		"Toyota Camry 2015":           false,
		"Hyundai Solaris 2015":        false,
		"Lada Granta 2015":            false,
		"owner12345@mail.ru":          false,
		"https://example.com/a12345":  false,
		"t.me/abcd12345":              false,
		"OOOOIIIIQQQQ":                false, // no digit was sent
		"123456789012345678901234A56": false,
		"ABC1Ж2Ж3Ж4":                  false,
	} {
		assert.Equal(t, want, vin.LooksLikeVIN(raw), raw)
	}
}

func TestGroupedVINIsNotTakenForWords(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"LFWADRJF 011002346", "LFWA DRJF 0110 0234 6", "WAUZZZ 8T4DA007398", "WOLOZCF 6848022377",
		"W0L 0ZCF68480 22377", "1 H G C M 8 2 6 3 3 A 0 0 4 3 5 2", "EDXFB 32B2T E041658",
	} {
		assert.Equal(t, vin.VerdictOK, vin.Check(raw, vin.PolicyAuto).Verdict, raw)
		assert.True(t, vin.LooksLikeVIN(raw), raw)
	}
}
