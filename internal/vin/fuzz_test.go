package vin_test

import (
	"testing"
	"unicode/utf8"

	"vinbot/internal/vin"
)

func addSeeds(f *testing.F) {
	f.Helper()
	for _, k := range knownVINs(f) {
		f.Add(k.raw)
	}
	for _, raw := range []string{
		"", "VIN", "vin: vin: ВИН-код 1HG", "VIN NO", "ｖｉｎ：１ＨＧ", "1HG CM8-2633A.004352*", "ıſ\u1c80\u2170İ", "\xff\xfe",
		"Toyota Corolla 2015", "GX110-0069622", "« »", "⭐️", "\u200b1\u200b", "привет", "1HGCM82633Я004352",
	} {
		f.Add(raw)
	}
}

func FuzzCheck(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, raw string) {
		normal, _ := vin.Normalize(raw)
		if again, changes := vin.Normalize(normal); again != normal || len(changes) != 0 {
			t.Fatalf("%q became %q, then %q by %v", raw, normal, again, changes)
		}
		for _, p := range []vin.Policy{vin.PolicyAuto, vin.PolicyStrict, vin.PolicyOff} {
			got := vin.Check(raw, p)
			if got.VIN != normal {
				t.Fatalf("%q: Check says %q, Normalize %q", raw, got.VIN, normal)
			}
			checkResult(t, raw, p, got)
		}
	})
}

// checkResult holds a result against what is promised of every one.
func checkResult(t *testing.T, raw string, p vin.Policy, got vin.Result) {
	t.Helper()
	switch got.Verdict {
	case vin.VerdictOK, vin.VerdictConfirm:
		if !vin.WellFormed(got.VIN) {
			t.Fatalf("%q with %s: %q is %s but not well-formed", raw, p, got.VIN, got.Verdict)
		}
		if !vin.LooksLikeVIN(raw) {
			t.Fatalf("%q with %s is %s but does not look like a VIN", raw, p, got.Verdict)
		}
		if got.Verdict == vin.VerdictConfirm && (p != vin.PolicyAuto || got.Reason != vin.ReasonCheckDigit) {
			t.Fatalf("%q with %s: confirm for %q", raw, p, got.Reason)
		}
	case vin.VerdictReject:
		if got.Reason == vin.ReasonNone {
			t.Fatalf("%q with %s: refused without a reason", raw, p)
		}
	default:
		t.Fatalf("%q with %s: no verdict", raw, p)
	}
	if raw != got.VIN && len(got.Changes()) == 0 && utf8.ValidString(raw) {
		t.Fatalf("%q became %q without a word", raw, got.VIN)
	}
	if (got.Spot() == vin.NoSpot) != (got.SpotCharacter() == "") {
		t.Fatalf("%q with %s: spot %d holds %q", raw, p, got.Spot(), got.SpotCharacter())
	}
}

func FuzzLooksLikeVIN(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, raw string) {
		vin.LooksLikeVIN(raw)
		if masked := vin.Mask(raw); utf8.RuneCountInString(masked) > 8 {
			t.Fatalf("the mask of %q shows %q", raw, masked)
		}
	})
}

func FuzzFind(f *testing.F) {
	addSeeds(f)
	for _, text := range []string{
		russianSentence, englishSentence, findSentence, "VINVIN VIN 1HG CM826 33A 004352", "1РПСЬ82633Ф004352",
		"XTA 210990 43723245 2004 года", "вин код номер 1HG", "BMW X5 2015 12345678", "GX110-0069622-1", "http://a/1HGCM82633A004352",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkFound(t, text)
		if got := vin.Check(text, vin.PolicyAuto); got.Verdict != vin.VerdictReject {
			found, rest := vin.Find(text)
			if len(found) != 1 || len(rest) != 0 || found[0].VIN != got.VIN {
				t.Fatalf("%q: Check says %s, Find %v", text, got.VIN, found)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, k := range knownVINs(f) {
		f.Add(k.raw, thisYear)
	}
	f.Add("", 0)
	f.Add("\xff", 2080)
	f.Fuzz(func(t *testing.T, raw string, now int) {
		car := vin.Decode(raw, now)
		if !vin.WellFormed(raw) {
			if car != (vin.Car{}) {
				t.Fatalf("%q is %v", raw, car)
			}
			return
		}
		if (car.WMI == "") != (car.Maker == "") || len(car.Brands()) == 0 && car.Maker != "" {
			t.Fatalf("%q is %v", raw, car)
		}
		if (car.Country == "") != (car.Country.Name("ru") == "") {
			t.Fatalf("%q: no name for %q", raw, car.Country)
		}
		if car.Years.Reason == 0 {
			t.Fatalf("%q: years without a reason", raw)
		}
	})
}

func FuzzRepair(f *testing.F) {
	addSeeds(f)
	for _, raw := range []string{"1РПСЬ82633Ф004352", "WVWZZ1KZ6W612305", "XTA21099043723Z4S", "1HGCM82633A0043#2", "N01HGCM82633A004352"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		checkCandidates(t, raw, vin.Repair(raw))
		if part := vin.ShortPart(raw); part != vin.PartUnknown && (len(raw) < 14 || len(raw) > 16) {
			t.Fatalf("%q is short of its %s", raw, part)
		}
	})
}

func FuzzForm(f *testing.F) {
	addSeeds(f)
	f.Add("auto")
	f.Add("RU")
	f.Fuzz(func(t *testing.T, raw string) {
		digit, ok := vin.CheckDigit(raw)
		if vin.WellFormed(raw) && !ok {
			t.Fatalf("%q is well-formed without a check digit", raw)
		}
		if ok {
			right := raw[:8] + string(digit) + raw[9:]
			if again, _ := vin.CheckDigit(right); again != digit {
				t.Fatalf("%q: %c, then %c", raw, digit, again)
			}
		}
		if p, err := vin.ParsePolicy(raw); err == nil && string(p) != raw {
			t.Fatalf("%q became %q", raw, p)
		}
		if name := vin.Country(raw).Name(raw); name != "" && len(raw) != 2 {
			t.Fatalf("%q is %q", raw, name)
		}
	})
}
