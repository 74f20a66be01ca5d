package crm

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The codes of the fields that are made where the account lacks them.
const (
	amoKey      = "VINBOT_KEY"
	amoVIN      = "VINBOT_VIN"
	amoCar      = "VINBOT_CAR"
	amoPriority = "VINBOT_PRIORITY"
	amoTicket   = "VINBOT_TICKET"
	amoReport   = "VINBOT_REPORT"
	amoTelegram = "VINBOT_TELEGRAM_ID"
	amoUsername = "VINBOT_USERNAME"
)

const (
	amoLeads    = "leads"
	amoContacts = "contacts"
	// amoPage is as much as a page may hold.
	amoPage = 250
	// amoNewest is how many of the newest are looked through.
	amoNewest = 50
	// amoText is how many characters a text field holds.
	amoText = 255
)

// AmoCRM is the CRM of that name, by a long-lived token.
type AmoCRM struct {
	client

	base  string // https://example.amocrm.ru
	token string

	mu    sync.Mutex
	ready bool // the account has the fields
}

var _ CRM = (*AmoCRM)(nil)

// NewAmoCRM makes the adapter of an account. Requests stay below the limit of
// seven a second, one after the other, so that no second holds more; the first
// one waits for its turn, too, since an earlier process may just have ended
// (https://www.amocrm.ru/developers/content/api/recommendations).
func NewAmoCRM(base, token string, o Options) *AmoCRM {
	return &AmoCRM{client: newClient(o, &pace{rate: 6, burst: 1, level: 1}), base: strings.TrimRight(base, "/"), token: token}
}

// Account names the account by its host.
func (a *AmoCRM) Account() string { return "amocrm " + hostOf(a.base) }

// Check asks for the account, then whether its pipelines have the stages.
// https://www.amocrm.ru/developers/content/crm_platform/account-info
// https://www.amocrm.ru/developers/content/crm_platform/leads_pipelines
func (a *AmoCRM) Check(ctx context.Context, stages []string) error {
	if err := a.get(ctx, "account", nil, nil); err != nil {
		return err
	}
	var found struct {
		Embedded struct {
			Pipelines []struct {
				ID       int64  `json:"id"`
				Name     string `json:"name"`
				Embedded struct {
					Statuses []struct {
						ID   int64  `json:"id"`
						Name string `json:"name"`
					} `json:"statuses"`
				} `json:"_embedded"`
			} `json:"pipelines"`
		} `json:"_embedded"`
	}
	if err := a.get(ctx, "leads/pipelines", nil, &found); err != nil {
		return err
	}
	var names []stageName
	for _, p := range found.Embedded.Pipelines {
		for _, s := range p.Embedded.Statuses {
			id := strconv.FormatInt(p.ID, 10) + "/" + strconv.FormatInt(s.ID, 10)
			names = append(names, stageName{id, p.Name + ", " + s.Name})
		}
	}
	return lacking(stages, names)
}

// FindDeal finds a lead by the field of our key.
func (a *AmoCRM) FindDeal(ctx context.Context, key string) (string, error) {
	return a.find(ctx, amoLeads, amoKey, key)
}

// FindContact finds a contact by the field of the Telegram id.
func (a *AmoCRM) FindContact(ctx context.Context, key string) (string, error) {
	return a.find(ctx, amoContacts, amoTelegram, key)
}

// find finds the oldest of those whose field has a value. Filtering by a field
// is not open to every account
// (https://www.amocrm.ru/developers/content/crm_platform/filters-api), so the
// text is searched and the answer looked through; what is newer than the search
// may know is among the newest.
// https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-list
// https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-list
func (a *AmoCRM) find(ctx context.Context, kind, code, value string) (string, error) {
	if err := a.prepare(ctx); err != nil {
		return "", err
	}
	for _, query := range []url.Values{
		{"query": {value}, "limit": {strconv.Itoa(amoPage)}, "order[id]": {"asc"}},
		{"order[id]": {"desc"}, "limit": {strconv.Itoa(amoNewest)}},
	} {
		var page struct {
			Embedded map[string][]amoItem `json:"_embedded"`
		}
		if err := a.get(ctx, kind, query, &page); err != nil {
			return "", err
		}
		least := int64(0)
		for _, item := range page.Embedded[kind] {
			if item.has(code, value) && (least == 0 || item.ID < least) {
				least = item.ID
			}
		}
		if least != 0 {
			return strconv.FormatInt(least, 10), nil
		}
	}
	return "", nil
}

