package manager

import (
	"strings"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// errand is a message as it is understood: as a command, or as an attempt to finish
// a ticket, which is the PDF itself, perhaps with a command below it, or a command
// in reply to the PDF.
type errand struct {
	m        *models.Message
	edited   bool
	command  message.Command // of which the name is empty where there is none
	help     bool            // asks how it is done
	finishes bool            // says /done
	done     message.Done

	file   *models.Document // what is to be sent, nil for nothing
	source ticket.Place     // the message with the file
	own    bool             // the file is in this very message
	media  bool             // there is a picture or the like where the file should be
}

// readErrand reads a message. Captions carry commands as texts do.
func (h *Handler) readErrand(m *models.Message) errand {
	e := errand{m: m, source: message.PlaceOf(m)}
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.CaptionEntities
	}
	if c, ok := message.FindCommand(text, entities, h.BotName()); ok {
		e.command = c
		e.help = c.Name == message.CommandHelp || c.Name == message.CommandStart
		e.finishes = c.Name == message.CommandDone
		if e.finishes {
			e.done = c.Done()
		}
	}
	if m.Document != nil && m.Animation == nil { // an animation comes with a document
		e.file, e.own = m.Document, true
		return e
	}
	e.media = isMedia(m)
	if e.finishes && !e.media {
		h.readReply(&e)
	}
	return e
}

// readReply finds the file in the message that a command replies to.
func (h *Handler) readReply(e *errand) {
	at, replied, ok := h.repliedTo(e.m)
	if !ok {
		return
	}
	if replied != nil {
		e.file, e.media = replied.Document, isMedia(replied)
	} else {
		e.file, e.media = e.m.ExternalReply.Document, len(e.m.ExternalReply.Photo) > 0
	}
	if e.file != nil {
		e.source = at
	}
}

// repliedTo finds the message that a message replies to: in the same topic, or
// across topics, where Telegram tells only where it stands. The service message
// that every message of a topic hangs on is no reply.
func (h *Handler) repliedTo(m *models.Message) (ticket.Place, *models.Message, bool) {
	if r := m.ReplyToMessage; r != nil {
		if m.IsTopicMessage && (r.ForumTopicCreated != nil || r.ID == m.MessageThreadID) {
			return ticket.Place{}, nil, false
		}
		at := message.PlaceOf(r)
		at.Chat = m.Chat.ID
		return at, r, true
	}
	if e := m.ExternalReply; e != nil && e.Chat != nil && e.MessageID != 0 && h.Groups.Allowed(e.Chat.ID) {
		return ticket.Place{Chat: e.Chat.ID, Message: e.MessageID}, nil, true
	}
	return ticket.Place{}, nil, false
}

// repliesToBot tells whether a message replies to one of the bot's own.
func (h *Handler) repliesToBot(m *models.Message) bool {
	_, replied, ok := h.repliedTo(m)
	switch {
	case !ok:
		return false
	case replied != nil:
		return replied.From != nil && replied.From.ID == h.BotID
	}
	author := m.ExternalReply.Origin.MessageOriginUser
	return author != nil && author.SenderUser.ID == h.BotID
}

// isMedia tells whether a message holds what people take for a report that is
// no document: a picture of it, mostly.
func isMedia(m *models.Message) bool {
	return len(m.Photo) > 0 || m.Video != nil || m.Animation != nil || m.Audio != nil || m.Voice != nil
}

// looksLikePDF goes by the type and the name that the sender's client gave; the
// bytes are looked at later. Clients give PDFs strange types and names, so one
// of the two is enough.
func looksLikePDF(d *models.Document) bool {
	mime := strings.ToLower(d.MimeType)
	return mime == "application/pdf" || mime == "application/x-pdf" || strings.HasSuffix(strings.ToLower(d.FileName), ".pdf")
}

// hidesSender tells whether a message names a chat instead of a person: an
// anonymous admin's comes in the name of the group, from a user that stands for
// all of them.
func hidesSender(m *models.Message) bool { return m.SenderChat != nil || m.From == nil }

// asGroup tells whether an admin wrote a message as the group itself.
func asGroup(m *models.Message) bool { return m.SenderChat != nil && m.SenderChat.ID == m.Chat.ID }

// fromProgram tells whether no person wrote a message: another bot did, or it
// was copied from the channel that the group discusses.
func fromProgram(m *models.Message) bool {
	return m.IsAutomaticForward || m.From != nil && m.From.IsBot && m.SenderChat == nil
}
