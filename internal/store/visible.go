package store

// What is in the bin is decided here. Every statement about tickets says
// visible, or inBin where it is about the bin; every one that reads what
// belongs to a ticket says ofVisible. What GORM builds through ticketRow says
// visible by itself. Only what erases goes through all. A test looks at each.
const (
	visible = `deleted_at IS NULL`
	inBin   = `deleted_at IS NOT NULL`
	// ofVisible chooses rows by their ticket_id.
	ofVisible = `EXISTS (SELECT 1 FROM tickets AS shown WHERE shown.id = ticket_id AND shown.` + visible + `)`
)
