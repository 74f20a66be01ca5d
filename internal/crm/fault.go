package crm

import (
	"errors"
	"fmt"
	"time"
)

// FaultKind says what a fault means for what was asked, and for what waits.
type FaultKind string

// The kinds of faults; they are the metric's labels, too.
const (
	Away    FaultKind = "away"    // it cannot be reached, or is broken: nobody knows whether it did what was asked
	Busy    FaultKind = "busy"    // it wants a pause
	Refused FaultKind = "refused" // it does not take the token, or not for this
	Gone    FaultKind = "gone"    // what was to be changed is not there any more
	Invalid FaultKind = "invalid" // it does not understand, or does not want, what it was told
)

// Why a CRM refuses us.
const (
	RefusedToken  = "token"  // the token, or the webhook, is none, or has expired
	RefusedRights = "rights" // it may not do this
	RefusedPlan   = "plan"   // the account's plan has no API, or is not paid
	RefusedBanned = "banned" // the account shut our address out
)

// FaultError is what went wrong with a CRM. Its text holds no secret and nothing of
// what was sent.
type FaultError struct {
	Kind FaultKind
	// Reason is one of the Refused… codes, of [Refused].
	Reason string
	// Status and Code are those of the answer; 0 and empty where there was none.
	Status int
	Code   string
	// Pause is how long the CRM is to be left alone; 0: as long as usual.
	Pause time.Duration
	// Advice says what the operator could do, in a sentence.
	Advice string
}

// Error says what happened.
func (f *FaultError) Error() string {
	switch {
	case f.Status == 0 && f.Kind == Away:
		return "the CRM cannot be reached: " + f.Code
	case f.Status == 0:
		return "the CRM has " + f.Code
	case f.Code == "":
		return fmt.Sprintf("the CRM answered %d", f.Status)
	}
	return fmt.Sprintf("the CRM answered %d %s", f.Status, f.Code)
}

// AsFault finds the fault that an error is.
func AsFault(err error) (*FaultError, bool) {
	var f *FaultError
	return f, errors.As(err, &f)
}

// ErrElsewhere says that a deal was written but for its stage: people moved it to
// another pipeline.
var ErrElsewhere = errors.New("the deal is in another pipeline, and its stage stays")

// isGone reports whether what was to be changed is not there any more.
func isGone(err error) bool {
	f, ok := AsFault(err)
	return ok && f.Kind == Gone
}
