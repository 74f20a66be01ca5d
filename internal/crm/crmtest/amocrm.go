package crmtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The simulated account of amoCRM, and its token.
const (
	AmoCRMBase  = "https://example.amocrm.ru"
	AmoCRMToken = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.long.lived" //nolint:gosec // of nobody
)

// AmoCRMStages are the stages of the simulated pipeline.
const AmoCRMStages = "new=31/1,taken=31/2,delivering=31/3,done=31/142,rejected=31/143,cancelled=31/143"

// amoLag is how long the search does not know of what is new.
const amoLag = 30 * time.Second

// AmoCRM simulates amoCRM's API v4 for a long-lived token.
type AmoCRM struct {
	*Sim

	fields map[string]map[string]string // by kind and code: the type
	recent []time.Time                  // of requests
	banned bool
	// filters says that the account is among those that may filter lists.
	filters bool
	strain  int // requests over the limit, since it was kept
}

var _ http.RoundTripper = (*AmoCRM)(nil)

// NewAmoCRM makes an account without any field of ours.
func NewAmoCRM(now func() time.Time) *AmoCRM {
	return &AmoCRM{Sim: newSim(now), fields: map[string]map[string]string{"leads": {}, "contacts": {}}}
}

// Deals lists the leads.
func (a *AmoCRM) Deals() (all []Deal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, i := range sorted(a.deals) {
		all = append(all, Deal{
			ID: i.id, Key: i.text("VINBOT_KEY"), Title: i.text("name"), Stage: i.text("stage"), VIN: i.text("VINBOT_VIN"),
			Car: i.text("VINBOT_CAR"), Priority: i.text("VINBOT_PRIORITY"), Ticket: i.text("VINBOT_TICKET"), Report: i.text("VINBOT_REPORT"),
			Contacts: i.contacts, Comments: slices.Clone(i.comments),
		})
	}
	return all
}

// Contacts lists the contacts.
func (a *AmoCRM) Contacts() (all []Contact) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, i := range sorted(a.contacts) {
		all = append(all, Contact{ID: i.id, Telegram: i.text("VINBOT_TELEGRAM_ID"), Name: i.text("name"), Username: i.text("VINBOT_USERNAME")})
	}
	return all
}

// Meet has people make the contact of a Telegram id.
func (a *AmoCRM) Meet(telegram int64, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(a.contacts, map[string]any{"name": name, "VINBOT_TELEGRAM_ID": strconv.FormatInt(telegram, 10)}, nil)
}

// Ban shuts the address out, as amoCRM does with one that goes on after 429.
func (a *AmoCRM) Ban(out bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.banned = out
}

// Filter has the account be among those that may filter lists.
func (a *AmoCRM) Filter(may bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.filters = may
}

// RoundTrip answers a request.
func (a *AmoCRM) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var body any
	if r.Body != nil {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			a.complain("%s: %s", r.URL.Path, err)
		}
	}
	path, found := strings.CutPrefix(r.URL.Path, "/api/v4/")
	what, do := a.method(r.Method, strings.Split(path, "/"), r.URL.Query(), body)
	// https://www.amocrm.ru/developers/content/crm_platform/error-codes
	// https://www.amocrm.ru/developers/content/api/recommendations
	switch {
	case !found || r.URL.Host != "example.amocrm.ru" || r.URL.Scheme != "https":
		a.complain("%s: no address of the API", r.URL.Redacted())
		return respond(r, problem(http.StatusNotFound))
	case a.banned:
		return respond(r, problem(http.StatusForbidden))
	case a.over():
		a.limited++
		return respond(r, problem(http.StatusTooManyRequests))
	case r.Header.Get("Authorization") != "Bearer "+AmoCRMToken:
		return respond(r, problem(http.StatusUnauthorized))
	}
	return a.carry(r, what, map[Mood]answered{
		Down:     problem(http.StatusGatewayTimeout),
		Refusing: problem(http.StatusUnauthorized),
		Limiting: problem(http.StatusTooManyRequests),
		Puzzled:  invalid("NotSupportedChoice", "status_id"),
	}, do)
}

