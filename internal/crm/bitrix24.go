package crm

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Bitrix24's object types (https://apidocs.bitrix24.com/api-reference/crm/data-types.html#object_type).
const (
	bitrixDeal    = 2
	bitrixContact = 3
)

// bitrixOrigin is what we are called where Bitrix24 asks for an external source:
// together with originId it is the key by which deals and contacts are found.
const bitrixOrigin = "vinbot"

// The fields that are made where the account lacks them.
const (
	bitrixVIN      = "UF_CRM_VINBOT_VIN"
	bitrixCar      = "UF_CRM_VINBOT_CAR"
	bitrixPriority = "UF_CRM_VINBOT_PRIORITY"
	bitrixTicket   = "UF_CRM_VINBOT_TICKET"
	bitrixReport   = "UF_CRM_VINBOT_REPORT"
	bitrixTelegram = "UF_CRM_VINBOT_TELEGRAM_ID"
	bitrixUsername = "UF_CRM_VINBOT_USERNAME"
)

// Bitrix24 is the CRM of that name, by an incoming webhook
// (https://apidocs.bitrix24.com/local-integrations/local-webhooks.html).
type Bitrix24 struct {
	client

	hook string // https://example.bitrix24.ru/rest/1/secret

	mu    sync.Mutex
	ready bool // the account has the fields
}

var _ CRM = (*Bitrix24)(nil)

// NewBitrix24 makes the adapter of a webhook's URL, which is a secret. Requests
// keep to two a second and less than half of the bucket of 50
// (https://apidocs.bitrix24.com/limits.html): after a restart nobody knows how
// full it is, and it is shared with whatever else asks from this address. So a
// start takes ours for half full, lest a bot that is killed again and again fill it.
func NewBitrix24(hook string, o Options) *Bitrix24 {
	return &Bitrix24{client: newClient(o, &pace{rate: 2, burst: 20, level: 10}), hook: strings.TrimRight(hook, "/")}
}

// Account names the account by its host.
func (b *Bitrix24) Account() string { return "bitrix24 " + hostOf(b.hook) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil { // the settings made sure that it is one
		return ""
	}
	return u.Host
}

// Check asks whose webhook it is, then whether the pipeline has the stages.
// https://apidocs.bitrix24.com/api-reference/common/users/profile.html
// https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-list.html
func (b *Bitrix24) Check(ctx context.Context, stages []string) error {
	if err := b.call(ctx, "profile", struct{}{}, nil); err != nil {
		return err
	}
	pipeline := "DEAL_STAGE"
	if number := bitrixPipeline(stages); number != 0 {
		pipeline += "_" + strconv.Itoa(number)
	}
	var known []struct {
		ID   string `json:"STATUS_ID"`
		Name string `json:"NAME"`
	}
	filter := map[string]any{"filter": map[string]string{"ENTITY_ID": pipeline}}
	if err := b.call(ctx, "crm.status.list", filter, &known); err != nil {
		return err
	}
	names := make([]stageName, len(known))
	for i, s := range known {
		names[i] = stageName{s.ID, s.Name}
	}
	return lacking(stages, names)
}

// bitrixPipeline is the number of the pipeline that stages belong to: C3:NEW is
// one of the third, NEW one of the first, whose number is 0. The settings make
// sure that all are of one.
func bitrixPipeline(stages []string) int {
	for _, s := range stages {
		if prefix, _, ok := strings.Cut(s, ":"); ok {
			number, _ := strconv.Atoi(strings.TrimPrefix(prefix, "C"))
			return number
		}
	}
	return 0
}

// FindDeal finds a deal by its external key.
func (b *Bitrix24) FindDeal(ctx context.Context, key string) (string, error) {
	return b.find(ctx, bitrixDeal, key)
}

// FindContact finds a contact by its external key.
func (b *Bitrix24) FindContact(ctx context.Context, key string) (string, error) {
	return b.find(ctx, bitrixContact, telegramKey(key))
}

// telegramKey is the external key of a contact.
func telegramKey(id string) string { return "telegram-" + id }

