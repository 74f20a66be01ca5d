package panel

import (
	"encoding/json"
	"maps"
	"slices"

	"vinbot/internal/account"
)

// Route is a route as tests see it.
type Route struct{ Method, Pattern string }

// Routes lists what the panel can be asked for.
func (p *Panel) Routes() []Route {
	list := make([]Route, len(p.table))
	for i, rt := range p.table {
		list[i] = Route{rt.method, rt.pattern}
	}
	return list
}

// Lets reports whether a route of the table is for a role.
func (p *Panel) Lets(i int, role account.Role) bool { return p.table[i].who.lets(role) }

// NobodyIsLet reports whether a route that does not say whom it is for is
// refused to everybody.
func NobodyIsLet() bool {
	var forgotten route
	return !forgotten.who.lets(account.Nobody) && !forgotten.who.lets(account.Manager) && !forgotten.who.lets(account.Admin)
}

// Texts gives the ids of a language's texts.
func Texts(lang string) []string {
	body, err := locales.ReadFile("locale/" + lang + ".json")
	if err != nil {
		panic(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		panic(err)
	}
	return slices.Sorted(maps.Keys(all))
}
