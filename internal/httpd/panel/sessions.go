package panel

import (
	"context"
	"net/http"
	"strconv"

	"vinbot/internal/account"
)

func (p *Panel) sessionRoutes() []route {
	return []route{
		{"GET", "/sessions", managers, (*visit).showSessions},
		{"POST", "/sessions/{id}/revoke", managers, (*visit).revokeSession},
	}
}

// sessionLine is a session as the page shows it.
type sessionLine struct {
	account.PanelSession

	Person string
	Own    bool // it is the one that looks
}

// showSessions lists who is signed in: oneself, and to admins everybody.
func (v *visit) showSessions() error {
	found, err := v.Sessions.List(v.ctx(), v.sessionsOf(), v.Clock())
	if err != nil {
		return err
	}
	lines := make([]sessionLine, len(found))
	for i, s := range found {
		person, err := v.personOf(s.User)
		if err != nil {
			return err
		}
		lines[i] = sessionLine{s, nameOf(person), s.ID == v.session.ID}
	}
	return v.show("sessions", "sessions.title", lines)
}

// sessionsOf is whose sessions a person may see and end; 0: everybody's.
func (v *visit) sessionsOf() int64 {
	if v.role == account.Admin {
		return 0
	}
	return v.session.User
}

// revokeSession ends a session.
func (v *visit) revokeSession() error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	err = v.did(account.Deed{Action: "session.revoke", Target: "session:" + number(id)}, func(ctx context.Context) error {
		ended, err := v.Sessions.Revoke(ctx, id, v.sessionsOf())
		if err == nil && !ended {
			return v.refuse(http.StatusNotFound, "sessions.gone")
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.done("/sessions", "sessions.revoked")
}

// number reads a number in the path. What is none names nothing that there is.
func (v *visit) number(name string) (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, v.refuse(http.StatusNotFound, "error.not_found")
	}
	return id, nil
}
