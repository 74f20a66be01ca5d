package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/app"
	"vinbot/internal/config"
	"vinbot/internal/crm"
	"vinbot/internal/store"
)

// crm has the tickets opened since a day brought into the CRM whose deals lack
// something. The bot that runs does it, at its vendor's pace, so that two
// programs never make one deal.
func (p *program) crm(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "sync" {
		return usageError{"wants sync --since DATE"}
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	day := flags.String("since", "", "")
	rest, err := parse(flags, args[1:])
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{"sync takes no argument: " + rest[0]}
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, "DATABASE_URL", "TIMEZONE", "CRM", "BITRIX24_WEBHOOK_URL", "AMOCRM_BASE_URL", "AMOCRM_TOKEN", "CRM_STAGES"); err != nil {
		return err
	}
	since, err := time.ParseInLocation(time.DateOnly, *day, cfg.Timezone.Location())
	if err != nil {
		return usageError{"sync wants a day: --since 2026-11-01"}
	}
	if cfg.CRM == "" {
		return usageError{"there is no CRM: set CRM"}
	}
	return p.syncCRM(ctx, cfg, since)
}

func (p *program) syncCRM(ctx context.Context, cfg config.Config, since time.Time) (err error) {
	ctx, stop := untilSignal(ctx)
	defer stop()
	opened, err := store.Open(ctx, store.Options{Database: app.Database(cfg), Clock: p.now, Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	defer func() {
		if closed := opened.Close(); err == nil {
			err = closed
		}
	}()
	found, err := crm.Sync(ctx, opened.CRM(), opened, since)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%d tickets since %s: %d are in the CRM with all that happened, %d waited for it already, %d were queued now\n",
		found.Tickets, since.Format(time.DateOnly), found.Whole, found.Waiting, found.Queued)
	if found.Queued+found.Waiting > 0 {
		fmt.Fprintln(p.stdout, "The running bot brings them over within minutes; /readyz and the metric vinbot_crm_waiting tell how far it is.")
	}
	return nil
}

// crmAccount asks the CRM whether it takes the token, and has the stages.
func (d *patient) crmAccount(ctx context.Context) []finding {
	system := app.NewCRM(d.cfg, crm.Options{Meter: uncounted{}, Clock: d.now, Language: string(d.cfg.DefaultLanguage), Transport: d.client.Transport})
	if system == nil {
		return []finding{fine("none is set: tickets are in the bot alone")}
	}
	defer system.Close()
	err := system.Check(ctx, d.cfg.CRMStages.List())
	if err == nil {
		return []finding{fine("%s takes the token and has the stages", system.Account())}
	}
	advice := "look at the network, the proxy or the firewall, and at the address in the settings"
	if f, ok := crm.AsFault(err); ok && f.Advice != "" {
		advice = f.Advice
	}
	return []finding{fail(advice, "%s: %s", system.Account(), err)}
}

// uncounted counts nothing: the doctor keeps no figures.
type uncounted struct{}

func (uncounted) CRMAsked(string, time.Duration) {}
