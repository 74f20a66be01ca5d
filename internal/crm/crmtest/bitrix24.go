package crmtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bitrix24's webhook in the simulator, and another that it does not know.
const (
	Bitrix24Hook = "https://example.bitrix24.ru/rest/1/abcdef0123456789"
	bitrixPath   = "/rest/1/abcdef0123456789/"
)

// Bitrix24Stages are the stages of the simulated pipeline.
const Bitrix24Stages = "new=NEW,taken=EXECUTING,delivering=FINAL_INVOICE,done=WON,rejected=LOSE,cancelled=LOSE"

// Bitrix24 simulates Bitrix24's REST API for a webhook.
type Bitrix24 struct {
	*Sim

	userfields map[string]map[string]string // by object and code: the type

	level float64 // of the bucket of requests
	at    time.Time
}

var _ http.RoundTripper = (*Bitrix24)(nil)

// NewBitrix24 makes an account without any field of ours.
func NewBitrix24(now func() time.Time) *Bitrix24 {
	return &Bitrix24{Sim: newSim(now), userfields: map[string]map[string]string{"deal": {}, "contact": {}}}
}

// Deals lists the deals.
func (b *Bitrix24) Deals() (all []Deal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range sorted(b.deals) {
		all = append(all, Deal{
			ID: i.id, Key: i.text("originId"), Title: i.text("title"), Stage: i.text("stageId"), VIN: i.text("UF_CRM_VINBOT_VIN"),
			Car: i.text("UF_CRM_VINBOT_CAR"), Priority: i.text("UF_CRM_VINBOT_PRIORITY"), Ticket: i.text("UF_CRM_VINBOT_TICKET"),
			Report: i.text("UF_CRM_VINBOT_REPORT"), Contacts: i.contacts, Comments: slices.Clone(i.comments),
		})
	}
	return all
}

// Contacts lists the contacts.
func (b *Bitrix24) Contacts() (all []Contact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range sorted(b.contacts) {
		all = append(all, Contact{
			ID: i.id, Telegram: i.text("UF_CRM_VINBOT_TELEGRAM_ID"), Name: i.text("name"), Username: i.text("UF_CRM_VINBOT_USERNAME"),
		})
	}
	return all
}

// Meet has people make the contact of a Telegram id.
func (b *Bitrix24) Meet(telegram int64, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := strconv.FormatInt(telegram, 10)
	b.add(b.contacts, map[string]any{
		"name": name, "originatorId": "vinbot", "originId": "telegram-" + id, "UF_CRM_VINBOT_TELEGRAM_ID": id,
	}, nil)
}

