package webhook

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"

	"vinbot/internal/ticket"
)

// maxURL is how many bytes an endpoint's URL may have.
const maxURL = 2048

// CheckURL refuses what can be no endpoint. It looks up no name: where a name
// leads is checked whenever something is sent there. private lets http through,
// and addresses that are not the public internet's.
func CheckURL(text string, private bool) error {
	refuse := func(why string) error { return ticket.NewError(ticket.CodeInvalid, "url: "+why, nil) }
	if text == "" || len(text) > maxURL || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return refuse("must be a URL of 2048 characters at most, without spaces")
	}
	u, err := url.Parse(text)
	if err != nil { // its text would quote the URL
		return refuse("is none")
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !private):
		return refuse("must begin with https://")
	case host == "" || u.Opaque != "":
		return refuse("must name a host")
	case u.User != nil:
		return refuse("must hold no user and password")
	case u.Fragment != "" || strings.Contains(text, "#"):
		return refuse("must hold no #fragment")
	case !validPort(u):
		return refuse("has a port that is none")
	case private:
		return nil
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return refuse("must be reachable from the internet")
	}
	if ip, err := netip.ParseAddr(host); err == nil && publicOnly().SafeAddr(ip) != nil {
		return refuse("must be an address of the public internet")
	}
	return nil
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

// publicOnly knows the addresses of the public internet: neither private nor
// loopback, link-local (where clouds keep their metadata), carriers' shared
// ones, multicast, reserved, nor IPv6 ways to any of those.
func publicOnly() *ssrf.Guardian { return ssrf.New(ssrf.WithAnyPort()) }

// dialControl refuses connections to what is not the public internet's, at the
// moment of connecting: whatever the name led to before, this is the address.
func dialControl() func(network, address string, _ syscall.RawConn) error {
	return publicOnly().Safe
}
