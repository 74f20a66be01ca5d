package app

import (
	"time"

	"vinbot/internal/crm"
	"vinbot/internal/feed"
	"vinbot/internal/outbox"
	"vinbot/internal/store"
	"vinbot/internal/webhook"
	"vinbot/internal/worker"
)

// How often the history is looked at though this process wrote nothing: where
// there is but one, that is for the case that it missed something.
const feedPauseShared, feedPauseAlone = time.Second, time.Minute

// buildFeed makes what follows the tickets' history for those who want to know.
func (a *App) buildFeed() {
	audiences := []feed.Audience{webhook.NewAudience(a.store.Webhooks())}
	if a.deals.relay != nil {
		audiences = append(audiences, crm.NewAudience(a.store.CRM()))
	}
	pause := feedPauseAlone
	if a.candidate != nil {
		pause = feedPauseShared
	}
	a.feed = feed.New(feed.Options{History: a.store, Audiences: audiences, Work: a.store, Log: a.Log, Pause: pause})
	a.follow = worker.NewFinishingLoop(a.feed.Turn)
}

// moved has the history looked at where somebody wants to know what happened.
func (a *App) moved() {
	if a.feed.Wanted() {
		a.follow.Wake()
	}
}

// queued passes on what a commit put into a queue beside the outbox, and which
// updates wait again.
func (a *App) queued(in store.Queue, heads []outbox.Head) {
	if in == store.Updates {
		for _, h := range heads {
			if !a.follows() {
				a.inbox.Look(h.ID)
			}
		}
		return
	}
	if relay := a.relayOf(in); relay != nil && !a.follows() { // else the leader finds them
		relay.Announce(heads)
	}
}

// relayOf is what carries a queue out; nil where nobody does.
func (a *App) relayOf(in store.Queue) *outbox.Relay {
	switch in {
	case store.Deliveries:
		return a.hooks.relay
	case store.CRMJobs:
		return a.deals.relay
	case store.Updates: // the inbox does
	}
	return nil
}
