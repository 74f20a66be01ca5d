// Package worker starts and stops the parts of the program that run beside
// each other: all in order, and all in reverse.
package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Service is a part of the program that runs until it is stopped. Both methods
// are safe to call twice and from several goroutines.
type Service interface {
	// Start returns once the service works, or says why it cannot. It goes on
	// after ctx has ended, which bounds the starting alone.
	Start(ctx context.Context) error
	// Stop returns once nothing of the service runs any more, or with ctx's
	// error when that took too long. It is harmless before Start.
	Stop(ctx context.Context) error
}

// Group is several services that start and stop as one.
type Group struct {
	mu      sync.Mutex
	members []member
	started int // the first so many run
}

type member struct {
	name    string
	service Service
}

var _ Service = (*Group)(nil)

// Add puts a service behind those that the group has. Its name goes into
// errors. A group that runs takes none.
func (g *Group) Add(name string, service Service) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members = append(g.members, member{name, service})
}

// Start starts all in order. When one cannot, those before it are stopped again,
// also where that is because ctx has ended, which does not bound their stopping.
func (g *Group) Start(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.started < len(g.members) {
		m := g.members[g.started]
		if err := m.service.Start(ctx); err != nil {
			return errors.Join(fmt.Errorf("start %s: %w", m.name, err), g.stop(context.WithoutCancel(ctx)))
		}
		g.started++
	}
	return nil
}

// Stop stops all in reverse, also when some complain.
func (g *Group) Stop(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stop(ctx)
}

func (g *Group) stop(ctx context.Context) error {
	var errs []error
	for _, m := range slices.Backward(g.members[:g.started]) {
		if err := m.service.Stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", m.name, err))
		}
	}
	g.started = 0
	return errors.Join(errs...)
}
