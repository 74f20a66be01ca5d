package app

import (
	"vinbot/internal/config"
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/httpd/panel"
	"vinbot/internal/vin"
)

// buildWeb makes the listener for everybody, which every process has, whether
// it leads or not.
func (a *App) buildWeb() (err error) {
	if a.Config.HTTPAddr == "" {
		return nil
	}
	a.hub = httpd.NewHub(a.store, a.Log)
	a.rest = api.New(api.Options{
		Store: a.store, Tickets: a.tickets, People: a.store.Accounts(), Bans: a.store.Bans(),
		Tokens: a.store.Tokens(), Sessions: a.store.Sessions(), Usage: a.store.Usage(), Answers: a.store.Answers(),
		Policy: vin.Policy(a.Config.VINCheckDigit), MaxOpen: int(a.Config.MaxOpenTickets), MaxHour: int(a.Config.TicketsPerHour),
		BotToken: a.Config.BotToken.Reveal(), Stats: a.stats, History: a.store, Hub: a.hub,
		Archive: a.archive, Spool: a.spool(), MaxPDF: int64(a.Config.MaxPDFSize),
		TrustedProxies: a.Config.TrustedProxies,
		Webhooks:       a.hooks.service, Links: a.archiveLinks(), Forgetting: a.forgetting,
		Version: a.Build.Version, Log: a.Log, Clock: a.Clock,
	})
	o := panel.Options{
		Store: a.store, Tickets: a.tickets, People: a.store.Accounts(), Sessions: a.store.PanelSessions(),
		Access: a.access, Audit: a.store.Audit(), History: a.store, Hub: a.hub,
		Talk: a.talk, Conversations: a.store.Lines(), Bans: a.store.Bans(), Deadlines: policy(a.Config), Misses: a.store.SLA(),
		Hides: a.hides,
		Uploads: httpd.Uploads{
			Archive: a.archive, Tickets: a.tickets, Spool: a.spool(), Max: int64(a.Config.MaxPDFSize),
		},
		BotToken: a.Config.BotToken.Reveal(), PublicURL: string(a.Config.PublicURL), TrustedProxies: a.Config.TrustedProxies,
		Tokens: a.store.Tokens(), Webhooks: a.hooks.service, Updates: a.store.Shelf(a.client.ID()), Effects: a.store.DeadEffects(),
		Status: a, Settings: shownSettings(a.Settings),
		Roles: a.roles(), Owners: a.store.Owners(),
		Forgetting: a.forgetting, Stats: a.stats, Retention: a.Config.Retention.Duration(),
		Language: string(a.Config.DefaultLanguage), Zone: a.Config.Timezone.Location(), Log: a.Log, Clock: a.Clock,
	}
	if a.deals.carrier != nil {
		o.CRMJobs = a.store.DeadCRMJobs()
	}
	if a.panel, err = panel.New(o); err != nil {
		return err
	}
	handler := httpd.NewWeb(httpd.Web{
		API: a.rest, Broken: a.rest.Broken, Panel: a.panel, Origins: a.Config.CORSOrigins, Count: a.metrics, Log: a.Log, Now: a.Clock,
	})
	if a.Door != nil {
		handler = a.Door(handler)
	}
	a.web = httpd.NewServer(string(a.Config.HTTPAddr), handler, a.Log)
	a.serve("panel and API", a.web, webTime)
	a.serve("streams", a.hub, loopTime) // they end before what serves them
	return nil
}

// shownSettings are the settings as the panel shows them.
func shownSettings(values []config.Value) []panel.Setting {
	shown := make([]panel.Setting, len(values))
	for i, v := range values {
		shown[i] = panel.Setting(v)
	}
	return shown
}
