package message_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func TestCaptionsQuestionsAndCommands(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	done := sampleTicket(func(t *ticket.Ticket) { t.Status = ticket.Done })
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, of := range []ticket.Ticket{sampleTicket(), done} {
			caption := book.ReportCaption(lang, of, ticket.Report{})
			assert.LessOrEqual(t, visible(caption), 1024)
			b.WriteString("== caption " + string(of.Status) + "\n" + caption + "\n\n")
		}
		for _, reason := range []string{ticket.ReasonUnchecked, ticket.ReasonOtherVIN, ticket.ReasonCorrection, "of another time"} {
			text := book.ReportQuestion(lang, ticket.Report{ID: 34, Reason: reason, FoundVIN: "WBAFW51040C245397"}, sampleTicket())
			b.WriteString("== question " + reason + "\n" + show(text) + "\n")
		}
		three := ticket.Report{ID: 34, FoundVIN: "WBAFW51050C245397", More: []ticket.File{{}, {Unchecked: true}}}
		for _, of := range []ticket.Ticket{sampleTicket(), done} {
			for _, arrived := range [][]int{{0, 0, 0}, {1, 2, 0}} {
				three.OwnerMessage, three.More[0].OwnerMessage = arrived[0], arrived[1]
				b.WriteString("== caption of an album " + string(of.Status) + "\n" + book.ReportCaption(lang, of, three) + "\n\n")
			}
		}
		b.WriteString("== caption of an album again\n" + book.ReportAgainCaption(lang, done, 2, 3) + "\n\n")
		for _, reason := range []string{ticket.ReasonOtherVIN, ticket.ReasonCorrection} {
			three.Reason = reason
			b.WriteString("== question about an album " + reason + "\n" + show(book.ReportQuestion(lang, three, sampleTicket())) + "\n")
		}
		for _, group := range []bool{false, true} {
			for _, c := range book.Commands(lang, group) {
				assert.NotEmpty(t, c.Description)
				assert.LessOrEqual(t, len([]rune(c.Description)), 256)
				b.WriteString("/" + c.Command + ": " + c.Description + "\n")
			}
		}
		golden(t, "report."+lang+".txt", b.String())
	}
}

func TestEveryAnswerToAPress(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		var b strings.Builder
		for _, name := range named(t, "names*.go", "Press") {
			answer := ticket.PressAnswer{Text: name, Ticket: 12, Count: 5, Wait: 41, Name: "Анна <Петрова>"}
			text, err := book.Press(lang, answer, message.Facts{BotName: "vin_report_bot"})
			require.NoError(t, err)
			b.WriteString(name + ": " + text + "\n")
		}
		golden(t, "press."+lang+".txt", b.String())
	}
}

func TestAnAnswerToAPressHolds200Characters(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		for _, name := range named(t, "names*.go", "Press") {
			answer := ticket.PressAnswer{Text: name, Ticket: 1<<63 - 1, Name: strings.Repeat("🚗", 300)}
			text, err := book.Press(lang, answer, message.Facts{BotName: strings.Repeat("b", 32)})
			require.NoError(t, err)
			assert.LessOrEqual(t, len(utf16.Encode([]rune(text))), 200, name)
			if name == message.PressDoneHint {
				assert.True(t, strings.HasSuffix(text, "?start=done"), "the link is whole: %s", text)
			}
		}
	}
}

func TestAPressMayBeAnsweredWithoutWords(t *testing.T) {
	t.Parallel()
	text, err := newBook(t).Press("ru", ticket.PressAnswer{}, message.Facts{})
	require.NoError(t, err)
	assert.Empty(t, text)
	_, err = newBook(t).Press("ru", ticket.PressAnswer{Text: "press.nonsense"}, message.Facts{})
	assert.Error(t, err)
}

func TestAnAdminWhoHidesIsNotNamed(t *testing.T) {
	t.Parallel()
	text, err := newBook(t).Press("en", ticket.PressAnswer{Text: message.PressTakenBy, Ticket: 1}, message.Facts{})
	require.NoError(t, err)
	assert.Contains(t, text, "taken by an admin.")
}
