package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm"
	"vinbot/internal/crm/crmtest"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// hook is the address of a simulated Bitrix24.
func hook(t *testing.T, sim *crmtest.Bitrix24) string {
	t.Helper()
	server := httptest.NewServer(crmtest.Serve(sim))
	t.Cleanup(server.Close)
	return "BITRIX24_WEBHOOK_URL=" + server.URL + "/rest/1/abcdef0123456789/"
}

func TestDoctorAndTheCRM(t *testing.T) {
	t.Parallel()
	telegram := "TELEGRAM_API_URL=" + telegram{answers: healthy()}.serve(t)
	_, found := examine(t, telegram)
	assert.Equal(t, "ok: none is set: tickets are in the bot alone", found["CRM"])

	sim := crmtest.NewBitrix24(time.Now)
	settings := []string{telegram, "CRM=bitrix24", hook(t, sim), "CRM_STAGES=" + crmtest.Bitrix24Stages}
	code, found := examine(t, settings...)
	assert.Equal(t, exitFine, code)
	assert.Regexp(t, `^ok: bitrix24 127.0.0.1:\d+ takes the token and has the stages$`, found["CRM"])

	settings[3] = strings.Replace(settings[3], "WON", "NOWHERE", 1)
	code, found = examine(t, settings...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, found["CRM"], "the CRM has no stage NOWHERE → name stages in CRM_STAGES that the account has: NEW (The stage NEW)")

	sim.Behave(func(string) crmtest.Mood { return crmtest.Refusing })
	_, found = examine(t, settings...)
	assert.Contains(t, found["CRM"], "the CRM answered 401 expired_token → make a new incoming webhook")
	assert.NotContains(t, found["CRM"], "abcdef0123456789")
	_, found = examine(t, telegram, "CRM=amocrm", "AMOCRM_BASE_URL=http://127.0.0.1:1", "AMOCRM_TOKEN=hush-hush", "CRM_STAGES="+crmtest.AmoCRMStages)
	assert.Contains(t, found["CRM"], "the CRM cannot be reached: no connection → look at the network")
	_, found = examine(t, telegram, "CRM=amocrm")
	assert.Contains(t, found["CRM"], "not checked")
	assert.Contains(t, found["settings"], "AMOCRM_TOKEN: not set, though CRM is amocrm")
}

func TestCRMSyncQueuesWhatLacks(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	bot, err := store.Open(t.Context(), store.Options{
		Database: store.SQLite(s.path), Clock: func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }, Log: zerolog.Nop(),
	})
	require.NoError(t, err)
	defer bot.Close()
	tickets := ticket.NewService(bot, nowhere{})
	for _, vin := range []string{"1HGCM82633A004352", "WBAFW51040C245397"} {
		_, _, err := tickets.Open(t.Context(), ticket.Opening{Owner: 7, VIN: vin})
		require.NoError(t, err)
	}
	sim := crmtest.NewBitrix24(time.Now)
	address := hook(t, sim)
	sync := func(args ...string) (int, string) {
		var said bytes.Buffer
		p := newProgram(&said, &said)
		p.environ, p.dir, p.now = []string{
			"DATABASE_URL=sqlite://" + s.path, "CRM=bitrix24", address, "CRM_STAGES=" + crmtest.Bitrix24Stages,
		}, s.dir, time.Now
		return p.run(context.Background(), append([]string{"crm"}, args...)), said.String()
	}
	code, said := sync("sync", "--since", "2026-11-21")
	assert.Equal(t, exitFine, code, said)
	assert.Equal(t, "0 tickets since 2026-11-21: 0 are in the CRM with all that happened, 0 waited for it already, 0 were queued now\n", said)
	code, said = sync("sync", "--since=2026-11-20", "--dry-run")
	assert.Equal(t, exitFine, code, said)
	assert.Equal(t, "2 tickets since 2026-11-20: 0 are in the CRM with all that happened, 0 waited for it already, 2 would be queued\n", said)
	code, said = sync("sync", "--since=2026-11-20")
	assert.Equal(t, exitFine, code, said)
	assert.Contains(t, said, "2 tickets since 2026-11-20: 0 are in the CRM with all that happened, 0 waited for it already, 2 were queued now\n")
	assert.Contains(t, said, "The running bot brings them over")
	_, said = sync("sync", "--since=2026-11-20")
	assert.Contains(t, said, "2 waited for it already, 0 were queued now", "as often as you like, while the bot runs")

	_, err = bot.CRM().SaveDeal(t.Context(), 1, crm.Link{ID: "77", Told: 100})
	require.NoError(t, err)
	_, said = sync("sync", "--since=2026-11-20", "--dry-run")
	assert.Contains(t, said, "deleted in the CRM, and would be made anew: 1 (№1)\n")
	sim.Behave(func(string) crmtest.Mood { return crmtest.Refusing })
	code, said = sync("sync", "--since=2026-11-20")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, said, "2 tickets since 2026-11-20", "the rest is done")
	assert.Contains(t, said, "the CRM was not asked which deals were deleted there")
	assert.Contains(t, said, "401 expired_token")
	sim.Behave(nil)
	_, said = sync("sync", "--since=2026-11-20")
	assert.Contains(t, said, "deleted in the CRM, and made anew: 1 (№1)\n")
	assert.Empty(t, sim.Complaints())

	for want, args := range map[string][]string{
		"wants sync --since DATE":    {},
		"--since 2026-11-01":         {"sync", "--since=yesterday"},
		"sync takes no argument: x":  {"sync", "--since=2026-11-20", "x"},
		"there is no flag: -sincere": {"sync", "--sincere"},
	} {
		code, said := sync(args...)
		assert.Equal(t, exitUsage, code, said)
		assert.Contains(t, said, want)
	}
	code, said = s.runs("crm", "sync", "--since=2026-11-20")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, "there is no CRM: set CRM")
}

// nowhere are groups of which there are none.
type nowhere struct{}

func (nowhere) Current() []ticket.Place { return nil }
func (nowhere) Now(chat int64) int64    { return chat }