// over counts a request, and reports whether it is the eighth within a second.
func (a *AmoCRM) over() bool {
	const most = 7
	now := a.now()
	a.recent = slices.DeleteFunc(a.recent, func(at time.Time) bool { return now.Sub(at) >= time.Second })
	a.recent = append(a.recent, now)
	if len(a.recent) <= most {
		return false
	}
	if a.strain++; a.strain > most {
		a.banned = true
	}
	return true
}

func problem(status int) answered {
	return answered{status, map[string]any{"title": http.StatusText(status), "status": status, "detail": "as the documentation words it"}}
}

// invalid is the answer to a body with a fault.
func invalid(code, path string) answered {
	return answered{http.StatusBadRequest, map[string]any{
		"title": "Bad Request", "status": http.StatusBadRequest,
		"validation-errors": []any{map[string]any{"request_id": "0", "errors": []any{map[string]any{"code": code, "path": path}}}},
	}}
}

func embedded(of string, list any) answered {
	return answered{http.StatusOK, map[string]any{"_embedded": map[string]any{of: list}, "_links": map[string]any{"self": map[string]any{}}}}
}

// method finds what carries a request out.
func (a *AmoCRM) method(verb string, path []string, query url.Values, body any) (what string, do func() answered) {
	kind := path[0]
	deal := func(of, other string) string {
		if kind == "leads" {
			return of
		}
		return other
	}
	switch {
	// https://www.amocrm.ru/developers/content/crm_platform/account-info
	case verb == http.MethodGet && kind == "account":
		return Check, func() answered { return answered{http.StatusOK, map[string]any{"id": 1, "subdomain": "example"}} }
	case kind != "leads" && kind != "contacts":
	case verb == http.MethodGet && len(path) == 2 && path[1] == "pipelines":
		return Stages, a.pipelines
	case verb == http.MethodGet && len(path) == 2 && path[1] == "custom_fields":
		return Fields, func() answered { return a.fieldList(kind, query) }
	case verb == http.MethodPost && len(path) == 2 && path[1] == "custom_fields":
		return MakeFields, func() answered { return a.fieldAdd(kind, body) }
	case verb == http.MethodGet && len(path) == 1:
		return deal(FindDeal, FindContact), func() answered { return a.list(kind, query) }
	case verb == http.MethodPost && len(path) == 1:
		return deal(AddDeal, AddContact), func() answered { return a.create(kind, body) }
	case verb == http.MethodPatch && len(path) == 2:
		return deal(UpdateDeal, UpdateContact), func() answered { return a.edit(kind, path[1], body) }
	case len(path) >= 2 && kind == "leads":
		return a.ofLead(verb, path, body)
	}
	return verb + " " + strings.Join(path, "/"), func() answered {
		a.complain("there is no %s %s", verb, strings.Join(path, "/"))
		return problem(http.StatusNotFound)
	}
}

// ofLead finds what is asked about one lead.
func (a *AmoCRM) ofLead(verb string, path []string, body any) (what string, do func() answered) {
	id, _ := strconv.ParseInt(path[1], 10, 64)
	lead := a.deals[id]
	call := verb + " " + strings.Join(path[2:], "/")
	with := func(fn func() answered) func() answered {
		return func() answered {
			if lead == nil {
				return problem(http.StatusNotFound)
			}
			return fn()
		}
	}
	switch call {
	case "GET ":
		return "lead", with(lead.detail)
	case "POST unlink":
		return "unlink", with(func() answered { return a.unlink(lead, body) })
	case "POST notes":
		return Comment, with(func() answered { return a.noteAdd(lead, body) })
	case "GET notes":
		return Comments, with(lead.notes)
	}
	return call, func() answered {
		a.complain("there is no %s", call)
		return problem(http.StatusNotFound)
	}
}

// detail: https://www.amocrm.ru/developers/content/crm_platform/leads-api#lead-detail
func (i *item) detail() answered {
	contacts := []any{}
	for _, c := range i.contacts {
		contacts = append(contacts, map[string]any{"id": c})
	}
	return answered{http.StatusOK, map[string]any{"id": i.id, "_embedded": map[string]any{"contacts": contacts}}}
}