// find finds the oldest item of a type by its external key. The fields are made
// first: what fails of them leaves no doubt whether an item was made.
// https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
func (b *Bitrix24) find(ctx context.Context, kind int, key string) (string, error) {
	if err := b.prepare(ctx); err != nil {
		return "", err
	}
	var found struct {
		Items []bitrixItem `json:"items"`
	}
	err := b.call(ctx, "crm.item.list", map[string]any{
		"entityTypeId": kind,
		"select":       []string{"id"},
		"filter":       map[string]string{"=originatorId": bitrixOrigin, "=originId": key},
		"order":        map[string]string{"id": "ASC"},
	}, &found)
	if err != nil || len(found.Items) == 0 {
		return "", err
	}
	return found.Items[0].id(), nil
}

// bitrixItem is a deal or a contact.
type bitrixItem struct {
	ID int64 `json:"id"`
}

func (i bitrixItem) id() string { return strconv.FormatInt(i.ID, 10) }

// There lists deals by their ids. A deal that the webhook's user may not see is
// not listed, either: it is an administrator's.
// https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
func (b *Bitrix24) There(ctx context.Context, deals []string) ([]string, error) {
	numbers := []int64{}
	for _, id := range deals {
		if number, err := bitrixNumber(id); err == nil {
			numbers = append(numbers, number)
		}
	}
	var found struct {
		Items []bitrixItem `json:"items"`
	}
	err := b.call(ctx, "crm.item.list", map[string]any{
		"entityTypeId": bitrixDeal,
		"select":       []string{"id"},
		"filter":       map[string]any{"@id": numbers},
		"order":        map[string]string{"id": "ASC"},
	}, &found)
	there := make([]string, len(found.Items))
	for i, item := range found.Items {
		there[i] = item.id()
	}
	return there, err
}

// pipelineOf tells in which pipeline a deal is. What Bitrix24 does with a stage of
// another one is not documented, so that none is sent.
// https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
func (b *Bitrix24) pipelineOf(ctx context.Context, id string) (int, error) {
	number, err := bitrixNumber(id)
	if err != nil {
		return 0, err
	}
	var found struct {
		Items []struct {
			Pipeline int `json:"categoryId"`
		} `json:"items"`
	}
	err = b.call(ctx, "crm.item.list", map[string]any{
		"entityTypeId": bitrixDeal, "select": []string{"id", "categoryId"}, "filter": map[string]any{"@id": []int64{number}},
	}, &found)
	if err == nil && len(found.Items) == 0 {
		err = &FaultError{Kind: Gone, Status: http.StatusOK, Code: "without the deal"}
	}
	if err != nil {
		return 0, err
	}
	return found.Items[0].Pipeline, nil
}

// SaveDeal writes a deal. It stays in the pipeline that people moved it to.
func (b *Bitrix24) SaveDeal(ctx context.Context, id string, d Deal) (string, error) {
	fields := map[string]any{
		"title": shorten(d.Title, 255), "originatorId": bitrixOrigin, "originId": d.Key,
		bitrixVIN: d.VIN, bitrixCar: shorten(d.Car, 255), bitrixPriority: d.Priority, bitrixTicket: d.Ticket, bitrixReport: d.Report,
	}
	pipeline, elsewhere := bitrixPipeline([]string{d.Stage}), false
	if d.Stage != "" && id != "" {
		there, err := b.pipelineOf(ctx, id)
		if err != nil {
			return "", err
		}
		elsewhere = there != pipeline
	}
	if d.Stage != "" && id == "" {
		fields["categoryId"] = pipeline
	}
	if d.Stage != "" && !elsewhere {
		fields["stageId"] = d.Stage
	}
	if number, err := bitrixNumber(d.Contact); err == nil && id == "" {
		fields["contactIds"] = []int64{number}
	}
	if d.Erased {
		fields["contactIds"] = []int64{}
	}
	id, err := b.save(ctx, bitrixDeal, id, fields)
	if err == nil && elsewhere {
		err = ErrElsewhere
	}
	return id, err
}

// SaveContact writes a contact. One who is nobody any more keeps no key, either.
func (b *Bitrix24) SaveContact(ctx context.Context, id string, c Contact) (string, error) {
	fields := map[string]any{
		"name": shorten(c.Name, 50), "originatorId": bitrixOrigin, "originId": "",
		bitrixTelegram: c.Key, bitrixUsername: c.Username,
	}
	if c.Key != "" {
		fields["originId"] = telegramKey(c.Key)
	}
	return b.save(ctx, bitrixContact, id, fields)
}

