package httpd_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/httpd"
)

func TestWhereARequestComesFromIsBelievedOfTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer string
		told []string
		want string
	}{
		"straight":                          {"203.0.113.7:1234", nil, "203.0.113.7"},
		"a stranger who names another":      {"203.0.113.7:1234", []string{"198.51.100.1"}, "203.0.113.7"},
		"a proxy":                           {"10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		"two proxies":                       {"10.0.0.1:1234", []string{"198.51.100.1, 10.2.3.4"}, "198.51.100.1"},
		"in two headers":                    {"10.0.0.1:1234", []string{"198.51.100.1", "10.2.3.4"}, "198.51.100.1"},
		"what a client made up before":      {"10.0.0.1:1234", []string{"127.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		"a proxy that says nothing":         {"10.0.0.1:1234", nil, "10.0.0.1"},
		"a proxy that says rubbish":         {"10.0.0.1:1234", []string{"unknown"}, "10.0.0.1"},
		"IPv6":                              {"[fd00::1]:1234", []string{"2001:db8::5"}, "2001:db8::5"},
		"IPv4 in IPv6":                      {"[::ffff:10.0.0.1]:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		"a test's, which has no address":    {"pipe", []string{"198.51.100.1"}, "invalid IP"},
		"nothing but proxies, the first is": {"10.0.0.1:1234", []string{"10.9.9.9, 10.2.3.4"}, "10.9.9.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.told
			assert.Equal(t, c.want, httpd.ClientAddress(r, trusted).String())
		})
	}
}