// notes: https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-list
func (i *item) notes() answered {
	notes := []any{}
	for n := len(i.comments) - 1; n >= 0 && len(notes) < 50; n-- {
		notes = append(notes, map[string]any{"id": n, "note_type": "common", "params": map[string]any{"text": i.comments[n]}})
	}
	if len(notes) == 0 {
		return answered{status: http.StatusNoContent}
	}
	return embedded("notes", notes)
}

// unlink: https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-delete
func (a *AmoCRM) unlink(lead *item, body any) answered {
	for _, v := range a.items("unlink", body) {
		link := a.object("unlink", v, "to_entity_id", "to_entity_type")
		contact, whole := integer(link["to_entity_id"])
		if !whole || link["to_entity_type"] != "contacts" {
			a.complain("unlink %v", link)
		}
		lead.contacts = slices.DeleteFunc(lead.contacts, func(c int64) bool { return c == contact })
	}
	return answered{status: http.StatusNoContent}
}

// noteAdd: https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-add
func (a *AmoCRM) noteAdd(lead *item, body any) answered {
	for _, v := range a.items("notes", body) {
		note := a.object("a note", v, "note_type", "params", "entity_id", "created_by", "request_id")
		text, _ := a.object("params", note["params"], "text")["text"].(string)
		if note["note_type"] != "common" || text == "" {
			a.complain("a note %v", note)
			return invalid("NotBlank", "params.text")
		}
		lead.comments = append(lead.comments, text)
	}
	return embedded("notes", []any{map[string]any{"id": 1}})
}

// items reads the list that a body must be: 250 at most.
func (a *AmoCRM) items(of string, body any) []any {
	list, ok := body.([]any)
	if !ok || len(list) == 0 || len(list) > 250 {
		a.complain("%s: the body is no list of 1 to 250", of)
	}
	return list
}

// pipelines: https://www.amocrm.ru/developers/content/crm_platform/leads_pipelines
func (a *AmoCRM) pipelines() answered {
	statuses := []any{}
	for _, s := range amoStages() {
		statuses = append(statuses, map[string]any{"id": s, "name": "The stage " + strconv.FormatInt(s, 10), "pipeline_id": 31})
	}
	return embedded("pipelines", []any{map[string]any{"id": 31, "name": "Reports", "_embedded": map[string]any{"statuses": statuses}}})
}

func amoStages() []int64 { return []int64{1, 2, 3, 142, 143} }

// fieldList: https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-list
// It gives 50 at most, whatever is asked for: an account has others than ours.
func (a *AmoCRM) fieldList(kind string, query url.Values) answered {
	if query.Get("page") == "1" {
		first := embedded("custom_fields", []any{map[string]any{"id": 1, "code": "PHONE", "type": "multitext"}})
		first.body = map[string]any{
			"_embedded": map[string]any{"custom_fields": []any{map[string]any{"id": 1, "code": "PHONE", "type": "multitext"}}},
			"_links":    map[string]any{"next": map[string]any{"href": "https://example.amocrm.ru/api/v4/" + kind + "/custom_fields?page=2"}},
		}
		return first
	}
	list := []any{}
	for code, of := range a.fields[kind] {
		list = append(list, map[string]any{"id": 2, "code": code, "type": of})
	}
	if len(list) == 0 {
		return answered{status: http.StatusNoContent}
	}
	return embedded("custom_fields", list)
}

// fieldAdd: https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-add
func (a *AmoCRM) fieldAdd(kind string, body any) answered {
	for _, v := range a.items("custom_fields", body) {
		field := a.object("a field", v, "name", "type", "code", "sort", "is_api_only")
		code, _ := field["code"].(string)
		of, _ := field["type"].(string)
		name, _ := field["name"].(string)
		if code == "" || name == "" || of != "text" && of != "url" || a.fields[kind][code] != "" {
			a.complain("the field %v", field)
			return invalid("NotSupportedChoice", "type")
		}
		a.fields[kind][code] = of
	}
	return embedded("custom_fields", body)
}
