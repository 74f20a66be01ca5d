// Package telegram is the only room that calls the Bot API. Client makes the
// calls and says of each failure what it means; Updater polls for updates and
// lets Telegram forget them only once they are stored; Limiter keeps
// Telegram's limits ahead of time.
//
// The types and the methods are those of go-telegram/bot. Its polling loop is
// not used: it confirms updates before they are handled.
package telegram

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"
)

// CloudURL is where the public Bot API server is.
const CloudURL = "https://api.telegram.org"

const (
	defaultSendTimeout     = 20 * time.Second
	defaultDownloadTimeout = 2 * time.Minute
)

// Options of a Client. Token and Clock are required.
type Options struct {
	Token string
	URL   string // CloudURL if empty; or a local Bot API server
	Log   zerolog.Logger
	Clock func() time.Time
	// Observe counts each call: its method, "ok" or the class of its failure,
	// and how long it took. May be nil.
	Observe func(method, result string, d time.Duration)
	// Throttled is told of each 429 and its pause. May be nil.
	Throttled func(pause time.Duration)
	// May reports whether anything may be asked of Telegram but its state; asked
	// at the last instant before each call. Nil is always.
	May func() bool
	// SendTimeout bounds one call, DownloadTimeout the fetching of one file.
	// Zero is 20 seconds and 2 minutes.
	SendTimeout, DownloadTimeout time.Duration
	// Transport carries every call and poll, in place of connections of the
	// room's own: for tests that need no network.
	Transport http.RoundTripper
	// Rand gives numbers in [0,1) for jitter; nil is the usual one.
	Rand func() float64
}

// Client calls the Bot API. Every error of its methods is an *Error. It may be
// used by many goroutines at once.
type Client struct {
	bot       *bot.Bot
	base      *url.URL
	log       zerolog.Logger
	clock     func() time.Time
	rand      func() float64
	observe   func(method, result string, d time.Duration)
	throttled func(pause time.Duration)
	may       func() bool

	transport                    http.RoundTripper // given from outside, or nil
	sends, downloads             http.RoundTripper
	sendTimeout, downloadTimeout time.Duration

	self atomic.Pointer[models.User]
}

// New makes a client. It calls nobody: a bot starts while Telegram is down.
func New(o Options) (*Client, error) {
	if BotID(o.Token) == 0 {
		return nil, errors.New("telegram: the token is not of the form 123456:letters")
	}
	if o.Clock == nil {
		return nil, errors.New("telegram: a clock is needed")
	}
	base, err := baseURL(o.URL)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base: base, log: o.Log, clock: o.Clock, rand: randOr(o.Rand), observe: o.Observe, throttled: o.Throttled, may: o.May,
		transport:   o.Transport,
		sendTimeout: defaultSendTimeout, downloadTimeout: defaultDownloadTimeout,
	}
	c.sends, c.downloads = c.connections(), c.connections()
	if o.SendTimeout > 0 {
		c.sendTimeout = o.SendTimeout
	}
	if o.DownloadTimeout > 0 {
		c.downloadTimeout = o.DownloadTimeout
	}
	if c.observe == nil {
		c.observe = func(string, string, time.Duration) {}
	}
	if c.throttled == nil {
		c.throttled = func(time.Duration) {}
	}
	if c.may == nil {
		c.may = func() bool { return true }
	}
	c.bot, err = bot.New(o.Token, bot.WithSkipGetMe(), bot.WithServerURL(base.String()),
		bot.WithHTTPClient(0, door{c}), bot.WithErrorsHandler(func(error) {})) // its errors hold answers: names, VINs
	if err != nil {
		return nil, errors.New("telegram: the library refused the settings")
	}
	return c, nil
}

// connections gives a transport for calls of one kind.
func (c *Client) connections() http.RoundTripper {
	if c.transport != nil {
		return c.transport
	}
	return newTransport()
}

// Close lets go of idle connections. Calls in flight are not touched.
func (c *Client) Close() {
	closeIdle(c.sends)
	closeIdle(c.downloads)
}

// ID is the bot's own user id, which its token begins with.
func (c *Client) ID() int64 { return c.bot.ID() }

// BotID reads the bot's user id out of its token, 0 if it is none.
func BotID(token string) int64 {
	digits, secret, _ := strings.Cut(token, ":")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 || len(secret) == 0 || strings.Trim(secret, tokenLetters) != "" {
		return 0
	}
	return id
}

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// baseURL checks the server's address and takes off a closing slash.
func baseURL(address string) (*url.URL, error) {
	if address == "" {
		address = CloudURL
	}
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("telegram: the server's address is no http or https URL")
	}
	return u, nil
}
