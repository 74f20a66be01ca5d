package user

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// linkSlip is how many characters a deep link's VIN may lack or have too many,
// and be told so.
const linkSlip = 2

// fromPerson tells whether a message is one of a person to the bot: in a
// private chat, not by another bot, not by way of one, nor of a business
// account that the bot looks after.
func fromPerson(m *models.Message) bool {
	return m.Chat.Type == models.ChatTypePrivate && !sender(m).IsBot && m.ViaBot == nil && m.SenderBusinessBot == nil &&
		m.BusinessConnectionID == ""
}

// message answers a new message.
func (h *Handler) message(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	if !fromPerson(m) {
		return nil
	}
	if barred, err := h.barred(ctx, tx, m); barred || err != nil {
		return err
	}
	if isService(m) {
		return h.meet(ctx, sender(m))
	}
	if over, err := h.tooFast(ctx, tx, arrival{sender(m).ID, message.PlaceOf(m), m.Date}); over || err != nil {
		return err
	}
	if err := h.meet(ctx, sender(m)); err != nil {
		return err
	}
	if c, ok := message.FindCommand(m.Text, m.Entities, h.BotName()); ok {
		return h.command(ctx, tx, m, c)
	}
	if answered, err := h.replies(ctx, tx, m); answered || err != nil {
		return err
	}
	if read, err := h.read(ctx, tx, m, words(m)); err != nil {
		return err
	} else if read {
		return h.hushAlbum(ctx, tx, m)
	}
	if answered, err := h.mayAnswer(ctx, tx, m); answered || err != nil {
		return err
	}
	return h.explain(ctx, tx, m)
}

// words are what a message says, below a picture, too.
func words(m *models.Message) string {
	if m.Text != "" {
		return m.Text
	}
	return m.Caption
}

// command answers a command.
func (h *Handler) command(ctx context.Context, tx ticket.Tx, m *models.Message, c message.Command) error {
	switch c.Name {
	case message.CommandStart:
		return h.start(ctx, tx, m, c.Arguments)
	case message.CommandPrivacy:
		return h.privacy(ctx, tx, m)
	case message.CommandDeleteMe:
		return h.asksToBeForgotten(ctx, tx, m)
	case message.CommandHelp:
		return h.tell(ctx, tx, m, message.TextHelp)
	case message.CommandMine:
		return h.mine(ctx, tx, m)
	case message.CommandCancel:
		return h.cancel(ctx, tx, m, c)
	case message.CommandLanguage:
		return h.language(ctx, tx, m, c.Arguments)
	case message.CommandPanel:
		return h.panel(ctx, tx, m)
	case message.CommandDone: // a manager in the wrong chat
		return h.tell(ctx, tx, m, message.TextDoneHelp)
	default:
		if message.ForGroup(c.Name) {
			return h.tell(ctx, tx, m, message.TextNotHere)
		}
		// perhaps one that this bot does not have, with a VIN behind it
		if read, err := h.read(ctx, tx, m, c.Arguments); read || err != nil {
			return err
		}
		return h.tell(ctx, tx, m, message.TextUnclear)
	}
}

// start answers /start with what a deep link put behind it: a VIN, or the
// question how a ticket is finished. Anything else there, such as where the
// link was published ("ref_12345"), is no VIN with a fault.
func (h *Handler) start(ctx context.Context, tx ticket.Tx, m *models.Message, payload string) error {
	if payload == message.CommandDone {
		return h.tell(ctx, tx, m, message.TextDoneHelp)
	}
	if size := utf8.RuneCountInString(payload); vin.Length-linkSlip <= size && size <= vin.Length+linkSlip {
		if read, err := h.read(ctx, tx, m, payload); read || err != nil {
			return err
		}
	}
	return h.tell(ctx, tx, m, message.TextGreeting)
}

