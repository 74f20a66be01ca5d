package telegram

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadBatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body      string
		want      []string // id and body
		undecoded int
		refused   bool
	}{
		"empty":                 {body: `{"ok":true,"result":[]}`},
		"empty with spaces":     {body: "{\"ok\":true,\"result\":[ ]}\n"},
		"one":                   {body: `{"ok":true,"result":[{"update_id":7,"message":{"text":"a]}\"\\"}}]}`, want: []string{`7 {"update_id":7,"message":{"text":"a]}\"\\"}}`}},
		"as the server writes":  {body: "{\"ok\":true,\"result\":[{\"update_id\":7,\n\"a\":[{}]},\n{\"update_id\":8}]}", want: []string{"7 {\"update_id\":7,\n\"a\":[{}]}", `8 {"update_id":8}`}},
		"in another order":      {body: `{"result":[{"x":1,"update_id":7}],"ok":true}`, want: []string{`7 {"x":1,"update_id":7}`}},
		"spaced":                {body: `{"ok":true,"result":[{"update_id": 7 }]}`, want: []string{`7 {"update_id": 7 }`}},
		"kinds nobody knows":    {body: `{"ok":true,"result":[{"update_id":7,"from_mars":[[]]}]}`, want: []string{`7 {"update_id":7,"from_mars":[[]]}`}},
		"one without an id":     {body: `{"ok":true,"result":[{"update_id":7},{"message":1},{"update_id":9}]}`, want: []string{`7 {"update_id":7}`, `9 {"update_id":9}`}, undecoded: 1},
		"an id that is none":    {body: `{"ok":true,"result":[{"update_id":"x"},{"update_id":1e3,"a":1},{"update_id":null}]}`, undecoded: 3},
		"an id too long":        {body: `{"ok":true,"result":[{"update_id":99999999999999999999}]}`, undecoded: 1},
		"elements of all sorts": {body: `{"ok":true,"result":[1,"x",null,{"update_id":9}]}`, want: []string{`9 {"update_id":9}`}, undecoded: 3},
		"cut in an update":      {body: `{"ok":true,"result":[{"update_id":7,"mess`, refused: true},
		"cut in a string":       {body: `{"ok":true,"result":[{"update_id":7,"m":"]}`, refused: true},
		"cut after an update":   {body: `{"ok":true,"result":[{"update_id":7}`, refused: true},
		"cut after a comma":     {body: `{"ok":true,"result":[{"update_id":7},]}`, refused: true},
		"no comma":              {body: `{"ok":true,"result":[{"update_id":7}{"update_id":8}]}`, refused: true},
		"not ok":                {body: `{"ok":false,"result":[]}`, refused: true},
		"no result":             {body: `{"ok":true}`, refused: true},
		"another result":        {body: `{"ok":true,"result":true}`, refused: true},
		"no JSON":               {body: `<html>`, refused: true},
		"nothing":               {body: ``, refused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch, undecoded, ok := readBatch([]byte(tt.body))
			assert.Equal(t, !tt.refused, ok)
			assert.Equal(t, tt.undecoded, undecoded)
			var got []string
			for _, u := range batch {
				got = append(got, strconv.FormatInt(u.ID, 10)+" "+string(u.Body))
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestUpdatesOfABatchDoNotRunIntoEachOther(t *testing.T) {
	t.Parallel()
	batch, _, ok := readBatch([]byte(`{"ok":true,"result":[{"update_id":7},{"update_id":8}]}`))
	require.True(t, ok)
	_ = append(batch[0].Body, "XXXXXXXX"...)
	assert.Equal(t, `{"update_id":8}`, string(batch[1].Body))
}

// The quick way must find what decoding finds, whatever the updates hold.
func FuzzReadBatchAgreesWithDecoding(f *testing.F) {
	f.Add(`{"update_id":7,"text":"a\\\"]}"}`, `{"a":[{"b":"\\"}]}`)
	f.Add(`[]`, `"x"`)
	f.Fuzz(func(t *testing.T, one, two string) {
		body := []byte(`{"ok":true,"result":[` + one + "," + two + `]}`)
		var answer struct {
			Result []json.RawMessage `json:"result"`
		}
		if json.Unmarshal(body, &answer) != nil {
			_, _, _ = readBatch(body) // must not panic
			return
		}
		elements, ok := splitResult(body)
		if !ok {
			return
		}
		require.Len(t, elements, len(answer.Result))
		for i := range elements {
			assert.Equal(t, string(bytes.TrimSpace(answer.Result[i])), string(elements[i]))
		}
	})
}

func BenchmarkReadBatch(b *testing.B) {
	update := `{"update_id":123456789,"message":{"message_id":1,"from":{"id":5,"first_name":"\u0418\u0432\u0430\u043d"},"text":"` +
		strings.Repeat("x", 400) + `","entities":[{"type":"bold","offset":0,"length":3}]}}`
	body := []byte(`{"ok":true,"result":[` + strings.Repeat(update+",\n", 99) + update + `]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if batch, _, ok := readBatch(body); !ok || len(batch) != 100 {
			b.Fatal("not read")
		}
	}
}
