package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// repairsOf proposes as the VIN room may: what it thinks the likeliest is tried
// there.
func repairsOf(raw string) []vin.Candidate {
	switch raw {
	case "1HGCM82633Ы004352":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairUnreadable, At: 10, From: "Ы", To: "A"}}
	case "HGCM82633A004352":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairMissing, At: 0, To: "1"}}
	case "1HGCM8263A004352":
		return []vin.Candidate{
			{VIN: sampleVIN, Kind: vin.RepairMissing, At: 8, To: "3"},
			{VIN: "1HGCM8263A0043526", Kind: vin.RepairMissing, At: 16, To: "6"},
		}
	case "1HGCM82633AA004352":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairDoubled, At: 10, From: "A"}}
	case "1HGCM82633A00435Z2":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairExtra, At: 16, From: "Z"}}
	case "221HGCM82633A004352":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairExtra, At: 0, From: "22"}}
	case "1HGCM82633A0043A2":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairUnreadable, At: 15, From: "A", To: "5"}}
	case "1HGCM82633A004353":
		return []vin.Candidate{
			{VIN: "1HGGM82633A004353", Kind: vin.RepairLookAlike, At: 3, From: "C", To: "G"},
			{VIN: "1HGCM82633A004335", Kind: vin.RepairSwap, At: 15, From: "53", To: "35"},
			{VIN: sampleVIN, Kind: vin.RepairKey, At: 16, From: "3", To: "2"},
		}
	case "1РПСЬ82633Ф004352":
		return []vin.Candidate{{VIN: sampleVIN, Kind: vin.RepairLayout, From: "1PПCЬ82633Ф004352", To: sampleVIN}}
	default:
		return nil
	}
}

// dialogueSamples has what is said about cars, repairs, and several numbers.
func dialogueSamples(facts message.Facts) []sample {
	var all []sample
	for _, v := range []string{
		sampleVIN, "WBAFW51040C245397", "SALLAAAG5BA123456", "1FTFW1ET5DFC10372", "ZZZ00000000000001", "00Z00000000000001",
	} {
		say := ticket.Say{Text: message.TextOpened, Ticket: 12, VIN: v, Year: 2026}
		all = append(all, sample{title: "owner.opened " + v, say: say, facts: facts})
	}
	for _, raw := range []string{"1HGCM82633A00435Z2", "221HGCM82633A004352", "1HGCM82633AA004352", "HGCM82633A004352", "WVWZZZ1KZ6W00000"} {
		all = append(all, sample{title: "owner.refused " + raw, say: refusal(raw, vin.PolicyAuto), facts: facts})
	}
	typo := "1HGCM82633A004353"
	return append(all,
		sample{title: "owner.confirm with repairs", say: ticket.Say{
			Text: message.TextConfirm, VIN: typo, Year: 2026, Reason: "check_digit", Repairs: repairsOf(typo),
		}},
		sample{title: "owner.layout with its button", say: ticket.Say{
			Text: message.TextLayout, VIN: sampleVIN, Input: "1РПСЬ82633Ф004352", Year: 2026, Repairs: repairsOf("1РПСЬ82633Ф004352"),
		}},
		sample{title: "owner.several of every kind", say: ticket.Say{
			Text: message.TextSeveral, Year: 2026, Count: 1, Changes: []ticket.Swap{{From: "С", To: "C"}},
			Numbers: []ticket.Number{
				{VIN: sampleVIN, Ticket: 12},
				{VIN: "WBAFW51050C245397", Ticket: 13, Reason: "check_digit"},
				{VIN: "ZZZ00000000000001", Ticket: 9, Known: true},
				{VIN: "GX110-0069622", Reason: "frame_number"},
				{VIN: "JZX100-0012345", Reason: "frame_number"},
				{VIN: "XTA210990Y2765499"},
				{VIN: "XTA210990Y2765500"},
			},
		}},
		sample{title: "owner.limited open", say: ticket.Say{Text: message.TextLimited, VIN: sampleVIN, Reason: message.LimitOpen, Limit: 5}},
		sample{title: "owner.limited tickets", say: ticket.Say{
			Text: message.TextLimited, VIN: sampleVIN, Reason: message.LimitTickets, Limit: 10, Wait: 1450,
		}},
		sample{title: "owner.too_fast for a while", say: ticket.Say{Text: message.TextTooFast, Wait: 41}},
		sample{title: "owner.several, more than the limit", say: ticket.Say{
			Text: message.TextSeveral, Year: 2026, Reason: message.LimitOpen, Limit: 1,
			Numbers: []ticket.Number{{VIN: sampleVIN, Ticket: 12}, {VIN: "WBAFW51050C245397", Reason: "open"}, {VIN: "XTA210990Y2765499"}},
		}},
		sample{title: "owner.several, as many as a message holds", say: manyNumbers()},
	)
}