// tell says something that is no answer to one message above others.
func (h *Handler) tell(ctx context.Context, tx ticket.Tx, m *models.Message, text string) error {
	to := message.PlaceOf(m)
	to.Message = 0
	return say(ctx, tx, ticket.Say{Text: text, To: to, User: sender(m).ID})
}

// explain answers what holds no VIN. Of an album each item is an update of its
// own, and nobody can tell which will be the last: their answers wait a second,
// and those that wait are one.
func (h *Handler) explain(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	s := ticket.Say{Text: contentText(m), To: message.PlaceOf(m), User: sender(m).ID}
	if m.MediaGroupID == "" {
		return say(ctx, tx, s)
	}
	s.Text = message.TextAlbum
	return enqueue(ctx, tx, albumAnswer(m, s))
}

// hushAlbum has nothing said of the pictures of an album whose caption was a
// VIN: the answer about that is the album's. A silent effect takes the place of
// the one that waits, and of those of the items that are yet to come.
func (h *Handler) hushAlbum(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	if m.MediaGroupID == "" {
		return nil
	}
	e := albumAnswer(m, ticket.Say{To: ticket.Place{Chat: m.Chat.ID}})
	e.Lane = e.Merge // it holds up nothing that is said in the chat
	e.Urgency, e.After = ticket.Background, albumMemory
	if err := tx.Supersede(ctx, e); err != nil {
		return fmt.Errorf("say nothing more of an album: %w", err)
	}
	return nil
}

// albumAnswer is what is said about an album.
func albumAnswer(m *models.Message, s ticket.Say) ticket.Effect {
	e := answer(s)
	e.Merge = "album:" + strconv.FormatInt(m.Chat.ID, 10) + ":" + m.MediaGroupID
	e.After = albumPause
	return e
}

// edited answers that a message was changed: it has been read as it was. Not a
// place that moves, which is edited every few seconds by itself.
func (h *Handler) edited(ctx context.Context, tx ticket.Tx, m *models.Message) error {
	if !fromPerson(m) {
		return nil
	}
	if barred, err := h.barred(ctx, tx, m); barred || err != nil {
		return err
	}
	if m.Location != nil || isService(m) {
		return h.meet(ctx, sender(m))
	}
	if over, err := h.tooFast(ctx, tx, arrival{sender(m).ID, message.PlaceOf(m), m.EditDate}); over || err != nil {
		return err
	}
	if err := h.meet(ctx, sender(m)); err != nil {
		return err
	}
	passed, err := h.Talk.Spoken(ctx, message.PlaceOf(m))
	if err != nil {
		return fmt.Errorf("look for an answer that was edited: %w", err)
	}
	text := message.TextEdited
	if passed {
		text = message.TextAnswerEdited
	}
	e := answer(ticket.Say{Text: text, To: message.PlaceOf(m), User: sender(m).ID})
	e.Merge = "edited:" + strconv.FormatInt(m.Chat.ID, 10) + ":" + strconv.Itoa(m.ID)
	return enqueue(ctx, tx, e)
}

// read looks for VINs in a text and deals with what it finds; false where the
// text is about something else.
func (h *Handler) read(ctx context.Context, tx ticket.Tx, m *models.Message, text string) (bool, error) {
	found, rest := vin.Find(text)
	if len(found) == 0 && text != "" && vin.LooksLikeVIN(text) {
		found = []vin.Found{{Kind: vin.FoundFaulty, Raw: text}}
	}
	if len(found) == 0 {
		return false, nil
	}
	year := tx.Now().UTC().Year()
	requests := make([]request, 0, len(found))
	for _, f := range found {
		requests = append(requests, request{
			Found: f, judged: vin.Check(f.Raw, h.Policy), owner: sender(m).ID, at: message.PlaceOf(m), year: year,
		})
	}
	if err := h.answerAll(ctx, tx, requests, rest); err != nil {
		return true, err
	}
	tx.After(func() {
		for _, r := range requests {
			h.count(r)
		}
	})
	return true, nil
}
