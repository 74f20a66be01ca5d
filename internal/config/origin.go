package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Origins is a list of origins of web pages, as browsers write them in the
// header Origin; none twice.
type Origins []string

// Allowed says how the list is written.
func (o Origins) Allowed() string {
	return "exact origins, separated by commas, each as scheme://host or scheme://host:port; never *"
}

// UnmarshalText reads the list; what is listed twice counts once.
func (o *Origins) UnmarshalText(text []byte) error {
	var origins Origins
	for _, part := range strings.Split(string(text), ",") {
		origin, err := parseOrigin(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	*o = origins
	return nil
}

func parseOrigin(part string) (string, error) {
	if strings.Contains(part, "*") {
		return "", errors.New("every page may not be let in: * names no origin")
	}
	parsed, err := url.Parse(part)
	if err != nil { // the parser's error repeats the value
		return "", errors.New("not an origin")
	}
	origin := strings.ToLower(parsed.Scheme + "://" + parsed.Host)
	switch {
	case parsed.Scheme != "http" && parsed.Scheme != "https", parsed.Hostname() == "":
		return "", fmt.Errorf("%q is no origin", part)
	case strings.ToLower(part) != origin:
		return "", fmt.Errorf("%q is more than an origin: nothing may follow the host and its port", part)
	case parsed.Scheme == "https" && parsed.Port() == "443", parsed.Scheme == "http" && parsed.Port() == "80":
		return "", fmt.Errorf("%q names the usual port, which browsers leave out", part)
	}
	return origin, nil
}
