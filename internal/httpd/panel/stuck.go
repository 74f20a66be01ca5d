package panel

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vinbot/internal/account"
	"vinbot/internal/inbox"
	"vinbot/internal/outbox"
	"vinbot/internal/vin"
)

const (
	// stuckShown is how many of each sort the page shows, and stuckRead how many
	// updates are read to count their kinds.
	stuckShown, stuckRead = 100, 1000
	// stuckAtOnce is how many are tried again, or dropped, at a time: they are one
	// transaction.
	stuckAtOnce = 500
	// reasonLength is how many characters of an error are shown.
	reasonLength = 300
)

func (p *Panel) stuckRoutes() []route {
	return []route{
		{"GET", "/stuck", admins, (*visit).showStuck},
		{"POST", "/stuck/updates/{id}/retry", admins, (*visit).unstickOne},
		{"POST", "/stuck/updates/{id}/drop", admins, (*visit).unstickOne},
		{"POST", "/stuck/updates/retry", admins, (*visit).unstickKind},
		{"POST", "/stuck/updates/drop", admins, (*visit).unstickKind},
		{"POST", "/stuck/effects/{id}/retry", admins, (*visit).unstickOne},
		{"POST", "/stuck/effects/{id}/drop", admins, (*visit).unstickOne},
		{"POST", "/stuck/effects/retry", admins, (*visit).unstickKind},
		{"POST", "/stuck/effects/drop", admins, (*visit).unstickKind},
		{"POST", "/stuck/crm/{id}/retry", admins, (*visit).unstickOne},
		{"POST", "/stuck/crm/{id}/drop", admins, (*visit).unstickOne},
		{"POST", "/stuck/crm/retry", admins, (*visit).unstickKind},
		{"POST", "/stuck/crm/drop", admins, (*visit).unstickKind},
	}
}

// stuckWish is what is to be done, and to which sort of stuck work: the path says so.
func (v *visit) stuckWish() (sort, verb string) {
	parts := strings.Split(v.r.URL.Path, "/") // "", stuck, updates, …, retry
	return parts[2], parts[len(parts)-1]
}

// stuckLine is one thing that was set aside.
type stuckLine struct {
	ID       int64
	Kind     string // a code
	Ticket   int64  // 0: about none, or nobody knows
	Attempts int
	Came     time.Time
	At       time.Time // when it was set aside
	Reason   string
}

// stuckKind is how many of a kind are set aside.
type stuckKind struct {
	Kind  string
	Count int
	Since time.Time
}

// The sorts of stuck work.
const (
	sortUpdates = "updates" // that came
	sortEffects = "effects" // that were to be done
	sortCRM     = "crm"     // that the CRM was to be told
)

// stuckSort is all that was set aside of a sort.
type stuckSort struct {
	Sort  string
	Lines []stuckLine
	Kinds []stuckKind
	Total int
}

// stuckPage is what the page of stuck work shows.
type stuckPage struct {
	Sorts []stuckSort
	Hooks []webhookLine // that do not take what they are sent
}

// showStuck lists what was set aside.
func (v *visit) showStuck() error {
	updates, err := v.stuckUpdates()
	if err != nil {
		return err
	}
	shown := stuckPage{Sorts: []stuckSort{updates}}
	for _, sort := range []string{sortEffects, sortCRM} {
		if v.jobs(sort) == nil {
			continue
		}
		jobs, err := v.stuckJobs(sort)
		if err != nil {
			return err
		}
		shown.Sorts = append(shown.Sorts, jobs)
	}
	endpoints, err := v.Webhooks.List(v.ctx())
	if err != nil {
		return err
	}
	lines, err := v.webhookLines(endpoints)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if line.State != "on" && line.State != "off" {
			shown.Hooks = append(shown.Hooks, line)
		}
	}
	return v.show("stuck", "stuck.title", shown)
}

// stuckUpdates lists the updates that were set aside.
func (v *visit) stuckUpdates() (stuckSort, error) {
	list, total, err := v.Updates.Asides(v.ctx(), stuckRead)
	if err != nil {
		return stuckSort{}, err
	}
	sort := stuckSort{Sort: sortUpdates, Total: total}
	for i, u := range list {
		if i < stuckShown {
			sort.Lines = append(sort.Lines, stuckLine{
				ID: u.Seq, Kind: u.Kind, Attempts: u.Attempt, Came: u.ReceivedAt, At: u.AsideAt, Reason: harmless(u.Reason),
			})
		}
		at := slices.IndexFunc(sort.Kinds, func(k stuckKind) bool { return k.Kind == u.Kind })
		if at < 0 {
			at, sort.Kinds = len(sort.Kinds), append(sort.Kinds, stuckKind{Kind: u.Kind})
		}
		sort.Kinds[at].Count++
		sort.Kinds[at].Since = u.AsideAt // the last is the oldest
	}
	return sort, nil
}

