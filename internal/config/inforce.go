package config

import (
	"reflect"
	"regexp"
	"strings"

	"vinbot"
)

// Value is a setting as it is in force, for people: no secret is in it.
type Value struct {
	Name string
	// Value is what holds, Default what would if nobody had set it.
	Value, Default string
	Set            bool // somebody did, by the environment, .env or a file
	// About explains it, in the words of .env.example.
	About string
}

// InForce lists the settings of environ and of the .env file in dir as Load
// takes them, in their order. A fault is Load's to report.
func InForce(environ []string, dir string) []Value {
	settings := describe(reflect.TypeFor[Config]())
	raw, _ := gather(environ, dir)
	raw, _ = pick(raw, settings, dir)
	about := explanations(vinbot.Example)
	values := make([]Value, 0, len(settings))
	for _, s := range settings {
		v := Value{Name: s.name, Default: s.usual, Value: s.usual, About: about[s.name]}
		if given := raw[s.name]; given != "" {
			v.Set, v.Value = true, shown(given, s.secret)
		}
		values = append(values, v)
	}
	return values
}

// shown is a value as it may be shown: a secret hidden, and a URL's user and
// password always.
func shown(value string, secret bool) string {
	if secret {
		return hidden
	}
	value = regexp.MustCompile(`//[^/]*@`).ReplaceAllString(value, "//"+hidden+"@")
	return strings.ToValidUTF8(strings.Map(onOneLine, value), "?")
}

// explanations reads what stands above each setting of an example.
func explanations(example string) map[string]string {
	isName := regexp.MustCompile(`^(?:# )?([A-Z][A-Z0-9_]*)=`)
	about := map[string]string{}
	var above []string
	for line := range strings.Lines(example) {
		line = strings.TrimSpace(line)
		if m := isName.FindStringSubmatch(line); m != nil {
			about[m[1]] = strings.Join(above, " ")
			above = nil
			continue
		}
		words, isComment := strings.CutPrefix(line, "# ")
		if !isComment { // a blank line begins a new block
			above = nil
			continue
		}
		above = append(above, words)
	}
	return about
}
