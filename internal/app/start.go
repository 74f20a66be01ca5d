package app

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"vinbot/internal/ticket"
)

const (
	// pressLife is how long Telegram keeps a press of a button.
	pressLife = 150 * time.Second
	// beat is how often the time of the last poll is written.
	beat = 20 * time.Second
	// firstBeat is how soon it is looked at until there is one.
	firstBeat = time.Second
	// sweepPause is how often the spool is swept, and the database.
	sweepPause = time.Hour
	// greetPause is how often the groups are looked at, greetAgain how soon
	// again where that failed.
	greetPause, greetAgain = time.Hour, time.Minute
)

// registerCommands has the commands registered with Telegram.
func (a *App) registerCommands(ctx context.Context) error {
	ctx = ticket.OwnRequest(ctx, "start", a.Clock())
	return a.store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		if err := tx.Enqueue(ctx, ticket.Commands(0)); err != nil {
			return err
		}
		for _, p := range a.groups.Current() {
			if err := tx.Enqueue(ctx, ticket.Commands(p.Chat)); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweepSpool sweeps the spool, which each process has of its own, whether it leads
// or not.
func (a *App) sweepSpool(context.Context) time.Duration {
	a.slim()
	if err := a.desk.Sweep(); err != nil {
		a.Log.Warn().Str("fault", "disk").Err(err).Msg("the spool was not swept")
	}
	return sweepPause
}

// keepHouse notes when Telegram last answered, and sweeps the database.
func (a *App) keepHouse(ctx context.Context) time.Duration {
	if now := a.Clock(); now.Sub(a.swept) >= sweepPause {
		a.swept = now
		if err := a.store.SweepAPI(ctx, now); err != nil && ctx.Err() == nil {
			a.Log.Warn().Str("fault", "database").Err(err).Msg("what the API need not know any more was not swept")
		}
		if err := a.store.SweepPanel(ctx, now); err != nil && ctx.Err() == nil {
			a.Log.Warn().Str("fault", "database").Err(err).Msg("what the panel need not know any more was not swept")
		}
	}
	polled := a.updater.State().LastSuccess
	if polled.IsZero() {
		return firstBeat
	}
	if !a.settled { // by now all has been done that a start does once
		a.settled = true
		a.slim()
	}
	if err := a.catchUp(ctx, polled); err != nil && ctx.Err() == nil {
		a.Log.Warn().Str("fault", "database").Err(err).Msg("the time of the last poll was not noted")
	}
	return beat
}

// slim gives memory back that a start, or work that is done now and then, took.
func (a *App) slim() {
	debug.FreeOSMemory()
	if err := unmapProgram(); err != nil {
		a.Log.Warn().Err(err).Msg("the process holds more memory than it needs")
	}
}

// catchUp notes a successful poll. If it is the first one after a gap in which
// Telegram dropped presses, by a stop or because Telegram was out of reach, the
// open cards are refreshed and each group is told once to press again.
func (a *App) catchUp(ctx context.Context, polled time.Time) error {
	last, err := a.store.LastPoll(ctx)
	if err != nil {
		return err
	}
	ctx = ticket.OwnRequest(ctx, "back", a.Clock())
	return a.store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		if err := a.store.Polled(ctx, polled); err != nil {
			return err
		}
		if last.IsZero() || polled.Sub(last) < pressLife {
			return nil
		}
		open, err := a.tickets.Refresh(ctx)
		if err != nil || open == 0 {
			return err
		}
		for _, p := range a.groups.Current() {
			if err := tx.Enqueue(ctx, ticket.Announce(ticket.Say{Text: ticket.TextPressAgain, Count: open}, p)); err != nil {
				return err
			}
		}
		return nil
	})
}

// greet learns who the bot is and which admins act anonymously, and says in
// the log what a group lacks for the bot to see the managers' answers.
func (a *App) greet(ctx context.Context) time.Duration {
	if err := a.client.Learn(ctx); err != nil {
		return greetAgain
	}
	pause := greetPause
	for _, p := range a.groups.Current() {
		if err := a.visit(ctx, p.Chat); err != nil && ctx.Err() == nil {
			a.remark(p.Chat, "cannot look at the managers' group; vinbot doctor says more", err)
			pause = greetAgain
		}
	}
	return pause
}

// visit looks at one group.
func (a *App) visit(ctx context.Context, chat int64) error {
	if err := a.learnWhoHides(ctx, chat); err != nil {
		return err
	}
	self := a.client.Self()
	member, err := a.client.GetChatMember(ctx, chat, self.ID)
	if err != nil {
		return err
	}
	lack := ""
	if !self.CanReadAllGroupMessages && member.Type != models.ChatMemberTypeAdministrator {
		lack = "privacy mode is on and the bot is no admin of the group: it will not see every PDF; see vinbot doctor"
	}
	a.remark(chat, lack, nil)
	return nil
}

// remark logs what is wrong with a group when that changes; nothing is wrong
// where there are no words.
func (a *App) remark(chat int64, words string, err error) {
	before := a.remarks[chat]
	a.remarks[chat] = words
	if words == before {
		return
	}
	level := zerolog.WarnLevel
	if words == "" {
		level, words = zerolog.InfoLevel, "nothing is wrong with the managers' group any more"
	}
	a.Log.WithLevel(level).Err(err).Int64("chat", chat).Msg(words)
}