// stuckJobs lists the jobs of a sort that were set aside.
func (v *visit) stuckJobs(named string) (stuckSort, error) {
	list, err := v.jobs(named).Asides(v.ctx(), "", stuckShown)
	if err != nil {
		return stuckSort{}, err
	}
	kinds, err := v.jobs(named).AsideKinds(v.ctx())
	if err != nil {
		return stuckSort{}, err
	}
	sort := stuckSort{Sort: named}
	for _, j := range list {
		sort.Lines = append(sort.Lines, stuckLine{
			ID: j.ID, Kind: j.Kind, Ticket: j.Ticket, Attempts: j.Attempt, Came: j.CreatedAt, At: j.AsideAt, Reason: harmless(j.Reason),
		})
	}
	for _, k := range kinds {
		sort.Kinds = append(sort.Kinds, stuckKind(k))
		sort.Total += k.Count
	}
	return sort, nil
}

// whole is what looks like a VIN.
var whole = regexp.MustCompile(`[A-HJ-NPR-Z0-9]{17}`)

// harmless shortens an error to what may be shown. Errors tell nothing of people
// or cars; should one do all the same it names no whole VIN here.
func harmless(reason string) string {
	reason = whole.ReplaceAllStringFunc(reason, vin.Mask)
	if utf8.RuneCountInString(reason) > reasonLength {
		return string([]rune(reason)[:reasonLength]) + "…"
	}
	return reason
}

// shelf is where one sort of stuck work is.
type shelf interface {
	PutBack(ctx context.Context, ids []int64) (int, error)
	Drop(ctx context.Context, ids []int64) (int, error)
}

var (
	_ shelf = inbox.Shelf(nil)
	_ shelf = outbox.Shelf(nil)
)

// shelf is where a sort is; nil for none.
func (v *visit) shelf(sort string) shelf {
	if sort == sortUpdates {
		return v.Updates
	}
	if jobs := v.jobs(sort); jobs != nil {
		return jobs
	}
	return nil
}

// jobs is where a sort is that consists of jobs; nil for none.
func (v *visit) jobs(sort string) outbox.Shelf {
	if sort == sortCRM {
		return v.CRMJobs
	}
	return v.Effects
}

// unstickOne tries one thing again, or drops it.
func (v *visit) unstickOne() error {
	sort, verb := v.stuckWish()
	id, err := v.number("id")
	if err != nil {
		return err
	}
	deed := account.Deed{Action: "stuck." + verb, Target: sort + ":" + number(id)}
	n := 0
	err = v.did(deed, func(ctx context.Context) error {
		if n, err = v.unstick(ctx, sort, verb, []int64{id}); err == nil && n == 0 {
			return v.refuse(http.StatusNotFound, "stuck.gone")
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.done("/stuck", "stuck.did."+verb, "Count", n)
}

func (v *visit) unstick(ctx context.Context, sort, verb string, ids []int64) (int, error) {
	from := v.shelf(sort)
	if from == nil {
		return 0, nil
	}
	if verb == "drop" {
		return from.Drop(ctx, ids)
	}
	return from.PutBack(ctx, ids)
}

// unstickKind tries all of a kind again, or drops them: as many as one
// transaction bears, and says whether more remain.
func (v *visit) unstickKind() error {
	sort, verb := v.stuckWish()
	kind := v.r.PostFormValue("kind")
	ids, more, err := v.stuckOf(sort, kind)
	if err != nil {
		return err
	}
	n := 0
	details := map[string]string{}
	err = v.did(account.Deed{Action: "stuck." + verb, Target: sort, Details: details}, func(ctx context.Context) error {
		if n, err = v.unstick(ctx, sort, verb, ids); err == nil && n == 0 {
			return v.refuse(http.StatusNotFound, "stuck.gone")
		}
		details["kind"], details["count"] = kind, strconv.Itoa(n)
		return err
	})
	if err != nil {
		return err
	}
	if more {
		if err := v.say("stuck.more"); err != nil {
			return err
		}
	}
	return v.done("/stuck", "stuck.did."+verb, "Count", n)
}

// stuckOf lists the numbers of what was set aside of a kind, the oldest first,
// and whether there is more of it than is handled at once.
func (v *visit) stuckOf(sort, kind string) (ids []int64, more bool, err error) {
	if sort == sortUpdates {
		list, _, err := v.Updates.Asides(v.ctx(), stuckRead)
		if err != nil {
			return nil, false, err
		}
		for _, u := range list {
			if u.Kind == kind {
				ids = append(ids, u.Seq)
			}
		}
	} else if jobs := v.jobs(sort); jobs != nil {
		list, err := jobs.Asides(v.ctx(), kind, stuckRead)
		if err != nil {
			return nil, false, err
		}
		for _, j := range list {
			if j.Kind == kind {
				ids = append(ids, j.ID)
			}
		}
	}
	slices.Sort(ids)
	if more = len(ids) > stuckAtOnce; more {
		ids = ids[:stuckAtOnce]
	}
	return ids, more, nil
}
