package account

import "slices"

// Roles are the people that the settings name.
type Roles struct {
	// Managers may act on tickets; empty means every member of the groups.
	Managers []int64
	// Admins may do everything that managers may.
	Admins []int64
}

// MayAct reports whether a person in a managers' group may act on tickets.
func (r Roles) MayAct(user int64) bool {
	return len(r.Managers) == 0 || slices.Contains(r.Managers, user) || r.Admin(user)
}

// Admin reports whether a person has the admin role.
func (r Roles) Admin(user int64) bool { return slices.Contains(r.Admins, user) }
