package vin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"vinbot/internal/vin"
)

// all is what Find gives, in short: kind, raw text, VIN.
func all(text string) []string {
	found, rest := vin.Find(text)
	short := []string{}
	for _, f := range append(found, rest...) {
		switch {
		case f.Kind == vin.FoundVIN && f.Raw == f.VIN:
			short = append(short, f.VIN)
		case f.Kind == vin.FoundVIN:
			short = append(short, f.Raw+" = "+f.VIN)
		case f.Kind == vin.FoundLayout:
			short = append(short, f.Raw+" typed "+f.VIN)
		default:
			short = append(short, f.Kind.String()+" "+f.Raw)
		}
	}
	return short
}

func TestFindInSentences(t *testing.T) {
	t.Parallel()
	const honda, lada, vw = "1HGCM82633A004352", "XTA21099043723245", "WVWZZZ1KZ6W612305"
	for text, want := range map[string][]string{
		honda: {honda},
		"Здравствуйте! Пробейте, пожалуйста, 1HGCM82633A004352, спасибо": {honda},
		"Please check 1HGCM82633A004352 for me.":                             {honda},
		"Мой вин XTA21099043723245, год 2004, пробег 150000 км":              {lada},
		"vin:1HGCM82633A004352;":                                             {honda},
		"VIN1HGCM82633A004352":                                               {honda},
		"вин1HGCM82633A004352 спасибо":                                       {honda},
		"VINVIN 1HGCM82633A004352":                                           {honda},
		"винкод 1HGCM82633A004352":                                           {honda},
		"VIN-код автомобиля - 1HGCM82633A004352":                             {honda},
		"(1HGCM82633A004352)":                                                {honda},
		"[1HGCM82633A004352]/[XTA21099043723245]":                            {honda, lada},
		"1HGCM82633A004352 XTA21099043723245":                                {honda, lada},
		"1HGCM82633A004352\nXTA21099043723245\n1hgcm82633a004352":            {honda, lada},
		"1) 1HGCM82633A004352 2) XTA21099043723245":                          {honda, lada},
		"1. 1HGCM82633A004352\n2. XTA21099043723245":                         {honda, lada},
		"1HGCM82633A004352,XTA21099043723245;WVWZZZ1KZ6W612305":              {honda, lada, vw},
		"Хонда 1hgcm82633a004352":                                            {"1hgcm82633a004352 = " + honda},
		"вот ХТА21099043723245 лада":                                         {"ХТА21099043723245 = " + lada},
		"вот IHGCM82633AOO4352 хонда":                                        {"IHGCM82633AOO4352 = " + honda},
		"вот １ＨＧＣＭ８２６３３Ａ００４３５２ хонда":                                        {"１ＨＧＣＭ８２６３３Ａ００４３５２ = " + honda},
		"вот 1HGCM\u200b82633A004352 хонда":                                  {"1HGCM\u200b82633A004352 = " + honda},
		"пробейте 1HG CM826 33A 004352 пожалуйста":                           {"1HG CM826 33A 004352 = " + honda},
		"пробейте 1HG-CM826-33A-004352 пожалуйста":                           {"1HG-CM826-33A-004352 = " + honda},
		"пробейте 1HG.CM826.33A.004352 пожалуйста":                           {"1HG.CM826.33A.004352 = " + honda},
		"пробейте *1HG*CM826*33A*004352* пожалуйста":                         {"1HG*CM826*33A*004352 = " + honda},
		"пробейте 1HGC M826 33A0 0435 2 пожалуйста":                          {"1HGC M826 33A0 0435 2 = " + honda},
		"пробейте 1 H G C M 8 2 6 3 3 A 0 0 4 3 5 2 пожалуйста":              {"1 H G C M 8 2 6 3 3 A 0 0 4 3 5 2 = " + honda},
		"Лада XTA 210990 43723245 2004 года":                                 {"XTA 210990 43723245 = " + lada},
		"Лада ХТА 210990 43723245 2004 года":                                 {"ХТА 210990 43723245 = " + lada},
		"Golf WVWZZZ 1KZ 6W612305 2006":                                      {"WVWZZZ 1KZ 6W612305 = " + vw},
		"VIN: 1HG CM826 43A 004352, что скажете?":                            {"1HG CM826 43A 004352 = 1HGCM82643A004352"},
		"VIN: TM9 1234567890B 345, прицеп":                                   {"TM9 1234567890B 345 = TM91234567890B345"},
		"https://auto.example/history/1HGCM82633A004352/report?id=1":         {honda},
		"https://auto.example/history/QWERTY1234567890A?x=AAAAAAAAAAAAA1234": {},
		"Пробейте WVWUK63B92P54681 спасибо":                                  {"faulty WVWUK63B92P54681"},
		"Пробейте 1HGCM82633Я004352 спасибо":                                 {"faulty 1HGCM82633Я004352"},
		"Пробейте HGCM82633A004352 спасибо":                                  {"faulty HGCM82633A004352"},
		"вин: WDD212034829457 и XTA21099043723245":                           {"faulty WDD212034829457", lada},
		"вот 1РПСЬ82633Ф004352 вин":                                          {"1РПСЬ82633Ф004352 typed " + honda},
		"1рпсь82633ф004352":                                                  {"1рпсь82633ф004352 typed " + honda},
		"1РПСЬ 82633Ф 004352":                                                {"1РПСЬ 82633Ф 004352 typed " + honda},
		"ЦМЦЯЯЯ1ЛЯ6Ц612305":                                                  {"ЦМЦЯЯЯ1ЛЯ6Ц612305 typed " + vw},
		"КУЗОВ GX110-0069622, Тойота":                                        {"frame GX110-0069622"},
		"GX110-0069622 или NZE141-9134919":                                   {"frame GX110-0069622", "frame NZE141-9134919"},
		"gx110 0069622":                                                      {"frame gx110 0069622"},
		"SCP110067053":                                                       {"frame SCP110067053"},
		"А123АА177":                                                          {"faulty А123АА177"},
		"TM9 1234567890B 345":                                                {"TM9 1234567890B 345 = TM91234567890B345"},
	} {
		assert.Equal(t, want, all(text), text)
	}
}

