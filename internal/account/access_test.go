package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
)

// known is who is in which group, by person.
type known map[int64][]account.Membership

func (k known) Note(context.Context, int64, int64, bool) error { return nil }

func (k known) Of(_ context.Context, user int64) ([]account.Membership, error) { return k[user], nil }

func TestWhoHasWhichRoleInThePanel(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	in := func(chat int64, ago time.Duration) []account.Membership {
		return []account.Membership{{Chat: chat, Inside: true, CheckedAt: now.Add(-ago)}}
	}
	members := known{
		1: in(-1, time.Minute),
		2: in(-1, 10*time.Minute),
		3: in(-99, time.Minute),
		4: {{Chat: -1, CheckedAt: now}},
		5: in(-1001, 9*time.Minute), // what the group became
		9: {{Chat: -1, CheckedAt: now}},
	}
	for name, c := range map[string]struct {
		roles account.Roles
		want  map[int64]account.Role
	}{
		"every member": {account.Roles{Admins: []int64{9}}, map[int64]account.Role{
			1: account.Manager, 2: account.Nobody, 3: account.Nobody, 4: account.Nobody, 5: account.Manager, 6: account.Nobody, 9: account.Admin,
		}},
		"those on the list who are members": {account.Roles{Managers: []int64{1, 2, 4, 6}}, map[int64]account.Role{
			1: account.Manager, 2: account.Nobody, 4: account.Nobody, 5: account.Nobody, 6: account.Nobody, 9: account.Nobody,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			groups := account.NewGroups([]ticket.Place{{Chat: -1}}, &chats{next: map[int64]int64{-1: -1001}}) // as a process that leads nothing: it learns that late
			access := account.NewAccess(account.AccessOptions{Roles: c.roles, Groups: groups, Members: members, Clock: func() time.Time { return now }})
			for user, want := range c.want {
				role, err := access.Role(t.Context(), user)
				require.NoError(t, err)
				assert.Equal(t, want, role, user)
			}
		})
	}
}
