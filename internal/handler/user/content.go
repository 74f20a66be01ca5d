package user

import (
	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
)

// contentText names the answer to a message by what it holds. What this
// program does not know gets an answer, too.
func contentText(m *models.Message) string {
	switch {
	case m.Text != "":
		return message.TextUnclear
	case len(m.Photo) > 0, m.PaidMedia != nil:
		return message.TextPhoto
	case m.Video != nil, m.VideoNote != nil, m.Story != nil:
		return message.TextVideo
	case m.Voice != nil, m.Audio != nil:
		return message.TextVoice
	case m.Sticker != nil, m.Animation != nil, m.Dice != nil, m.Game != nil: // an animation comes with a document
		return message.TextSticker
	case m.Document != nil:
		return message.TextDocument
	case m.Contact != nil:
		return message.TextContact
	case m.Venue != nil, m.Location != nil:
		return message.TextLocation
	case m.Poll != nil:
		return message.TextPoll
	default:
		return message.TextUnknown
	}
}

// isService tells whether a message only says that something happened to the
// chat: nobody wrote it, so nobody waits for an answer.
func isService(m *models.Message) bool {
	return m.PinnedMessage != nil || m.MessageAutoDeleteTimerChanged != nil || m.WriteAccessAllowed != nil ||
		m.ConnectedWebsite != "" || m.PassportData != nil || m.ProximityAlertTriggered != nil || m.BoostAdded != nil ||
		m.ChatBackgroundSet != nil || m.UsersShared != nil || m.ChatShared != nil || m.WebAppData != nil ||
		m.Gift != nil || m.UniqueGift != nil || m.GiftUpgradeSent != nil || m.RefundedPayment != nil ||
		m.SuccessfulPayment != nil || m.ChecklistTasksDone != nil || m.ChecklistTasksAdded != nil ||
		m.ForumTopicCreated != nil || m.ForumTopicEdited != nil || m.ForumTopicClosed != nil ||
		m.ForumTopicReopened != nil || m.GiveawayCreated != nil || m.GiveawayCompleted != nil ||
		m.PaidMessagePriceChanged != nil
}
