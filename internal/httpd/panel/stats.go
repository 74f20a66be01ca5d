package panel

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/stats"
)

func (p *Panel) statsRoutes() []route {
	return []route{
		{"GET", "/stats", managers, (*visit).showStats},
		{"GET", "/stats/data", managers, (*visit).sendNumbers},
		{"GET", "/stats/tickets.csv", managers, (*visit).sendTickets},
		{"GET", "/managers", managers, (*visit).showManagers},
	}
}

// statistics are what the page shows.
type statistics struct {
	Period  period
	Sum     stats.Summary
	Slots   []slotLine
	Week    []weekday
	Works   []workLine
	InTime  int // percent of the done ones
	Nothing bool
	Address string // of the page
}

// slotLine is a day, or an hour of a single day.
type slotLine struct {
	Name string
	stats.Numbers
}

// weekday is a row of the hours of a week.
type weekday struct {
	Day   int // Monday is 0
	Hours []weekHour
}

// weekHour is a cell: how much of the busiest hour it is, from 0 for nothing to
// heatLevels.
type weekHour struct {
	stats.Moment

	Heat int
}

// heatLevels is how many shades there are beside none.
const heatLevels = 5

// showStats shows what happened to tickets in a period.
func (v *visit) showStats() error {
	shown, err := v.statistics()
	if err != nil {
		return err
	}
	return v.showAs(http.StatusOK, "stats", page{
		Title: "stats.title", Extra: extra{Scripts: []string{"uplot.min.js", "stats.js"}, Styles: []string{"uplot.min.css", "stats.css"}},
	}, shown)
}

// statistics counts what the page shows.
func (v *visit) statistics() (statistics, error) {
	shown, err := v.counted()
	if err != nil {
		return shown, err
	}
	hours, err := v.Stats.Hours(v.ctx(), shown.Period.Question)
	shown.Week = weekOf(hours)
	return shown, err
}

// counted counts what is drawn.
func (v *visit) counted() (statistics, error) {
	p, err := v.period()
	if err != nil {
		return statistics{}, err
	}
	shown := statistics{Period: p, Address: v.back()}
	if shown.Sum, err = v.Stats.Ask(v.ctx(), p.Question); err != nil {
		return shown, err
	}
	if shown.Works, err = v.works(p.Question); err != nil {
		return shown, err
	}
	shown.Nothing = shown.Sum.Total == stats.Numbers{}
	shown.InTime = percent(shown.Sum.InTime)
	shown.Slots = v.slotLines(shown.Sum.Slots)
	return shown, nil
}

func percent(s stats.Share) int {
	if s.Whole == 0 {
		return 0
	}
	return 100 * s.Part / s.Whole
}

// slotLines names the parts of a period: by hour where it is a day.
func (v *visit) slotLines(slots []stats.Slot) []slotLine {
	layout := "02.01"
	if len(slots) > 0 && slots[0].To.Sub(slots[0].From) <= time.Hour {
		layout = "15:04"
	} else if v.lang != "ru" {
		layout = "Jan 2"
	}
	lines := make([]slotLine, len(slots))
	for i, s := range slots {
		lines[i] = slotLine{s.From.In(v.Zone).Format(layout), s.Numbers}
	}
	return lines
}

// weekOf gives each hour its shade.
func weekOf(hours stats.WeekHours) []weekday {
	most := 0
	for _, day := range hours {
		for _, hour := range day {
			most = max(most, hour.Opened)
		}
	}
	week := make([]weekday, len(hours))
	for d, day := range hours {
		week[d].Day = d
		for _, hour := range day {
			heat := 0
			if most > 0 {
				heat = (hour.Opened*heatLevels + most - 1) / most
			}
			week[d].Hours = append(week[d].Hours, weekHour{hour, heat})
		}
	}
	return week
}

// chart is what the script draws: bars of several series over named places.
type chart struct {
	Places string   `json:"places"` // what the places are
	Names  []string `json:"names"`
	Series []series `json:"series"`
}

type series struct {
	Name   string `json:"name"`
	Color  string `json:"color"` // the name of a colour of the style sheet
	Values []int  `json:"values"`
}

// sendNumbers answers the page's script with what it draws.
func (v *visit) sendNumbers() error {
	shown, err := v.counted()
	if err != nil {
		return err
	}
	words := map[string]string{}
	for _, id := range []string{"stats.opened", "stats.done", "stats.rejected", "stats.when", "managers.name"} {
		if words[id], err = v.pages.text(v.lang, id); err != nil {
			return err
		}
	}
	blank := func() []series {
		return []series{{Name: words["stats.opened"], Color: "opened"}, {Name: words["stats.done"], Color: "done"}, {Name: words["stats.rejected"], Color: "rejected"}}
	}
	days := chart{Places: words["stats.when"], Names: []string{}, Series: blank()}
	people := chart{Places: words["managers.name"], Names: []string{}, Series: blank()[1:]}
	for _, s := range shown.Slots {
		days.Names = append(days.Names, s.Name)
		for i, n := range []int{s.Opened, s.Done, s.Rejected} {
			days.Series[i].Values = append(days.Series[i].Values, n)
		}
	}
	for _, w := range shown.Works {
		people.Names = append(people.Names, w.Name)
		for i, n := range []int{w.Done, w.Rejected} {
			people.Series[i].Values = append(people.Series[i].Values, n)
		}
	}
	body, err := json.Marshal(map[string]chart{"days": days, "managers": people})
	if err != nil {
		return fmt.Errorf("write the numbers of a page: %w", err)
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Cache-Control", "no-store")
	httpd.Send(v.w, v.r, http.StatusOK, body)
	return nil
}
