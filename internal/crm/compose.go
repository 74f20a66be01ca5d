package crm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vinbot/internal/ticket"
)

// dealOf is a ticket as the CRM shows it, on a stage only where that moved.
func (c *Carrier) dealOf(t ticket.Ticket, contact string, last ticket.Status) Deal {
	d := Deal{
		Key:      c.key(t.ID),
		Title:    t.VIN + " · №" + strconv.FormatInt(t.ID, 10),
		Contact:  contact,
		VIN:      t.VIN,
		Car:      car(c.Language, t.VIN, t.OpenedAt.Year()),
		Priority: priority(c.Language, t.Priority),
		Ticket:   c.Links.Ticket(t.ID),
	}
	if t.Status == ticket.Done {
		d.Report = c.Links.Report(t.ID)
	}
	if t.Status != last {
		d.Stage = c.Stages[t.Status]
	}
	return d
}

// key is how a deal is found again: the bot's number tells two that share an
// account apart.
func (c *Carrier) key(id int64) string { return fmt.Sprintf("vinbot-%d-%d", c.Bot, id) }

// digest tells whether what is to be written was written before. The stage is
// looked at by itself.
func (d Deal) digest() string {
	d.Stage = ""
	return digestOf(d)
}

func digestOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // it is made of texts
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// mark stands at the end of each comment: the last event that it tells of.
const mark = "(vinbot %d)"

// commentOf tells of the events after one; empty where there is nothing to say.
// Elsewhere says that the deal's stage does not.
func (c *Carrier) commentOf(t ticket.Ticket, events []ticket.Event, told int64, elsewhere bool) string {
	var b strings.Builder
	last := told
	for _, e := range events {
		said := ""
		if e.ID > told {
			said = line(c.Language, e, t)
		}
		if said == "" {
			continue
		}
		fmt.Fprintf(&b, "%s — %s\n", e.At.In(c.Zone).Format("02.01.2006 15:04"), said)
		last = e.ID
	}
	if last == told {
		return ""
	}
	if elsewhere {
		b.WriteString(stays(c.Language) + "\n")
	}
	fmt.Fprintf(&b, mark, last)
	return b.String()
}

// toldBy is the last event that comments of ours tell of, or one before.
func toldBy(comments []string, told int64) int64 {
	for _, text := range comments {
		at := strings.LastIndex(text, "(vinbot ")
		if at < 0 {
			continue
		}
		var id int64
		if n, err := fmt.Sscanf(text[at:], mark, &id); err == nil && n == 1 {
			told = max(told, id)
		}
	}
	return told
}
