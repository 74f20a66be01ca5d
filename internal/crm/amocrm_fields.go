package crm

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// prepare makes sure that the account has the fields, once.
func (a *AmoCRM) prepare(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ready {
		return nil
	}
	l := labels(a.Language)
	if err := a.makeFields(ctx, amoLeads, []field{
		{amoKey, "text", l.key},
		{amoVIN, "text", l.vin},
		{amoCar, "text", l.car},
		{amoPriority, "text", l.priority},
		{amoTicket, "url", l.ticket},
		{amoReport, "url", l.report},
	}); err != nil {
		return err
	}
	if err := a.makeFields(ctx, amoContacts, []field{{amoTelegram, "text", l.telegram}, {amoUsername, "text", l.username}}); err != nil {
		return err
	}
	a.ready = true
	return nil
}

// makeFields makes those fields of a kind that the account lacks, all at once.
// https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-list
// https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-add
func (a *AmoCRM) makeFields(ctx context.Context, kind string, fields []field) error {
	var known []string
	for page := 1; ; page++ {
		var found struct {
			Embedded struct {
				Fields []struct {
					Code string `json:"code"`
				} `json:"custom_fields"`
			} `json:"_embedded"`
			Links struct {
				Next any `json:"next"`
			} `json:"_links"`
		}
		query := url.Values{"limit": {strconv.Itoa(amoPage)}, "page": {strconv.Itoa(page)}}
		if err := a.get(ctx, kind+"/custom_fields", query, &found); err != nil {
			return err
		}
		for _, f := range found.Embedded.Fields {
			known = append(known, f.Code)
		}
		if found.Links.Next == nil {
			break
		}
	}
	var lack []any
	for _, f := range fields {
		if !slices.Contains(known, f.code) {
			lack = append(lack, map[string]any{"name": f.label, "type": f.kind, "code": f.code})
		}
	}
	if len(lack) == 0 {
		return nil
	}
	return a.call(ctx, http.MethodPost, kind+"/custom_fields", lack, nil)
}
