package telegramtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const specPath = "../../../shared/telegram/api.json"

// The hand table is read in full, and every method in it is carried out.
func TestTheTableOfMethodsIsConsistent(t *testing.T) {
	t.Parallel()
	table := methodTable()
	assert.Len(t, table, strings.Count(strings.TrimSpace(methods), "\n")+1)
	known := []paramType{typeInt, typeBool, typeString, typeChat, typeFile, typeObject, typeArray, typeStrings}
	for key, m := range table {
		assert.Equal(t, strings.ToLower(m.name), key)
		for name, kind := range m.params {
			assert.Contains(t, known, kind, "%s.%s", m.name, name)
		}
		for _, name := range m.required {
			assert.Contains(t, m.params, name)
		}
		if m.name == "getUpdates" {
			continue
		}
		sim := New(Options{})
		_, _ = sim.run(&query{method: m.name})
		assert.False(t, slices.ContainsFunc(sim.Violations(), func(v string) bool {
			return strings.Contains(v, "is not carried out")
		}), m.name)
	}
}

// Where the official description stands beside the project, the hand table agrees with it.
func TestTheTableOfMethodsAgreesWithTheOfficialDescription(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(specPath); err != nil {
		t.Log("no official description beside the project: only the hand table is checked")
		return
	}
	spec, err := LoadSpec(specPath)
	require.NoError(t, err)
	for _, m := range methodTable() {
		official, ok := spec.Methods[m.name]
		if !assert.True(t, ok, m.name) {
			continue
		}
		for name, kind := range m.params {
			i := slices.IndexFunc(official.Fields, func(f SpecField) bool { return f.Name == name })
			if assert.GreaterOrEqual(t, i, 0, "%s.%s", m.name, name) {
				assert.Equal(t, tableType(official.Fields[i].Types), kind, "%s.%s", m.name, name)
			}
		}
		for _, f := range official.Fields {
			if f.Required {
				assert.Contains(t, m.required, f.Name, m.name)
			}
		}
	}
}

func tableType(kinds []string) paramType {
	switch {
	case slices.Contains(kinds, "InputFile"):
		return typeFile
	case len(kinds) == 2 && slices.Contains(kinds, "Integer"):
		return typeChat
	case kinds[0] == "Array of String":
		return typeStrings
	case strings.HasPrefix(kinds[0], "Array of "):
		return typeArray
	}
	switch kinds[0] {
	case "Integer":
		return typeInt
	case "Boolean":
		return typeBool
	case "String":
		return typeString
	}
	return typeObject
}

func TestLoadSpecRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	_, err := LoadSpec(filepath.Join(t.TempDir(), "missing.json"))
	require.Error(t, err)
	for _, content := range []string{"{", "{}"} {
		path := filepath.Join(t.TempDir(), "api.json")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err = LoadSpec(path)
		require.Error(t, err, content)
	}
}

func smallSpec() *Spec {
	return &Spec{
		Methods: map[string]SpecObject{"getMe": {}, "sendMessage": {Fields: []SpecField{
			{Name: "chat_id", Types: []string{"Integer", "String"}, Required: true},
			{Name: "text", Types: []string{"String"}, Required: true},
			{Name: "protect_content", Types: []string{"Boolean"}},
			{Name: "message_thread_id", Types: []string{"Integer"}},
			{Name: "entities", Types: []string{"Array of MessageEntity"}},
			{Name: "document", Types: []string{"InputFile"}},
		}}},
		Types: map[string]SpecObject{
			"MessageEntity": {Fields: []SpecField{
				{Name: "type", Types: []string{"String"}, Required: true},
				{Name: "offset", Types: []string{"Integer"}},
				{Name: "shape", Types: []string{"Shape"}},
				{Name: "wide", Types: []string{"Float"}},
				{Name: "on", Types: []string{"Boolean"}},
			}},
			"Shape":  {Subtypes: []string{"Circle", "Square"}},
			"Circle": {Fields: []SpecField{{Name: "radius", Types: []string{"Float"}, Required: true}}},
			"Square": {Fields: []SpecField{{Name: "side", Types: []string{"Integer"}, Required: true}}},
		},
	}
}

func TestSpecChecksValues(t *testing.T) {
	t.Parallel()
	for value, wrong := range map[string]string{
		`{"type":"bold"}`: "",
		`{"type":"bold","offset":1,"wide":1.5,"on":true}`: "",
		`{"type":"bold","shape":{"side":2}}`:              "",
		`{"type":"bold","shape":{"side":2.5}}`:            "is no Integer",
		`{"type":"bold","shape":{"edge":2}}`:              "Circle has no field edge",
		`{"offset":1}`:                                    "needs the field type",
		`{"type":1}`:                                      "is no String",
		`{"type":"bold","on":"yes"}`:                      "is no Boolean",
		`[]`:                                              "is no MessageEntity",
		`{`:                                               "unexpected EOF",
	} {
		err := smallSpec().Check("MessageEntity", json.RawMessage(value))
		if wrong == "" {
			require.NoError(t, err, value)
			continue
		}
		require.ErrorContains(t, err, wrong, value)
	}
	require.ErrorContains(t, smallSpec().Check("Array of MessageEntity", json.RawMessage(`{}`)), "is no Array of")
	require.ErrorContains(t, smallSpec().Check("Array of MessageEntity", json.RawMessage(`[{}]`)), "[0]")
}

