package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Spec is the official description of the Bot API: every method and type, read from a file. With Options.Spec every
// request is checked against it, nested objects included.
type Spec struct {
	Version string                `json:"version"`
	Methods map[string]SpecObject `json:"methods"`
	Types   map[string]SpecObject `json:"types"`
}

// SpecObject describes a method's parameters or a type's fields. A type that is one of several names them in Subtypes.
type SpecObject struct {
	Fields   []SpecField `json:"fields"`
	Subtypes []string    `json:"subtypes"`
}

// SpecField is a parameter or a field, and the types that it may have.
type SpecField struct {
	Name     string   `json:"name"`
	Types    []string `json:"types"`
	Required bool     `json:"required"`
}

// LoadSpec reads a description in the form of github.com/PaulSonOfLars/telegram-bot-api-spec.
func LoadSpec(path string) (*Spec, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, fmt.Errorf("read the Bot API's description: %w", err)
	}
	var spec Spec
	if err := json.Unmarshal(raw, &spec); err != nil {
		return nil, fmt.Errorf("read the Bot API's description: %w", err)
	}
	if len(spec.Methods) == 0 || len(spec.Types) == 0 {
		return nil, errors.New("read the Bot API's description: it holds no methods or no types")
	}
	return &spec, nil
}

// Check tells whether JSON is a value of a type of the description ("Update", "Array of Message").
func (sp *Spec) Check(kind string, value json.RawMessage) error {
	var decoded any
	decoder := json.NewDecoder(strings.NewReader(string(value)))
	decoder.UseNumber()
	if err := decoder.Decode(&decoded); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return sp.check(kind, decoded)
}

// checkCall checks the parameters of a call.
func (sp *Spec) checkCall(q *query) error {
	m, ok := sp.Methods[q.method]
	if !ok {
		return fmt.Errorf("the Bot API has no method %s", q.method)
	}
	for _, p := range q.params {
		i := slices.IndexFunc(m.Fields, func(f SpecField) bool { return f.Name == p.name })
		if i < 0 {
			return fmt.Errorf("%s has no parameter %s", q.method, p.name)
		}
		if err := sp.checkParam(m.Fields[i], p); err != nil {
			return fmt.Errorf("parameter %s: %w", p.name, err)
		}
	}
	for _, f := range m.Fields {
		if _, ok := q.lookup(f.Name); f.Required && !ok {
			return fmt.Errorf("%s needs the parameter %s", q.method, f.Name)
		}
	}
	return nil
}

// checkParam reads a parameter, which came as text, as each of its types in turn.
func (sp *Spec) checkParam(f SpecField, p param) error {
	if p.isFile {
		if slices.Contains(f.Types, "InputFile") {
			return nil
		}
		return errors.New("a file is uploaded where none is taken")
	}
	var failures []error
	for _, kind := range f.Types {
		err := sp.checkText(kind, p.value)
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func (sp *Spec) checkText(kind, text string) error {
	switch kind {
	case "String":
		return nil
	case "InputFile":
		return errors.New("a file is to be uploaded")
	case "Integer":
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("%q is no Integer", shortened(text))
		}
		return nil
	case "Boolean":
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is no Boolean", shortened(text))
		}
		return nil
	default:
		return sp.Check(kind, json.RawMessage(text))
	}
}

func (sp *Spec) check(kind string, value any) error {
	if item, ok := strings.CutPrefix(kind, "Array of "); ok {
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%v is no %s", value, kind)
		}
		for i, v := range list {
			if err := sp.check(item, v); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
	object, ok := sp.Types[kind]
	if !ok {
		return checkScalar(kind, value)
	}
	if len(object.Subtypes) > 0 {
		return sp.checkAny(object.Subtypes, value)
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no %s", value, kind)
	}
	return sp.checkFields(kind, object.Fields, fields)
}

func (sp *Spec) checkFields(kind string, known []SpecField, fields map[string]any) error {
	for name, v := range fields {
		i := slices.IndexFunc(known, func(f SpecField) bool { return f.Name == name })
		if i < 0 {
			return fmt.Errorf("%s has no field %s", kind, name)
		}
		if err := sp.checkAny(known[i].Types, v); err != nil {
			return fmt.Errorf("%s.%s: %w", kind, name, err)
		}
	}
	for _, f := range known {
		if _, ok := fields[f.Name]; f.Required && !ok {
			return fmt.Errorf("%s needs the field %s", kind, f.Name)
		}
	}
	return nil
}

// checkAny takes a value of any of the types.
func (sp *Spec) checkAny(kinds []string, value any) error {
	var failures []error
	for _, kind := range kinds {
		err := sp.check(kind, value)
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func checkScalar(kind string, value any) error {
	ok := false
	switch v := value.(type) {
	case string:
		ok = kind == "String"
	case bool:
		ok = kind == "Boolean"
	case json.Number:
		_, err := v.Int64()
		ok = kind == "Float" || kind == "Integer" && err == nil
	}
	if !ok {
		return fmt.Errorf("%v is no %s", value, kind)
	}
	return nil
}
