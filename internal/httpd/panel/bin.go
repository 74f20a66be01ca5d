package panel

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// binPage is how many tickets a page of the bin shows.
const binPage = 50

func (p *Panel) binRoutes() []route {
	return []route{
		{"GET", "/bin", admins, (*visit).showBin},
		{"POST", "/bin/{id}/restore", admins, (*visit).restoreTicket},
	}
}

// binned is a ticket in the bin.
type binned struct {
	ticket.Ticket

	Until time.Time // when it is gone for good; zero for never
}

// showBin lists the deleted tickets, the last deleted first.
func (v *visit) showBin() error {
	after := binPlace(v.r.URL.Query().Get("after"))
	found, err := v.Store.Bin(v.ctx(), after, binPage+1)
	if err != nil {
		return err
	}
	shown := struct {
		Lines []binned
		Days  int // that they stay; 0 for ever
		Next  string
	}{Days: int(v.Retention / (24 * time.Hour))}
	if len(found) > binPage {
		found = found[:binPage]
		last := found[binPage-1]
		shown.Next = number(last.DeletedAt.UnixMicro()) + "-" + number(last.ID)
	}
	for _, k := range found {
		line := binned{Ticket: k}
		if v.Retention > 0 {
			line.Until = k.DeletedAt.Add(v.Retention)
		}
		shown.Lines = append(shown.Lines, line)
	}
	return v.show("bin", "bin.title", shown)
}

// binPlace reads a place in the bin; what is none is before the first.
func binPlace(text string) ticket.BinPlace {
	at, number, _ := strings.Cut(text, "-")
	micro, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return ticket.BinPlace{}
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return ticket.BinPlace{}
	}
	return ticket.BinPlace{DeletedAt: time.UnixMicro(micro), ID: id}
}

// restoreTicket takes a ticket out of the bin.
func (v *visit) restoreTicket() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.did(account.Deed{Action: "ticket.restore", Ticket: id}, func(ctx context.Context) error {
		_, err := v.Tickets.Restore(ctx, id, v.actor())
		switch ticket.CodeOf(err) {
		case ticket.CodeNotFound:
			return v.refuse(http.StatusNotFound, "bin.gone", "Number", id)
		case ticket.CodeConflict:
			return v.refuse(http.StatusConflict, "bin.other_open")
		default:
			return err
		}
	})
	if err != nil {
		return err
	}
	return v.done("/bin", "bin.restored", "Number", id)
}
