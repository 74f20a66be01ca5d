package webhook

import (
	"net/url"
	"strconv"
)

// name tells people which endpoint it is: its number and its host, since the
// rest of a URL may be as good as a password.
func (e Endpoint) name() string {
	name := "#" + strconv.FormatInt(e.ID, 10)
	if u, err := url.Parse(e.URL); err == nil {
		name += " " + u.Host
	}
	return name
}
