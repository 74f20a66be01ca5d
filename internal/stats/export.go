package stats

import (
	"context"
	"fmt"
	"time"

	"vinbot/internal/ticket"
)

// Line is a ticket of an export. Of one that was erased only what counts is left.
type Line struct {
	Ticket ticket.Ticket
	Stars  int // 0 while it is not rated
}

// Place is a place in an export: behind a ticket, in the order in which they
// were opened.
type Place struct {
	OpenedAt time.Time
	ID       int64
}

// exportPage is how many tickets an export holds at a time.
const exportPage = 500

// Export hands over the tickets that were opened in a period, a page after the
// other. Each page is read by itself, so that no reader is held while somebody
// far away takes what there is.
func (s *Stats) Export(ctx context.Context, q Question, take func([]Line) error) error {
	after := Place{OpenedAt: q.From}
	for {
		page, err := s.source.Lines(ctx, after, q.To, exportPage)
		if err != nil {
			return fmt.Errorf("read tickets to be exported: %w", err)
		}
		if err := take(page); err != nil {
			return err
		}
		if len(page) < exportPage {
			return nil
		}
		last := page[len(page)-1].Ticket
		after = Place{OpenedAt: last.OpenedAt, ID: last.ID}
	}
}
