// Command licenses writes the licences of everything that is linked into the
// binary: Go's modules as the build names them, Go itself, the C library, and
// what the panel embeds. It fails on a licence that it does not know, so that a
// new dependency is looked at.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// The module is built as the Makefile builds it.
const (
	target = "vinbot/cmd/vinbot"
	tags   = "netgo,osusergo,sqlite_omit_load_extension"
)

func main() {
	if err := write(context.Background(), os.Stdout, "."); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

// part is something that others made, with its licence.
type part struct {
	name, version string
	licence       string // by its SPDX identifier
	texts         []string
}

// write writes the list, then every text. The folder is the project's.
func write(ctx context.Context, to io.Writer, root string) error {
	parts, err := linked(ctx, root)
	if err != nil {
		return err
	}
	embedded, err := fs.ReadFile(os.DirFS(root), "internal/httpd/panel/static/LICENSES.txt")
	if err != nil {
		return fmt.Errorf("read the licences of what is embedded: %w", err)
	}
	var out strings.Builder
	out.WriteString(preface)
	for _, p := range parts {
		fmt.Fprintf(&out, "%-55s %-36s %s\n", p.name, p.version, p.licence)
	}
	for _, p := range parts {
		heading(&out, strings.TrimSpace(p.name+" "+p.version))
		out.WriteString(strings.Join(p.texts, "\n\n"))
	}
	heading(&out, "embedded in the panel")
	out.Write(bytes.TrimSpace(embedded))
	out.WriteString("\n")
	if _, err := io.WriteString(to, out.String()); err != nil {
		return fmt.Errorf("write the licences: %w", err)
	}
	return nil
}

const preface = `What others made and vinbot is made of. ` + "`make licenses`" + ` writes this file.

SQLite (https://sqlite.org), within github.com/mattn/go-sqlite3, is in the public
domain. The static binary holds Debian's GNU C Library (LGPL-2.1-or-later,
https://www.gnu.org/software/libc); vinbot's own source, under the MIT licence, is
all that is needed to link it against another version. What the panel embeds is at
the end, and in internal/httpd/panel/static/VENDORED.md.

`

func heading(out *strings.Builder, title string) {
	fmt.Fprintf(out, "\n\n%s\n%s\n%s\n\n", strings.Repeat("=", 78), title, strings.Repeat("=", 78))
}

// linked gives Go itself and every module that the binary is made of, by name.
func linked(ctx context.Context, root string) ([]part, error) {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-tags", tags,
		"-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", target)
	list.Dir = root
	list.Stderr = os.Stderr
	found, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the modules: %w", err)
	}
	lines := slices.Compact(slices.Sorted(strings.Lines(string(found))))
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("ask for GOROOT: %w", err)
	}
	lines = append([]string{"Go (https://go.dev)\t\t" + strings.TrimSpace(string(goroot))}, lines...)

	var parts []part
	for _, line := range lines {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 {
			continue
		}
		p := part{name: fields[0], version: fields[1]}
		if p.licence, p.texts, err = read(fields[2]); err != nil {
			return nil, fmt.Errorf("%s %s: %w", p.name, p.version, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// read gives a module's licence and the texts that must go with it.
func read(dir string) (licence string, texts []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil, fmt.Errorf("look for its licence: %w", err)
	}
	for _, e := range entries {
		name, _, _ := strings.Cut(strings.ToUpper(e.Name()), ".")
		if e.IsDir() || !slices.Contains([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"}, name) {
			continue
		}
		text, err := fs.ReadFile(os.DirFS(dir), e.Name())
		if err != nil {
			return "", nil, fmt.Errorf("read its licence: %w", err)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	if len(texts) == 0 {
		return "", nil, errors.New("has no licence")
	}
	licence, err = identify(strings.Join(texts, "\n"))
	return licence, texts, err
}

// telltale is a piece of a licence's text that no other has.
type telltale struct{ spdx, text string }

// known is the licences that may be in the binary, all of which ask for no more
// than their text.
func known() []telltale {
	return []telltale{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"BSD-3-Clause", "may be used to endorse or promote products derived from"},
		{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright"},
		{"MIT", "Permission is hereby granted free of charge to any person obtaining a copy"},
	}
}

// identify names the licence of a text: several with AND where it holds several.
func identify(text string) (string, error) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, ",", "")), " ")
	for _, word := range []string{"GNU GENERAL PUBLIC", "GNU LESSER", "GNU AFFERO", "Mozilla Public License"} {
		if strings.Contains(strings.ToUpper(text), strings.ToUpper(word)) {
			return "", fmt.Errorf("speaks of the %s: look at what it asks for", word)
		}
	}
	var found []string
	for _, l := range known() {
		if !strings.Contains(text, l.text) || l.spdx == "BSD-2-Clause" && slices.Contains(found, "BSD-3-Clause") {
			continue
		}
		found = append(found, l.spdx)
	}
	if len(found) == 0 {
		return "", errors.New("has a licence that nobody has looked at yet")
	}
	return strings.Join(found, " AND "), nil
}
