package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// setting is one field of a settings struct, as its tags describe it.
type setting struct {
	field   string
	name    string
	secret  bool
	allowed string
	group   string // settings of one are set together or not at all
	usual   string // what holds where nobody sets it
}

// allower is a setting's type: it can say which values it takes.
type allower interface{ Allowed() string }

// checker is a settings struct that knows what its settings lack together.
type checker interface {
	check(given map[string]string) Errors
}

func load[T any](environ []string, dir string) (T, error) {
	var target T
	settings := describe(reflect.TypeFor[T]())
	raw, faults := gather(environ, dir)
	raw, more := pick(raw, settings, dir)
	faults = append(faults, more...)
	faults = append(faults, alone(settings, raw, faults)...)

	err := env.ParseWithOptions(&target, env.Options{Environment: raw})
	if c, ok := any(target).(checker); ok {
		for _, f := range c.check(raw) {
			if !faults.about(f.setting) {
				faults = append(faults, f)
			}
		}
	}
	if err == nil && len(faults) == 0 {
		return target, nil
	}
	var all env.AggregateError
	if err != nil && !errors.As(err, &all) {
		return target, fmt.Errorf("read settings: %w", err)
	}
	for _, e := range all.Errors {
		f, err := faultOf(e, settings, raw)
		if err != nil {
			return target, err
		}
		if !faults.about(f.setting) {
			faults = append(faults, f)
		}
	}
	faults.sort(settings)
	return target, faults
}

// describe lists a settings struct's fields, in their order.
func describe(of reflect.Type) []setting {
	settings := make([]setting, 0, of.NumField())
	for f := range of.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		s := setting{
			field: f.Name, name: name, secret: f.Tag.Get("secret") == "true",
			usual: f.Tag.Get("envDefault"), group: f.Tag.Get("together"),
		}
		if a, ok := reflect.New(f.Type).Interface().(allower); ok {
			s.allowed = a.Allowed()
		}
		settings = append(settings, s)
	}
	return settings
}

// alone finds the settings that are missing beside others of their group.
func alone(settings []setting, raw map[string]string, known Errors) (faults Errors) {
	first := map[string]string{} // of a group, that is set
	for _, s := range settings {
		if s.group != "" && first[s.group] == "" && (raw[s.name] != "" || known.about(s.name)) {
			first[s.group] = s.name
		}
	}
	for _, s := range settings {
		if given := first[s.group]; given != "" && raw[s.name] == "" && !known.about(s.name) {
			faults = append(faults, Fault{
				Name: s.name, Wrong: "not set, though " + given + " is", Allowed: s.allowed, setting: s.name, secret: s.secret,
			})
		}
	}
	return faults
}

// faultOf words what the parser says about one setting.
func faultOf(err error, settings []setting, raw map[string]string) (Fault, error) {
	var unset env.VarIsNotSetError
	var parse env.ParseError
	for _, s := range settings {
		f := Fault{Name: s.name, Value: raw[s.name], Allowed: s.allowed, setting: s.name, secret: s.secret}
		switch {
		case errors.As(err, &unset) && unset.Key == s.name:
			f.Wrong = "not set"
			return f, nil
		case errors.As(err, &parse) && parse.Name == s.field:
			f.Wrong = parse.Err.Error()
			return f, nil
		}
	}
	return Fault{}, fmt.Errorf("read settings: %w", err)
}
