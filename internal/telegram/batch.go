package telegram

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// RawUpdate is an update as it came: its id and its JSON text.
type RawUpdate struct {
	ID   int64
	Body []byte
}

// readBatch takes an answer to getUpdates apart without looking into the
// updates: one of a kind that nobody knows harms no other. Those without an id
// cannot be kept and are counted. It reports false for what is no such answer.
func readBatch(body []byte) (batch []RawUpdate, undecoded int, ok bool) {
	elements, ok := splitResult(body)
	if !ok {
		var answer struct {
			OK     bool              `json:"ok"`
			Result []json.RawMessage `json:"result"`
		}
		if json.Unmarshal(body, &answer) != nil || !answer.OK || answer.Result == nil {
			return nil, 0, false
		}
		elements = answer.Result
	}
	if len(elements) == 0 {
		return nil, 0, true
	}
	batch = make([]RawUpdate, 0, len(elements))
	for _, element := range elements {
		id, ok := updateID(element)
		if !ok {
			undecoded++
			continue
		}
		batch = append(batch, RawUpdate{ID: id, Body: element})
	}
	return batch, undecoded, true
}

// updateID reads the id of an update, which the server writes first.
func updateID(element []byte) (int64, bool) {
	if rest, ok := bytes.CutPrefix(element, []byte(`{"update_id":`)); ok {
		if end := bytes.IndexAny(rest, ",}"); end > 0 && end < 20 {
			if id, err := strconv.ParseInt(string(rest[:end]), 10, 64); err == nil {
				return id, true
			}
		}
	}
	var update struct {
		ID *int64 `json:"update_id"`
	}
	if json.Unmarshal(element, &update) != nil || update.ID == nil {
		return 0, false
	}
	return *update.ID, true
}

// splitResult finds the elements of an answer as the server writes it,
// {"ok":true,"result":[{…},{…}]}, in one pass that only counts brackets, which
// costs a tenth of decoding. It reports false for any other shape. The elements
// lie in body.
func splitResult(body []byte) ([]json.RawMessage, bool) {
	rest, ok := bytes.CutPrefix(body, []byte(`{"ok":true,"result":[`))
	if !ok {
		return nil, false
	}
	if rest, ok = bytes.CutSuffix(bytes.TrimSpace(rest), []byte("]}")); !ok {
		return nil, false
	}
	var elements []json.RawMessage
	for len(rest) > 0 {
		end := objectEnd(rest)
		if end < 0 {
			return nil, false
		}
		elements = append(elements, json.RawMessage(rest[:end:end]))
		rest = bytes.TrimLeft(rest[end:], " \r\n\t")
		if len(rest) == 0 {
			break
		}
		if rest[0] != ',' {
			return nil, false
		}
		if rest = bytes.TrimLeft(rest[1:], " \r\n\t"); len(rest) == 0 {
			return nil, false
		}
	}
	return elements, true
}

// objectEnd is the length of the JSON object at the beginning of text, -1 if
// none begins or ends there.
func objectEnd(text []byte) int {
	if len(text) == 0 || text[0] != '{' {
		return -1
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			length := stringEnd(text[i+1:])
			if length < 0 {
				return -1
			}
			i += length
		}
	}
	return -1
}

// stringEnd is where the string ends that begins before text, -1 if nowhere.
func stringEnd(text []byte) int {
	for i := 0; ; i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return -1
		}
		i += next
		slashes := 0
		for j := i - 1; j >= 0 && text[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}