// RoundTrip answers a request.
func (b *Bitrix24) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	method, found := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, bitrixPath), ".json")
	var params any
	if r.Method != http.MethodPost || !found || r.Header.Get("Content-Type") != "application/json" {
		b.complain("%s %s: a call is a POST of JSON", r.Method, r.URL.Path)
	} else if err := json.NewDecoder(r.Body).Decode(&params); err != nil {
		b.complain("%s: %s", method, err)
	}
	what, do := b.method(method, params)
	switch {
	case !strings.HasPrefix(r.URL.Path, bitrixPath):
		return respond(r, fault(http.StatusUnauthorized, "NO_AUTH_FOUND"))
	case b.over():
		b.limited++
		return respond(r, fault(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED"))
	}
	// https://apidocs.bitrix24.com/limits.html, and the system errors at the end of
	// every method's page.
	return b.carry(r, what, map[Mood]answered{
		Down:     fault(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR"),
		Refusing: fault(http.StatusUnauthorized, "expired_token"),
		Limiting: fault(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED"),
		Puzzled:  fault(http.StatusBadRequest, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
	}, do)
}

// over counts a request, and reports whether it is one too many: the counter
// falls by 2 once a second, and the request after the fiftieth is refused.
// https://apidocs.bitrix24.com/limits.html
func (b *Bitrix24) over() bool {
	const rate, most = 2, 50
	if now := b.now(); b.at.IsZero() {
		b.at = now
	} else if seconds := int64(now.Sub(b.at) / time.Second); seconds > 0 {
		b.level = max(0, b.level-float64(seconds*rate))
		b.at = b.at.Add(time.Duration(seconds) * time.Second)
	}
	b.level++
	return b.level > most
}

func fault(status int, code string) answered {
	return answered{status, map[string]any{"error": code, "error_description": "as the documentation words it"}}
}

func result(v any) answered {
	return answered{http.StatusOK, map[string]any{"result": v, "time": map[string]any{"operating": 0.1}}}
}

// method finds what carries a method out.
func (b *Bitrix24) method(name string, params any) (what string, do func() answered) {
	kind := func(deal, contact string) string {
		fields, _ := params.(map[string]any)
		if number, _ := integer(fields["entityTypeId"]); number == 3 {
			return contact
		}
		return deal
	}
	switch name {
	// https://apidocs.bitrix24.com/api-reference/common/users/profile.html
	case "profile":
		return Check, func() answered { return result(map[string]any{"ID": "1", "ADMIN": true}) }
	case "crm.status.list":
		return Stages, func() answered { return b.statusList(params) }
	case "crm.item.list":
		return kind(FindDeal, FindContact), func() answered { return b.itemList(params) }
	case "crm.item.add":
		return kind(AddDeal, AddContact), func() answered { return b.itemAdd(params) }
	case "crm.item.update":
		return kind(UpdateDeal, UpdateContact), func() answered { return b.itemUpdate(params) }
	case "crm.timeline.comment.add":
		return Comment, func() answered { return b.commentAdd(params) }
	case "crm.timeline.comment.list":
		return Comments, func() answered { return b.commentList(params) }
	case "crm.deal.userfield.list", "crm.contact.userfield.list":
		return Fields, func() answered { return b.userfieldList(strings.Split(name, ".")[1]) }
	case "crm.deal.userfield.add", "crm.contact.userfield.add":
		return MakeFields, func() answered { return b.userfieldAdd(strings.Split(name, ".")[1], params) }
	}
	return name, func() answered {
		b.complain("there is no method %q", name)
		return fault(http.StatusNotFound, "ERROR_METHOD_NOT_FOUND")
	}
}

// bitrixStages are those of the pipeline that every account has.
func bitrixStages() []string {
	return []string{"NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "WON", "LOSE"}
}

// statusList: https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-list.html
func (b *Bitrix24) statusList(params any) answered {
	ask := b.object("crm.status.list", params, "filter", "order")
	filter := b.object("filter", ask["filter"], "ENTITY_ID", "STATUS_ID")
	list := []map[string]any{}
	if filter["ENTITY_ID"] == "DEAL_STAGE" {
		for _, id := range bitrixStages() {
			list = append(list, map[string]any{"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": id, "NAME": "The stage " + id, "SORT": "10"})
		}
	}
	return result(list)
}

// userfieldList: https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/crm-deal-userfield-list.html
func (b *Bitrix24) userfieldList(object string) answered {
	list := []map[string]any{{"ID": "1", "FIELD_NAME": "UF_CRM_1713790573", "USER_TYPE_ID": "string"}}
	for code, kind := range b.userfields[object] {
		list = append(list, map[string]any{"ID": "2", "FIELD_NAME": code, "USER_TYPE_ID": kind})
	}
	return result(list)
}

// userfieldAdd: https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/crm-deal-userfield-add.html
func (b *Bitrix24) userfieldAdd(object string, params any) answered {
	fields := b.object("userfield.add", b.object("userfield.add", params, "fields")["fields"],
		"USER_TYPE_ID", "FIELD_NAME", "LABEL", "SHOW_FILTER", "MULTIPLE", "MANDATORY")
	code, _ := fields["FIELD_NAME"].(string)
	kind, _ := fields["USER_TYPE_ID"].(string)
	label, _ := fields["LABEL"].(string)
	switch {
	case !strings.HasPrefix(code, "UF_CRM_") || len(code) > 50 || strings.ToUpper(code) != code:
		b.complain("the field's name %q", code)
	case kind != "string" && kind != "url":
		b.complain("the field's type %q", kind)
	case label == "":
		b.complain("the field %s has no name for people", code)
	case b.userfields[object][code] != "":
		b.complain("the field %s is made twice", code)
	default:
		b.userfields[object][code] = kind
		return result(7)
	}
	return fault(http.StatusBadRequest, "ERROR_CORE")
}

// itemList: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
func (b *Bitrix24) itemList(params any) answered {
	ask := b.object("crm.item.list", params, "entityTypeId", "select", "filter", "order", "start", "useOriginalUfNames")
	filter := b.object("filter", ask["filter"], "=originatorId", "=originId", "@id")
	items, known := b.items(ask)
	ids, byID := filter["@id"].([]any)
	if !known || !byID && (filter["=originatorId"] == "" || filter["=originId"] == "") {
		b.complain("a search for everything")
		return fault(http.StatusBadRequest, "INVALID_ARG_VALUE")
	}
	list := []map[string]any{}
	for _, i := range sorted(items) {
		wanted := i.fields["originatorId"] == filter["=originatorId"] && i.fields["originId"] == filter["=originId"]
		if byID {
			wanted = slices.Contains(ids, any(float64(i.id)))
		}
		if wanted && len(list) < bitrixPage {
			list = append(list, map[string]any{"id": i.id, "categoryId": i.category()})
		}
	}
	return result(map[string]any{"items": list})
}

// category is the pipeline that a deal is in.
func (i *item) category() int64 {
	number, _ := integer(i.fields["categoryId"])
	return number
}

// MoveDeal has people move a deal to another pipeline.
func (b *Bitrix24) MoveDeal(id int64, pipeline int, stage string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deals[id].fields["categoryId"], b.deals[id].fields["stageId"] = float64(pipeline), stage
}

// bitrixPage is how many items a page holds, whatever is asked for.
const bitrixPage = 50

func (b *Bitrix24) items(ask map[string]any) (map[int64]*item, bool) {
	switch number, _ := integer(ask["entityTypeId"]); number {
	case 2:
		return b.deals, true
	case 3:
		return b.contacts, true
	}
	b.complain("the type %v", ask["entityTypeId"])
	return nil, false
}

// itemAdd: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-add.html
func (b *Bitrix24) itemAdd(params any) answered {
	ask := b.object("crm.item.add", params, "entityTypeId", "fields", "useOriginalUfNames")
	items, known := b.items(ask)
	fields, contacts, ok := b.fields(ask)
	if !known || !ok {
		return fault(http.StatusBadRequest, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
	}
	if fields["stageId"] == nil {
		fields["stageId"] = "NEW"
	}
	i := b.add(items, fields, contacts)
	return result(map[string]any{"item": map[string]any{"id": i.id}})
}

// itemUpdate: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-update.html
func (b *Bitrix24) itemUpdate(params any) answered {
	ask := b.object("crm.item.update", params, "entityTypeId", "id", "fields", "useOriginalUfNames")
	items, known := b.items(ask)
	id, _ := integer(ask["id"])
	i := items[id]
	if known && i == nil {
		return fault(http.StatusBadRequest, "NOT_FOUND")
	}
	fields, contacts, ok := b.fields(ask)
	if known && fields["stageId"] != nil && i.category() != 0 {
		b.complain("a stage of another pipeline than the deal's")
		ok = false
	}
	if !known || !ok {
		return fault(http.StatusBadRequest, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
	}
	for name, value := range fields {
		i.fields[name] = value
	}
	if contacts != nil {
		i.contacts = contacts
	}
	return result(map[string]any{"item": map[string]any{"id": i.id}})
}

// fields reads those of an item. https://apidocs.bitrix24.com/api-reference/crm/universal/object-fields.html
func (b *Bitrix24) fields(ask map[string]any) (fields map[string]any, contacts []int64, ok bool) {
	object, names := "deal", []string{"title", "categoryId", "stageId", "contactIds", "originatorId", "originId"}
	if number, _ := integer(ask["entityTypeId"]); number == 3 {
		object, names = "contact", []string{"name", "originatorId", "originId"}
	}
	for code := range b.userfields[object] {
		names = append(names, code)
	}
	if ask["useOriginalUfNames"] != "Y" {
		b.complain("fields of ours have other names without useOriginalUfNames")
	}
	before := len(b.wrong)
	fields = b.object("fields of a "+object, ask["fields"], names...)
	for name, value := range fields {
		switch name {
		case "contactIds":
			contacts = b.contactIDs(value)
			delete(fields, name)
		case "categoryId":
			if number, whole := integer(value); !whole || number != 0 {
				b.complain("the pipeline %v", value)
			}
		default:
			b.text(object, name, value)
		}
	}
	return fields, contacts, len(b.wrong) == before
}

// text looks at a field that holds a text.
func (b *Bitrix24) text(object, name string, value any) {
	text, ok := value.(string)
	switch {
	case !ok || utf8.RuneCountInString(text) > 255:
		b.complain("%s: %T is no text of 255 characters", name, value)
	case name == "stageId" && !slices.Contains(bitrixStages(), text):
		b.complain("the stage %q", text)
	case b.userfields[object][name] == "url" && !isURL(text):
		b.complain("%s: %q is no link", name, text)
	}
}

func (b *Bitrix24) contactIDs(value any) []int64 {
	contacts := []int64{}
	list, ok := value.([]any)
	if !ok {
		b.complain("contactIds: %T is no list", value)
	}
	for _, v := range list {
		id, whole := integer(v)
		if !whole || b.contacts[id] == nil {
			b.complain("contactIds: there is no %v", v)
		}
		contacts = append(contacts, id)
	}
	return contacts
}

// commentAdd: https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-add.html
func (b *Bitrix24) commentAdd(params any) answered {
	fields := b.object("comment.add", b.object("comment.add", params, "fields")["fields"], "ENTITY_ID", "ENTITY_TYPE", "COMMENT")
	id, whole := integer(fields["ENTITY_ID"])
	text, _ := fields["COMMENT"].(string)
	switch {
	case !whole || fields["ENTITY_TYPE"] != "deal":
		b.complain("a comment to %v %v", fields["ENTITY_TYPE"], fields["ENTITY_ID"])
		return fault(http.StatusBadRequest, "100")
	case text == "":
		b.complain("an empty comment")
		return fault(http.StatusBadRequest, "INVALID_ARG_VALUE")
	case b.deals[id] == nil:
		return fault(http.StatusBadRequest, "OWNER_NOT_FOUND")
	}
	b.deals[id].comments = append(b.deals[id].comments, text)
	return result(999)
}

// commentList: https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-list.html
func (b *Bitrix24) commentList(params any) answered {
	ask := b.object("comment.list", params, "select", "filter", "order", "start")
	filter := b.object("filter", ask["filter"], "ENTITY_ID", "ENTITY_TYPE")
	order := b.object("order", ask["order"], "ID", "CREATED", "AUTHOR_ID")
	id, whole := integer(filter["ENTITY_ID"])
	if !whole || filter["ENTITY_TYPE"] != "deal" || order["ID"] != "DESC" {
		b.complain("the comments of %v", filter)
	}
	list := []map[string]any{}
	if deal := b.deals[id]; deal != nil {
		for n := len(deal.comments) - 1; n >= 0 && len(list) < 50; n-- {
			list = append(list, map[string]any{"ID": strconv.Itoa(n), "COMMENT": deal.comments[n]})
		}
	}
	return result(list)
}
