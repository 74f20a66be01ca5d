// Command zones writes internal/config/zones.gz: the time zones of the Go that
// runs it, packed together. Go's own time/tzdata holds the same in seven times
// as many bytes, since it packs each zone alone and does not compress.
//
//	go run ./scripts/zones
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := pack("internal/config/zones.gz"); err != nil {
		log.Fatal(err)
	}
}

func pack(to string) error {
	root, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // it ends at once
	if err != nil {
		return fmt.Errorf("ask where Go is: %w", err)
	}
	zones, err := read(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return err
	}
	packed, err := compress(layOut(zones))
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, packed, 0o644); err != nil { //nolint:gosec // a source file
		return fmt.Errorf("write the zones: %w", err)
	}
	return nil
}

// read gives each zone's data by its name.
func read(path string) (map[string]string, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("open Go's zones: %w", err)
	}
	defer archive.Close()
	zones := map[string]string{}
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("open a zone: %w", err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("read a zone: %w", err)
		}
		zones[f.Name] = string(data)
	}
	return zones, nil
}

// layOut writes a line for each zone, with its name and where its data begin and
// end; then an empty line; then the data, each once, the like beside the like.
func layOut(zones map[string]string) []byte {
	var index, data bytes.Buffer
	at := map[string]int{}
	contents := []string{}
	names := []string{}
	for name, content := range zones {
		names = append(names, name)
		contents = append(contents, content)
	}
	slices.Sort(names)
	slices.Sort(contents)
	for _, content := range slices.Compact(contents) {
		at[content] = data.Len()
		data.WriteString(content)
	}
	for _, name := range names {
		begin := at[zones[name]]
		fmt.Fprintf(&index, "%s %d %d\n", name, begin, begin+len(zones[name]))
	}
	index.WriteByte('\n')
	return append(index.Bytes(), data.Bytes()...)
}

func compress(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress the zones: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("compress the zones: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress the zones: %w", err)
	}
	return packed.Bytes(), nil
}
