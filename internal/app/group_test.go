package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// cannot is what tells that a group takes no messages.
const cannot = "I cannot write in the managers' group"

// told counts the alarms in a chat.
func (w *world) told(in telegramtest.Chat) (n int) {
	for _, m := range w.sim.FromBot(in) {
		if telegramtest.Containing(cannot)(m) {
			n++
		}
	}
	return n
}

// A removal comes as an update and as the refusal of the next card: one alarm.
func TestAdminsAreToldOnceThatTheBotWasRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, anna := w.sim.User("Admin", "en"), w.sim.User("Anna", "en")
	w.cfg.AdminIDs = config.IDs{admin.ID}
	w.runs()
	admin.Start("")
	w.sees(admin, telegramtest.Containing("VIN"))
	w.group.KickBot()
	w.sees(admin, telegramtest.Containing(cannot))
	anna.Send(honda)
	w.sees(anna, telegramtest.Containing(honda))
	require.Eventually(t, func() bool { return w.log.count(`"kind":"card.post"`, `"outcome":"later"`) > 0 }, patience, time.Millisecond)
	assert.Equal(t, 1, w.told(admin))
	w.group.AddBot(w.boris)
	require.Eventually(t, func() bool { return w.log.count(`"message":"job"`, `"kind":"commands"`, `"outcome":"done"`) > 2 },
		patience, time.Millisecond, "it is greeted like a new one")
}

func TestAnAdminWhoNeverStartedTheBotIsToldWhereTheBotCanWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vera := w.sim.User("Vera", "en")
	w.cfg.AdminIDs = config.IDs{vera.ID}
	other := w.sim.Supergroup("Others", vera)
	w.cfg.ManagerChats = append(w.cfg.ManagerChats, config.ManagerChat{ID: other.Chat()})
	w.runs()
	w.group.KickBot()
	w.sees(other, telegramtest.Containing(cannot, "Managers"))
	assert.Equal(t, 1, w.log.count("they must start the bot"))
}

// A group muted by default permissions brings no update; nobody but the log is
// there to be told.
func TestWithoutAdminsTheLogTellsOfAMutedGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group.DemoteBot()
	w.group.MuteBot(true)
	w.runs()
	anna := w.sim.User("Anna", "en")
	anna.Send(honda)
	w.sees(anna, telegramtest.Containing(honda))
	require.Eventually(t, func() bool { return w.log.count("the bot cannot write in a managers' group") > 0 }, patience, time.Millisecond)
	assert.Equal(t, 1, w.log.count("the bot cannot write in a managers' group", "what is for it waits"))
}
