package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
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
		return usageError{"wants sync --since DATE [--dry-run]"}
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	day := flags.String("since", "", "")
	look := flags.Bool("dry-run", false, "")
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
	return p.syncCRM(ctx, cfg, crm.SyncOptions{Since: since, Look: *look})
}

func (p *program) syncCRM(ctx context.Context, cfg config.Config, o crm.SyncOptions) (err error) {
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
	o.Store, o.Work = opened.CRM(), opened
	o.CRM = app.NewCRM(cfg, crm.Options{Meter: uncounted{}, Clock: p.now, Language: string(cfg.DefaultLanguage), Beside: true})
	defer o.CRM.Close()
	found, err := crm.Sync(ctx, o)
	if err != nil {
		return err
	}
	p.tellSynced(o, found)
	if found.Unasked != nil {
		return fmt.Errorf("the CRM was not asked which deals were deleted there; the rest is done, and the same command may be repeated: %w", found.Unasked)
	}
	return nil
}

// deletedShown is how many tickets are named whose deals were deleted.
const deletedShown = 20

func (p *program) tellSynced(o crm.SyncOptions, found crm.Synced) {
	queued, anew := "were queued now", "made anew"
	if o.Look {
		queued, anew = "would be queued", "would be made anew"
	}
	fmt.Fprintf(p.stdout, "%d tickets since %s: %d are in the CRM with all that happened, %d waited for it already, %d %s\n",
		found.Tickets, o.Since.Format(time.DateOnly), found.Whole, found.Waiting, found.Queued, queued)
	if n := len(found.Deleted); n > 0 {
		var names []string
		for _, id := range found.Deleted[:min(n, deletedShown)] {
			names = append(names, "№"+strconv.FormatInt(id, 10))
		}
		if n > deletedShown {
			names = append(names, "…")
		}
		fmt.Fprintf(p.stdout, "deleted in the CRM, and %s: %d (%s)\n", anew, n, strings.Join(names, ", "))
	}
	if found.Queued+found.Waiting > 0 && !o.Look {
		fmt.Fprintln(p.stdout, "The running bot brings them over within minutes; /readyz and the metric vinbot_crm_waiting tell how far it is.")
	}
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
