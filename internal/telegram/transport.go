package telegram

import (
	"net"
	"net/http"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	// idleTimeout is shorter than the server's own (nginx closes after 60 to 75
	// seconds), so that a request seldom meets a connection that just closed.
	idleTimeout = 50 * time.Second
	// idleConns are kept warm: a burst of owners finds connections open.
	idleConns = 128
)

// newTransport makes connections of its own kind: long polls, sends and
// downloads share none, so that none waits for another. A peer that vanished
// without a word is noticed in about half a minute.
func newTransport() *http.Transport {
	dialer := &net.Dialer{
		Timeout:         dialTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
		TLSHandshakeTimeout: dialTimeout,
		IdleConnTimeout:     idleTimeout,
		MaxIdleConns:        idleConns,
		MaxIdleConnsPerHost: idleConns,
		DisableCompression:  true, // answers are short
	}
}

func closeIdle(transport http.RoundTripper) {
	(&http.Client{Transport: transport}).CloseIdleConnections()
}