// manyNumbers is the longest answer to several numbers: the makers with the
// longest names, hints, and a message full of numbers that were too many.
func manyNumbers() ticket.Say {
	s := ticket.Say{Text: message.TextSeveral, Year: 2026, Count: 3}
	for i := range vin.MaxFound {
		s.Numbers = append(s.Numbers, ticket.Number{VIN: fmt.Sprintf("WDB906633AS12%04d", i), Ticket: 9_000_000 + int64(i), Reason: "check_digit"})
	}
	for i := range 217 {
		s.Numbers = append(s.Numbers, ticket.Number{VIN: fmt.Sprintf("XTA210990Y2765%03d", i)})
	}
	return s
}

func TestARepairShowsWhatWouldChange(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for raw, want := range map[string]string{
		"1HGCM82633Ы004352":   "1HGCM82633<b>A</b>004352",                       // replaced
		"HGCM82633A004352":    "<b>1</b>HGCM82633A004352",                       // put in
		"1HGCM82633AA004352":  "1HGCM82633A004352 (without character 11: A)",    // left out
		"221HGCM82633A004352": "1HGCM82633A004352 (without characters 1–2: 22)", // cut off
		"1HGCM82633A004353":   "1HGCM82633A0043<b>35</b>",                       // swapped
		"1РПСЬ82633Ф004352":   "<code>1HGCM82633A004352</code>\n",               // all of it
	} {
		text, err := book.Say("en", refusal(raw, vin.PolicyStrict), message.Facts{})
		require.NoError(t, err)
		assert.Contains(t, text.HTML+"\n", want, raw)
	}
}

func TestABrokenRepairIsShownPlainly(t *testing.T) {
	t.Parallel()
	for _, c := range []vin.Candidate{{VIN: "<b>", At: -1}, {VIN: "<b>", At: 3, To: "x"}, {VIN: "<b>", At: 99}} {
		text, err := newBook(t).Say("en", ticket.Say{Text: message.TextConfirm, VIN: sampleVIN, Repairs: []vin.Candidate{c}}, message.Facts{})
		require.NoError(t, err)
		assert.Contains(t, text.HTML, "<code>&lt;b&gt;</code>")
	}
}

func TestEachRepairHasAButtonOfItsOwn(t *testing.T) {
	t.Parallel()
	text, err := newBook(t).Say("ru", refusal("1HGCM8263A004352", vin.PolicyAuto), message.Facts{})
	require.NoError(t, err)
	require.NotNil(t, text.Keyboard)
	require.Len(t, text.Keyboard.InlineKeyboard, 2)
	for _, row := range text.Keyboard.InlineKeyboard {
		require.Len(t, row, 1, "a VIN needs the whole width")
		assert.Equal(t, "vinrep:"+row[0].Text, row[0].CallbackData)
		assert.True(t, vin.WellFormed(row[0].Text))
	}
	plain, err := newBook(t).Say("ru", refusal("12345678901234567", vin.PolicyAuto), message.Facts{})
	require.NoError(t, err)
	assert.Nil(t, plain.Keyboard, "an untyped nil where there are none")
}

// TestNoYearIsNamedThatTheVINDoesNotProve, in either language; what is unknown
// leaves no trace.
func TestNoYearIsNamedThatTheVINDoesNotProve(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, tc := range []struct {
		vin    string
		year   int
		ru, en string
	}{
		{sampleVIN, 2026, "\nHonda, США, 2003\n", ", 2003\n"},
		{"SALLAAAG5BA123456", 2026, "1981 или 2011\n", "1981 or 2011\n"},
		{"1FTFW1ET5DFC10372", 2026, "вероятно 2013 (или 1983)\n", "probably 2013 (or 1983)\n"},
		{"WBAFW51040C245397", 2026, "\nBMW, Германия\n", "\nBMW, Germany\n"},
		{"ZZZ00000000000001", 2026, "</code>\nСловения\n\n", "</code>\nSlovenia\n\n"},
		{"00Z00000000000001", 2026, "</code>\n\n", "</code>\n\n"},
		{sampleVIN, 0, "\nHonda, США\n", "\nHonda, "}, // stored before there were years
	} {
		for lang, want := range map[string]string{"ru": tc.ru, "en": tc.en} {
			text, err := book.Say(lang, ticket.Say{Text: message.TextOpened, VIN: tc.vin, Year: tc.year, Ticket: 1}, message.Facts{})
			require.NoError(t, err)
			assert.Contains(t, text.HTML, want, tc.vin)
			assert.NotContains(t, text.HTML, "\n\n\n", tc.vin)
		}
	}
}

func TestTheCardNamesTheCar(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	card := func(v string) string {
		return book.Card("ru", message.CardView{Ticket: sampleTicket(func(t *ticket.Ticket) { t.VIN = v })}).HTML
	}
	assert.Contains(t, card("1FTFW1ET5DFC10372"), "</code>\nFord, США, вероятно 2013 (или 1983)\nВладелец")
	assert.Contains(t, card("00Z00000000000001"), "</code>\nВладелец", "nothing is known: no line")
}

func TestNumbersThatWereTooManyAreCounted(t *testing.T) {
	t.Parallel()
	text, err := newBook(t).Say("ru", manyNumbers(), message.Facts{})
	require.NoError(t, err)
	shown := strings.Count(text.HTML, "XTA210990Y")
	assert.Greater(t, shown, 45)
	assert.Contains(t, text.HTML, fmt.Sprintf(" и ещё %d.", 217-shown))
}
