package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// sample is a text as it may be asked for.
type sample struct {
	title string
	say   ticket.Say
	facts message.Facts
}

// samples has every text once, the families once for each of their members.
func samples(t *testing.T) []sample {
	t.Helper()
	facts := message.Facts{Ticket: sampleTicket(), BotName: "vin_report_bot", MaxPDF: maxPDF, MaxVINs: 5}
	var all []sample
	for _, name := range sayNames(t) {
		to := ticket.Place{Chat: 7}
		if strings.HasPrefix(name, "group.") || strings.HasPrefix(name, "report.") {
			to.Chat = -1001234567890
		}
		all = append(all, sample{title: name, say: ticket.Say{
			Text: name, To: to, Ticket: 12, VIN: sampleVIN, Name: "Отдел <отчётов>", Count: 13, Wait: 41,
		}, facts: facts})
	}
	for _, raw := range []string{
		"…", "GX110-0069622", "1HGCM82633Ы004352", "1HGCM8263A004352", "1HGCM8263300435", "1HGCM82633A0043522",
		"1HGCM82633A00435212345", "12345678901234567", "1HGCM82633A0043A2", "Toyota Corolla 2015",
	} {
		all = append(all, sample{title: "owner.refused " + raw, say: refusal(raw, vin.PolicyAuto), facts: facts})
	}
	all = append(all, sample{
		title: "owner.refused strict", say: refusal("WVWZZZ1KZ6W000001", vin.PolicyStrict), facts: facts,
	})
	for _, status := range ticket.Statuses() {
		f := facts
		f.Ticket.Status = status
		all = append(all, sample{title: "owner.exists " + string(status), say: ticket.Say{Text: message.TextExists}, facts: f})
	}
	for _, reason := range []string{
		ticket.ReasonNotPDF, ticket.ReasonDamaged, ticket.ReasonEncrypted, ticket.ReasonTooLarge, ticket.ReasonNoDocument,
		ticket.ReasonWithdrawn, ticket.ReasonFile, ticket.ReasonClosed,
	} {
		say := ticket.Say{Text: ticket.TextReportRefused, To: ticket.Place{Chat: -1}, Ticket: 12, Reason: reason}
		all = append(all, sample{title: "report.refused " + reason, say: say, facts: facts})
	}
	for _, why := range []string{ticket.UndeliveredBlocked, ticket.UndeliveredDeactivated, ticket.UndeliveredNoChat} {
		say := ticket.Say{Text: ticket.TextReportUndelivered, To: ticket.Place{Chat: -1}, Ticket: 12, Reason: why}
		all = append(all, sample{title: "report.undelivered " + why, say: say, facts: facts})
	}
	all = append(all, talkSamples(facts)...)
	changed := ticket.Say{
		Text: message.TextOpened, Ticket: 12, VIN: sampleVIN,
		Changes: []ticket.Swap{{From: "О", To: "0"}, {From: "С", To: "C"}, {From: "О", To: "0"}, {From: "М", To: "M"}},
	}
	hinted := ticket.Say{Text: message.TextOpened, Ticket: 12, VIN: sampleVIN, Reason: vin.ReasonCheckDigit.String()}
	all = append(all, dialogueSamples(facts)...)
	return append(all,
		sample{title: "owner.opened with changes", say: changed, facts: facts},
		sample{title: "owner.opened with a hint", say: hinted, facts: facts},
		sample{title: "update.failed in a group", say: ticket.Say{Text: ticket.TextUpdateFailed, To: ticket.Place{Chat: -1}}},
		sample{title: "crm.refused rights", say: ticket.Say{Text: ticket.TextCRMRefused, Name: "amocrm example.amocrm.ru", Reason: "rights"}},
		sample{title: "crm.refused plan", say: ticket.Say{Text: ticket.TextCRMRefused, Name: "amocrm example.amocrm.ru", Reason: "plan"}},
		sample{title: "crm.refused banned", say: ticket.Say{Text: ticket.TextCRMRefused, Name: "amocrm example.amocrm.ru", Reason: "banned"}},
		sample{title: "webhook.off gone", say: ticket.Say{Text: ticket.TextWebhookOff, Name: "#3 crm.example.com", Reason: "gone"}},
		sample{title: "report.no_such_ticket without a number", say: ticket.Say{Text: message.TextNoSuchTicket}},
		sample{
			title: "report.refused for one file of an album", say: ticket.Say{Text: ticket.TextReportRefused, Reason: ticket.ReasonDamaged, Ticket: 12},
			facts: message.Facts{Report: ticket.Report{ReasonFile: 2, More: []ticket.File{{}, {}}}},
		},
		sample{title: "report.refused for one file of an album, when some has arrived", say: ticket.Say{
			Text: ticket.TextReportRefused, Reason: ticket.ReasonFile, Ticket: 12,
		}, facts: message.Facts{Report: ticket.Report{ReasonFile: 2, OwnerMessage: 5, More: []ticket.File{{}, {}}}}},
		sample{title: "report.refused for too many files", say: ticket.Say{
			Text: ticket.TextReportRefused, Reason: ticket.ReasonTooMany, Count: ticket.MaxFiles, To: ticket.Place{Chat: -1},
		}},
		sample{title: "report.refused without a ticket", say: ticket.Say{
			Text: ticket.TextReportRefused, Reason: ticket.ReasonNoDocument, To: ticket.Place{Chat: -1},
		}},
	)
}

