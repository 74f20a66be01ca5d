// Package demo shows the whole program at work without Telegram: the real
// bot against the simulator, and a web page with an owner's phone on the left
// and the managers' group on the right. It needs no token and no network, and
// what it keeps is gone when it ends.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/config"
)

const (
	headerTime  = 5 * time.Second  // for a request's head
	requestTime = 60 * time.Second // for a request with its body
	answerTime  = 60 * time.Second // for an answer, but for the stream of events, which sets its own
	idleTime    = 2 * time.Minute
	maxHeader   = 16 << 10
)

// Options of the demo.
type Options struct {
	Config config.Demo
	Log    zerolog.Logger
	Clock  func() time.Time
	// Out gets lines with the addresses for people. Nil says nothing.
	Out io.Writer
}

// Demo is the bot, its simulated Telegram and the web page, ready to start.
type Demo struct {
	Options
	page     *page
	dir      string
	worlds   []*world
	listener net.Listener
	server   *http.Server
	served   chan error

	stopping sync.Once
	stopped  error
}

// New prepares a demo. Nothing runs yet.
func New(o Options) (*Demo, error) {
	page, err := newPage()
	if err != nil {
		return nil, err
	}
	return &Demo{Options: o, page: page, served: make(chan error, 1)}, nil
}

// Run runs the demo until ctx ends.
func Run(ctx context.Context, o Options) error {
	d, err := New(o)
	if err != nil {
		return err
	}
	if err := d.Start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err = <-d.served:
	}
	return errors.Join(err, d.Stop(context.WithoutCancel(ctx)))
}

// Start listens, starts a bot for each language, and says where the page is.
// It goes on after ctx has ended, until Stop.
func (d *Demo) Start(ctx context.Context) error {
	err := d.start(ctx)
	if err != nil {
		return errors.Join(err, d.Stop(context.WithoutCancel(ctx)))
	}
	if d.Out != nil {
		if _, err := io.WriteString(d.Out, d.welcome()); err != nil {
			d.Log.Warn().Err(err).Msg("the demo's address could not be printed")
		}
	}
	return nil
}

// welcome says where the page is, and how the API of each of its languages is
// called.
func (d *Demo) welcome() string {
	var said strings.Builder
	fmt.Fprintf(&said, "The demo is at %s (Ctrl+C ends it); the managers' panel is opened from there\n\nAnd as another program sees it:\n", d.URL())
	for _, w := range d.worlds {
		fmt.Fprintf(&said, "  %s: %s\n      http://%s/api/docs\n", w.lang, w.sampleCall(), w.app.HTTPAddr())
	}
	return said.String()
}

func (d *Demo) start(ctx context.Context) (err error) {
	if d.listener, err = listen(ctx, string(d.Config.Addr)); err != nil {
		return err
	}
	if d.dir, err = os.MkdirTemp("", "vinbot-demo-"); err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	host, _, _ := net.SplitHostPort(d.listener.Addr().String()) // a listener's address has one
	for _, lang := range languages() {
		w, err := newWorld(ctx, worldOptions{Language: lang, Dir: d.dir, Host: host, Log: d.Log, Clock: d.Clock})
		if err != nil {
			return fmt.Errorf("start the bot that speaks %s: %w", lang, err)
		}
		d.worlds = append(d.worlds, w)
	}
	requests, end := context.WithCancel(context.WithoutCancel(ctx))
	d.server = &http.Server{
		Handler: d.handler(), ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	d.server.RegisterOnShutdown(end) // which ends the streams of events
	go func() {
		defer end()
		if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			d.served <- fmt.Errorf("serve the demo's page: %w", err)
		}
	}()
	return nil
}

// listen listens on a loopback address, and on no other.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("DEMO_ADDR %q is not host:port: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("DEMO_ADDR %q is not on loopback: "+
			"the demo has no passwords, so it listens on 127.0.0.1, [::1] or localhost only", addr)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (DEMO_ADDR chooses another port): %w", addr, err)
	}
	return listener, nil
}

// URL is where the page is, once started.
func (d *Demo) URL() string {
	if d.listener == nil {
		return ""
	}
	return "http://" + d.listener.Addr().String()
}

// Stop ends everything and removes what was kept. It is safe to call twice.
func (d *Demo) Stop(ctx context.Context) error {
	d.stopping.Do(func() { d.stopped = d.stop(ctx) })
	return d.stopped
}

func (d *Demo) stop(ctx context.Context) error {
	var faults []error
	switch {
	case d.server != nil:
		if err := d.server.Shutdown(ctx); err != nil {
			faults = append(faults, fmt.Errorf("stop serving: %w", err))
		}
	case d.listener != nil:
		faults = append(faults, d.listener.Close())
	}
	for _, w := range d.worlds {
		faults = append(faults, w.stop(ctx))
	}
	if d.dir != "" {
		if err := os.RemoveAll(d.dir); err != nil {
			faults = append(faults, fmt.Errorf("remove the temporary folder: %w", err))
		}
	}
	return errors.Join(faults...)
}
