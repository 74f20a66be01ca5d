package panel

import (
	"net/http"
	"slices"

	"vinbot/internal/account"
)

// audience is whom a route is for. The zero one is nobody: a route that does
// not say is refused to all.
type audience int

const (
	nobody   audience = iota
	anybody           // strangers, too
	managers          // and admins
	admins
)

// lets reports whether a role belongs to an audience.
func (a audience) lets(role account.Role) bool {
	switch a {
	case anybody:
		return true
	case managers:
		return role >= account.Manager
	case admins:
		return role >= account.Admin
	default:
		return false
	}
}

// route is one thing that the panel can be asked for.
type route struct {
	method, pattern string
	who             audience
	serve           func(v *visit) error
}

// routes lists all of them. Each file of pages has a list of its own.
func (p *Panel) routes() []route {
	return slices.Concat(
		p.assetRoutes(),
		p.loginRoutes(),
		p.choiceRoutes(),
		p.sessionRoutes(),
		p.liveRoutes(),
		p.queueRoutes(),
		p.ticketRoutes(),
		p.healthRoutes(),
		p.settingRoutes(),
		p.stuckRoutes(),
		p.tokenRoutes(),
		p.webhookRoutes(),
		p.slaRoutes(),
		p.ownerRoutes(),
		p.statsRoutes(),
		p.auditRoutes(),
		p.binRoutes(),
		[]route{{"", "/", managers, func(v *visit) error { return v.refuse(http.StatusNotFound, "error.not_found") }}},
	)
}

// place is an entry of the navigation.
type place struct {
	path, title string // the title is a text's id
	who         audience
}

// places lists the navigation's entries, in order: the work, who does it and how,
// and then what keeps the program going.
func places() []place {
	return []place{
		{"/", "queue.title", managers},
		{"/sla", "sla.title", managers},
		{"/owners", "owners.title", managers},
		{"/managers", "managers.title", managers},
		{"/stats", "stats.title", managers},
		{"/audit", "audit.title", admins},
		{"/bin", "bin.title", admins},
		{"/webhooks", "webhooks.title", admins},
		{"/tokens", "tokens.title", admins},
		{"/stuck", "stuck.title", admins},
		{"/settings", "settings.title", admins},
		{"/health", "health.title", managers},
		{"/sessions", "sessions.title", managers},
	}
}
