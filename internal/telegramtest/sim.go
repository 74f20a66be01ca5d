package telegramtest

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	defaultToken    = "7000000001:AAF-simulated-token-for-tests-only"
	defaultUsername = "vin_report_bot"

	firstUserID  = 500_000_001
	firstGroupID = -4_000_000_001
	firstSuperID = -1_002_000_000_001
	startClosing = 5 * time.Second
)

// Options of a simulator. The zero value is a bot with a fixed token, privacy mode on, no limits and no latency.
type Options struct {
	// Token is the one bot token that is accepted.
	Token string
	// Username of the bot, without the @.
	Username string
	// Now is the clock: dates, expiry and the sending limits follow it. By default, the time of day.
	Now func() time.Time
	// Limits switches Telegram's sending limits on.
	Limits bool
	// Latency is how long every call takes: one half passes before it is carried out, the other half after.
	Latency time.Duration
	// ReadsAllMessages is privacy mode switched off at BotFather. An admin of a group reads all in any case.
	ReadsAllMessages bool
	// LocalFiles makes this a local Bot API server (--local): files are put into this folder, getFile answers with an
	// absolute path, and nothing is too large to fetch.
	LocalFiles string
	// Spec, where given, also checks every request against the official description of the Bot API.
	Spec *Spec
	// OnViolation is told of every request that a careful client never makes. It may be called from several
	// goroutines, and must not call the simulator. Violations are kept in any case: see Sim.Violations.
	OnViolation func(string)
	// OnTraffic is told of all that is sent to the bot (as "", the kind of the update and its content) and by it (the
	// method, a parameter's name and its value), but for the contents of files. As OnViolation.
	OnTraffic func(method, name, value string)
}

// Sim is one simulated Telegram with one bot. It is an http.Handler; Start makes it listen. Safe for use from many
// goroutines at once.
type Sim struct {
	opts    Options
	methods map[string]method
	bot     *User
	anybody *User // GroupAnonymousBot, in whose name anonymous admins write
	closing chan struct{}

	mu         sync.Mutex // guards all below
	users      map[int64]*User
	chats      map[int64]*chat
	nextUser   int64
	nextGroup  int64
	nextSuper  int64
	messageIDs int // one sequence for private chats and basic groups
	queue      queue
	store      fileStore
	limits     limiter
	presses    map[string]*Press
	nextPress  int64
	commands   map[CommandScope][]Command
	about      map[string]string
	webhook    string
	faults     []*Fault
	stats      Stats
	subs       []*subscriber

	violationsMu sync.Mutex
	violations   []string

	listener net.Listener
	server   *http.Server
	stopping sync.Once
}

var _ http.Handler = (*Sim)(nil)

// New returns a simulator that answers as an http.Handler at once; call Start to have it listen.
func New(opts Options) *Sim {
	opts.Token = cmp.Or(opts.Token, defaultToken)
	opts.Username = cmp.Or(opts.Username, defaultUsername)
	if opts.Now == nil {
		opts.Now = time.Now //nolint:forbidigo // the default of the injected clock
	}
	s := &Sim{
		opts: opts, methods: methodTable(), closing: make(chan struct{}),
		users: map[int64]*User{}, chats: map[int64]*chat{},
		nextUser: firstUserID, nextGroup: firstGroupID, nextSuper: firstSuperID,
		presses: map[string]*Press{}, commands: map[CommandScope][]Command{}, about: map[string]string{},
	}
	s.limits.on = opts.Limits
	s.limits.all = window{size: overallCalls, span: overallSpan}
	s.store.files = map[string]*storedFile{}
	s.stats.calls = map[string]*CallCount{}
	s.queue.init()
	id, _, _ := strings.Cut(opts.Token, ":")
	botID, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		botID = firstUserID - 1
	}
	s.bot = s.addUser(&User{ID: botID, FirstName: "VIN Report Bot", Username: opts.Username, isBot: true})
	s.anybody = s.addUser(&User{ID: anonymousAdminID, FirstName: "Group", Username: "GroupAnonymousBot", isBot: true})
	return s
}

// Start listens on a free port of 127.0.0.1.
func (s *Sim) Start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a listener on loopback binds at once
	if err != nil {
		return fmt.Errorf("listen on loopback: %w", err)
	}
	s.listener = listener
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: startClosing}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.violate("the simulator stopped serving: %v", err)
		}
	}()
	return nil
}

// URL is where a started simulator listens; before Start, an address that only Client can reach.
func (s *Sim) URL() string {
	if s.listener == nil {
		return "http://telegram.invalid"
	}
	return "http://" + s.listener.Addr().String()
}

// Token is the bot's token.
func (s *Sim) Token() string { return s.opts.Token }

// Bot is the account of the bot under test.
func (s *Sim) Bot() *User { return s.bot }

// Close ends waiting polls and open connections. Calling it twice is fine.
func (s *Sim) Close() {
	s.stopping.Do(func() {
		close(s.closing)
		if s.server != nil {
			_ = s.server.Close() // the listener's close error tells a test nothing
		}
	})
}

// Violations are the faults found in requests so far, in words.
func (s *Sim) Violations() []string {
	s.violationsMu.Lock()
	defer s.violationsMu.Unlock()
	return append([]string(nil), s.violations...)
}

func (s *Sim) violate(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.violationsMu.Lock()
	s.violations = append(s.violations, text)
	s.violationsMu.Unlock()
	if s.opts.OnViolation != nil {
		s.opts.OnViolation(text)
	}
}

// overhear tells of a call's parameters.
func (s *Sim) overhear(q *query) {
	if s.opts.OnTraffic == nil {
		return
	}
	for _, p := range q.params {
		if p.isFile {
			p.name, p.value = "file_name", p.filename
		}
		s.opts.OnTraffic(q.method, p.name, p.value)
	}
}

// now is the simulated time.
func (s *Sim) now() time.Time { return s.opts.Now() }
