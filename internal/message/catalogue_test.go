package message_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/vin"
)

// catalogue reads a language's texts, each with its plural forms.
func catalogue(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	body, err := os.ReadFile("locale/" + lang + ".json")
	require.NoError(t, err)
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(body, &raw))
	texts := map[string]map[string]string{}
	for id, value := range raw {
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			texts[id] = map[string]string{"other": plain}
			continue
		}
		forms := map[string]string{}
		require.NoError(t, json.Unmarshal(value, &forms), id)
		texts[id] = forms
	}
	return texts
}

// placeholders lists the values that a text asks for. A number that one
// plural form writes as a word does not count.
func placeholders(forms map[string]string) []string {
	var found []string
	for _, text := range forms {
		for _, m := range regexp.MustCompile(`\.([A-Z]\w*)`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(found, m[1]) {
				found = append(found, m[1])
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestBothCataloguesHaveTheSameTexts(t *testing.T) {
	t.Parallel()
	ru, en := catalogue(t, "ru"), catalogue(t, "en")
	for id, forms := range ru {
		if assert.Contains(t, en, id) {
			assert.Equal(t, placeholders(forms), placeholders(en[id]), id)
			assert.Equal(t, len(forms) > 1, len(en[id]) > 1, "%s: plural in one language only", id)
		}
		if len(forms) > 1 {
			for _, form := range []string{"one", "few", "many", "other"} {
				assert.NotEmpty(t, forms[form], "%s in Russian has no form %s", id, form)
			}
			for _, form := range []string{"one", "other"} {
				assert.NotEmpty(t, en[id][form], "%s in English has no form %s", id, form)
			}
		}
	}
	assert.Len(t, en, len(ru))
}

func TestEveryNamedTextIsInTheCatalogues(t *testing.T) {
	t.Parallel()
	names := append(sayNames(t), named(t, "names*.go", "Press")...)
	for _, reason := range vin.Reasons() {
		names = append(names, message.TextRefused+"."+reason.String())
	}
	for _, lang := range message.Languages() {
		texts := catalogue(t, lang)
		for _, name := range names {
			assert.Contains(t, texts, name, lang)
		}
	}
}

func TestEveryTagThatOpensCloses(t *testing.T) {
	t.Parallel()
	tag := regexp.MustCompile(`<(/?)(\w+)`)
	for _, lang := range message.Languages() {
		for id, forms := range catalogue(t, lang) {
			for _, text := range forms {
				var open []string
				for _, m := range tag.FindAllStringSubmatch(text, -1) {
					if m[1] == "" {
						open = append(open, m[2])
						continue
					}
					require.NotEmpty(t, open, "%s in %s", id, lang)
					assert.Equal(t, open[len(open)-1], m[2], "%s in %s", id, lang)
					open = open[:len(open)-1]
				}
				assert.Empty(t, open, "%s in %s", id, lang)
				assert.NotContains(t, strings.ReplaceAll(text, "&amp;", ""), "&", "%s in %s", id, lang)
			}
		}
	}
}
