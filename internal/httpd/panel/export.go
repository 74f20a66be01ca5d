package panel

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vinbot/internal/httpd"
	"vinbot/internal/stats"
)

// exportColumns are those of the file of tickets. Their names are the same in
// every language, and so is their order: sheets are built on them.
func exportColumns() []string {
	return []string{
		"number", "vin", "status", "priority", "opened_at", "taken_at", "closed_at", "minutes_to_take", "minutes_to_done",
		"late", "manager", "rejection", "rejection_text", "stars",
	}
}

// exportPause is how long whoever fetches a file may take for a page of it.
const exportPause = time.Minute

// byteOrderMark has Excel read a file as UTF-8.
const byteOrderMark = "\ufeff"

// sendTickets streams the tickets of a period as a file for spreadsheets: a page
// is read, written and sent before the next one is read, so that it does not
// matter how many there are.
func (v *visit) sendTickets() error {
	p, err := v.period()
	if err != nil {
		return err
	}
	to := newSheet(v, "tickets-"+p.From+"-"+p.To+".csv")
	err = v.Stats.Export(v.ctx(), p.Question, to.add)
	if err == nil || !to.begun {
		return err
	}
	if v.ctx().Err() == nil {
		v.Log.Warn().Err(err).Str("request_id", httpd.RequestID(v.ctx())).Msg("a file of tickets was broken off")
	}
	panic(http.ErrAbortHandler) // half a file must not look like a whole one
}

// sheet writes tickets as lines of a file.
type sheet struct {
	name  string
	out   *csv.Writer
	to    *http.ResponseController
	w     http.ResponseWriter
	zone  *time.Location
	begun bool
}

// newSheet makes one. Between the columns stands what a spreadsheet in the
// reader's language expects there.
func newSheet(v *visit, name string) *sheet {
	s := &sheet{name: name, out: csv.NewWriter(v.w), to: http.NewResponseController(v.w), w: v.w, zone: v.Zone}
	if v.lang == "ru" {
		s.out.Comma = ';'
	}
	s.out.UseCRLF = true
	return s
}

// begin writes what stands before the first page, once that has been read: until
// then something else can be answered.
func (s *sheet) begin() error {
	s.begun = true
	header := s.w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="`+s.name+`"`)
	header.Set("Cache-Control", "no-store")
	if _, err := s.w.Write([]byte(byteOrderMark)); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return s.write(exportColumns())
}

// add writes a page, and sends it on its way.
func (s *sheet) add(page []stats.Line) error {
	// The connection's own limit is for whole answers. Where nothing can be set,
	// as in tests, nothing is to be set.
	_ = s.to.SetWriteDeadline(time.Now().Add(exportPause)) //nolint:forbidigo // the connection goes by the real time
	if !s.begun {
		if err := s.begin(); err != nil {
			return err
		}
	}
	for _, line := range page {
		if err := s.write(s.cells(line)); err != nil {
			return err
		}
	}
	s.out.Flush()
	if err := s.out.Error(); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	if err := s.to.Flush(); err != nil {
		return fmt.Errorf("send a part of a file: %w", err)
	}
	return nil
}

func (s *sheet) write(cells []string) error {
	for i, cell := range cells {
		cells[i] = defused(cell)
	}
	if err := s.out.Write(cells); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// cells are those of a ticket. Of an erased one those that told of people and
// their car are empty.
func (s *sheet) cells(line stats.Line) []string {
	k := line.Ticket
	cells := []string{
		number(k.ID), k.VIN, string(k.Status), string(k.Priority), s.at(k.OpenedAt), s.at(k.TakenAt), s.at(k.ClosedAt),
		"", "", "no", k.AssigneeName, k.Rejection, k.RejectionText, "",
	}
	const vin, toTake, toDone, late, stars = 1, 7, 8, 9, 13
	if k.Erased() {
		cells[vin] = ""
	}
	if !k.TakenAt.IsZero() {
		cells[toTake] = minutes(k.ToTake)
	}
	if k.Status == "done" {
		cells[toDone] = minutes(k.ToDone)
	}
	if k.Late {
		cells[late] = "yes"
	}
	if line.Stars > 0 {
		cells[stars] = strconv.Itoa(line.Stars)
	}
	return cells
}

// at is a time as spreadsheets read it, in the operator's zone.
func (s *sheet) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone).Format(time.DateTime)
}

func minutes(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }

// defused has a spreadsheet take for a text what somebody wrote, not for a
// formula (OWASP, CSV injection).
func defused(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
