package panel

import (
	"errors"
	"net/http"
	"strings"

	"vinbot/internal/ticket"
)

// answerAbout answers with the part of a page that shows a ticket: its row in the
// queue, or all of its page, whichever the browser wants to put in its place.
func (v *visit) answerAbout(status int, id int64) error {
	if !v.partial() {
		return v.leave(v.cameFrom("/tickets/" + number(id)))
	}
	target := v.r.Header.Get("HX-Target")
	if target == "sla" {
		b, err := v.board()
		if err != nil {
			return err
		}
		return v.partAs(status, "sla", b)
	}
	if !strings.HasPrefix(target, "row-") {
		shown, err := v.dossier(id)
		if err != nil {
			return err
		}
		return v.partAs(status, "ticket", shown)
	}
	row, err := v.row(id)
	if err != nil {
		return err
	}
	return v.partAs(status, "queue.row", row)
}

// conflictAbout tells why something was not done to a ticket, and shows how it
// stands now in place of what the page showed.
func (v *visit) conflictAbout(id int64, err error) error {
	told, ok := errors.AsType[*refusal](err)
	if !ok && ticket.CodeOf(err) == ticket.CodeConflict {
		t, missing := v.Store.Ticket(v.ctx(), id)
		if missing != nil {
			return err
		}
		told, ok = errors.AsType[*refusal](v.overtaken(t))
	}
	if !ok || told.status != http.StatusConflict {
		return err
	}
	text, err := v.pages.text(v.lang, "act.not", "Why", told.text)
	if err != nil {
		return err
	}
	v.notice(bad, text)
	if !v.partial() {
		return v.leave(v.cameFrom("/tickets/" + number(id)))
	}
	if target := v.r.Header.Get("HX-Target"); target != "" {
		v.w.Header().Set("HX-Retarget", "#"+target)
		v.w.Header().Set("HX-Reswap", "outerHTML")
	}
	return v.answerAbout(http.StatusConflict, id)
}

// cameFrom is the page of ours that a form without a script is on.
func (v *visit) cameFrom(otherwise string) string {
	if back := v.r.PostFormValue("back"); back != "" {
		return ours(back)
	}
	return otherwise
}
