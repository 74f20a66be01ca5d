package manager

import "github.com/go-telegram/bot/models"

// MemberOf is whom what Telegram tells of a member is about; nil where it does not
// say.
func MemberOf(m models.ChatMember) *models.User {
	switch {
	case m.Owner != nil:
		return m.Owner.User
	case m.Administrator != nil:
		return &m.Administrator.User
	case m.Member != nil:
		return m.Member.User
	case m.Restricted != nil:
		return m.Restricted.User
	case m.Left != nil:
		return m.Left.User
	case m.Banned != nil:
		return m.Banned.User
	}
	return nil
}

func isMember(m models.ChatMember) bool {
	switch m.Type {
	case models.ChatMemberTypeLeft, models.ChatMemberTypeBanned:
		return false
	case models.ChatMemberTypeRestricted:
		return m.Restricted != nil && m.Restricted.IsMember
	default:
		return true
	}
}

// MayWrite reports whether a member may write in the group.
func MayWrite(m models.ChatMember) bool {
	return isMember(m) && (m.Restricted == nil || m.Restricted.CanSendMessages)
}
