package message

import (
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

// How many tickets a list names, how many of one manager's, and of how many
// managers: the rest is counted.
const (
	maxListed  = 30
	maxOfOne   = 10
	maxHolders = 8
)

// Late is what a reminder tells of an overdue ticket.
type Late struct {
	Step   ticket.Step
	Ticket ticket.Ticket
	// Who has it, or had it; the zero person for one whom nothing may name.
	Who Person
	// Passed is the working time that has passed since it was to be taken, or
	// was taken.
	Passed time.Duration
	// Deadline is until when it was to be taken or done.
	Deadline time.Time
	Zone     *time.Location // nil is UTC
}

// Person is somebody to be mentioned.
type Person struct {
	ID   int64
	Name string
}

// Reminder renders a reminder about a ticket.
func (b *Book) Reminder(lang string, l Late) Text {
	return Text{HTML: b.word(lang, "remind."+string(l.Step), values{
		Ticket: l.Ticket.ID, VIN: code(l.Ticket.VIN), Name: b.mention(lang, l.Who),
		Time: b.moment(lang, l.Deadline, l.Zone), Passed: b.lasted(lang, l.Passed),
	})}
}

// Backlog renders the one message that tells of many overdue tickets: those
// that nobody took, those that are not done, by who has them, and those that
// were put back into the queue.
func (b *Book) Backlog(lang string, late []Late) Text {
	var untaken, released []string
	undone := map[Person][]string{}
	var holders []Person
	for _, l := range late {
		number := b.word(lang, "part.listed", values{Ticket: l.Ticket.ID})
		switch l.Step {
		case ticket.StepTake, ticket.StepTakeAdmins:
			untaken = append(untaken, number)
		case ticket.StepRelease:
			released = append(released, number)
		case ticket.StepDone, ticket.StepDoneAdmins:
			if _, known := undone[l.Who]; !known {
				holders = append(holders, l.Who)
			}
			undone[l.Who] = append(undone[l.Who], number)
		case ticket.StepOwner:
		}
	}
	lines := []string{b.word(lang, "remind.backlog", values{Count: len(late)})}
	if len(untaken) > 0 {
		lines = append(lines, b.word(lang, "remind.backlog.take", values{Shown: b.some(lang, untaken, maxListed)}))
	}
	others := 0
	for i, p := range holders {
		if i >= maxHolders {
			others += len(undone[p])
			continue
		}
		lines = append(lines, b.word(lang, "remind.backlog.done", values{
			Shown: b.some(lang, undone[p], maxOfOne), Name: b.mention(lang, p),
		}))
	}
	if others > 0 {
		lines = append(lines, b.word(lang, "remind.backlog.others", values{Count: others}))
	}
	if len(released) > 0 {
		lines = append(lines, b.word(lang, "remind.backlog.release", values{Shown: b.some(lang, released, maxListed)}))
	}
	return Text{HTML: strings.Join(lines, "\n")}
}

// some puts things in a row, the first of them where they are too many.
func (b *Book) some(lang string, things []string, most int) string {
	more := len(things) - most
	if more <= 0 {
		return strings.Join(things, ", ")
	}
	return strings.Join(things[:most], ", ") + b.word(lang, "part.more", values{Count: more})
}

// mention names somebody so that Telegram tells them. It is an entity of the
// text: a button that leads to a person can fail the whole message.
func (b *Book) mention(lang string, p Person) string {
	name := tidy(p.Name, maxName)
	if p.ID == 0 || name == "" {
		return b.name(lang, "")
	}
	return `<a href="tg://user?id=` + strconv.FormatInt(p.ID, 10) + `">` + escape(name) + "</a>"
}

// lasted writes how long something took, to the minute: "5 min", "2 h 5 min".
func (b *Book) lasted(lang string, d time.Duration) string {
	minutes := int(d.Round(time.Minute).Minutes())
	const hour = 60
	switch {
	case minutes < hour:
		return b.word(lang, "part.lasted.minutes", values{Count: max(1, minutes)})
	case minutes%hour == 0:
		return b.word(lang, "part.lasted.hours", values{Count: minutes / hour})
	}
	return b.word(lang, "part.lasted.hours", values{Count: minutes / hour}) + " " +
		b.word(lang, "part.lasted.minutes", values{Count: minutes % hour})
}
