package app

import (
	"context"
	"time"

	"vinbot/internal/worker"
)

// rosterPause is how often a process that does not lead asks which admins of the
// groups hide: whoever leads is told.
const rosterPause = time.Minute

// buildRoster has a process that serves the panel know who hides, whether it leads
// or not.
func (a *App) buildRoster() {
	if a.candidate != nil && a.panel != nil {
		a.serve("who hides", worker.NewLoop(a.followRoster), loopTime)
	}
}

func (a *App) followRoster(ctx context.Context) time.Duration {
	if !a.follows() {
		return rosterPause
	}
	for _, p := range a.groups.Current() {
		if err := a.learnWhoHides(ctx, p.Chat); err != nil && ctx.Err() == nil {
			a.Log.Warn().Str("fault", "telegram").Err(err).Int64("chat", p.Chat).Msg("Telegram does not say which admins of the managers' group hide")
		}
	}
	return rosterPause
}

// learnWhoHides asks which admins of a group act anonymously.
func (a *App) learnWhoHides(ctx context.Context, chat int64) error {
	asked := a.roster.Asking()
	admins, err := a.client.GetChatAdministrators(ctx, chat)
	if err != nil {
		return err
	}
	a.roster.Learn(chat, asked, admins)
	return nil
}

// hides reports whether somebody acts anonymously in a managers' group. Until a
// group's list of admins is known, anybody may: nobody is named who did not want it.
func (a *App) hides(user int64) bool {
	for _, place := range a.groups.Current() {
		if !a.roster.Knows(place.Chat) || a.roster.Hides(place.Chat, user) {
			return true
		}
	}
	return false
}