// save writes an item, or makes one.
// https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-add.html
// https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-update.html
func (b *Bitrix24) save(ctx context.Context, kind int, id string, fields map[string]any) (string, error) {
	if err := b.prepare(ctx); err != nil {
		return "", err
	}
	ask := map[string]any{"entityTypeId": kind, "fields": fields, "useOriginalUfNames": "Y"}
	method := "crm.item.add"
	if id != "" {
		number, err := bitrixNumber(id)
		if err != nil {
			return "", err
		}
		method, ask["id"] = "crm.item.update", number
	}
	var saved struct {
		Item bitrixItem `json:"item"`
	}
	if err := b.call(ctx, method, ask, &saved); err != nil {
		return "", err
	}
	return cmp.Or(id, saved.Item.id()), nil
}

// bitrixNumber reads an id that we stored.
func bitrixNumber(id string) (int64, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, &FaultError{Kind: Gone, Code: "the id is none of Bitrix24's"}
	}
	return number, nil
}

// Comment adds a comment to a deal's timeline.
// https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-add.html
func (b *Bitrix24) Comment(ctx context.Context, deal, text string) error {
	number, err := bitrixNumber(deal)
	if err != nil {
		return err
	}
	return b.call(ctx, "crm.timeline.comment.add", map[string]any{
		"fields": map[string]any{"ENTITY_ID": number, "ENTITY_TYPE": "deal", "COMMENT": text},
	}, nil)
}

// Comments lists a deal's comments.
// https://apidocs.bitrix24.com/api-reference/crm/timeline/comments/crm-timeline-comment-list.html
func (b *Bitrix24) Comments(ctx context.Context, deal string) ([]string, error) {
	number, err := bitrixNumber(deal)
	if err != nil {
		return nil, err
	}
	var found []struct {
		Comment string `json:"COMMENT"`
	}
	err = b.call(ctx, "crm.timeline.comment.list", map[string]any{
		"select": []string{"ID", "COMMENT"},
		"filter": map[string]any{"ENTITY_ID": number, "ENTITY_TYPE": "deal"},
		"order":  map[string]string{"ID": "DESC"},
	}, &found)
	texts := make([]string, len(found))
	for i, c := range found {
		texts[i] = c.Comment
	}
	return texts, err
}

// prepare makes sure that the account has the fields, once.
func (b *Bitrix24) prepare(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		return nil
	}
	l := labels(b.Language)
	for _, of := range []struct {
		object string
		fields []field
	}{
		{"deal", []field{
			{bitrixVIN, "string", l.vin},
			{bitrixCar, "string", l.car},
			{bitrixPriority, "string", l.priority},
			{bitrixTicket, "url", l.ticket},
			{bitrixReport, "url", l.report},
		}},
		{"contact", []field{{bitrixTelegram, "string", l.telegram}, {bitrixUsername, "string", l.username}}},
	} {
		if err := b.makeFields(ctx, of.object, of.fields); err != nil {
			return err
		}
	}
	b.ready = true
	return nil
}

// field is one of ours.
type field struct{ code, kind, label string }

// makeFields makes those fields of an object that it lacks.
// https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/crm-deal-userfield-list.html
// https://apidocs.bitrix24.com/api-reference/crm/deals/user-defined-fields/crm-deal-userfield-add.html
// https://apidocs.bitrix24.com/api-reference/crm/contacts/userfield/crm-contact-userfield-add.html
func (b *Bitrix24) makeFields(ctx context.Context, object string, fields []field) error {
	var known []struct {
		Name string `json:"FIELD_NAME"`
	}
	if err := b.call(ctx, "crm."+object+".userfield.list", struct{}{}, &known); err != nil {
		return err
	}
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.Name
	}
	for _, f := range fields {
		if slices.Contains(names, f.code) {
			continue
		}
		err := b.call(ctx, "crm."+object+".userfield.add", map[string]any{"fields": map[string]string{
			"FIELD_NAME": f.code, "USER_TYPE_ID": f.kind, "LABEL": f.label, "SHOW_FILTER": "Y",
		}}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// call calls a method and reads its result.
func (b *Bitrix24) call(ctx context.Context, method string, params, result any) error {
	var said struct {
		Result json.RawMessage `json:"result"`
	}
	err := b.ask(ctx, question{method: http.MethodPost, url: b.hook + "/" + method + ".json", body: params, judge: b.judge, into: &said})
	if err != nil || result == nil {
		return err
	}
	if err := json.Unmarshal(said.Result, result); err != nil { // its text quotes the answer
		return &FaultError{Kind: Away, Status: http.StatusOK, Code: "with another result than " + method + " has"}
	}
	return nil
}
