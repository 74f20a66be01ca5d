package panel

import (
	"time"

	"vinbot/internal/stats"
)

// workLine is a manager with what they did.
type workLine struct {
	stats.Work

	Name    string
	Percent int // of what they did, in time
	Late    int // of what they did
}

// showManagers shows each manager's work in a period.
func (v *visit) showManagers() error {
	p, err := v.period()
	if err != nil {
		return err
	}
	works, err := v.works(p.Question)
	if err != nil {
		return err
	}
	shown := struct {
		Period  period
		Works   []workLine
		Address string // of the page, where it is fetched anew
	}{p, works, v.back()}
	if v.partial() {
		return v.part("managers.list", shown)
	}
	return v.show("managers", "managers.title", shown)
}

// works lists the managers' work, with their names.
func (v *visit) works(q stats.Question) ([]workLine, error) {
	found, err := v.Stats.Managers(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(found))
	for i, w := range found {
		ids[i] = w.Manager
	}
	names, err := v.names(ids...)
	if err != nil {
		return nil, err
	}
	lines := make([]workLine, len(found))
	for i, w := range found {
		lines[i] = workLine{Work: w, Name: names[w.Manager], Percent: percent(w.InTime), Late: w.InTime.Whole - w.InTime.Part}
	}
	return lines, nil
}

// names gives what people are called: who is not known, by number.
func (v *visit) names(ids ...int64) (map[int64]string, error) {
	known, err := v.Owners.Users(v.ctx(), ids)
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(ids))
	for _, id := range ids {
		if person, ok := known[id]; ok {
			names[id] = nameOf(person)
		} else if id != 0 {
			names[id] = number(id)
		}
	}
	return names, nil
}

// took says how long something took: hours and minutes, or seconds of less than
// a minute.
func (s *pages) took(lang string, d time.Duration) (string, error) {
	switch {
	case d < time.Minute:
		return s.text(lang, "took.seconds", "Seconds", int(d/time.Second))
	case d < time.Hour:
		return s.text(lang, "took.minutes", "Minutes", int(d/time.Minute))
	}
	return s.text(lang, "took.hours", "Hours", int(d/time.Hour), "Minutes", int(d%time.Hour/time.Minute))
}
