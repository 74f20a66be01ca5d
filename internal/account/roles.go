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

// MayBan reports whether a person in a managers' group may ban owners: an
// admin, or, where the settings name none, whoever may act.
func (r Roles) MayBan(user int64) bool {
	if len(r.Admins) == 0 {
		return r.MayAct(user)
	}
	return r.Admin(user)
}

// Named reports whether the settings name a person as a manager or an admin.
func (r Roles) Named(user int64) bool { return slices.Contains(r.Managers, user) || r.Admin(user) }
