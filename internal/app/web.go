package app

import (
	"vinbot/internal/httpd"
	"vinbot/internal/httpd/api"
	"vinbot/internal/vin"
)

// buildWeb makes the listener for everybody, which every process has, whether
// it leads or not.
func (a *App) buildWeb() {
	if a.Config.HTTPAddr == "" {
		return
	}
	rest := api.New(api.Options{
		Tokens: a.store.Tokens(), Policy: vin.Policy(a.Config.VINCheckDigit),
		Version: a.Build.Version, Log: a.Log, Clock: a.Clock,
	})
	a.web = httpd.NewServer(string(a.Config.HTTPAddr), httpd.NewWeb(httpd.Web{
		API: rest, Origins: a.Config.CORSOrigins, Count: a.metrics, Log: a.Log, Now: a.Clock,
	}), a.Log)
	a.serve("API", a.web, webTime)
}
