// Command settings writes docs/settings.md: every setting as the program reads it,
// with what .env.example says of it.
package main

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"vinbot/internal/config"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

const preface = "# Settings\n\n" + `Settings come from the environment. A file ` + "`.env`" + ` in the working directory is read
first and never overrides it: [.env.example](../.env.example) is one to begin with. An
empty value means the default. Whatever is wrong is said all at once before the start,
with what is allowed, and ` + "`vinbot doctor`" + ` looks at what they lead to. Every *secret* can come
from a file instead, named by its name and ` + "`_FILE`" + `; it is never printed. 1 MB is 2^20 bytes.

` + "`make docs`" + ` writes this page.

| setting | default | what it means | what may be written |
| --- | --- | --- | --- |
`

// write writes the page: the settings in the order of the program's.
func write(to io.Writer) error {
	var out strings.Builder
	out.WriteString(preface)
	kinds := map[string]reflect.StructField{}
	for field := range reflect.TypeFor[config.Config]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		kinds[name] = field
	}
	for _, s := range config.InForce(nil, os.DevNull) {
		field := kinds[s.Name]
		allowed, ok := reflect.New(field.Type).Interface().(interface{ Allowed() string })
		if !ok {
			return fmt.Errorf("%s does not say what may be written", s.Name)
		}
		name := "`" + s.Name + "`"
		switch {
		case strings.HasSuffix(field.Tag.Get("env"), ",required"):
			name += ", required"
		case s.Default == "":
			s.Default = "none"
		}
		if field.Tag.Get("secret") != "" {
			name += ", secret"
		}
		usual := ""
		if s.Default != "" {
			usual = "`" + s.Default + "`"
		}
		if s.Default == "none" {
			usual = "none"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", name, usual, cell(s.About), cell(allowed.Allowed()))
	}
	out.WriteString("\n`vinbot demo` reads `LOG_LEVEL`, `LOG_FORMAT` and `DEMO_ADDR` (`127.0.0.1:8090`), and nothing else.\n")
	if _, err := io.WriteString(to, out.String()); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	return nil
}

// cell is a text that may stand in a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}
