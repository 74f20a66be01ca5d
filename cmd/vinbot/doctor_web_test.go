package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

func TestDoctorAndTheWayToThePanel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		listens, public, proxies string
		status                   outcome
		advice                   string
	}{
		"as it is":                   {"127.0.0.1:8080", "", "", outcomeOK, ""},
		"by name":                    {"localhost:8080", "", "", outcomeOK, ""},
		"every interface, unnamed":   {":8080", "", "", outcomeWarn, "let HTTP_ADDR listen on 127.0.0.1 only"},
		"every interface, by zeros":  {"0.0.0.0:8080", "", "", outcomeWarn, "let HTTP_ADDR listen on 127.0.0.1 only"},
		"in a container":             {":8080", "http://127.0.0.1:8080", "", outcomeOK, ""},
		"the network, in the clear":  {"192.0.2.7:8080", "", "", outcomeWarn, "put a reverse proxy with https before it"},
		"a public name without s":    {"127.0.0.1:8080", "http://vin.example.org", "", outcomeWarn, "put a reverse proxy with https before it"},
		"behind a proxy":             {"127.0.0.1:8080", "https://vin.example.org", "10.0.0.0/8", outcomeOK, ""},
		"a proxy that is not named":  {"127.0.0.1:8080", "https://vin.example.org", "", outcomeWarn, "TRUSTED_PROXIES"},
		"version six, for this host": {"[::1]:8080", "", "", outcomeOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cfg config.Config
			require.NoError(t, cfg.HTTPAddr.UnmarshalText([]byte(test.listens)))
			if test.public != "" {
				require.NoError(t, cfg.PublicURL.UnmarshalText([]byte(test.public)))
			}
			if test.proxies != "" {
				require.NoError(t, cfg.TrustedProxies.UnmarshalText([]byte(test.proxies)))
			}
			found := (&patient{cfg: cfg}).way(t.Context())
			require.Len(t, found, 1)
			assert.Equal(t, test.status, found[0].Status, found[0].Detail)
			assert.Contains(t, found[0].Advice, test.advice)
		})
	}
}
