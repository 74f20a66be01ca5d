package message

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vinbot/internal/ticket"
)

// StatsView is what the statistics of a period show.
type StatsView struct {
	Period string // today, week or month
	StatsCounts
	OpenNow    int
	ToTake     StatsTimes
	ToDone     StatsTimes
	InTime     int // of Done
	Ratings    int
	Average    float64 // stars, where there are ratings
	Priorities map[ticket.Priority]StatsCounts
}

// StatsCounts count tickets.
type StatsCounts struct{ Opened, Taken, Done, Rejected, Undelivered int }

// StatsTimes say how long something took, in working time; nothing where Count
// is 0.
type StatsTimes struct {
	Count       int
	Median, P90 time.Duration
}

// ParsePeriod reads a period of the statistics, in either language; none is
// today.
func ParsePeriod(text string) (period string, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "today", "day", "сегодня", "день":
		return "today", true
	case "week", "неделя", "неделю":
		return "week", true
	case "month", "месяц":
		return "month", true
	}
	return "", false
}

// The columns of the table: a phone shows about 30 characters of a width.
const (
	statsLabel  = 15
	statsFigure = 12
	statsNarrow = 6
	statsFirst  = 9
	statsTime   = 9
)

// Stats draws the statistics as a table that fits a phone.
func (b *Book) Stats(lang string, v StatsView) string {
	row := func(id, figure string) string {
		return pad(b.word(lang, "stats."+id, values{}), statsLabel) + lead(figure, statsFigure)
	}
	lines := []string{
		row("opened", strconv.Itoa(v.Opened)),
		row("taken", strconv.Itoa(v.Taken)),
		row("done", strconv.Itoa(v.Done)),
		row("rejected", strconv.Itoa(v.Rejected)),
		row("undelivered", strconv.Itoa(v.Undelivered)),
		row("open_now", strconv.Itoa(v.OpenNow)),
	}
	if v.Done > 0 {
		lines = append(lines, row("in_time", fmt.Sprintf("%d%%", int(math.Floor(100*float64(v.InTime)/float64(v.Done))))))
	}
	if v.Ratings > 0 {
		average := strconv.FormatFloat(v.Average, 'f', 1, 64)
		if lang == Russian {
			average = strings.Replace(average, ".", ",", 1)
		}
		lines = append(lines, row("rating", fmt.Sprintf("%s (%d)", average, v.Ratings)))
	}
	lines = append(lines, b.statsTimes(lang, v)...)
	lines = append(lines, b.statsPriorities(lang, v)...)
	return "<b>" + b.StatsTitle(lang, v.Period) + "</b>\n<pre>" + escape(strings.Join(lines, "\n")) + "</pre>"
}

// StatsTitle names the statistics of a period.
func (b *Book) StatsTitle(lang, period string) string {
	return b.word(lang, b.member("stats.title", period), values{})
}

// StatsLegend names what the chart shows.
func (b *Book) StatsLegend(lang string) (opened, done string) {
	return b.word(lang, "stats.opened", values{}), b.word(lang, "stats.done", values{})
}

// statsTimes are the rows about how long it took.
func (b *Book) statsTimes(lang string, v StatsView) []string {
	if v.ToTake.Count+v.ToDone.Count == 0 {
		return nil
	}
	lines := []string{"", pad("", statsFirst) + lead(b.word(lang, "stats.median", values{}), statsTime) + lead("90%", statsTime)}
	for _, t := range []struct {
		id    string
		times StatsTimes
	}{{"to_take", v.ToTake}, {"to_done", v.ToDone}} {
		if t.times.Count > 0 {
			lines = append(lines, pad(b.word(lang, "stats."+t.id, values{}), statsFirst)+
				lead(b.brief(lang, t.times.Median), statsTime)+lead(b.brief(lang, t.times.P90), statsTime))
		}
	}
	return lines
}

// statsPriorities are the rows of the priorities that there were tickets of, if
// there was another than normal.
func (b *Book) statsPriorities(lang string, v StatsView) []string {
	var lines []string
	other := false
	for i := len(ticket.Priorities()) - 1; i >= 0; i-- {
		p := ticket.Priorities()[i]
		n, ok := v.Priorities[p]
		if !ok {
			continue
		}
		other = other || p != ticket.Normal
		lines = append(lines, pad(b.word(lang, "stats.priority."+string(p), values{}), statsFirst)+
			lead(strconv.Itoa(n.Opened), statsNarrow)+lead(strconv.Itoa(n.Done), statsNarrow)+lead(strconv.Itoa(n.Rejected), statsNarrow))
	}
	if !other {
		return nil
	}
	head := pad("", statsFirst) + lead(b.word(lang, "stats.opened.short", values{}), statsNarrow) +
		lead(b.word(lang, "stats.done.short", values{}), statsNarrow) + lead(b.word(lang, "stats.rejected.short", values{}), statsNarrow)
	return append([]string{"", head}, lines...)
}

// brief writes how long something took in a few characters: "40s", "5m", "2h5m".
func (b *Book) brief(lang string, d time.Duration) string {
	unit := func(id string, n int) string { return b.word(lang, "stats.unit."+id, values{Count: n}) }
	const hour, long = 60, 100
	minutes := int(d.Round(time.Minute).Minutes())
	switch {
	case d < time.Minute:
		return unit("seconds", int(d.Seconds()))
	case minutes < hour:
		return unit("minutes", minutes)
	case minutes%hour == 0 || minutes >= long*hour:
		return unit("hours", minutes/hour)
	}
	return unit("hours", minutes/hour) + unit("minutes", minutes%hour)
}

// pad fills a text with spaces up to a width; lead puts them in front.
func pad(s string, width int) string { return s + strings.Repeat(" ", missing(s, width)) }

func lead(s string, width int) string { return strings.Repeat(" ", missing(s, width)) + s }

func missing(s string, width int) int { return max(0, width-utf8.RuneCountInString(s)) }
