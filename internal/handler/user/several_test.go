package user_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

const (
	bmwVIN    = "WBAFW51040C245397"
	layoutVIN = "1РПСЬ82633Ф004352" // goodVIN with the Russian layout on
	frame     = "GX110-0069622"
)

// ladas writes a message with this many VINs.
func ladas(many int) string {
	var all []string
	for i := range many {
		all = append(all, fmt.Sprintf("XTA210990Y2765%03d", i))
	}
	return strings.Join(all, ", ")
}

func texts(all []ticket.Say) (names []string) {
	for _, s := range all {
		names = append(names, s.Text)
	}
	return names
}

func TestAVINIsFoundAmongWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Здравствуйте! Honda Accord, вин " + goodVIN + ", сколько стоит?", "/vin " + goodVIN, "/report vin: " + goodVIN,
		goodVIN + " и ещё раз " + strings.ToLower(goodVIN),
	} {
		w := newWorld(t)
		s := said(t, w.text(text))
		assert.Equal(t, message.TextOpened, s.Text, text)
		assert.Equal(t, []ticket.Opening{{Owner: ivan, VIN: goodVIN}}, w.opened, text)
	}
}

func TestSeveralVINsShareOneAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.text(goodVIN)
	s := said(t, w.text(goodVIN+", "+bmwVIN+"; "+hintVIN+", XTА2109906Y765400 и "+frame))
	assert.Equal(t, ticket.Say{
		Text: message.TextSeveral, To: ticket.Place{Chat: ivan, Message: 41}, User: ivan, Year: 2026,
		Changes: []ticket.Swap{{From: "А", To: "A"}},
		Numbers: []ticket.Number{
			{VIN: goodVIN, Ticket: 1, Known: true},
			{VIN: bmwVIN, Ticket: 2},
			{VIN: hintVIN, Ticket: 3, Reason: "check_digit"},
			{VIN: "XTA2109906Y765400", Ticket: 4},
			{VIN: frame, Reason: "frame_number"},
		},
	}, s)
	assert.Len(t, w.opened, 4)
}

func TestEachQuestionIsAMessageOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := says(w.text(goodVIN + ", " + typoVIN + ", " + bmwVIN + ", " + goodVIN[:16]))
	require.Equal(t, []string{message.TextSeveral, message.TextConfirm, message.TextRefused}, texts(all))
	assert.Equal(t, 2, all[0].Count)
	assert.Len(t, all[0].Numbers, 2)
	for _, s := range all {
		assert.Equal(t, ticket.Place{Chat: ivan, Message: 41}, s.To)
	}

	all = says(newWorld(t).text(goodVIN[:16] + " или " + goodVIN))
	assert.Equal(t, []string{message.TextOpened, message.TextRefused}, texts(all), "one that is settled needs no list")
}

func TestTenAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := said(t, w.text(ladas(12)))
	assert.Len(t, w.opened, vin.MaxFound)
	require.Len(t, s.Numbers, 12)
	assert.Equal(t, []ticket.Number{{VIN: "XTA210990Y2765010"}, {VIN: "XTA210990Y2765011"}}, s.Numbers[10:])

	s = said(t, w.text("XTA210990Y2765010 XTA210990Y2765011"))
	assert.Equal(t, message.TextSeveral, s.Text)
	assert.Len(t, w.opened, 12, "the rest, sent again")
}

func TestTheLayoutIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := said(t, w.text("вот "+strings.ToLower(layoutVIN)))
	assert.Equal(t, message.TextLayout, s.Text)
	assert.Equal(t, goodVIN, s.VIN)
	assert.Equal(t, strings.ToLower(layoutVIN), s.Input)
	require.Len(t, s.Repairs, 1)
	assert.Equal(t, goodVIN, s.Repairs[0].VIN)
	assert.Empty(t, w.opened, "never assumed")

	w.presses("vinrep:" + goodVIN)
	assert.Equal(t, []ticket.Opening{{Owner: ivan, VIN: goodVIN}}, w.opened)
	assert.Equal(t, message.TextExists, said(t, w.text(layoutVIN)).Text, "what is open is not asked about again")
}

func TestRepairsAreOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, raw := range []string{"1HGCM82633AA004352", "1HGCM82633A0043S2", typoVIN} {
		s := said(t, w.text(raw))
		require.NotEmpty(t, s.Repairs, raw)
		assert.LessOrEqual(t, len(s.Repairs), vin.MaxCandidates)
	}
	assert.Empty(t, said(t, w.text(hintVIN)).Repairs, "a hint stays a hint")
}

// TestNoRepairIsOfferedThatWouldBeRefused where the operator is strict.
func TestNoRepairIsOfferedThatWouldBeRefused(t *testing.T) {
	t.Parallel()
	strict := newWorld(t, func(c *user.Config) { c.Policy = vin.PolicyStrict })
	for _, raw := range []string{"WVWZZ1KZ6W000001", "XTA210990YY2765499", typoVIN, layoutVIN} {
		for _, c := range said(t, strict.text(raw)).Repairs {
			assert.Equal(t, vin.VerdictOK, vin.Check(c.VIN, vin.PolicyStrict).Verdict, c.VIN)
		}
	}
}

func TestARepairIsPressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.presses("vinrep:" + goodVIN)
	assert.Equal(t, ticket.PressAnswer{Press: "q1", Text: message.PressOpened, User: ivan, Ticket: 1}, pressAnswer(t, effects))
	s := said(t, effects)
	assert.Equal(t, message.TextOpened, s.Text)
	assert.Equal(t, 2026, s.Year)
	assert.Equal(t, ticket.EffectRetract, effects[len(effects)-1].Kind)

	effects = w.presses("vinrep:" + goodVIN)
	assert.Equal(t, message.PressExists, pressAnswer(t, effects).Text)
	assert.Empty(t, says(effects), "it was said the first time")
	assert.Equal(t, []ticket.Opening{{Owner: ivan, VIN: goodVIN}}, w.opened)
}

// TestAForgedRepairOpensNothing: what was never offered would need a question.
func TestAForgedRepairOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.Equal(t, message.PressVINRefused, pressAnswer(t, w.presses("vinrep:"+typoVIN)).Text)
	assert.Equal(t, message.PressUnknown, pressAnswer(t, w.presses("vinrep:"+frame)).Text)
	assert.Empty(t, w.opened)
}

// counted keeps what was counted.
type counted struct{ judged, mismatched []string }

func (c *counted) OwnerLimited(string) {}

func (c *counted) VINJudged(verdict, reason string) { c.judged = append(c.judged, verdict+" "+reason) }

func (c *counted) CheckDigitMismatched(wmi, verdict string) {
	c.mismatched = append(c.mismatched, wmi+" "+verdict)
}

func TestMismatchesAreCountedByKnownMakers(t *testing.T) {
	t.Parallel()
	c := &counted{}
	w := newWorld(t, func(config *user.Config) { config.Meter = c })
	w.text(goodVIN + " " + typoVIN + " " + hintVIN + " XTA210990Y2765499 ZZZ00000000000001 " + goodVIN[:16])
	assert.Equal(t, []string{"1HG confirm", "WBA ok", "XTA ok", "other ok"}, c.mismatched)
	assert.Equal(t, []string{"ok ", "confirm check_digit", "ok check_digit", "ok ", "ok ", "reject too_short"}, c.judged)
	w.text("добрый день")
	assert.Len(t, c.judged, 6, "talk is no VIN")
}
