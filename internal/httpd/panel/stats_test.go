package panel_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func escaped(text string) string { return url.QueryEscape(text) }

// found gives what the first group of a pattern matches, each time.
func found(pattern, text string) (all []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// lived is a world in which two managers have worked for two weeks; it is the
// 24th of November, a Tuesday.
func (w *world) lived() {
	w.Helper()
	w.ahead.Store(int64(-14 * 24 * time.Hour))
	owner, vins := int64(9000), []string{honda, bmw}
	for day := range 14 {
		morning := w.ahead.Load()
		for i := range 3 + day*5%7 {
			owner++
			w.knows(owner, fmt.Sprintf("Владелец %d", owner), "")
			k := w.opens(owner, vins[i%2])
			switch {
			case i%5 == 4:
				_, _, err := w.tickets.Reject(w.Context(), k.ID, ticket.Rejection{Reason: ticket.RejectOther, Text: "=1+1"}, ticket.Actor{ID: vera, Name: "Вера"})
				require.NoError(w, err)
			case i == 2: // a car that no source knows
				_, _, err := w.tickets.Take(w.Context(), k.ID, ticket.Actor{ID: vera, Name: "Вера"})
				require.NoError(w, err)
				_, _, err = w.tickets.Reject(w.Context(), k.ID, ticket.Rejection{Reason: ticket.RejectNoData}, ticket.Actor{ID: vera, Name: "Вера"})
				require.NoError(w, err)
			case day < 13 || i < 4:
				w.serves(k, []int64{boris, vera}[(day+i)%3%2])
				if i%2 == 0 {
					_, err := w.tickets.Rate(w.Context(), k.ID, owner, 3+i%3)
					require.NoError(w, err)
				}
			}
			w.later(time.Duration(20+i*37%50) * time.Minute)
		}
		w.ahead.Store(morning)
		w.later(24 * time.Hour)
	}
	w.ahead.Store(0)
	w.joins(boris)
	w.joins(vera)
}

func TestPeriodsThatCanBeAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opens(7, honda)
	b := w.as(boris)
	for asked, want := range map[string]string{
		"": "2026-11-18 2026-11-24", "?period=7": "2026-11-18 2026-11-24", "?period=today": "2026-11-24 2026-11-24", "?period=30": "2026-10-26 2026-11-24",
		"?month=2026-02": "2026-02-01 2026-02-28", "?from=2026-11-24&to=2026-11-24": "2026-11-24 2026-11-24",
		"?from=2025-11-25&to=2026-11-25": "2025-11-25 2026-11-25", "?period=month&month=2024-02": "2024-02-01 2024-02-29",
	} {
		for _, page := range []string{"/stats", "/managers"} {
			answer := b.gets(page + asked)
			require.Equal(t, http.StatusOK, answer.status, asked)
			got := found(`name="(?:from|to)" value="([^"]*)"`, answer.text)
			assert.Equal(t, want, strings.Join(got, " "), asked)
		}
	}
	for _, wrong := range []string{
		"?period=year", "?month=2026-13", "?month=x", "?from=2026-11-24", "?to=2026-11-24", "?from=2026-11-24&to=2026-11-23",
		"?from=2025-11-23&to=2026-11-24", "?from=0001-01-01&to=0001-01-02", "?from=24.11.2026&to=25.11.2026", "?from=2026-02-30&to=2026-03-01",
	} {
		for _, page := range []string{"/stats", "/managers", "/stats/data", "/stats/tickets.csv"} {
			answer := b.gets(page + wrong)
			assert.Equal(t, http.StatusUnprocessableEntity, answer.status, page+wrong)
			assert.Regexp(t, "Дату пишут так|от одного дня до 366", answer.text, page+wrong)
		}
	}
}

func TestTheNumbersOfAPeriodAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lived()
	b := w.as(boris)
	text := b.gets("/stats?period=30").text
	opened := strings.Count(b.csv("/stats/tickets.csv?period=30"), "\r\n") - 1
	assert.Contains(t, text, fmt.Sprintf("<dt>Открыто</dt><dd>%d</dd>", opened))
	assert.Equal(t, 30, len(found(`<tr><th scope="row">(\d\d\.\d\d)</th>`, text)), "a row a day")
	cells := found(`<td class="heat\d">(?:<span class="unseen">)?(\d+)`, text)
	require.Len(t, cells, 7*24)
	sum := 0
	for _, c := range cells {
		var n int
		_, err := fmt.Sscan(c, &n)
		require.NoError(t, err)
		sum += n
	}
	assert.Equal(t, opened, sum, "each ticket in one hour of the week")
	assert.Contains(t, text, `class="heat5"`)

	var charts map[string]struct {
		Names  []string
		Series []struct {
			Name   string
			Values []int
		}
	}
	answer := b.gets("/stats/data?period=30")
	assert.Equal(t, "application/json", answer.header.Get("Content-Type"))
	require.NoError(t, json.Unmarshal([]byte(answer.text), &charts))
	assert.Len(t, charts["days"].Names, 30)
	assert.ElementsMatch(t, []string{"Борис", "Вера"}, charts["managers"].Names)
	sum = 0
	for _, n := range charts["days"].Series[0].Values {
		sum += n
	}
	assert.Equal(t, opened, sum)
	assert.Equal(t, "Открыто", charts["days"].Series[0].Name)

	text = b.gets("/stats?from=2026-11-23&to=2026-11-23").text
	assert.Contains(t, text, `<tr><th scope="row">15:00</th>`, "a day by its hours")
	assert.Contains(t, text, `<h2 id="by-day">По часам</h2>`)
	assert.Contains(t, b.gets("/stats?month=2025-01").text, "За это время ничего не произошло.")
	text = b.gets("/managers?period=30").text
	assert.Contains(t, text, `href="/?assignee=20">Борис</a>`)
	assert.Contains(t, text, `href="/?assignee=21">Вера</a>`)
	assert.NotContains(t, b.gets("/managers?month=2025-01").text, `assignee=21"`)
}

// csv fetches a file.
func (b *browser) csv(path string) string {
	b.Helper()
	answer := b.gets(path)
	require.Equal(b, http.StatusOK, answer.status)
	return answer.text
}

func TestTheFileOfTicketsIsReadBySpreadsheetsAndRunsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(boris, `=HYPERLINK("http://evil.example")`, "")
	k := w.opens(7, honda)
	w.serves(k, boris)
	_, err := w.tickets.Rate(t.Context(), k.ID, 7, 5)
	require.NoError(t, err)
	w.opens(8, bmw)
	erased := w.opens(9, bmw)
	for i, text := range []string{"=1+1", "+7 900", "-1", "@SUM(A1)", "\tx", "не знаю; «такой»\nмашины"} {
		r := w.opens(int64(100+i), honda)
		_, _, err := w.tickets.Reject(t.Context(), r.ID, ticket.Rejection{Reason: ticket.RejectOther, Text: text}, ticket.Actor{ID: vera, Name: "Вера"})
		require.NoError(t, err)
	}
	_, _, err = w.tickets.Reject(t.Context(), erased.ID, ticket.Rejection{Reason: ticket.RejectNoData}, ticket.Actor{ID: vera, Name: "Вера"})
	require.NoError(t, err)
	require.NoError(t, w.tickets.Erase(t.Context(), erased.ID, ticket.Actor{}))
	b := w.as(vera)
	answer := b.gets("/stats/tickets.csv?period=today")
	assert.Equal(t, "text/csv; charset=utf-8", answer.header.Get("Content-Type"))
	assert.Equal(t, `attachment; filename="tickets-2026-11-24-2026-11-24.csv"`, answer.header.Get("Content-Disposition"))
	text, ok := strings.CutPrefix(answer.text, "\ufeff")
	require.True(t, ok, "Excel reads it as UTF-8")
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 10)
	assert.Equal(t, strings.Split("number vin status priority opened_at taken_at closed_at minutes_to_take minutes_to_done late manager rejection rejection_text stars", " "), rows[0])
	assert.Equal(t, []string{
		"1", honda, "done", "normal", "2026-11-24 15:00:00", "2026-11-24 15:00:00", "2026-11-24 15:30:00", "0", "30", "no",
		`'=HYPERLINK("http://evil.example")`, "", "", "5",
	}, rows[1])
	assert.Equal(t, []string{"2", bmw, "new", "normal", "2026-11-24 15:30:00", "", "", "", "", "no", "", "", "", ""}, rows[2])
	assert.Equal(t, "", rows[3][1], "of an erased one there is no VIN")
	assert.Equal(t, "", rows[3][10], "nor a name")
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" {
				assert.NotContains(t, "=+-@\t\r\n", cell[:1], cell)
			}
		}
	}
	assert.Equal(t, "'=1+1", rows[4][12])
	assert.Equal(t, http.StatusSeeOther, b.posts("/language", "language", "en", "back", "/").status)
	assert.Contains(t, b.csv("/stats/tickets.csv?period=today"), "number,vin,status", "where a comma stands between columns")
}

func TestWhoHidIsNamedNeitherInTheFileNorAmongTheManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.knows(vera, "Вера Тайная", "")
	k := w.opens(7, honda)
	_, _, err := w.tickets.Take(t.Context(), k.ID, ticket.Actor{ID: vera})
	require.NoError(t, err)
	b := w.as(boris)
	for _, page := range []string{"/stats/tickets.csv?period=today", "/managers?period=today", "/stats?period=today", "/stats/data?period=today"} {
		text := b.csv(page)
		assert.NotContains(t, text, "Тайная", page)
		assert.NotContains(t, text, "assignee=21", page)
	}
}
