package config

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// zones are the time zones, as scripts/zones packs them: the image has no zone
// files, and Go's own time/tzdata is seven times as large.
//
//go:embed zones.gz
var zones []byte

var errZone = errors.New("not a known time zone")

// Zone finds a time zone by its name in the IANA database: among the machine's,
// else among the program's own.
func Zone(name string) (*time.Location, error) {
	if zone, err := time.LoadLocation(name); err == nil {
		return zone, nil
	}
	data, err := ownZone(name)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, fmt.Errorf("read the time zone %s: %w", name, err)
	}
	return zone, nil
}

// ownZone finds a zone's data among the program's own.
func ownZone(name string) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(zones))
	if err != nil {
		return nil, fmt.Errorf("unpack the time zones: %w", err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the time zones: %w", err)
	}
	index, data, _ := bytes.Cut(all, []byte("\n\n"))
	for line := range strings.Lines(string(index)) {
		var begin, end int
		rest, ok := strings.CutPrefix(line, name+" ")
		if !ok {
			continue
		}
		if _, err := fmt.Sscan(rest, &begin, &end); err != nil {
			return nil, fmt.Errorf("read the list of time zones: %w", err)
		}
		return data[begin:end], nil
	}
	return nil, errZone
}

// SetLocal makes the zone that TZ names this process's own, where the machine
// has no files that Go could have found it in.
func SetLocal(name string) {
	if name == "" || time.Local.String() != "UTC" {
		return
	}
	if zone, err := Zone(strings.TrimPrefix(name, ":")); err == nil {
		time.Local = zone
	}
}
