package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"vinbot/internal/config"
)

// healthTimeout is less than what a container's health check is granted.
const healthTimeout = 3 * time.Second

// health asks a running bot whether it lives.
func (p *program) health(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	cfg, err := config.Load(p.environ, p.dir)
	if err := config.Only(err, "OPS_ADDR"); err != nil {
		return err
	}
	if err := lives(ctx, string(cfg.OpsAddr)); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "ok")
	return nil
}

// lives asks /livez of the operations listener, without any proxy.
func lives(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := "http://" + reachable(addr) + "/livez"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask a running bot: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<10))
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}

// reachable turns an address to listen on into one to connect to.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
