package config_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestWherePeopleFindThePanel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set, listens string
		want         config.SiteURL
		secure       bool
	}{
		"by itself":             {"", "127.0.0.1:8080", "http://127.0.0.1:8080", false},
		"on every interface":    {"", ":8080", "http://localhost:8080", false},
		"on every one, written": {"", "0.0.0.0:8080", "http://localhost:8080", false},
		"on IPv6":               {"", "[::]:8080", "http://localhost:8080", false},
		"behind a proxy":        {"https://VIN.example.org/", ":8080", "https://vin.example.org", true},
		"with a port":           {"http://vin.example.org:8443", ":8080", "http://vin.example.org:8443", false},
	} {
		cfg, err := config.Load(valid("PUBLIC_URL="+c.set), t.TempDir())
		require.NoError(t, err, name)
		site := cfg.Site(c.listens)
		assert.Equal(t, c.want, site, name)
		assert.Equal(t, c.secure, site.Secure(), name)
	}
	for value, why := range map[string]string{
		"vin.example.org":             "neither http:// nor https://",
		"https://vin.example.org/bot": "more than a host",
		"https://u:p@vin.example.org": "more than an address",
	} {
		_, err := config.Load(valid("PUBLIC_URL="+value), t.TempDir())
		assert.ErrorContains(t, err, why, value)
	}
}

func TestTrustedProxiesAreNetworks(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid("TRUSTED_PROXIES=10.1.2.3/8, 192.168.0.7,fd00::/8,10.0.0.0/8"), t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, config.Networks{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.0.7/32"), netip.MustParsePrefix("fd00::/8"),
	}, cfg.TrustedProxies)
	_, err = config.Load(valid("TRUSTED_PROXIES=proxy"), t.TempDir())
	assert.ErrorContains(t, err, `TRUSTED_PROXIES=proxy: "proxy" is no network; allowed: addresses or networks`)
}
