package main

import (
	"context"
	"net"
	"net/netip"
	"net/url"
)

// way looks at how people come to the panel and programs to the API.
func (d *patient) way(context.Context) []finding {
	site := d.cfg.Site(string(d.cfg.HTTPAddr))
	if site.Secure() {
		if len(d.cfg.TrustedProxies) == 0 {
			return []finding{warn("name the reverse proxy's network in TRUSTED_PROXIES, else everybody has its address",
				"people come by %s, and no proxy is trusted", site)}
		}
		return []finding{fine("people come by %s", site)}
	}
	if host, _, err := net.SplitHostPort(string(d.cfg.HTTPAddr)); err == nil && d.cfg.PublicURL == "" && everywhere(host) {
		return []finding{warn("name in PUBLIC_URL how people come, or let HTTP_ADDR listen on 127.0.0.1 only",
			"%s listens on every interface, not encrypted", d.cfg.HTTPAddr)}
	}
	if loopback(string(site)) {
		return []finding{fine("%s, for this machine alone", site)}
	}
	return []finding{warn("put a reverse proxy with https before it, and name it in PUBLIC_URL and TRUSTED_PROXIES",
		"%s is not encrypted: others may read along what managers see", site)}
}

// everywhere tells whether a host means every interface.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// loopback tells whether a URL leads to the machine itself.
func loopback(site string) bool {
	u, err := url.Parse(site)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}
