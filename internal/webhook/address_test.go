package webhook

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestWhatCanBeAnEndpoint(t *testing.T) {
	t.Parallel()
	const public, inside, never = "anywhere", "where private is allowed", "nowhere"
	for address, where := range map[string]string{
		"https://example.com":                    public,
		"https://example.com/hooks?key=abc%20d":  public,
		"https://example.com:8443/x":             public,
		"https://xn--e1afmkfd.xn--p1ai/hook":     public,
		"https://пример.рф/hook":                 public,
		"https://93.184.216.34/":                 public,
		"https://[2606:2800:220:1::1]/":          public,
		"http://example.com/":                    inside,
		"http://localhost:8080/":                 inside,
		"https://LOCALHOST./":                    inside,
		"https://a.localhost/":                   inside,
		"https://127.0.0.1/":                     inside,
		"https://10.1.2.3/":                      inside,
		"https://172.16.0.1/":                    inside,
		"https://192.168.1.1/":                   inside,
		"https://169.254.169.254/latest/":        inside,
		"https://100.64.0.1/":                    inside,
		"https://0.0.0.0/":                       inside,
		"https://224.0.0.1/":                     inside,
		"https://255.255.255.255/":               inside,
		"https://[::1]/":                         inside,
		"https://[::]/":                          inside,
		"https://[fe80::1]/":                     inside,
		"https://[fe80::1%25eth0]/":              inside,
		"https://[fc00::1]/":                     inside,
		"https://[fd00:ec2::254]/":               inside,
		"https://[::ffff:127.0.0.1]/":            inside,
		"https://[::ffff:a9fe:a9fe]/":            inside,
		"https://[64:ff9b::7f00:1]/":             inside,
		"https://[2002:7f00:1::]/":               inside,
		"https://[2001:0:7f00:1::]/":             inside,
		"https://[ff02::1]/":                     inside,
		"":                                       never,
		"example.com":                            never,
		"//example.com/":                         never,
		"ftp://example.com/":                     never,
		"javascript:alert(1)":                    never,
		"https:example.com":                      never,
		"https:///x":                             never,
		"https://user:secret@example.com/":       never,
		"https://example.com/#part":              never,
		"https://example.com/#":                  never,
		"https://example.com:0/":                 never,
		"https://example.com:/":                  never,
		"https://example.com:99999/":             never,
		"https://exa mple.com/":                  never,
		"https://example.com/\nX-Injected: 1":    never,
		"https://example.com/%zz":                never,
		"https://[::1":                           never,
		"https://example.com/" + longText(t):     never,
		" https://example.com/":                  never,
		"https://example.com/\x7f":               never,
		"https://example.com\\@internal.example": never,
	} {
		err := CheckURL(address, false)
		assert.Equal(t, where == public, err == nil, "%q: %v", address, err)
		within := CheckURL(address, true)
		assert.Equal(t, where != never, within == nil, "%q within: %v", address, within)
		for _, err := range []error{err, within} {
			if err != nil {
				assert.Equal(t, ticket.CodeInvalid, ticket.CodeOf(err))
				assert.NotContains(t, err.Error(), "secret")
			}
		}
	}
}

func longText(t *testing.T) string {
	t.Helper()
	return strings.Repeat("x", maxURL)
}

// receives is a receiver on this machine that counts who comes.
func receives(t *testing.T) (address string, visits *atomic.Int64) {
	t.Helper()
	visits = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, visits
}

// posts sends a message through a transport.
func posts(t *testing.T, through *http.Transport, to string) answer {
	t.Helper()
	t.Cleanup(through.CloseIdleConnections)
	a, err := newPoster(through, time.Now).post(t.Context(), Endpoint{URL: to, Secret: newSecret()}, message{id: "msg_1", body: []byte("{}")})
	require.NoError(t, err)
	return a
}

func TestPrivateAddressesAreRefusedWhenDialled(t *testing.T) {
	t.Parallel()
	address, visits := receives(t)
	port := portOf(t, address)
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "10.0.0.1", "169.254.169.254", "100.64.0.1", "[64:ff9b::7f00:1]", "0.0.0.0"} {
		assert.Equal(t, FaultAddress, posts(t, newTransport(false, nil), "http://"+host+":"+port).Error, host)
	}
	assert.Zero(t, visits.Load())
	assert.Empty(t, posts(t, newTransport(true, nil), address).Error, "unless they are allowed")
	assert.EqualValues(t, 1, visits.Load())
}

// A name that led to the public internet when it was looked at, and leads here
// when it is dialled, opens no door.
func TestANameThatIsReboundIsRefused(t *testing.T) {
	t.Parallel()
	address, visits := receives(t)
	target := "http://rebound.example:" + portOf(t, address)
	leads := []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("127.0.0.1")}
	var asked atomic.Int64
	resolver := names(t, func() netip.Addr { return leads[min(int(asked.Add(1))-1, 1)] })

	found, err := resolver.LookupNetIP(t.Context(), "ip4", "rebound.example")
	require.NoError(t, err)
	require.NoError(t, publicOnly().SafeAddr(found[0].Unmap()), "whoever looked would let it pass")
	assert.Equal(t, FaultAddress, posts(t, newTransport(false, resolver), target).Error)
	assert.Zero(t, visits.Load())
	assert.Empty(t, posts(t, newTransport(true, resolver), target).Error, "this test can fail")
	assert.EqualValues(t, 1, visits.Load())
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Port()
}

// names is a resolver that asks a name server which answers every question for
// an IPv4 address as leads says, and any other with nothing.
func names(t *testing.T, leads func() netip.Addr) *net.Resolver {
	t.Helper()
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveNames(server, leads)
		return client, nil
	}}
}

// serveNames answers the questions of one connection (RFC 1035, section 4).
func serveNames(conn net.Conn, leads func() netip.Addr) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		end := 12 // behind the header
		for question[end] != 0 {
			end += int(question[end]) + 1
		}
		kind := binary.BigEndian.Uint16(question[end+1:])
		answer := append([]byte{}, question[:end+5]...)
		copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}) // an answer, without records
		if kind == 1 {
			answer[7] = 1
			ip := leads().As4()
			answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
			answer = append(answer, ip[:]...)
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// FuzzWebhookURL holds whatever is taken for an endpoint's URL to what it must
// be: https, a host, no password, and no literal address that is not public.
func FuzzWebhookURL(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/hook", "http://127.0.0.1", "https://[::ffff:10.0.0.1]:443/", "https://user@host", "https://[fe80::1%25lo]/",
		"https://example.com:65536", "https://localhost.", "HTTPS://EXAMPLE.com", "https://0x7f.1/", "https://2130706433/", "https://①②⑦.0.0.1/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if CheckURL(text, false) != nil {
			return
		}
		require.NoError(t, CheckURL(text, true), "what may be anywhere may be inside")
		u, err := url.Parse(text)
		require.NoError(t, err)
		assert.Equal(t, "https", u.Scheme)
		assert.NotEmpty(t, u.Hostname())
		assert.Nil(t, u.User)
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
			assert.False(t, ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast(), text)
			assert.False(t, ip.Unmap().IsPrivate() || ip.Unmap().IsLoopback(), text)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, text, http.NoBody)
		require.NoError(t, err, "it can be asked")
		assert.NotContains(t, request.URL.RequestURI(), "\n")
	})
}