func refusal(raw string, policy vin.Policy) ticket.Say {
	r := vin.Check(raw, policy)
	say := ticket.Say{
		Text: message.TextRefused, VIN: r.VIN, Reason: r.Reason.String(), Spot: r.Spot(), Year: 2026, Repairs: repairsOf(raw),
	}
	if r.Reason == vin.ReasonFrameNumber {
		say.Input = raw
	}
	return say
}

func TestEveryTextReadsAsItShould(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, s := range samples(t) {
			text, err := book.Say(lang, s.say, s.facts)
			require.NoError(t, err, s.title)
			assert.NotEmpty(t, text.HTML, s.title)
			assert.NotContains(t, text.HTML, "no value", s.title)
			b.WriteString("== " + s.title + "\n" + show(text) + "\n")
		}
		golden(t, "say."+lang+".txt", b.String())
	}
}

func TestNoTextIsLongerThanTelegramTakes(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		for _, s := range samples(t) {
			s.say.Name = strings.Repeat("<&", 5000)
			for range 5000 {
				s.say.Changes = append(s.say.Changes, ticket.Swap{From: "О", To: "0"})
			}
			if s.say.Text == message.TextRefused {
				s.say.VIN += strings.Repeat("<W&", 5000)
			}
			text, err := book.Say(lang, s.say, s.facts)
			require.NoError(t, err)
			assert.LessOrEqual(t, visible(text.HTML), 4096, s.title)
		}
	}
}

func TestATextThatNobodyWroteIsAnError(t *testing.T) {
	t.Parallel()
	_, err := newBook(t).Say("ru", ticket.Say{Text: "owner.nonsense"}, message.Facts{})
	assert.Error(t, err)
}

func TestWhatPeopleWriteIsShownAsTextOnly(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for name, tc := range map[string]struct{ name, want string }{
		"markup":           {"<b>Ivan</b> & co", "«&lt;b&gt;Ivan&lt;/b&gt; &amp; co»"},
		"direction marks":  {"Ivan\u202e\u2066 Petrov", "«Ivan Petrov»"},
		"lines":            {"Ivan\n\nPetrov\x00", "«Ivan Petrov»"},
		"right to left":    {"שלום", "«\u2068שלום\u2069»"},
		"an emoji's parts": {"👩‍🔧", "«👩‍🔧»"},
	} {
		text, err := book.Say("ru", ticket.Say{Text: ticket.TextGroupMuted, Name: tc.name}, message.Facts{})
		require.NoError(t, err)
		assert.Contains(t, text.HTML, tc.want, name)
	}
}

func TestTheSpotIsShownUnderTheCharacter(t *testing.T) {
	t.Parallel()
	text, err := newBook(t).Say("en", refusal("1HGCM82633Ы<04352", vin.PolicyAuto), message.Facts{})
	require.NoError(t, err)
	assert.Contains(t, text.HTML, "<pre>1HGCM82633Ы&lt;04352\n          ▲</pre>")
	assert.Contains(t, text.HTML, "“Ы”")
}

func TestAPersonsLanguage(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for code, want := range map[string]string{
		"ru": "ru", "ru-RU": "ru", "RU": "ru", "en_GB": "en", "en-US-posix": "en", "": "", "de": "", "-": "", "rus": "",
	} {
		assert.Equal(t, want, book.Language(code), code)
	}
	strange, err := book.Say("de", ticket.Say{Text: message.TextGreeting}, message.Facts{})
	require.NoError(t, err)
	russian, err := book.Say("ru", ticket.Say{Text: message.TextGreeting}, message.Facts{})
	require.NoError(t, err)
	assert.Equal(t, russian, strange)
}