func TestSpecChecksCalls(t *testing.T) {
	t.Parallel()
	good := []param{{name: "chat_id", value: "1"}, {name: "text", value: "x"}}
	for _, tc := range []struct {
		method, wrong string
		params        []param
	}{
		{"sendMessage", "", good},
		{"sendMessage", "", append(slices.Clone(good), param{name: "protect_content", value: "true"})},
		{"sendMessage", "", append(slices.Clone(good), param{name: "document", isFile: true})},
		{"sendMessage", "needs the parameter text", good[:1]},
		{"sendMessage", "has no parameter nose", append(slices.Clone(good), param{name: "nose"})},
		{"sendMessage", "is no Boolean", append(slices.Clone(good), param{name: "protect_content", value: "yes"})},
		{"sendMessage", "is no Integer", append(slices.Clone(good), param{name: "message_thread_id", value: "x"})},
		{"sendMessage", "needs the field type", append(slices.Clone(good), param{name: "entities", value: "[{}]"})},
		{"sendMessage", "a file is uploaded", append(slices.Clone(good), param{name: "text", isFile: true})},
		{"sendMessage", "a file is to be uploaded", append(slices.Clone(good), param{name: "document", value: "x"})},
		{"sendCoffee", "has no method sendCoffee", nil},
	} {
		err := smallSpec().checkCall(&query{method: tc.method, params: tc.params})
		if tc.wrong == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, tc.wrong)
	}
}

func TestParseHTML(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in, out string
		want    []Entity
	}{
		{"plain > text & more", "plain > text & more", nil},
		{"&lt;&gt;&amp;&quot;&#65;&nbsp;&", "<>&\"A&nbsp;&", nil},
		{"<b>a</b><STRONG>b</STRONG>", "ab", []Entity{{Type: "bold", Length: 1}, {Type: "bold", Offset: 1, Length: 1}}},
		{"🚗<i>x</i>", "🚗x", []Entity{{Type: "italic", Offset: 2, Length: 1}}},
		{"<b>a<u>b</u></b>", "ab", []Entity{{Type: "bold", Length: 2}, {Type: "underline", Offset: 1, Length: 1}}},
		{"<s></s>x", "x", nil},
		{`<a href="https://x.org/?a=1&amp;b=2">x</a>`, "x", []Entity{{Type: "text_link", Length: 1, URL: "https://x.org/?a=1&b=2"}}},
		{"<a>https://x.org</a>", "https://x.org", []Entity{{Type: "text_link", Length: 13, URL: "https://x.org"}}},
		{"<a href='tg://user?id=5'>Анна</a>", "Анна", []Entity{{Type: "text_mention", Length: 4, User: &wireUser{ID: 5}}}},
		{`<span class="tg-spoiler">x</span>`, "x", []Entity{{Type: "spoiler", Length: 1}}},
		{`<pre><code class="language-go">x</code></pre>`, "x", []Entity{{Type: "code", Length: 1}, {Type: "pre", Length: 1, Language: "go"}}},
		{"<blockquote expandable>x</blockquote>", "x", []Entity{{Type: "expandable_blockquote", Length: 1}}},
		{"<a href=https://x.org>x</a >", "x", []Entity{{Type: "text_link", Length: 1, URL: "https://x.org"}}},
	} {
		out, entities, err := parseHTML(tc.in)
		require.NoError(t, err, tc.in)
		assert.Equal(t, tc.out, out)
		assert.Equal(t, tc.want, entities, tc.in)
	}
}

func TestParseHTMLRefuses(t *testing.T) {
	t.Parallel()
	for in, wrong := range map[string]string{
		"<b>x":             `Can't find end tag corresponding to start tag "b"`,
		"x<b":              "Unclosed start tag at byte offset 1",
		"x</b":             "Unclosed end tag at byte offset 1",
		"x</b>":            "Unexpected end tag at byte offset 1",
		"<b>x</i>":         `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`,
		"<br>":             `Unsupported start tag "br" at byte offset 0`,
		"a < b > c":        `Unsupported start tag "" at byte offset 2`,
		"<span>x</span>":   `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		"<a =x>x</a>":      `Empty attribute name in the tag "a" at byte offset 0`,
		"<a href=>x</a>":   `Unclosed start tag "a" at byte offset 0`,
		`<a href="x>x</a>`: "Unclosed start tag at byte offset 0",
	} {
		_, _, err := parseHTML(in)
		require.EqualError(t, err, wrong, in)
	}
}

// Whatever the text is, parsing it ends, and what people see is never longer than what was sent.
func FuzzParseHTML(f *testing.F) {
	for _, seed := range []string{"<b>x</b>", "&#65;&lt;", `<a href="x">y</a>`, "<pre><code class='language-go'>", "</", "🚗<"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, entities, err := parseHTML(in)
		if err != nil {
			return
		}
		assert.LessOrEqual(t, utf16Len(out), max(utf16Len(in), len(in)))
		for _, e := range entities {
			assert.LessOrEqual(t, e.Offset+e.Length, utf16Len(out))
		}
	})
}

func TestDetectEntities(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Entity{
		"no marks":       nil,
		"/start":         {{Type: "bot_command", Length: 6}},
		"🚗 /done@bot 15": {{Type: "bot_command", Offset: 3, Length: 9}},
		"/done, @anna!":  {{Type: "bot_command", Length: 5}, {Type: "mention", Offset: 7, Length: 5}},
		"and/or a@b / @": nil,
		"https://x.org":  {{Type: "url", Length: 13}},
	} {
		assert.Equal(t, want, detectEntities(text), text)
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]bool{
		"https://example.org/a": true, "t.me/bot?start=1": true, "tg://user?id=1": true, "http://localhost": false,
		"https://localhost:8080/": false, "ftp://example.org": false, "": false, "http://[::1": false, "%": false,
	} {
		assert.Equal(t, want, publicURL(link), link)
	}
}