func TestOrdinaryTalkHoldsNoVIN(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "vin", "VIN код?", "hello", "Здравствуйте, сколько стоит отчёт?",
		"Toyota Corolla 2015", "Toyota Camry 2015 года, 150000 км, белая", "BMW X5 2015 12345678",
		"JAC S5 2015 12345678", "LINCOLN MKX 2015 123", "LADA GRANTA 2015 12",
		"Хочу машину до 1500000 в Москве 2015", "НАС ТРОЕ ВАС РАЗ 2015", "продаю ХТА 210990 в Москве за 1234567", "продаю машину ХТА 210990 в 1234567",
		"Мой номер +7 912 345-67-89, звоните", "8 (912) 345 67 89", "89123456789 89123456780",
		"Госномер А123АА177, цвет белый, СТС 9912 123456", "Машина по ПТС 78 УХ 123456 от 12.05.2015",
		"карта 4276 1234 5678 9012 3456 7", "ИНН 123456789012, КПП 123456789",
		"owner12345@mail.ru", "https://example.com/a/0123456789abcdef1234", "t.me/abcd1234abcd1234",
		"заказ номер 1234567 от 12 мая 2015 года", "вот моясправка1234567 жду", "полис ХХХ0123456789 до мая",
		"ГОСТ-123456", "у меня СТС-1234567 есть", "тел-1234567", "AB-123456-78", "12-345678",
		"число 11111111111111111", "Отправьте 1HG. CM82633A004352 это оно", "Отправьте 1HG, CM82633A004352 это оно",
		"1HG CM82643A004352 без ярлыка и с неверной контрольной цифрой",
	} {
		assert.Empty(t, all(text), text)
	}
}

func TestFoundStandsWhereItSays(t *testing.T) {
	t.Parallel()
	const text = "Вин: 1HGCM82633A004352 и ХТА 210990 43723245."
	found, rest := vin.Find(text)
	require.Len(t, found, 2)
	assert.Empty(t, rest)
	assert.Equal(t, vin.Found{Kind: vin.FoundVIN, Raw: "1HGCM82633A004352", Start: 8, End: 25, VIN: "1HGCM82633A004352"}, found[0])
	assert.Equal(t, "ХТА 210990 43723245", text[found[1].Start:found[1].End])
	assert.Len(t, vin.Check(found[1].Raw, vin.PolicyAuto).ShownChanges(), 3)
}

