package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// CRM is the system in which tickets are deals; empty: none.
type CRM string

// The systems.
const (
	Bitrix24 CRM = "bitrix24"
	AmoCRM   CRM = "amocrm"
)

// Allowed lists the choices.
func (c CRM) Allowed() string { return list(Bitrix24, AmoCRM) }

// UnmarshalText reads a choice.
func (c *CRM) UnmarshalText(text []byte) (err error) {
	*c, err = choose(text, Bitrix24, AmoCRM)
	return err
}

// HookURL is the URL of an incoming webhook of Bitrix24: a secret.
type HookURL struct{ Secret }

// Allowed says what the URL looks like.
func (h HookURL) Allowed() string {
	return "the URL of an incoming webhook, like https://example.bitrix24.ru/rest/1/abcdef0123456789/"
}

// UnmarshalText reads the URL.
func (h *HookURL) UnmarshalText(text []byte) error {
	address, err := remote(text)
	if err != nil {
		return err
	}
	if !regexp.MustCompile(`/rest/[0-9]+/[A-Za-z0-9]+/?$`).MatchString(address.Path) || address.RawQuery+address.Fragment != "" || address.User != nil {
		return errors.New("not the URL of a webhook")
	}
	h.Secret = NewSecret(string(text))
	return nil
}

// AccountURL is the address of an amoCRM account, without a slash at its end.
type AccountURL string

// Allowed says what the address looks like.
func (u AccountURL) Allowed() string {
	return "the account's own address, like https://example.amocrm.ru"
}

// UnmarshalText reads the address.
func (u *AccountURL) UnmarshalText(text []byte) error {
	address, err := remote(text)
	if err != nil {
		return err
	}
	if strings.Trim(address.Path, "/")+address.RawQuery+address.Fragment != "" || address.User != nil {
		return errors.New("more than an address")
	}
	*u = AccountURL(strings.TrimRight(string(text), "/"))
	return nil
}

// remote reads the address of a server to which a secret is sent: nobody on the
// way may read it.
func remote(text []byte) (*url.URL, error) {
	address, err := url.Parse(string(text))
	if err != nil { // the parser's error repeats the value
		return nil, errors.New("not a URL")
	}
	ip, err := netip.ParseAddr(address.Hostname())
	here := address.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	switch {
	case address.Hostname() == "":
		return nil, errors.New("the host is missing")
	case address.Scheme != "https" && (address.Scheme != "http" || !here):
		return nil, errors.New("not https://")
	}
	return address, nil
}

// AccessToken is a long-lived token of amoCRM.
type AccessToken struct{ Secret }

// Allowed says what a token looks like.
func (t AccessToken) Allowed() string { return "a long-lived token of an integration, in one line" }

// UnmarshalText reads a token.
func (t *AccessToken) UnmarshalText(text []byte) error {
	if !regexp.MustCompile(`^[!-~]+$`).Match(text) {
		return errors.New("not a token")
	}
	t.Secret = NewSecret(string(text))
	return nil
}

// Stages are the stages of deals by the status of their tickets.
type Stages struct{ of map[string]string }

// Of is the stage of a status; empty: it has none.
func (s Stages) Of(status string) string { return s.of[status] }

// mustHaveStage and mayHaveStage are the statuses of tickets. A deal whose
// ticket's status has no stage stays where it is.
func mustHaveStage() []string { return []string{"new", "taken", "done", "rejected", "cancelled"} }
func mayHaveStage() []string  { return []string{"delivering", "undelivered"} }

// Allowed says how the list is written.
func (s Stages) Allowed() string {
	return "status=stage, separated by commas, for " + list(append(mustHaveStage(), mayHaveStage()...)...) +
		"; a stage is written like NEW or C3:NEW for Bitrix24, and pipeline/stage, like 3177727/142, for amoCRM"
}

// UnmarshalText reads the list; all that is wrong with it is said at once.
func (s *Stages) UnmarshalText(text []byte) error {
	stages, wrong := map[string]string{}, []string{}
	for _, part := range strings.Split(string(text), ",") {
		status, stage, _ := strings.Cut(part, "=")
		status, stage = strings.ToLower(strings.TrimSpace(status)), strings.TrimSpace(stage)
		switch {
		case !slices.Contains(mustHaveStage(), status) && !slices.Contains(mayHaveStage(), status):
			wrong = append(wrong, fmt.Sprintf("%q is no status", status))
		case stage == "":
			wrong = append(wrong, status+" has no stage")
		case stages[status] != "":
			wrong = append(wrong, status+" is listed twice")
		default:
			stages[status] = stage
		}
	}
	for _, status := range mustHaveStage() {
		if stages[status] == "" && !slices.Contains(wrong, status+" has no stage") {
			wrong = append(wrong, status+" is missing")
		}
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, ", "))
	}
	s.of = stages
	return nil
}

// List lists the stages, in the order of a ticket's life.
func (s Stages) List() (all []string) {
	for _, status := range []string{"new", "taken", "delivering", "undelivered", "done", "rejected", "cancelled"} {
		if s.of[status] != "" {
			all = append(all, s.of[status])
		}
	}
	return all
}

// check finds what the settings lack together.
func (c Config) check(given map[string]string) (faults Errors) {
	needs := map[CRM][]string{
		Bitrix24: {"BITRIX24_WEBHOOK_URL", "CRM_STAGES"},
		AmoCRM:   {"AMOCRM_BASE_URL", "AMOCRM_TOKEN", "CRM_STAGES"},
	}
	for _, name := range needs[c.CRM] {
		if given[name] == "" {
			faults = append(faults, Fault{Name: name, Wrong: "not set, though CRM is " + string(c.CRM), setting: name})
		}
	}
	if wrong := c.wrongStages(); wrong != "" {
		faults = append(faults, Fault{
			Name: "CRM_STAGES", Value: given["CRM_STAGES"], Wrong: wrong, Allowed: c.CRMStages.Allowed(), setting: "CRM_STAGES",
		})
	}
	return faults
}

// wrongStages says which stages are not written as the CRM writes them.
func (c Config) wrongStages() string {
	form := map[CRM]string{Bitrix24: `^(C[0-9]+:)?[A-Z0-9_]+$`, AmoCRM: `^[1-9][0-9]*/[1-9][0-9]*$`}[c.CRM]
	if form == "" {
		return ""
	}
	var wrong []string
	pipelines := map[string]bool{}
	for _, stage := range c.CRMStages.List() {
		if !regexp.MustCompile(form).MatchString(stage) {
			wrong = append(wrong, fmt.Sprintf("%q is no stage of %s", stage, c.CRM))
		}
		pipeline, _, found := strings.Cut(stage, ":")
		pipelines[map[bool]string{true: pipeline}[found]] = true
	}
	if c.CRM == Bitrix24 && len(pipelines) > 1 {
		wrong = append(wrong, "the stages are of several pipelines")
	}
	return strings.Join(wrong, ", ")
}
