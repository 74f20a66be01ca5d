package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// SiteURL is where people find the panel: a scheme and a host, with nothing
// behind them.
type SiteURL string

// Allowed says what the address looks like.
func (u SiteURL) Allowed() string {
	return "http:// or https:// and a host, with a port where it is not the usual one, and nothing behind it"
}

// UnmarshalText reads the address.
func (u *SiteURL) UnmarshalText(text []byte) error {
	var web WebURL
	if err := web.UnmarshalText(text); err != nil {
		return err
	}
	if parsed, err := url.Parse(string(web)); err != nil || parsed.Path != "" {
		return errors.New("more than a host: the panel is at / of its host")
	}
	*u = SiteURL(strings.ToLower(string(web)))
	return nil
}

// Secure reports whether people come by https.
func (u SiteURL) Secure() bool { return strings.HasPrefix(string(u), "https://") }

// Site is what links into the panel begin with: the setting, or where this
// machine itself finds what listens at an address.
func (c Config) Site(listens string) SiteURL {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, port, err := net.SplitHostPort(listens)
	if err != nil {
		return SiteURL("http://" + listens)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return SiteURL("http://" + net.JoinHostPort(host, port))
}

// Networks is a list of networks, none twice.
type Networks []netip.Prefix

// Allowed says how the list is written.
func (n Networks) Allowed() string {
	return "addresses or networks like 10.0.0.0/8, separated by commas"
}

// UnmarshalText reads the list; what is listed twice counts once.
func (n *Networks) UnmarshalText(text []byte) error {
	var networks Networks
	for _, part := range strings.Split(string(text), ",") {
		part = strings.TrimSpace(part)
		network, err := netip.ParsePrefix(part)
		if address, wrong := netip.ParseAddr(part); wrong == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no network", part)
		}
		if network = network.Masked(); !slices.Contains(networks, network) {
			networks = append(networks, network)
		}
	}
	*n = networks
	return nil
}
