package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vinbot/internal/config"
)

// doctorTimeout bounds one check.
const doctorTimeout = 15 * time.Second

// outcome says how a check ended.
type outcome string

const (
	outcomeOK   outcome = "ok"
	outcomeWarn outcome = "warn" // works, but not as well as it could
	outcomeFail outcome = "fail"
)

// finding is what a check found, in words for the operator, who is told what to
// do where something is amiss. It never holds a secret.
type finding struct {
	Status outcome `json:"status"`
	Detail string  `json:"detail"`
	Advice string  `json:"advice,omitempty"`
}

func fine(format string, args ...any) finding {
	return finding{Status: outcomeOK, Detail: fmt.Sprintf(format, args...)}
}

func warn(advice, format string, args ...any) finding {
	return finding{Status: outcomeWarn, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

func fail(advice, format string, args ...any) finding {
	return finding{Status: outcomeFail, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

// check is one thing that the doctor looks at.
type check struct {
	name  string
	needs []string // the settings without which it cannot be made
	run   func(ctx context.Context) []finding
}

// patient is what the checks look at.
type patient struct {
	cfg    config.Config
	faults error // of the settings
	now    func() time.Time
	client *http.Client
}

// checks lists what the doctor looks at, in order.
func (d *patient) checks() []check {
	telegram := []string{"BOT_TOKEN", "TELEGRAM_API_URL"}
	return []check{
		{"settings", nil, d.settings},
		{"data folder", []string{"DATA_DIR"}, d.dataDir},
		{"file store", []string{"DATA_DIR"}, d.fileStore},
		{"bucket", append(s3Settings(), "DATABASE_URL"), d.bucket},
		{"database", []string{"DATABASE_URL"}, d.database},
		{"disk space", []string{"DATA_DIR", "DATABASE_URL"}, d.diskSpace},
		{"ports", []string{"OPS_ADDR", "HTTP_ADDR"}, d.ports},
		{"panel", []string{"HTTP_ADDR", "PUBLIC_URL", "TRUSTED_PROXIES"}, d.way},
		{"clock", []string{"TELEGRAM_API_URL"}, d.clock},
		{"token", telegram, d.token},
		{"groups", append(telegram, "MANAGER_CHAT"), d.groups},
		{"webhook", telegram, d.webhook},
		{"CRM", []string{"CRM", "BITRIX24_WEBHOOK_URL", "AMOCRM_BASE_URL", "AMOCRM_TOKEN", "CRM_STAGES"}, d.crmAccount},
	}
}

// diagnosis is one finding with the name of its check.
type diagnosis struct {
	Name string `json:"name"`
	finding
}

// doctor makes every check and says what to do. It works beside a running bot,
// and so never polls.
func (p *program) doctor(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{"takes no argument: " + rest[0]}
	}
	cfg, faults := config.Load(p.environ, p.dir)
	patient := &patient{cfg: cfg, faults: faults, now: p.now, client: &http.Client{
		Timeout:       doctorTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	defer patient.client.CloseIdleConnections()
	found := patient.examine(ctx)
	if err := p.tell(found, *asJSON); err != nil {
		return err
	}
	for _, d := range found {
		if d.Status == outcomeFail {
			return errTold
		}
	}
	return nil
}

// examine makes the checks one after the other. One whose settings are wrong
// is named all the same, as not made.
func (d *patient) examine(ctx context.Context) []diagnosis {
	var found []diagnosis
	for _, c := range d.checks() {
		if len(c.needs) > 0 && config.Only(d.faults, c.needs...) != nil {
			found = append(found, diagnosis{c.name, warn("mend the settings first", "not checked")})
			continue
		}
		limited, cancel := context.WithTimeout(ctx, doctorTimeout)
		for _, f := range c.run(limited) {
			found = append(found, diagnosis{c.name, f})
		}
		cancel()
	}
	return found
}

// tell prints the findings, one a line with what to do below it, or as JSON.
func (p *program) tell(found []diagnosis, asJSON bool) error {
	to := p.stdout
	if asJSON {
		healthy := true
		for _, d := range found {
			healthy = healthy && d.Status != outcomeFail
		}
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err := encoder.Encode(struct {
			OK     bool        `json:"ok"`
			Checks []diagnosis `json:"checks"`
		}{healthy, found})
		if err != nil {
			return fmt.Errorf("write the findings: %w", err)
		}
		return nil
	}
	colour := noColour
	if p.colours() {
		colour = outcome.colour
	}
	for _, d := range found {
		on, off := colour(d.Status)
		fmt.Fprintf(to, "%s%-4s%s  %-12s %s\n", on, d.Status, off, d.Name, oneLine(d.Detail))
		if d.Advice != "" {
			fmt.Fprintf(to, "%-4s  %-12s → %s\n", "", "", d.Advice)
		}
	}
	return nil
}

// oneLine keeps what servers say on one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
