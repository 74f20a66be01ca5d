package httpd

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientAddress gives the address that a request comes from. What a proxy says
// about that is believed only of those networks: of the addresses in
// X-Forwarded-For it is the last that is none of theirs. The zero address is
// that of a request which has none.
func ClientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap().WithZone("")
	told := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(told) {
		if !within(trusted, client) {
			return client
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil { // whoever wrote this is the last that can be told
			return client
		}
		client = before.Unmap().WithZone("")
	}
	return client
}

func within(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(address) })
}

// netBits is what of an IPv6 address tells its network, which is one customer's.
const netBits = 64

// Network is what stands for whoever has an address where they are counted.
func Network(address netip.Addr) netip.Addr {
	if !address.Is6() {
		return address
	}
	masked, err := address.Prefix(netBits)
	if err != nil { // it has that many bits
		return address
	}
	return masked.Addr()
}
