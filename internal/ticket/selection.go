package ticket

// Selection chooses tickets for a list, the newest first; what is zero chooses
// nothing away.
type Selection struct {
	Statuses []Status
	Priority Priority
	Owner    int64
	Assignee int64  // who has them, or had them last
	VIN      string // or the last [TailLength] characters of one
	// Before is the number that all of them are below: that of the last one of
	// the page before.
	Before int64
	Limit  int
}

// Stretch is a part of the history of all tickets, or of one owner's.
type Stretch struct {
	After, UpTo int64 // numbers of events
	Owner       int64 // 0 for all
	Limit       int
}
