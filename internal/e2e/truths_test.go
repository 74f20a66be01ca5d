package e2e

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/ticket"
)

// truths holds every story to what is true of any, once the bot has stopped:
// the history is a path of the state diagram, done means delivered, 👍 is not
// said before, and the log holds nothing personal.
func (w *world) truths() {
	if w.Failed() || w.cfg.Database == (config.Database{}) {
		return
	}
	w.Helper()
	for _, e := range w.history() {
		assert.True(w, e.from == e.to || e.from.May(e.to), "ticket %d went from %s to %s", e.ticket, e.from, e.to)
		assert.NotEmpty(w, e.request, "who asked for what happened to ticket %d", e.ticket)
	}
	last := map[int64]ticket.Status{}
	for _, e := range w.history() {
		if was, ok := last[e.ticket]; ok {
			assert.Equal(w, was, e.from, "ticket %d: an event begins where the last one ended", e.ticket)
		}
		last[e.ticket] = e.to
	}
	for id, status := range last {
		assert.Equal(w, 1, w.look(`SELECT count(*) FROM tickets WHERE id = ? AND status = ?`, id, status), "ticket %d stands where its history ends", id)
	}
	assert.Zero(w, w.look(`SELECT count(*) FROM tickets WHERE status = 'done' AND erased_at IS NULL AND NOT EXISTS (
		SELECT 1 FROM reports WHERE ticket_id = tickets.id AND status = 'delivered'
			AND (owner_message <> 0 OR tickets.fetched AND blob_key <> ''))`), "done means delivered")
	for _, m := range w.sim.Messages(w.group) {
		for _, emoji := range m.Reactions {
			if emoji == "👍" {
				assert.NotZero(w, w.look(`SELECT count(*) FROM reports WHERE (source_message = ? OR file_id = '') AND status = 'delivered'`, m.ID)+
					w.look(`SELECT count(*) FROM conversations WHERE source_message = ? AND direction = 'question' AND owner_message <> 0`, m.ID)+
					w.look(`SELECT count(*) FROM tickets WHERE erased_at IS NOT NULL`), // what it was said of is not known any more
					"👍 means delivered")
			}
		}
	}
	log := w.log.all()
	for _, secret := range []string{w.sim.Token(), honda, bmw, suzuki, w.anna.FirstName, w.boris.FirstName, w.vera.FirstName, "report.pdf"} {
		assert.NotContains(w, log, secret, "nothing personal in the log")
	}
}

// happened is an event of a ticket's history.
type happened struct {
	ticket   int64
	kind     string
	from, to ticket.Status
	request  string
}

// history lists what happened to all tickets, in order.
func (w *world) history() (all []happened) {
	w.Helper()
	w.query(`SELECT ticket_id, kind, from_status, to_status, request_id FROM events ORDER BY id`, func(rows rowScanner) {
		var e happened
		require.NoError(w, rows.Scan(&e.ticket, &e.kind, &e.from, &e.to, &e.request))
		all = append(all, e)
	})
	return all
}
