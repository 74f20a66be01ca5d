package panel

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/ticket"
)

// filter is what the queue shows, as the address says it.
type filter struct {
	Status   string // empty: what is open, or of what is looked for everything
	Priority string
	Assignee string // me, nobody, or a number
	Age      string
	Q        string
	After    string // where the page before ended
}

// groupsOf are the choices of a status, with the statuses that each means.
func groupsOf(choice string) ([]ticket.Status, bool) {
	switch choice {
	case "", "open":
		return nil, true
	case "all":
		return ticket.Statuses(), true
	case "closed":
		return []ticket.Status{ticket.Done, ticket.Rejected, ticket.Cancelled}, true
	}
	s := ticket.Status(choice)
	return []ticket.Status{s}, slices.Contains(ticket.Statuses(), s)
}

// ages are the choices of an age: how long ago a ticket was opened at least.
func ages() []age {
	const day = 24 * time.Hour
	return []age{
		{"15m", 15 * time.Minute}, {"1h", time.Hour}, {"4h", 4 * time.Hour}, {"1d", day}, {"3d", 3 * day}, {"7d", 7 * day},
	}
}

type age struct {
	Name string
	long time.Duration
}

// filter reads what is to be shown. What it does not know is refused, not passed
// over: the list would show what nobody asked for.
func (v *visit) filter(values url.Values) (filter, error) {
	f := filter{
		Status: values.Get("status"), Priority: values.Get("priority"), Assignee: values.Get("assignee"), Age: values.Get("age"),
		Q: strings.TrimSpace(values.Get("q")), After: values.Get("after"),
	}
	_, status := groupsOf(f.Status)
	priority := f.Priority == "" || slices.Contains(ticket.Priorities(), ticket.Priority(f.Priority))
	_, number := theirNumber(f.Assignee)
	assignee := number || f.Assignee == "" || f.Assignee == "me" || f.Assignee == "nobody"
	age := f.Age == "" || f.long() > 0
	if !status || !priority || !assignee || !age || len(f.Q) > maxQuery {
		return f, v.refuse(http.StatusBadRequest, "queue.bad_filter")
	}
	return f, nil
}

// maxQuery is longer than anything that somebody looks for, in bytes.
const maxQuery = 200

// long is how old tickets are at least; 0: any.
func (f filter) long() time.Duration {
	for _, a := range ages() {
		if a.Name == f.Age {
			return a.long
		}
	}
	return 0
}

// Any reports whether anything is chosen.
func (f filter) Any() bool { f.After = ""; return f != filter{} }

// Address is where this is shown.
func (f filter) Address() string { return f.at(f.After) }

// First is its first page.
func (f filter) First() string { return f.at("") }

func (f filter) at(after string) string {
	values := url.Values{}
	for name, value := range map[string]string{
		"status": f.Status, "priority": f.Priority, "assignee": f.Assignee, "age": f.Age, "q": f.Q, "after": after,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/"
	}
	return "/?" + values.Encode()
}

// inWork reports whether it is about open tickets alone, which are shown in the
// order of work; all others the newest first.
func (f filter) inWork() bool {
	if f.Q != "" {
		return false
	}
	chosen, _ := groupsOf(f.Status)
	return len(chosen) == 0 || len(chosen) == 1 && chosen[0].Open()
}

// The cursors. Nobody shall take them for numbers to calculate with.
func workCursor(p ticket.WorkPlace) string {
	return pack64(fmt.Sprintf("work:%s:%d:%d", p.Priority, p.OpenedAt.UnixMicro(), p.ID))
}

func listCursor(id int64) string { return pack64("list:" + number(id)) }

func pack64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// place reads where the page before ended in the order of work.
func (f filter) place() (p ticket.WorkPlace, ok bool) {
	if f.After == "" {
		return p, true
	}
	part := f.parts("work", 3)
	if part == nil || !slices.Contains(ticket.Priorities(), ticket.Priority(part[0])) {
		return p, false
	}
	micro, bad := strconv.ParseInt(part[1], 10, 64)
	id, worse := strconv.ParseInt(part[2], 10, 64)
	return ticket.WorkPlace{Priority: ticket.Priority(part[0]), OpenedAt: time.UnixMicro(micro).UTC(), ID: id}, bad == nil && worse == nil && id > 0
}

// before reads the number below which the page goes on; without one all are.
func (f filter) before() (int64, bool) {
	if f.After == "" {
		return math.MaxInt64, true
	}
	part := f.parts("list", 1)
	if part == nil {
		return 0, false
	}
	id, err := strconv.ParseInt(part[0], 10, 64)
	return id, err == nil && id > 0
}

func (f filter) parts(kind string, number int) []string {
	text, err := base64.RawURLEncoding.DecodeString(f.After)
	rest, ours := strings.CutPrefix(string(text), kind+":")
	if part := strings.Split(rest, ":"); err == nil && ours && len(part) == number {
		return part
	}
	return nil
}
