package telegram_test

import (
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/telegram"
)

func TestWhoIsInAGroup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		member models.ChatMember
		inside bool
	}{
		"its owner":             {models.ChatMember{Type: models.ChatMemberTypeOwner}, true},
		"an admin":              {models.ChatMember{Type: models.ChatMemberTypeAdministrator}, true},
		"a member":              {models.ChatMember{Type: models.ChatMemberTypeMember}, true},
		"a restricted one":      {models.ChatMember{Type: models.ChatMemberTypeRestricted, Restricted: &models.ChatMemberRestricted{IsMember: true}}, true},
		"restricted, and gone":  {models.ChatMember{Type: models.ChatMemberTypeRestricted, Restricted: &models.ChatMemberRestricted{}}, false},
		"who left":              {models.ChatMember{Type: models.ChatMemberTypeLeft}, false},
		"who was removed":       {models.ChatMember{Type: models.ChatMemberTypeBanned}, false},
		"of a kind yet to come": {models.ChatMember{Type: "ghost"}, false},
	} {
		assert.Equal(t, c.inside, telegram.Inside(c.member), name)
	}
}
