package api

import (
	"context"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/stats"
)

// Numbers count tickets by what happened to them.
type Numbers struct {
	Opened      int `json:"opened"`
	Taken       int `json:"taken"`
	Done        int `json:"done"`
	Rejected    int `json:"rejected"`
	Undelivered int `json:"undelivered"`
}

// Spread says how long something took, in working time.
type Spread struct {
	Count  int     `json:"count" doc:"Of how many tickets."`
	Median float64 `json:"median_seconds"`
	P90    float64 `json:"p90_seconds"`
}

// Slot is a part of a period.
type Slot struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Numbers
}

// Statistics are the numbers of a period.
type Statistics struct {
	From       time.Time          `json:"from"`
	To         time.Time          `json:"to"`
	Total      Numbers            `json:"total"`
	OpenNow    int                `json:"open_now"`
	ToTake     Spread             `json:"to_take"`
	ToDone     Spread             `json:"to_done"`
	DoneInTime int                `json:"done_in_time"`
	Ratings    int                `json:"ratings"`
	Stars      float64            `json:"stars" doc:"On average; 0 without ratings."`
	Priorities map[string]Numbers `json:"priorities" doc:"By priority, those with any."`
	Slots      []Slot             `json:"slots" nullable:"false" doc:"By day, or by hour of a single day."`
}

type statsInput struct {
	Period  string `query:"period" enum:"today,week,month" default:"today"`
	Manager int64  `query:"manager_id" nonzero:"true" doc:"Only the tickets that this manager has, or had last, by name: none that an admin had while hiding, nor any that was erased."`
}

type statsOutput struct{ Body Statistics }

func (a *API) aboutStatistics() {
	add(a, operation{
		ID: "getStatistics", Method: "GET", Path: root + "/statistics", Tag: "Managing", Summary: "The numbers of a period",
		Scope: account.ScopeManage,
	}, a.statistics)
}

func (a *API) statistics(ctx context.Context, in *statsInput) (*statsOutput, error) {
	q := a.Stats.Of(stats.Period(in.Period))
	q.Manager = in.Manager
	sum, err := a.Stats.Ask(ctx, q)
	if err != nil {
		return nil, err
	}
	said := Statistics{
		From: sum.From, To: sum.To, Total: Numbers(sum.Total), OpenNow: sum.OpenNow, ToTake: viewSpread(sum.ToTake),
		ToDone: viewSpread(sum.ToDone), DoneInTime: sum.InTime.Part, Ratings: sum.Ratings.Count, Stars: sum.Ratings.Average(),
		Priorities: map[string]Numbers{}, Slots: make([]Slot, 0, len(sum.Slots)),
	}
	for p, n := range sum.Priorities {
		said.Priorities[string(p)] = Numbers(n)
	}
	for _, s := range sum.Slots {
		said.Slots = append(said.Slots, Slot{From: s.From, To: s.To, Numbers: Numbers(s.Numbers)})
	}
	return &statsOutput{Body: said}, nil
}

func viewSpread(s stats.Spread) Spread {
	return Spread{Count: s.Count, Median: s.Median.Seconds(), P90: s.P90.Seconds()}
}