func TestTenAreActedOnAndTheRestIsCounted(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 25 {
		fmt.Fprintf(&text, "XTA2109904372%04d\n", i)
	}
	text.WriteString("XTA21099043720003 XTA21099043720023")
	found, rest := vin.Find(text.String())
	require.Len(t, found, vin.MaxFound)
	require.Len(t, rest, 15)
	for i, f := range append(found, rest...) {
		assert.Equal(t, fmt.Sprintf("XTA2109904372%04d", i), f.VIN)
	}
}

// Whatever stands for itself in a message is found in any sentence.
func TestKnownVINsAreFoundInSentences(t *testing.T) {
	t.Parallel()
	for _, k := range knownVINs(t) {
		if vin.Check(k.raw, vin.PolicyAuto).Verdict == vin.VerdictReject {
			continue
		}
		v, _ := vin.Normalize(k.raw)
		for _, text := range []string{"%s", "Здравствуйте, проверьте %s, пожалуйста!", "Hi! My car is %s", "вин %s 2015 г.в.", "%s\nспасибо"} {
			found, rest := vin.Find(fmt.Sprintf(text, k.raw))
			require.Len(t, found, 1, text, k.raw)
			assert.Empty(t, rest)
			assert.Equal(t, v, found[0].VIN)
			assert.Equal(t, vin.FoundVIN, found[0].Kind)
		}
	}
}

// A real VIN is found in the groups in which documents print it.
func TestKnownVINsAreFoundInGroups(t *testing.T) {
	t.Parallel()
	grouped, found := 0, 0
	for _, k := range knownVINs(t) {
		if k.kind != "real" {
			continue
		}
		for _, sizes := range [][]int{{3, 6, 8}, {3, 6, 2, 6}, {4, 4, 4, 5}, {6, 3, 8}, {11, 6}, {8, 9}} {
			rest, parts := k.raw, []string{}
			for _, size := range sizes {
				parts = append(parts, rest[:size])
				rest = rest[size:]
			}
			for _, separator := range []string{" ", "-"} {
				grouped++
				got, _ := vin.Find("Добрый день, вот номер моей машины: " + strings.Join(parts, separator) + ", жду.")
				if len(got) == 1 && got[0].VIN == k.raw {
					found++
				} else if len(got) > 0 {
					assert.Equal(t, vin.FoundFaulty, got[0].Kind, "%v in %s", got, parts)
				}
			}
		}
	}
	t.Logf("%d of %d", found, grouped)
	assert.GreaterOrEqual(t, float64(found), 0.99*float64(grouped))
}

func TestWhatCheckAcceptsIsFound(t *testing.T) {
	t.Parallel()
	separators := rapid.SampledFrom([]string{"", "", "", "", " ", "-", ".", "*", " – ", "\u00a0", "\u200b", "\n"})
	rapid.Check(t, func(t *rapid.T) {
		v := wellFormedVIN().Draw(t, "vin")
		parts := []string{rapid.SampledFrom([]string{"", "VIN ", "вин: ", "«"}).Draw(t, "before")}
		for _, c := range v {
			parts = append(parts, string(c), separators.Draw(t, "separator"))
		}
		raw := strings.Join(parts, "")
		if vin.Check(raw, vin.PolicyAuto).Verdict == vin.VerdictReject {
			return
		}
		found, rest := vin.Find(raw)
		require.Len(t, found, 1, raw)
		assert.Empty(t, rest)
		if found[0].Kind == vin.FoundFrame {
			require.Less(t, len(found[0].VIN), vin.Length, "a frame number with something besides")
			return
		}
		assert.Equal(t, v, found[0].VIN)
	})
}

