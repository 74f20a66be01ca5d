package notify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

const (
	// groupPause is how long a message waits for a group that takes none.
	groupPause = 30 * time.Second
	// migrationPause is how long a message waits that met a migration.
	migrationPause = 100 * time.Millisecond
	// alarmPause is how long a group waits for the news that admins who never
	// started the bot cannot get: for several of them it is one message.
	alarmPause = time.Second
)

// migrated follows a group to its supergroup, as the service message will,
// which may come before or after; the job is tried again there.
func (n *Notifier) migrated(ctx context.Context, chat int64, e *telegram.Error) outbox.Outcome {
	switch {
	case chat >= 0, n.foreign(chat):
		return outbox.Dead(e, nil)
	case e.MigrateTo == 0:
		return outbox.Later(e, groupPause) // its service message will say
	}
	err := n.Store.Do(ctx, func(ctx context.Context, _ ticket.Tx) error {
		news, err := n.Groups.Follow(ctx, chat, e.MigrateTo)
		if err != nil || !news {
			return err
		}
		zerolog.Ctx(ctx).Info().Int64("group", chat).Int64("supergroup", e.MigrateTo).Msg("a managers' group became a supergroup")
		return n.Tickets.GroupMoved(ctx, chat, e.MigrateTo)
	})
	switch {
	case err != nil:
		return broken(fmt.Errorf("follow a migrated group: %w", err))
	case !n.superseded(chat):
		return outbox.Dead(e, nil)
	}
	return outbox.Later(e, migrationPause)
}

// superseded reports whether a group became another: what stands in it, its
// message ids and all, is out of reach.
func (n *Notifier) superseded(chat int64) bool { return n.Groups.Now(chat) != chat }

// foreign reports whether a chat is a group that is not, or no longer, one of
// ours: the bot does nothing there of its own accord.
func (n *Notifier) foreign(chat int64) bool { return chat < 0 && !n.Groups.Allowed(chat) }

// cannotWrite keeps a job for a group that the bot was removed from, or muted
// in, until it may write there again. The admins are told once, and once more
// after a restart. A foreign group is owed nothing.
func (n *Notifier) cannotWrite(ctx context.Context, chat int64, e *telegram.Error) outbox.Outcome {
	if n.foreign(chat) {
		return outbox.Dead(e, nil)
	}
	if n.hush(chat) {
		zerolog.Ctx(ctx).Error().Err(e).Int64("chat", chat).Msg("the bot cannot write in a managers' group; what is for it waits")
		if err := n.alarm(ctx, chat); err != nil {
			n.unhush(chat) // the next job tries again
			zerolog.Ctx(ctx).Error().Err(err).Msg("the admins could not be told")
		}
	}
	return outbox.Later(e, groupPause)
}

// isAlarm tells the texts that admins must hear: where they cannot be told, the
// groups are.
func isAlarm(text string) bool {
	return text == ticket.TextGroupMuted || text == ticket.TextWebhookOff || text == ticket.TextCRMRefused || text == ticket.TextCRMElsewhere
}

// alarm tells every admin that a group takes no messages.
func (n *Notifier) alarm(ctx context.Context, chat int64) error {
	name := ""
	if len(n.Groups.Current()) > 1 { // the only one needs no name
		name = strconv.FormatInt(chat, 10)
	}
	return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
		for _, e := range ticket.Alarms(ticket.Say{Text: ticket.TextGroupMuted, Name: name}, n.Roles.Admins, nil) {
			if err := tx.Enqueue(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// alarmFailed is the outcome of an alarm that did not arrive. One for an admin
// who never started the bot, or blocked it, goes to the groups that can still
// be written to; one for a group would be stale when it could be sent at last.
func (n *Notifier) alarmFailed(ctx context.Context, s ticket.Say, chat int64, err error) outbox.Outcome {
	switch class := telegram.ClassOf(err); {
	case class.Temporary(), class == telegram.ClassMigrated:
		return n.failed(ctx, chat, err)
	case chat < 0:
		return outbox.Dead(err, nil)
	}
	zerolog.Ctx(ctx).Error().Err(err).Int64("user", chat).
		Str("text", s.Text).Msg("an admin cannot be told what is wrong: they must start the bot; the groups are told instead")
	return outbox.Done(func(ctx context.Context) error {
		if err := n.markUnreachable(ctx, chat); err != nil {
			return err
		}
		return n.Store.Do(ctx, func(ctx context.Context, tx ticket.Tx) error {
			for _, p := range n.audible() {
				e := ticket.Announce(ticket.Say{Text: s.Text, Name: s.Name, Reason: s.Reason}, p)
				e.After, e.Merge = alarmPause, s.Text+":"+strconv.FormatInt(p.Chat, 10)+":"+s.Name
				if err := tx.Enqueue(ctx, e); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// audible lists the groups that take messages, as far as is known.
func (n *Notifier) audible() []ticket.Place {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(n.Groups.Current(), func(p ticket.Place) bool { return n.silent[p.Chat] })
}

// Noted takes what an update told of whether the bot may write in a group. Of
// one where it may not the admins know by that update.
func (n *Notifier) Noted(chat int64, mayWrite bool) {
	if mayWrite {
		n.unhush(chat)
		return
	}
	n.hush(chat)
}

// hush notes that a group takes no messages, and reports whether that is news.
func (n *Notifier) hush(chat int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := n.silent[chat]
	n.silent[chat] = true
	return !known
}

func (n *Notifier) unhush(chat int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.silent, chat)
}

// heard notes that a message arrived in a place.
func (n *Notifier) heard(at ticket.Place) {
	if at.Chat > 0 {
		return
	}
	at.Message = 0
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.silent, at.Chat)
	delete(n.closed, at)
}