// There lists leads by their ids. The filter is not open to every account, and one
// without it gives others: whatever is not listed is asked for by itself.
// https://www.amocrm.ru/developers/content/crm_platform/filters-api
// https://www.amocrm.ru/developers/content/crm_platform/leads-api#lead-detail
func (a *AmoCRM) There(ctx context.Context, deals []string) (there []string, err error) {
	var page struct {
		Embedded map[string][]amoItem `json:"_embedded"`
	}
	if err := a.get(ctx, amoLeads, url.Values{"filter[id][]": deals, "limit": {strconv.Itoa(amoPage)}}, &page); err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, lead := range page.Embedded[amoLeads] {
		listed[strconv.FormatInt(lead.ID, 10)] = true
	}
	for _, id := range deals {
		var lead amoItem
		if !listed[id] {
			err = a.get(ctx, amoLeads+"/"+url.PathEscape(id), nil, &lead)
		}
		switch {
		case isGone(err):
			err = nil
		case err != nil:
			return nil, err
		case listed[id] || lead.ID != 0 && !lead.Deleted:
			there = append(there, id)
		}
	}
	return there, nil
}

// amoItem is a lead or a contact.
type amoItem struct {
	ID      int64 `json:"id"`
	Deleted bool  `json:"is_deleted"`
	Fields  []struct {
		Code   string `json:"field_code"`
		Values []struct {
			Value any `json:"value"`
		} `json:"values"`
	} `json:"custom_fields_values"`
}

// has reports whether a field has a value.
func (i amoItem) has(code, value string) bool {
	for _, f := range i.Fields {
		for _, v := range f.Values {
			if f.Code == code && v.Value == value {
				return true
			}
		}
	}
	return false
}

// SaveDeal writes a lead.
// https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-add
// https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-edit
func (a *AmoCRM) SaveDeal(ctx context.Context, id string, d Deal) (string, error) {
	lead := map[string]any{
		"name": shorten(d.Title, amoText),
		"custom_fields_values": amoFields(
			amoValue{amoKey, d.Key}, amoValue{amoVIN, d.VIN}, amoValue{amoCar, shorten(d.Car, amoText)},
			amoValue{amoPriority, d.Priority}, amoValue{amoTicket, d.Ticket}, amoValue{amoReport, d.Report}),
	}
	if pipeline, stage, ok := strings.Cut(d.Stage, "/"); ok {
		lead["pipeline_id"], lead["status_id"] = amoNumber(pipeline), amoNumber(stage)
	}
	if d.Contact != "" && id == "" {
		lead["_embedded"] = map[string]any{"contacts": []any{map[string]any{"id": amoNumber(d.Contact)}}}
	}
	if d.Erased && id != "" {
		if err := a.unlink(ctx, id); err != nil {
			return "", err
		}
	}
	return a.save(ctx, amoLeads, id, lead)
}

// unlink takes the contacts off a lead.
// https://www.amocrm.ru/developers/content/crm_platform/leads-api#lead-detail
// https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-delete
func (a *AmoCRM) unlink(ctx context.Context, id string) error {
	var lead struct {
		Embedded struct {
			Contacts []amoItem `json:"contacts"`
		} `json:"_embedded"`
	}
	path := amoLeads + "/" + url.PathEscape(id)
	if err := a.get(ctx, path, url.Values{"with": {amoContacts}}, &lead); err != nil {
		return err
	}
	var links []any
	for _, c := range lead.Embedded.Contacts {
		links = append(links, map[string]any{"to_entity_id": c.ID, "to_entity_type": amoContacts})
	}
	if len(links) == 0 {
		return nil
	}
	return a.call(ctx, http.MethodPost, path+"/unlink", links, nil)
}

