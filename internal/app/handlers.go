package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"vinbot/internal/account"
	"vinbot/internal/config"
	"vinbot/internal/handler/manager"
	"vinbot/internal/handler/user"
	"vinbot/internal/inbox"
	"vinbot/internal/message"
	"vinbot/internal/notify"
	"vinbot/internal/outbox"
	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

func (a *App) notifier(book *message.Book) *notify.Notifier {
	return notify.New(notify.Options{
		Sender: a.client, Store: a.store, Tickets: a.tickets, Talk: a.talk, People: a.store.Accounts(), Bans: a.store.Bans(), Showings: a.store, Forgetting: a.forgetting, Archive: a.archive,
		Groups: followed{a.groups, a.greeting.Wake},
		Roles:  a.roles(), Book: book, BotName: a.client.Username,
		Language: string(a.Config.DefaultLanguage), Zone: a.Config.Timezone.Location(), MaxPDF: int64(a.Config.MaxPDFSize),
		Deadlines: policy(a.Config), Clock: a.Clock, Meter: a.metrics, MaxVINs: a.maxVINs(),
		Stats: a.stats, Door: panelDoor{a},
	})
}

// maxVINs is how many VINs of one message an owner may have tickets for: as many
// as are looked for, and no more than the limits allow.
func (a *App) maxVINs() int {
	most := vin.MaxFound
	for _, limit := range []config.Most{a.Config.TicketsPerHour, a.Config.MaxOpenTickets} {
		if limit > 0 {
			most = min(most, int(limit))
		}
	}
	return most
}

func (a *App) roles() account.Roles {
	return account.Roles{Managers: a.Config.ManagerIDs, Admins: a.Config.AdminIDs}
}

func (a *App) buildInbox(book *message.Book, notifier *notify.Notifier, managers *manager.Handler) (err error) {
	policy, err := vin.ParsePolicy(string(a.Config.VINCheckDigit))
	if err != nil {
		return err
	}
	owners := user.New(user.Config{
		Tickets: a.tickets, Talk: a.talk, Store: a.store, People: a.store.Accounts(), Bans: a.store.Bans(), Languages: book,
		Forgetting: a.forgetting, Retention: int(a.Config.Retention),
		Policy: policy, BotName: a.client.Username, Meter: a.metrics,
		Limits: user.Limits{
			Messages: int(a.Config.MessagesPerMinute), Tickets: int(a.Config.TicketsPerHour), Open: int(a.Config.MaxOpenTickets),
		},
	})
	a.inbox = inbox.New(inbox.Options{
		Store: a.store.Inbox(a.client.ID()),
		Router: &router{
			member:   a.memberNoted,
			owners:   owners,
			ownerKey: user.OrderKey,
			managers: managers, managerKey: managers.OrderKey,
			allowed: a.groups.Allowed, noted: notifier.Noted, name: a.client.Username, do: a.store.Do, log: a.Log,
		},
		Meter: a.metrics, Log: a.Log, Clock: a.Clock,
	})
	a.updater, err = telegram.NewUpdater(telegram.UpdaterOptions{
		Client: a.client, Sink: sink{a.inbox}, Log: a.Log, Metrics: pollMeter{a.metrics},
	})
	return err
}

func (a *App) managers(book *message.Book) *manager.Handler {
	return manager.New(manager.Config{
		Tickets: a.tickets, Talk: a.talk, Store: a.store, Parcels: a.store.Parcels(), Groups: followed{a.groups, a.greeting.Wake},
		People: a.store.Accounts(), Bans: a.store.Bans(), Languages: book,
		Roles: a.roles(), Roster: a.roster, BotID: a.client.ID(), BotName: a.client.Username,
		MaxPDF: int64(a.Config.MaxPDFSize),
	})
}

// parcelKind makes reports of what managers sent together. It waits in the
// outbox, since it comes after a time and must survive a restart.
func parcelKind(managers *manager.Handler) outbox.Kind {
	return outbox.Kind{Handler: outbox.HandlerFunc(func(ctx context.Context, job outbox.Job) outbox.Outcome {
		var ref ticket.ParcelRef
		if err := json.Unmarshal(job.Payload, &ref); err != nil {
			return outbox.Dead(fmt.Errorf("read the payload of %s: %w", job.Kind, err), nil)
		}
		switch err := managers.CloseParcel(ctx, ref.Parcel); {
		case err == nil:
			return outbox.Done(nil)
		case errors.Is(err, outbox.ErrStoreAway), ctx.Err() != nil: // no fault of the job
			return outbox.Later(err, 0)
		default:
			return outbox.Failed(err)
		}
	})}
}
