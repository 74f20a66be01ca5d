package account

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"vinbot/internal/ticket"
)

// moves remembers which groups became supergroups.
type moves interface {
	Successors(ctx context.Context) (map[int64]int64, error)
	Migrated(ctx context.Context, from, to int64) (bool, error)
}

// Groups are the managers' groups: the whitelist of the settings, each
// followed to the supergroup that it became.
type Groups struct {
	set   []ticket.Place
	store moves

	mu   sync.RWMutex
	next map[int64]int64 // from a migrated group to its supergroup
}

// NewGroups takes the groups of the settings. Load must be called before use.
func NewGroups(set []ticket.Place, store moves) *Groups {
	return &Groups{set: slices.Clone(set), store: store, next: map[int64]int64{}}
}

// Load reads the migrations that are known.
func (g *Groups) Load(ctx context.Context) error {
	next, err := g.store.Successors(ctx)
	if err != nil {
		return fmt.Errorf("load migrated groups: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.Copy(g.next, next) // what was followed while this was read stays
	return nil
}

// Current lists where cards go now: one place for each group of the settings.
func (g *Groups) Current() []ticket.Place {
	g.mu.RLock()
	defer g.mu.RUnlock()
	places := make([]ticket.Place, len(g.set))
	for i, p := range g.set {
		p.Chat = follow(g.next, p.Chat)
		places[i] = p
	}
	return places
}

// Now gives the id that a chat has now: its supergroup's, or its own.
func (g *Groups) Now(chat int64) int64 {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return follow(g.next, chat)
}

// Allowed reports whether the bot acts in a chat: one of the settings, or any
// that it became on the way.
func (g *Groups) Allowed(chat int64) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, p := range g.set {
		if leads(g.next, p.Chat, chat) {
			return true
		}
	}
	return false
}

// Follow remembers that a group became a supergroup. It reports whether this
// is news that concerns one of ours; the wrong way round it is none. It joins
// ctx's transaction; should that roll back, the update comes again and finds the
// same.
func (g *Groups) Follow(ctx context.Context, from, to int64) (bool, error) {
	if !g.Allowed(from) || g.came(from, to) {
		return false, nil
	}
	news, err := g.store.Migrated(ctx, from, to)
	if err != nil {
		return false, fmt.Errorf("remember a migrated group: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	next := maps.Clone(g.next)
	next[from] = to
	g.next = next
	return news, nil
}

// came reports whether a chat is what another was before: then it cannot become
// that again.
func (g *Groups) came(from, to int64) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return leads(g.next, to, from)
}

// leads reports whether a chat is another, or became it on the way.
func leads(next map[int64]int64, from, to int64) bool {
	for range len(next) + 1 {
		if from == to {
			return true
		}
		then, ok := next[from]
		if !ok {
			break
		}
		from = then
	}
	return false
}

// follow walks from a chat to its present id; the bound keeps a cycle, which
// only a broken table could hold, from hanging it.
func follow(next map[int64]int64, chat int64) int64 {
	for range len(next) {
		to, ok := next[chat]
		if !ok {
			break
		}
		chat = to
	}
	return chat
}
