package app

import (
	"context"
	"errors"
	"time"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/account"
	"vinbot/internal/handler/manager"
	"vinbot/internal/telegram"
)

const (
	// membersPause is how often it is looked whose membership is to be asked for,
	// membersAgain how old what is known of it may be: with a call that fails now
	// and then it is far from where nobody believes it any more.
	membersPause, membersAgain = time.Minute, 4 * time.Minute
)

// confirmMembers asks Telegram whether those who are signed in to the panel are
// still in the groups, so that who left is out within minutes also where the bot is
// no admin, whom Telegram would tell.
func (a *App) confirmMembers(ctx context.Context) time.Duration {
	sessions, err := a.store.PanelSessions().List(ctx, 0, a.Clock())
	if err != nil {
		if ctx.Err() == nil {
			a.Log.Warn().Str("fault", "database").Err(err).Msg("it was not looked who is signed in to the panel")
		}
		return membersPause
	}
	asked := map[int64]bool{}
	for _, s := range sessions {
		if asked[s.User] {
			continue
		}
		asked[s.User] = true
		if err := a.confirm(ctx, s.User, membersAgain); err != nil && ctx.Err() == nil {
			a.Log.Warn().Str("fault", "telegram").Err(err).Int64("user", s.User).Msg("Telegram does not say whether somebody is in the managers' group")
		}
	}
	return membersPause
}

// confirm asks whether a person is in each of the groups, unless what is known is
// younger than that. Admins are such by the settings, and others may not act
// wherever they are.
func (a *App) confirm(ctx context.Context, user int64, old time.Duration) error {
	if a.roles().Admin(user) || !a.roles().MayAct(user) {
		return nil
	}
	known, err := a.store.Members().Of(ctx, user)
	if err != nil {
		return err
	}
	var faults []error
	for _, at := range a.groups.Current() {
		if fresh(known, at.Chat, a.Clock().Add(-old)) {
			continue
		}
		inside, err := a.client.IsMember(ctx, at.Chat, user)
		if err == nil {
			err = a.store.Members().Note(ctx, at.Chat, user, inside)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// fresh reports whether what is known of a group is younger than a time.
func fresh(known []account.Membership, chat int64, since time.Time) bool {
	for _, m := range known {
		if m.Chat == chat {
			return m.CheckedAt.After(since)
		}
	}
	return false
}

// memberNoted notes what Telegram tells of who is in a managers' group: of a
// changed member to an admin, of who came and who left by a message.
func (a *App) memberNoted(ctx context.Context, u *models.Update) error {
	note := func(chat int64, user *models.User, inside bool) error {
		if user == nil || user.IsBot || !a.groups.Allowed(chat) {
			return nil
		}
		return a.store.Members().Note(ctx, chat, user.ID, inside)
	}
	if c := u.ChatMember; c != nil {
		return note(c.Chat.ID, manager.MemberOf(c.NewChatMember), telegram.Inside(c.NewChatMember))
	}
	m := u.Message
	if m == nil {
		return nil
	}
	faults := []error{note(m.Chat.ID, m.LeftChatMember, false)}
	for _, user := range m.NewChatMembers {
		faults = append(faults, note(m.Chat.ID, &user, true))
	}
	return errors.Join(faults...)
}

// panelDoor leads into the panel by way of a chat.
type panelDoor struct{ *App }

// Opens reports whether the panel is open to a person, as far as that is known.
func (d panelDoor) Opens(ctx context.Context, user int64) (bool, error) {
	role, err := d.access.Role(ctx, user)
	return role > account.Nobody, err
}

// Link makes a link for a person who may use the panel: where the table does not
// know of a moment ago whether they are in a group, Telegram does.
func (d panelDoor) Link(ctx context.Context, user int64) (link, app string, err error) {
	if d.web == nil {
		return "", "", nil
	}
	if err := d.confirm(ctx, user, membersPause); err != nil {
		if telegram.ClassOf(err).Temporary() {
			return "", "", err
		}
		d.Log.Warn().Str("fault", "telegram").Err(err).Int64("user", user).Msg("Telegram does not say whether somebody is in the managers' group: is the bot an admin there?")
	}
	if opens, err := d.Opens(ctx, user); err != nil || !opens {
		return "", "", err
	}
	secret, hash := account.NewSecret(account.PrefixLink)
	made := account.LoginLink{User: user, ExpiresAt: d.Clock().Add(account.LinkTime)}
	if err := d.store.PanelSessions().MakeLink(ctx, made, hash); err != nil {
		return "", "", err
	}
	site := d.Config.Site(d.HTTPAddr())
	if site.Secure() {
		app = string(site) + "/login/app"
	}
	return string(site) + "/login/" + secret, app, nil
}
