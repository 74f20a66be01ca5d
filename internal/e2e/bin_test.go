package e2e

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/store"
	"vinbot/internal/telegramtest"
	"vinbot/internal/ticket"
)

// administers does something to tickets as an admin's panel would, between two
// lives of the bot.
func (w *world) administers(do func(ctx context.Context, tickets *ticket.Service) error) {
	w.Helper()
	w.stop()
	s, err := store.Open(w.Context(), store.Options{Database: app.Database(w.cfg), Clock: w.now, Log: zerolog.Nop()})
	require.NoError(w, err)
	groups := account.NewGroups([]ticket.Place{{Chat: w.group.Chat()}}, s.Accounts())
	require.NoError(w, do(ticket.WithRequestID(w.Context(), "admin"), ticket.NewService(s, groups)))
	require.NoError(w, s.Close())
	w.start()
}

func TestADeletedTicketIsHiddenFromEverybodyAndComesBack(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.settled()
	admin := ticket.Actor{ID: 77}
	w.administers(func(ctx context.Context, tickets *ticket.Service) error {
		_, err := tickets.Delete(ctx, 1, admin)
		return err
	})
	w.sees(w.group, func(m telegramtest.Message) bool {
		return m.ID == card.ID && telegramtest.Containing("Удалена")(m) && !telegramtest.Containing(honda)(m) && len(m.Keyboard) == 0
	})
	w.boris.In(w.group).ReplyPDF(card, pdf(), "/done 1")
	w.sees(w.group, telegramtest.Containing("Заявки №1 нет"))
	w.anna.Send(honda)
	w.sees(w.anna, telegramtest.Containing("№2")) // they may ask anew
	w.settled()
	w.administers(func(ctx context.Context, tickets *ticket.Service) error {
		_, err := tickets.Restore(ctx, 1, admin)
		assert.Equal(w, ticket.CodeConflict, ticket.CodeOf(err), "the new one is open")
		if _, err := tickets.Delete(ctx, 2, admin); err != nil {
			return err
		}
		_, err = tickets.Restore(ctx, 1, admin)
		return err
	})
	w.shows(card, honda, "В очереди")
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
}

func TestRetentionLeavesNothingOfAnOwnerButTheCount(t *testing.T) {
	t.Parallel()
	w, card := opened(t)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.settled()
	require.Len(t, w.archived(), 1)
	w.anna.Send(bmw)
	w.sees(w.anna, telegramtest.Containing("№2"))
	w.settled()
	w.stop()
	w.cfg.Retention = config.RetentionDays(90)
	w.later(89 * 24 * time.Hour)
	w.start()
	w.settled()
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE vin = ?`, honda), "not before its time")
	w.stop()
	w.later(2 * 24 * time.Hour)
	w.start()
	require.Eventually(t, func() bool {
		return w.look(`SELECT count(*) FROM tickets WHERE erased_at IS NOT NULL`) == 1 && len(w.archived()) == 0
	}, patience, 10*time.Millisecond)
	w.settled()
	assert.Zero(t, w.look(`SELECT count(*) FROM tickets WHERE vin = ? OR owner_id <> 0 AND id = 1 OR assignee_name <> ''`, honda))
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'done' AND closed_at IS NOT NULL`), "it counts")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE vin = ?`, bmw), "an open one stays, however old")

	w.boris.In(w.group).ReplyPDF(card, pdf(), "/done 1")
	w.sees(w.group, telegramtest.Containing("Данные заявки №1 стёрты"))
}

// archived lists the files of the archive.
func (w *world) archived() (files []string) {
	w.Helper()
	require.NoError(w, filepath.WalkDir(filepath.Join(string(w.cfg.DataDir), "reports"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".pdf") {
			files = append(files, path)
		}
		return err
	}))
	return files
}
