package crmtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// list: https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-list
// https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-list
func (a *AmoCRM) list(kind string, query url.Values) answered {
	for key := range query {
		if !slices.Contains([]string{"query", "limit", "page", "order[id]", "with", "filter[id][]"}, key) {
			a.complain("%s: filtering by %s is not open to every account", kind, key)
		}
	}
	ids := query["filter[id][]"]
	if !a.filters { // https://www.amocrm.ru/developers/content/crm_platform/filters-api
		ids = nil
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > 250 {
		a.complain("%s: a limit of %q", kind, query.Get("limit"))
	}
	all := sorted(a.kept(kind))
	if query.Get("order[id]") == "desc" {
		slices.Reverse(all)
	}
	found := []any{}
	for _, i := range all {
		if wanted := query.Get("query"); wanted != "" && (a.now().Sub(i.made) < amoLag || !i.mentions(wanted)) {
			continue
		}
		if ids != nil && !slices.Contains(ids, strconv.FormatInt(i.id, 10)) {
			continue
		}
		if len(found) < limit {
			found = append(found, a.shown(kind, i))
		}
	}
	if len(found) == 0 {
		return answered{status: http.StatusNoContent}
	}
	return embedded(kind, found)
}

func (a *AmoCRM) kept(kind string) map[int64]*item {
	if kind == "leads" {
		return a.deals
	}
	return a.contacts
}

// mentions reports whether a search finds an item.
func (i *item) mentions(text string) bool {
	for _, v := range i.fields {
		if s, ok := v.(string); ok && strings.Contains(s, text) {
			return true
		}
	}
	return false
}

// shown is an item as it is listed.
func (a *AmoCRM) shown(kind string, i *item) map[string]any {
	shown := map[string]any{"id": i.id, "name": i.fields["name"], "custom_fields_values": nil}
	values := []any{}
	for code := range a.fields[kind] {
		if text := i.text(code); text != "" {
			values = append(values, map[string]any{
				"field_id": 2, "field_code": code, "values": []any{map[string]any{"value": text}},
			})
		}
	}
	if len(values) > 0 {
		shown["custom_fields_values"] = values
	}
	return shown
}

// create: https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-add
// https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-add
func (a *AmoCRM) create(kind string, body any) answered {
	made := []any{}
	for _, v := range a.items(kind, body) {
		fields, contacts, bad := a.read(kind, v)
		if bad != nil {
			return *bad
		}
		if kind == "leads" && fields["stage"] == nil {
			fields["stage"] = "31/1"
		}
		i := a.add(a.kept(kind), fields, contacts)
		made = append(made, map[string]any{"id": i.id, "request_id": "0"})
	}
	return embedded(kind, made)
}

// edit: https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-edit
// https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-edit
func (a *AmoCRM) edit(kind, number string, body any) answered {
	id, _ := strconv.ParseInt(number, 10, 64)
	i := a.kept(kind)[id]
	if i == nil {
		return problem(http.StatusNotFound)
	}
	fields, _, bad := a.read(kind, body)
	if bad != nil {
		return *bad
	}
	for name, value := range fields {
		i.fields[name] = value
	}
	return answered{http.StatusOK, map[string]any{"id": id, "updated_at": a.now().Unix()}}
}

// read reads a lead or a contact.
func (a *AmoCRM) read(kind string, v any) (fields map[string]any, contacts []int64, bad *answered) {
	names := []string{"name", "custom_fields_values"}
	if kind == "leads" {
		names = append(names, "pipeline_id", "status_id", "_embedded")
	}
	before := len(a.wrong)
	given := a.object("one of "+kind, v, names...)
	fields = map[string]any{"name": given["name"]}
	if name, ok := given["name"].(string); !ok || utf8.RuneCountInString(name) > 255 {
		a.complain("the name %v", given["name"])
	}
	if given["status_id"] != nil {
		pipeline, _ := integer(given["pipeline_id"])
		status, _ := integer(given["status_id"])
		if pipeline != 31 || !slices.Contains(amoStages(), status) {
			a.complain("the stage %v of %v", given["status_id"], given["pipeline_id"])
		}
		fields["stage"] = "31/" + strconv.FormatInt(status, 10)
	}
	if given["_embedded"] != nil {
		list, _ := a.object("_embedded", given["_embedded"], "contacts")["contacts"].([]any)
		for _, v := range list {
			id, _ := integer(a.object("a contact", v, "id", "is_main")["id"])
			if a.contacts[id] == nil {
				a.complain("there is no contact %d", id)
			}
			contacts = append(contacts, id)
		}
	}
	a.values(kind, given["custom_fields_values"], fields)
	if len(a.wrong) > before {
		refused := invalid("NotSupportedChoice", "custom_fields_values")
		return nil, nil, &refused
	}
	return fields, contacts, nil
}

// values reads the values of fields of ours into those of an item.
// https://www.amocrm.ru/developers/content/crm_platform/custom-fields#cf-fill-examples
func (a *AmoCRM) values(kind string, given any, into map[string]any) {
	list, ok := given.([]any)
	if !ok {
		a.complain("custom_fields_values: %T is no list", given)
	}
	for _, v := range list {
		field := a.object("a field", v, "field_code", "values")
		code, _ := field["field_code"].(string)
		of := a.fields[kind][code]
		text := ""
		if field["values"] != nil {
			values, _ := field["values"].([]any)
			if len(values) != 1 {
				a.complain("%s: %v", code, field["values"])
				continue
			}
			text, _ = a.object("a value", values[0], "value")["value"].(string)
		}
		if of == "" || field["values"] != nil && text == "" || utf8.RuneCountInString(text) > 256 || of == "url" && !isURL(text) {
			a.complain("the field %q of %s may not be %q", code, kind, text)
		}
		into[code] = text
	}
}
