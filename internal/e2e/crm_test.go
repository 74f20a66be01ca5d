package e2e

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/crm/crmtest"
	"vinbot/internal/telegramtest"
)

// company is a company's CRM: a simulator behind a server of its own.
type company struct {
	system interface {
		http.RoundTripper
		Deals() []crmtest.Deal
		Contacts() []crmtest.Contact
		Behave(how func(what string) crmtest.Mood)
		Complaints() []string
		Limited() int
	}
	settings []string
}

// stage is where a deal stands whose ticket has a status.
func (c company) stage(status string) string {
	for _, s := range c.settings {
		if _, after, ok := strings.Cut(s, status+"="); ok && strings.HasPrefix(s, "CRM_STAGES=") {
			stage, _, _ := strings.Cut(after, ",")
			return stage
		}
	}
	return ""
}

// companies are one with each vendor's CRM.
func companies(t *testing.T) map[string]company {
	t.Helper()
	serve := func(sim http.RoundTripper) string {
		server := httptest.NewServer(crmtest.Serve(sim))
		t.Cleanup(server.Close)
		return server.URL
	}
	bitrix, amo := crmtest.NewBitrix24(time.Now), crmtest.NewAmoCRM(time.Now)
	return map[string]company{
		"bitrix24": {bitrix, []string{
			"CRM=bitrix24", "BITRIX24_WEBHOOK_URL=" + serve(bitrix) + "/rest/1/abcdef0123456789/", "CRM_STAGES=" + crmtest.Bitrix24Stages,
		}},
		"amocrm": {amo, []string{
			"CRM=amocrm", "AMOCRM_BASE_URL=" + serve(amo), "AMOCRM_TOKEN=" + crmtest.AmoCRMToken, "CRM_STAGES=" + crmtest.AmoCRMStages,
		}},
	}
}

// uses has the bot use a company's CRM, as its settings say.
func (c company) uses(w *world, _ *telegramtest.Options) {
	cfg, err := config.Load(append(slices.Clone(c.settings), "BOT_TOKEN=1:a", "MANAGER_CHAT=-1", "PUBLIC_URL=https://vin.example.com"), w.TempDir())
	require.NoError(w, err)
	w.cfg.CRM, w.cfg.Bitrix24WebhookURL, w.cfg.AmoCRMBaseURL = cfg.CRM, cfg.Bitrix24WebhookURL, cfg.AmoCRMBaseURL
	w.cfg.AmoCRMToken, w.cfg.CRMStages, w.cfg.PublicURL = cfg.AmoCRMToken, cfg.CRMStages, cfg.PublicURL
}

// becomes waits until the CRM's deals are as they should be.
func (c company) becomes(w *world, what string, right func(all []crmtest.Deal) bool) []crmtest.Deal {
	w.Helper()
	require.Eventually(w, func() bool { return right(c.system.Deals()) }, patience, 10*time.Millisecond, "%s", what)
	return c.system.Deals()
}

// ends looks at how the CRM was asked.
func (c company) ends(w *world) {
	w.Helper()
	assert.Empty(w, c.system.Complaints())
	assert.Zero(w, c.system.Limited())
	for _, secret := range []string{"abcdef0123456789", crmtest.AmoCRMToken, honda} {
		assert.Empty(w, w.log.with(secret))
	}
}

func TestATicketIsADealInTheCRM(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bitrix24", "amocrm"} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, settings ...setting) {
				t.Helper()
				companies(t)[name].followed(t, settings...)
			})
		})
	}
}

// followed tells a ticket's whole life, as it is seen in the CRM.
func (c company) followed(t *testing.T, settings ...setting) {
	t.Helper()
	w := begin(t, append(settings, c.uses)...)
	w.anna.Send(honda)
	card := w.card(honda)
	deal := c.becomes(w, "a deal", func(all []crmtest.Deal) bool { return len(all) == 1 && all[0].Ticket != "" })[0]
	assert.Equal(t, honda, deal.VIN)
	assert.Contains(t, deal.Car, "Honda")
	assert.Equal(t, c.stage("new"), deal.Stage)
	assert.Equal(t, "https://vin.example.com/tickets/1", deal.Ticket)
	w.takes(w.boris.In(w.group), card)
	c.becomes(w, "it moves", func(all []crmtest.Deal) bool { return all[0].Stage == c.stage("taken") && len(all[0].Comments) > 0 })
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	deal = c.becomes(w, "it is won", func(all []crmtest.Deal) bool {
		return all[0].Stage == c.stage("done") && strings.Contains(strings.Join(all[0].Comments, ""), "отчёт доставлен")
	})[0]
	assert.Contains(t, deal.Report, "https://vin.example.com/tickets/1")
	assert.Contains(t, strings.Join(deal.Comments, ""), "в работе: Борис")
	contacts := c.system.Contacts()
	require.Len(t, contacts, 1)
	assert.Equal(t, "Анна", contacts[0].Name)
	assert.Equal(t, []int64{contacts[0].ID}, deal.Contacts)
	assert.Contains(t, w.body("/readyz"), `"name":"crm","status":"ok"`)
	assert.Contains(t, w.body("/metrics"), `vinbot_crm_requests_total{result="ok"}`)
	assert.Empty(t, w.log.with(`"level":"error"`))
	c.ends(w)
}