// amoNumber is an id that we stored, or that the settings hold.
func amoNumber(text string) int64 {
	number, _ := strconv.ParseInt(text, 10, 64) // 0 is refused
	return number
}

// SaveContact writes a contact.
// https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-add
// https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-edit
func (a *AmoCRM) SaveContact(ctx context.Context, id string, c Contact) (string, error) {
	return a.save(ctx, amoContacts, id, map[string]any{
		"name":                 shorten(c.Name, amoText),
		"custom_fields_values": amoFields(amoValue{amoTelegram, c.Key}, amoValue{amoUsername, c.Username}),
	})
}

// amoValue is the value of a field; an empty one empties the field.
type amoValue struct{ code, text string }

// amoFields are values as amoCRM takes them.
func amoFields(all ...amoValue) []any {
	fields := make([]any, len(all))
	for i, f := range all {
		var values any
		if f.text != "" {
			values = []any{map[string]any{"value": f.text}}
		}
		fields[i] = map[string]any{"field_code": f.code, "values": values}
	}
	return fields
}

// save writes an item, or makes one: those are sent as a list.
func (a *AmoCRM) save(ctx context.Context, kind, id string, item map[string]any) (string, error) {
	if err := a.prepare(ctx); err != nil {
		return "", err
	}
	if id != "" {
		return id, a.call(ctx, http.MethodPatch, kind+"/"+url.PathEscape(id), item, nil)
	}
	item["custom_fields_values"] = filled(item["custom_fields_values"])
	var made struct {
		Embedded map[string][]amoItem `json:"_embedded"`
	}
	if err := a.call(ctx, http.MethodPost, kind, []any{item}, &made); err != nil {
		return "", err
	}
	if len(made.Embedded[kind]) != 1 {
		return "", &FaultError{Kind: Away, Status: http.StatusOK, Code: "without the id of what it made"}
	}
	return strconv.FormatInt(made.Embedded[kind][0].ID, 10), nil
}

// filled are those fields that have a value: where nothing is, nothing is to be
// emptied.
func filled(fields any) []any {
	all, _ := fields.([]any)
	return slices.DeleteFunc(all, func(f any) bool {
		field, _ := f.(map[string]any)
		return field["values"] == nil
	})
}

// Comment adds a note to a lead.
// https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-add
func (a *AmoCRM) Comment(ctx context.Context, deal, text string) error {
	return a.call(ctx, http.MethodPost, amoLeads+"/"+url.PathEscape(deal)+"/notes",
		[]any{map[string]any{"note_type": "common", "params": map[string]any{"text": text}}}, nil)
}

// Comments lists a lead's notes.
// https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-list
func (a *AmoCRM) Comments(ctx context.Context, deal string) ([]string, error) {
	var found struct {
		Embedded struct {
			Notes []struct {
				Params struct {
					Text string `json:"text"`
				} `json:"params"`
			} `json:"notes"`
		} `json:"_embedded"`
	}
	query := url.Values{"limit": {strconv.Itoa(amoNewest)}, "order[id]": {"desc"}, "filter[note_type]": {"common"}}
	err := a.get(ctx, amoLeads+"/"+url.PathEscape(deal)+"/notes", query, &found)
	texts := make([]string, len(found.Embedded.Notes))
	for i, n := range found.Embedded.Notes {
		texts[i] = n.Params.Text
	}
	return texts, err
}

// call asks the API and reads the answer.
func (a *AmoCRM) call(ctx context.Context, method, path string, body, into any) error {
	return a.ask(ctx, question{method: method, url: a.base + "/api/v4/" + path, bearer: a.token, body: body, judge: a.judge, into: into})
}

// get asks for something.
func (a *AmoCRM) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return a.call(ctx, http.MethodGet, path, nil, into)
}
