package panel_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// desktopAgent is what a browser says of itself.
const desktopAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// someone is before the first of the owners' ids.
const someone = 512_346_000

// owners are people who asked more than once, by their number after [someone].
func owners() map[int64]string {
	return map[int64]string{
		7: "Ilya Sokolov", 8: "Polina Zaitseva", 9: "Oleg Morozov", 10: "Marina Belova", 11: "Timur Akhmetov", 12: "Anna Kuznetsova", 13: "Denis Orlov",
		14: "Elena Popova", 15: "Viktor Lebedev", 16: "Sofia Novak", 17: "Artem Fedorov", 18: "Nina Egorova", 19: "Pavel Gusev",
	}
}

// carsOfMany are well-formed VINs.
func carsOfMany() []string {
	return []string{honda, bmw, "1FTEX1CM8EFB88051", "1C4NJDEB5FD340542", "5UXFA13585LY08847", "WBAFW51040C245397", "4T1BF28B71U127245", "2T1BURHE0JC014702"}
}

// furnishHistory has two managers work for two weeks before the tests take place:
// on weekdays from nine on, a little on Saturdays, faster or slower, well or not.
func (w *world) furnishHistory() {
	w.Helper()
	managers := []ticket.Actor{{ID: boris, Name: "Boris Volkov"}, {ID: vera, Name: "Vera Orlova"}}
	number := 0
	for day := -14; day < 0; day++ {
		w.ahead.Store(int64(time.Duration(day)*24*time.Hour - 6*time.Hour + time.Duration(day*day%23)*time.Minute)) // about nine in the morning
		tickets := 5 + day*day%5
		if weekday := noon().AddDate(0, 0, day).Weekday(); weekday == time.Sunday {
			tickets = 0
		} else if weekday == time.Saturday {
			tickets = 2
		}
		for range tickets {
			number++
			w.furnishWork(number, managers[number*number%5%2])
		}
	}
	w.ahead.Store(0)
}

// furnishWork has a manager work off one ticket, and not always well.
func (w *world) furnishWork(number int, by ticket.Actor) {
	w.Helper()
	ctx := w.Context()
	must := func(_ any, _ any, err error) { w.Helper(); require.NoError(w, err) }
	owner := int64(someone + 7 + number*5%13)
	w.later(time.Duration(number*number%47) * time.Minute)
	k := w.opens(owner, carsOfMany()[number*3%8])
	w.later(time.Duration(2+number*7%19) * time.Minute)
	must(w.tickets.Take(ctx, k.ID, by))
	w.later(time.Duration(15+number*11%40) * time.Minute)
	if number%9 == 4 {
		must(w.tickets.Reject(ctx, k.ID, ticket.Rejection{Reason: []string{ticket.RejectNoData, ticket.RejectWrongVIN}[number%2]}, by))
		return
	}
	r, err := w.tickets.ReceiveReport(ctx, ticket.Incoming{
		Ticket: k.ID, FileID: "f", UniqueID: fmt.Sprint("u", number), Source: ticket.Place{Chat: group, Message: 1000 + number}, By: by,
	})
	require.NoError(w, err)
	require.NoError(w, w.tickets.Checked(ctx, r.ID, ticket.Finding{}))
	require.NoError(w, w.tickets.Delivered(ctx, r.ID, 7))
	if number%3 > 0 {
		_, err := w.tickets.Rate(ctx, k.ID, owner, 5-number*number%7/3)
		require.NoError(w, err)
	}
}

// furnishDeeds has people do in the panel what the audit, the bin and the list of
// owners tell of.
func (w *world) furnishDeeds() {
	w.Helper()
	signsIn := func(user int64) func(path string, fields ...string) {
		b := w.stranger()
		send := func(path string, fields ...string) {
			form := url.Values{}
			for i := 0; i < len(fields); i += 2 {
				form.Add(fields[i], fields[i+1])
			}
			answer := b.asks(http.MethodPost, path, form, "Origin", b.url, "Sec-Fetch-Site", "same-origin", "User-Agent", desktopAgent)
			require.Equal(w, http.StatusSeeOther, answer.status, "%s: %s", path, answer.text)
			w.later(time.Minute)
		}
		send(w.link(user))
		return send
	}
	w.ahead.Store(int64(-70 * time.Minute))
	spare, twice := w.opens(someone+15, honda), w.opens(someone+16, bmw)
	ada := signsIn(admin)
	ada(fmt.Sprintf("/owners/%d/ban", someone+18), "reason", "the same picture forty times a day")
	ada(path(spare, "/delete"), "version", version(w.reads(spare.ID)))
	ada(path(twice, "/delete"), "version", version(w.reads(twice.ID)))
	ada("/bin/" + version(ticket.Ticket{Version: spare.ID}) + "/restore")
	b := signsIn(boris)
	b(path(spare, "/take"), "version", version(w.reads(spare.ID)))
	b(path(spare, "/priority"), "version", version(w.reads(spare.ID)), "priority", "high")
	b(path(spare, "/assign"), "version", version(w.reads(spare.ID)), "to", "21")
	signsIn(vera)(path(spare, "/reject"), "version", version(w.reads(spare.ID)), "reason", ticket.RejectNoData)
	w.ahead.Store(0)
	w.joins(boris)
	w.joins(vera)
}

// furnishPeople has the bot have seen everybody.
func (w *world) furnishPeople() {
	w.Helper()
	w.ahead.Store(int64(-15 * 24 * time.Hour))
	everybody := map[int64]string{boris: "Boris Volkov", vera: "Vera Orlova", admin: "Ada Smirnova"}
	for n, name := range owners() {
		everybody[someone+n] = name
	}
	for id, name := range everybody {
		first, _, _ := strings.Cut(strings.ToLower(name), " ")
		u := account.User{ID: id, Name: name, Language: "ru"}
		if id%3 > 0 {
			u.Username = fmt.Sprint(first, "_", id%100)
		}
		_, err := w.store.Accounts().Seen(w.Context(), u)
		require.NoError(w, err)
	}
}