// TestKilledWhileItFillsTheCRMEachTicketIsOneDeal kills the bot while the CRM makes
// something, again and again, with each vendor's CRM.
func TestKilledWhileItFillsTheCRMEachTicketIsOneDeal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bitrix24", "amocrm"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			companies(t)[name].killed(t)
		})
	}
}

func (c company) killed(t *testing.T) {
	t.Helper()
	const owners = 6
	w := begin(t)
	w.stop()
	_, address := newFront(w)
	for _, o := range w.owners(owners) {
		o.writes()
	}
	for _, what := range []string{crmtest.MakeFields, crmtest.AddContact, crmtest.AddDeal, crmtest.AddDeal, crmtest.AddContact} {
		dies, dead, once := make(chan struct{}), make(chan struct{}), sync.Once{}
		c.system.Behave(func(asked string) crmtest.Mood {
			if asked == what {
				once.Do(func() { close(dies); <-dead })
			}
			return crmtest.Well
		})
		p := launch(t, nil, w.settings(address, c.settings...)...)
		select {
		case <-dies:
		case <-time.After(patience):
			require.FailNow(t, "it does nothing", p.log.all())
		}
		p.signal(syscall.SIGKILL)
		p.ends()
		close(dead) // the CRM does what it was asked, and tells nobody
	}
	c.system.Behave(nil)
	p := launch(t, nil, w.settings(address, c.settings...)...)
	c.becomes(w, "each is a deal", func(all []crmtest.Deal) bool { return len(all) == owners })
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends().ExitCode(), p.log.all())
	seen := map[string]bool{}
	for _, d := range c.system.Deals() {
		assert.False(t, seen[d.VIN+d.Key])
		seen[d.VIN+d.Key] = true
		assert.Len(t, d.Contacts, 1)
	}
	assert.Len(t, c.system.Contacts(), owners)
	assert.Empty(t, c.system.Complaints())
	assert.Zero(t, c.system.Limited(), "a process that begins knows nothing of what the last one asked")
}

// TestWhatTheCRMNeverUnderstoodIsCountedAndNamed in /readyz and the figures, until
// the ticket's deal is brought over after all.
func TestWhatTheCRMNeverUnderstoodIsCountedAndNamed(t *testing.T) {
	t.Parallel()
	c := companies(t)["bitrix24"]
	w := begin(t, c.uses)
	asked := make(chan struct{}, 1000)
	c.system.Behave(func(what string) crmtest.Mood {
		if what != crmtest.AddDeal {
			return crmtest.Well
		}
		asked <- struct{}{}
		return crmtest.Puzzled
	})
	w.anna.Send(honda)
	card := w.card(honda)
	<-asked
	w.stop()
	w.later(8 * 24 * time.Hour)
	w.start()
	<-asked
	w.readyzSays(`"degraded"`, "jobs for the CRM that were given up: 1, last of the tickets №1; the CRM answered 400 CRM_FIELD_ERROR_VALUE_NOT_VALID")
	assert.Contains(t, w.body("/metrics"), "vinbot_crm_given_up 1")
	c.system.Behave(nil)
	w.takes(w.boris.In(w.group), card)
	w.stop()
	w.later(2 * time.Minute) // so long it might have been made all the same
	w.start()
	c.becomes(w, "a deal", func(all []crmtest.Deal) bool { return len(all) == 1 && len(all[0].Comments) > 0 })
	w.readyzSays(`"status":"ok"`)
	require.Eventually(t, func() bool { return strings.Contains(w.body("/metrics"), "vinbot_crm_given_up 0") }, patience, 10*time.Millisecond)
	assert.NotContains(t, w.body("/readyz"), "given up")
	c.ends(w)
}
