package panel

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// auditPage is how many deeds a page shows.
const auditPage = 50

func (p *Panel) auditRoutes() []route {
	return []route{{"GET", "/audit", admins, (*visit).showAudit}}
}

// deedLine is a deed as the page shows it.
type deedLine struct {
	account.Deed

	Who, Whom string
	What      string   // the action in words
	Details   []string // each with its value
}

// audited is what the page of the audit shows.
type audited struct {
	User, Person, Ticket, Action, From, To string // what was looked for
	Actions                                []deedChoice
	Days                                   int // that it is kept
	Lines                                  []deedLine
	Next                                   string // the address of the next page; empty on the last one
}

// deedChoice is something that can be done, in a list to choose from.
type deedChoice struct{ Code, Text string }

// showAudit lists who did what, the newest first.
func (v *visit) showAudit() error {
	ask := v.r.URL.Query()
	shown := audited{
		User: ask.Get("user"), Person: ask.Get("person"), Ticket: ask.Get("ticket"), Action: ask.Get("action"),
		From: ask.Get("from"), To: ask.Get("to"), Actions: v.actions(), Days: int(account.AuditKept / (24 * time.Hour)),
	}
	by, err := v.deedFilter(shown)
	if err != nil {
		return err
	}
	found, err := v.Audit.Deeds(v.ctx(), by)
	if err != nil {
		return err
	}
	if len(found) > auditPage {
		found = found[:auditPage]
		ask.Set("before", number(found[auditPage-1].ID))
		shown.Next = "/audit?" + ask.Encode()
	}
	if shown.Lines, err = v.deedLines(found); err != nil {
		return err
	}
	return v.show("audit", "audit.title", shown)
}

// deedFilter reads what is looked for.
func (v *visit) deedFilter(asked audited) (by account.DeedFilter, err error) {
	by = account.DeedFilter{Action: asked.Action, Limit: auditPage + 1}
	by.Before, _ = strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64) // what is no number is the first page
	if by.User, err = v.somebody(asked.User); err != nil {
		return by, err
	}
	if by.Person, err = v.somebody(asked.Person); err != nil {
		return by, err
	}
	if asked.Ticket != "" {
		by.Ticket, err = strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(asked.Ticket), "#№"), 10, 64)
		if err != nil {
			return by, v.refuse(http.StatusUnprocessableEntity, "audit.wrong_ticket")
		}
	}
	if by.From, err = v.day(asked.From, 0); err != nil {
		return by, err
	}
	by.To, err = v.day(asked.To, 1) // the last day is meant, too
	return by, err
}

// day reads a day, and gives when it begins, or one so many days later; zero for
// none.
func (v *visit) day(text string, later int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, v.Zone)
	if err != nil {
		return day, v.refuse(http.StatusUnprocessableEntity, "period.wrong")
	}
	return day.AddDate(0, 0, later), nil
}

// somebody reads whom is meant: by number, or by name behind an @.
func (v *visit) somebody(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id, nil
	}
	person, err := v.People.ByUsername(v.ctx(), strings.TrimPrefix(text, "@"))
	if ticket.IsNotFound(err) {
		return 0, v.refuse(http.StatusUnprocessableEntity, "audit.nobody", "Name", text)
	}
	return person.ID, err
}

// deedLines puts deeds into words.
func (v *visit) deedLines(deeds []account.Deed) ([]deedLine, error) {
	var ids []int64
	for _, d := range deeds {
		ids = append(ids, d.User, d.Person)
	}
	slices.Sort(ids)
	names, err := v.names(slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	lines := make([]deedLine, len(deeds))
	for i, d := range deeds {
		lines[i] = deedLine{Deed: d, Who: names[d.User], Whom: names[d.Person], What: v.deedText(d.Action)}
		for _, key := range slices.Sorted(maps.Keys(d.Details)) {
			lines[i].Details = append(lines[i].Details, key+": "+d.Details[key])
		}
	}
	return lines, nil
}

// deedText says an action in words; one that nobody knows any more as it is.
func (v *visit) deedText(code string) string {
	text, err := v.pages.text(v.lang, "action."+code)
	if err != nil {
		return code
	}
	return text
}

// actions lists all that there are words for.
func (v *visit) actions() (all []deedChoice) {
	for _, id := range v.pages.words.Under("action.") {
		code := strings.TrimPrefix(id, "action.")
		all = append(all, deedChoice{code, v.deedText(code)})
	}
	slices.SortFunc(all, func(a, b deedChoice) int { return strings.Compare(a.Text, b.Text) })
	return all
}