func TestAFrameNumberWithSomethingBesidesIsNoVIN(t *testing.T) {
	t.Parallel()
	const text = "GX110-0069622 20015"
	require.NotEqual(t, vin.VerdictReject, vin.Check(text, vin.PolicyAuto).Verdict, "all of it together could be one")
	found, _ := vin.Find(text)
	require.Len(t, found, 1)
	assert.Equal(t, vin.FoundFrame, found[0].Kind)
	assert.Equal(t, "GX110-0069622", found[0].Raw)
}

func TestWhatIsFoundIsWhatCheckSays(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom([]string{
		"1HGCM82633A004352", "1HG", "CM826", "33A004352", "XTA", "210990", "43723245", "2015", "вин", "VIN", "код", "Camry", "а",
		"1РПСЬ82633Ф004352", "GX110-0069622", "WVWZZZ", "1KZ6W612305", "1HGCM82633A00435", "Я", "О", "\u200b", "спасибо", "JAC",
	})
	gaps := rapid.SampledFrom([]string{" ", " ", " ", "-", ".", ", ", "", "\n", "/", ". "})
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for range rapid.IntRange(1, 12).Draw(t, "size") {
			parts = append(parts, words.Draw(t, "word"), gaps.Draw(t, "gap"))
		}
		checkFound(t, strings.Join(parts, ""))
	})
}

// checkFound holds what was found against what is promised.
func checkFound(t require.TestingT, text string) {
	found, rest := vin.Find(text)
	end := 0
	seen := map[string]bool{}
	for _, f := range append(found, rest...) {
		require.GreaterOrEqual(t, f.Start, end, text)
		require.Equal(t, text[f.Start:f.End], f.Raw)
		require.False(t, seen[f.VIN], text)
		seen[f.VIN] = true
		end = f.End
		checkOneFound(t, text, f)
	}
	require.LessOrEqual(t, len(found), vin.MaxFound)
	require.True(t, len(rest) == 0 || len(found) == vin.MaxFound)
}

func checkOneFound(t require.TestingT, text string, f vin.Found) {
	got := vin.Check(f.Raw, vin.PolicyAuto)
	switch f.Kind {
	case vin.FoundVIN:
		require.NotEqual(t, vin.VerdictReject, got.Verdict, "%q in %q: %v", f.Raw, text, got.Reason)
		require.Equal(t, got.VIN, f.VIN, text)
	case vin.FoundLayout:
		require.True(t, vin.WellFormed(f.VIN), text)
	case vin.FoundFrame:
		require.Equal(t, vin.ReasonFrameNumber, got.Reason, text)
	case vin.FoundFaulty:
		require.Equal(t, vin.VerdictReject, got.Verdict, "%q in %q", f.Raw, text)
	default:
		require.Fail(t, "no kind", text)
	}
}

func TestKindsOfFoundHaveNames(t *testing.T) {
	t.Parallel()
	names := []string{"vin", "layout", "frame", "faulty"}
	for i, name := range names {
		assert.Equal(t, name, (vin.FoundVIN + vin.FoundKind(i)).String())
	}
	assert.Equal(t, "found 0", vin.FoundKind(0).String())
}

const (
	russianSentence = "Здравствуйте! Хочу купить машину, продавец говорит, что она не битая и не крашеная, пробег 98 тысяч, " +
		"два хозяина по ПТС. Подскажите, пожалуйста, сколько стоит ваш отчёт и как скоро он будет?"
	englishSentence = "Hello! I am about to buy a car, the seller says that it has never had an accident, 98 thousand km, " +
		"two owners. Could you tell me what your report costs and how soon it could be here, please? Thanks."
	findSentence = "Здравствуйте! Хочу купить машину, продавец говорит, что она не битая и не крашеная, пробег 98 тысяч, " +
		"два хозяина по ПТС. Вот её номер: 1HGCM82633A004352. Сколько стоит отчёт и как скоро будет?"
)

func TestFindingNothingDoesNotAllocate(t *testing.T) {
	for _, text := range []string{russianSentence, englishSentence, "спасибо", "Toyota Camry 2015 года, 150000 км, белая"} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { vin.Find(text) }), text)
	}
}

func BenchmarkFind(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"nothing_russian", russianSentence},
		{"nothing_english", englishSentence},
		{"one", findSentence},
		{"alone", "1HGCM82633A004352"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vin.Find(c.text)
			}
		})
	}
}
