package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/account"
)

func TestWhoMayAct(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		roles  account.Roles
		act    []int64
		mayNot []int64
		admins []int64
	}{
		"every member":                {account.Roles{}, []int64{1, 2}, nil, nil},
		"those on the list":           {account.Roles{Managers: []int64{1, 2}}, []int64{1, 2}, []int64{3, 0}, nil},
		"admins, too":                 {account.Roles{Managers: []int64{1}, Admins: []int64{9}}, []int64{1, 9}, []int64{3}, []int64{9}},
		"admins do not make the list": {account.Roles{Admins: []int64{9}}, []int64{1, 9}, nil, []int64{9}},
	} {
		for _, id := range c.act {
			assert.True(t, c.roles.MayAct(id), "%s: %d", name, id)
		}
		for _, id := range c.mayNot {
			assert.False(t, c.roles.MayAct(id), "%s: %d", name, id)
		}
		for id := range int64(10) {
			assert.Equal(t, len(c.admins) == 1 && c.admins[0] == id, c.roles.Admin(id), "%s: %d", name, id)
		}
	}
}
