package app

import (
	"embed"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

//go:embed testdata/updates.json
var updateTypes embed.FS

// maker makes updates at random: of the types that Telegram has, with the
// values that people, programs and chance may put there.
type maker struct {
	*rand.Rand
	types map[string]map[string]any
	group int64 // the managers'
}

// deepest is how far types are followed into each other.
const deepest = 6

func newMaker(tb testing.TB, group int64) *maker {
	tb.Helper()
	body, err := updateTypes.ReadFile("testdata/updates.json")
	require.NoError(tb, err)
	var all map[string]any
	require.NoError(tb, json.Unmarshal(body, &all))
	m := &maker{types: map[string]map[string]any{}, group: group}
	for name, fields := range all {
		if of, ok := fields.(map[string]any); ok {
			m.types[name] = of
		}
	}
	return m
}

// update makes one, the same for the same seed.
func (m *maker) update(seed uint64) []byte {
	m.Rand = rand.New(rand.NewPCG(seed, 7))
	u := map[string]any{"update_id": m.integer()}
	if m.IntN(4) == 0 {
		u["message"] = m.talk()
		return m.written(u)
	}
	kinds := []string{"message", "message", "message", "message", "callback_query", "callback_query", "edited_message", "my_chat_member", "chat_member"}
	if m.IntN(12) == 0 {
		kinds = m.kinds()
	}
	kind := pick(m, kinds)
	u[kind] = m.field("Update", kind, 0)
	if part, ok := u[kind].(map[string]any); ok && m.IntN(4) > 0 {
		m.place(part)
	}
	return m.written(u)
}

// talk is what most people send: a text in their private chat with the bot.
func (m *maker) talk() map[string]any {
	who := 1 + m.Int64N(5)
	return map[string]any{
		"message_id": m.integer(), "date": m.integer(), "text": m.text(), "chat": map[string]any{"id": who, "type": "private"},
		"from": map[string]any{"id": who, "is_bot": false, "first_name": m.text(), "language_code": "en"},
	}
}

// written gives an update as it comes, broken in places.
func (m *maker) written(u map[string]any) []byte {
	for range m.IntN(3) {
		m.spoil(u, 0)
	}
	body, err := json.Marshal(u)
	if err != nil {
		return []byte("{}")
	}
	return body
}

// kinds are all kinds of updates that there are.
func (m *maker) kinds() (all []string) {
	for name := range m.types["Update"] {
		if name = strings.TrimSuffix(name, "?"); name != "update_id" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// place puts an update where somebody is: an owner's chat, the managers' group,
// or one that the bot has nothing to do with.
func (m *maker) place(part map[string]any) {
	who := 1 + m.Int64N(5)
	chat := pick(m, []map[string]any{
		{"id": who, "type": "private"}, {"id": who, "type": "private"}, {"id": m.group, "type": "supergroup"}, {"id": -6, "type": "group"}, {"id": -7, "type": "channel"},
	})
	if _, ok := part["chat"]; ok {
		part["chat"] = chat
	}
	if message, ok := part["message"].(map[string]any); ok {
		message["chat"] = chat
	}
	if m.IntN(8) > 0 {
		part["from"] = map[string]any{"id": who, "is_bot": false, "first_name": m.text(), "language_code": pick(m, []string{"ru", "en", "de", ""})}
	}
}

func (m *maker) object(name string, depth int) any {
	of, known := m.types[name]
	if !known || depth > deepest {
		return map[string]any{}
	}
	if variants, ok := of["one of"].([]any); ok {
		variant, _ := pick(m, variants).(string)
		return m.value(variant, "", depth+1)
	}
	made := map[string]any{}
	for _, name := range keys(of) {
		plain := strings.TrimSuffix(name, "?")
		if plain == name && m.IntN(50) == 0 || plain != name && m.IntN(7+5*depth) > 0 {
			continue
		}
		kind, _ := of[name].(string)
		made[plain] = m.value(kind, plain, depth+1)
	}
	return made
}

// field makes one field of a type.
func (m *maker) field(of, name string, depth int) any {
	for _, key := range []string{name, name + "?"} {
		if kind, ok := m.types[of][key].(string); ok {
			return m.value(kind, name, depth)
		}
	}
	return nil
}

// value makes a value of a type for the field of a name.
func (m *maker) value(kind, name string, depth int) any {
	if kinds := strings.Split(kind, "|"); len(kinds) > 1 {
		kind = pick(m, kinds)
	}
	if always, ok := strings.CutPrefix(kind, "="); ok {
		return always
	}
	if of, ok := strings.CutPrefix(kind, "Array of "); ok {
		list := []any{}
		for range m.IntN(3) {
			list = append(list, m.value(of, name, depth+1))
		}
		return list
	}
	switch kind {
	case "Integer":
		return m.integer()
	case "Float":
		return m.Float64()
	case "Boolean", "True":
		return m.IntN(8) > 0
	case "String":
		if name == "data" {
			return m.press()
		}
		return m.text()
	default:
		return m.object(kind, depth)
	}
}

func (m *maker) integer() int64 {
	return pick(m, []int64{0, 1, 2, 3, 4, 5, 12, -1, -6, m.group, 1087968824, 777000, 1 << 31, 1 << 53, 1<<63 - 1, -1 << 62})
}

func (m *maker) text() string {
	return pick(m, []string{
		"", " ", "Anna", "hello", honda, "WBAFW51040C245397", "vin " + honda + " и XTA210990Y2765432", honda[:16], "GX110-0069622",
		"1HGCM82633A004353", "1РПСЬ82633Ф004352", "/start", "/start " + honda, "/help", "/my", "/cancel", "/cancel 1", "/lang", "/lang en",
		"/done 1", "/done@vin_report_bot #1", "/ask что?", "/queue", "/mine", "/prio 1 high", "/reopen 1", "/find " + honda, "/nonsense " + honda,
		"<b>&lt;i>", "\u202eשלום\u2066", "\x00\ufffd", "👩\u200d🔧🚗", strings.Repeat("ы", 4096), strings.Repeat(honda+"\n", 200), "private", "supergroup", "ru",
	})
}

func (m *maker) press() string {
	return pick(m, []string{
		"", "take:1", "take:2", "done_hint:1", "vinok:" + honda, "vinok:1HGCM82633A004353", "vinfix:" + honda, "vinrep:" + honda, "rsend:1",
		"rdrop:1", "cancel:1", "cancel:2", "keep:1", "rate:1:5", "rate:1:9", "again:1", "my:1", "my:99", "lang:en", "lang:xx", "release:1",
		"prio:1:urgent", "reject:1", "ask:1", "said:1", "reply:1", "take:-1", "take:9223372036854775808", strings.Repeat("x", 64), "\x00",
	})
}

// spoil breaks something somewhere in what was made: drops it, adds what nobody
// knows, or makes it of another kind.
func (m *maker) spoil(part map[string]any, depth int) {
	names := keys(part)
	if len(names) == 0 {
		return
	}
	name := pick(m, names)
	if inner, ok := part[name].(map[string]any); ok && depth < deepest && m.IntN(4) > 0 {
		m.spoil(inner, depth+1)
		return
	}
	switch m.IntN(4) {
	case 0:
		delete(part, name)
	case 1:
		part["from_the_future"] = map[string]any{"depth": 3}
	default:
		part[name] = pick(m, []any{nil, true, "text", 7, 1.5, []any{}, []any{nil}, map[string]any{}, map[string]any{"type": "from_the_future"}})
	}
}

func keys(of map[string]any) []string { return slices.Sorted(maps.Keys(of)) }

func pick[T any](m *maker, of []T) T { return of[m.IntN(len(of))] }
