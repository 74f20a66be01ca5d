package crm

import (
	"slices"
	"strings"
)

// stageName is a stage that an account has.
type stageName struct{ id, name string }

// lacking is the fault that an account lacks stages: it lists those that there
// are, since their ids are hard to find.
func lacking(wanted []string, known []stageName) error {
	var missing, there []string
	for _, id := range wanted {
		if !slices.ContainsFunc(known, func(s stageName) bool { return s.id == id }) && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	for _, s := range known {
		there = append(there, s.id+" ("+s.name+")")
	}
	advice := "name stages in CRM_STAGES that the account has: " + strings.Join(there, ", ")
	if len(there) == 0 {
		advice = "name stages in CRM_STAGES of a pipeline that the account has"
	}
	return &FaultError{Kind: Invalid, Code: "no stage " + strings.Join(missing, ", "), Advice: advice}
}
