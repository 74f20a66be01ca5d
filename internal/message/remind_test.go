package message_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func lateSamples(t *testing.T) map[ticket.Step]message.Late {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	all := map[ticket.Step]message.Late{}
	for _, step := range ticket.Steps() {
		l := message.Late{
			Step: step, Ticket: sampleTicket(), Zone: moscow, Passed: 15 * time.Minute,
			Deadline: time.Date(2026, 11, 23, 9, 20, 0, 0, time.UTC),
		}
		if step == ticket.StepDone || step == ticket.StepDoneAdmins || step == ticket.StepRelease {
			l.Who, l.Passed = message.Person{ID: 5, Name: "Анна <Петрова>"}, 2*time.Hour+5*time.Minute
		}
		all[step] = l
	}
	return all
}

func TestReminders(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	for _, lang := range message.Languages() {
		var b strings.Builder
		samples := lateSamples(t)
		for _, step := range ticket.Steps() {
			if step == ticket.StepOwner { // one of the owners' texts
				continue
			}
			b.WriteString("== " + string(step) + "\n" + show(book.Reminder(lang, samples[step])) + "\n")
		}
		hidden := samples[ticket.StepDone]
		hidden.Who, hidden.Passed = message.Person{ID: 5}, 2*time.Hour
		b.WriteString("== of an admin who hides\n" + show(book.Reminder(lang, hidden)) + "\n")

		var late []message.Late
		for i := range 40 {
			l := samples[ticket.StepTake]
			l.Ticket.ID = int64(100 + i)
			late = append(late, l)
		}
		for i, step := range []ticket.Step{ticket.StepDone, ticket.StepDoneAdmins, ticket.StepRelease} {
			l := samples[step]
			l.Ticket.ID = int64(7 + i)
			late = append(late, l)
		}
		late = append(late, hidden)
		b.WriteString("== backlog\n" + show(book.Backlog(lang, late)) + "\n")
		b.WriteString("== a small backlog\n" + show(book.Backlog(lang, late[:1])) + "\n")
		golden(t, "remind."+lang+".txt", b.String())
	}
}

func TestABacklogOfThousandsFitsIntoOneMessage(t *testing.T) {
	t.Parallel()
	book := newBook(t)
	samples := lateSamples(t)
	for _, lang := range message.Languages() {
		var late []message.Late
		for i := range 10000 {
			l := samples[ticket.StepDone]
			l.Ticket.ID = 1e15 + int64(i)
			l.Who = message.Person{ID: int64(1 + i), Name: strings.Repeat("Ы", 64)}
			late = append(late, l)
		}
		assert.LessOrEqual(t, visible(book.Backlog(lang, late).HTML), 4096)
	}
}
