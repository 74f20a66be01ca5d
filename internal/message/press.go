package message

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// maxData is how many bytes a button can carry.
const maxData = 64

// ErrPress says that a button's data is not ours, or no longer.
var ErrPress = errors.New("message: the button's data is not understood")

// PressKind is what a button does.
type PressKind string

// The buttons.
const (
	PressKindTake       PressKind = "take"      // ID: the ticket
	PressKindDoneHint   PressKind = "done_hint" // ID: the ticket
	PressKindVINOK      PressKind = "vinok"     // VIN: it is right
	PressKindVINFix     PressKind = "vinfix"    // VIN: it is not
	PressKindVINRepair  PressKind = "vinrep"    // VIN: this one was meant
	PressKindReportSend PressKind = "rsend"     // ID: the report
	PressKindReportDrop PressKind = "rdrop"     // ID: the report
	PressKindAsk        PressKind = "ask"       // ID: the ticket; what the offer replies to goes to its owner
	PressKindNoAsk      PressKind = "noask"     // ID: the ticket
	PressKindSaid       PressKind = "said"      // ID: the ticket that an owner's answer is about
	PressKindForget     PressKind = "forget"    // ID: the person who wants to be forgotten
	PressKindForgetNot  PressKind = "forgetno"  // ID: the person
	PressKindReply      PressKind = "reply"     // ID: the question that an owner says was answered
	PressKindRelease    PressKind = "release"   // ID: the ticket
	PressKindPriority   PressKind = "prio"      // ID: the ticket; Word: a priority
	PressKindReuse      PressKind = "reuse"     // ID: the ticket, which gets a report for the same VIN
	PressKindReject     PressKind = "reject"    // ID: the ticket, whose rejection is asked about
	PressKindRejectFor  PressKind = "rejfor"    // ID: the ticket; Word: a usual reason
	PressKindRejectNot  PressKind = "rejnot"    // ID: the ticket, which is not rejected after all
	PressKindCancel     PressKind = "cancel"    // ID: the ticket, which its owner cancels
	PressKindKeep       PressKind = "keep"      // ID: the ticket, which is not cancelled after all
	PressKindRate       PressKind = "rate"      // ID: the ticket; Word: how many stars
	PressKindAgain      PressKind = "again"     // ID: the ticket, whose report is sent once more
	PressKindMine       PressKind = "my"        // ID: the page of an owner's tickets
	PressKindLanguage   PressKind = "lang"      // Word: the language
)

// Press is what a button carries. Whoever presses can forge it: it says what
// is meant, never what is allowed.
type Press struct {
	Kind PressKind
	ID   int64  // a ticket or a report
	VIN  string // 17 characters of a VIN's alphabet
	Word string // one of those that the kind knows
}

// String gives the data as it travels, such as take:12.
func (p Press) String() string {
	if p.carriesVIN() {
		return string(p.Kind) + ":" + p.VIN
	}
	if p.Kind == PressKindLanguage {
		return string(p.Kind) + ":" + p.Word
	}
	data := string(p.Kind) + ":" + strconv.FormatInt(p.ID, 10)
	if p.Word != "" {
		data += ":" + p.Word
	}
	return data
}

func (p Press) carriesVIN() bool {
	return p.Kind == PressKindVINOK || p.Kind == PressKindVINFix || p.Kind == PressKindVINRepair
}

// Ticket gives the ticket that the press concerns, if it names one.
func (p Press) Ticket() (int64, bool) {
	switch p.Kind {
	case PressKindTake, PressKindDoneHint, PressKindAsk, PressKindNoAsk, PressKindSaid, PressKindRelease,
		PressKindPriority, PressKindReuse, PressKindReject, PressKindRejectFor, PressKindRejectNot:
		return p.ID, true
	default:
		return p.ID, false
	}
}

// words lists what the buttons of a kind may carry besides the number; nothing
// for those that carry none.
func (k PressKind) words() []string {
	switch k {
	case PressKindPriority:
		var words []string
		for _, p := range ticket.Priorities() {
			words = append(words, string(p))
		}
		return words
	case PressKindRejectFor:
		return ticket.UsualRejections()
	case PressKindRate:
		var words []string
		for stars := ticket.MinStars; stars <= ticket.MaxStars; stars++ {
			words = append(words, strconv.Itoa(stars))
		}
		return words
	default:
		return nil
	}
}

// ParsePress reads a button's data. It takes exactly what String writes.
func ParsePress(data string) (Press, error) {
	if len(data) > maxData {
		return Press{}, ErrPress
	}
	kind, argument, _ := strings.Cut(data, ":")
	p := Press{Kind: PressKind(kind)}
	switch p.Kind {
	case PressKindVINOK, PressKindVINFix, PressKindVINRepair:
		if !vin.WellFormed(argument) {
			return Press{}, ErrPress
		}
		p.VIN = argument
	case PressKindLanguage:
		if !slices.Contains(Languages(), argument) {
			return Press{}, ErrPress
		}
		p.Word = argument
	case PressKindTake, PressKindDoneHint, PressKindReportSend, PressKindReportDrop, PressKindCancel, PressKindKeep,
		PressKindRate, PressKindAgain, PressKindMine, PressKindAsk, PressKindNoAsk, PressKindSaid, PressKindReply, PressKindForget, PressKindForgetNot,
		PressKindRelease, PressKindPriority, PressKindReuse, PressKindReject, PressKindRejectFor, PressKindRejectNot:
		number, word, _ := strings.Cut(argument, ":")
		id, err := strconv.ParseInt(number, 10, 64)
		if words := p.Kind.words(); err != nil || id <= 0 || len(words) > 0 && !slices.Contains(words, word) {
			return Press{}, ErrPress
		} else if len(words) > 0 {
			p.Word = word
		}
		p.ID = id
	default:
		return Press{}, ErrPress
	}
	if p.String() != data { // a sign or leading zeros
		return Press{}, ErrPress
	}
	return p, nil
}

// PressedAt tells which message's button was pressed; false where Telegram
// does not say.
func PressedAt(q *models.CallbackQuery) (ticket.Place, bool) {
	switch {
	case q.Message.Message != nil:
		return PlaceOf(q.Message.Message), true
	case q.Message.InaccessibleMessage != nil:
		m := q.Message.InaccessibleMessage
		return ticket.Place{Chat: m.Chat.ID, Message: m.MessageID}, true
	default:
		return ticket.Place{}, false
	}
}

// PlaceOf tells where a message stands. A thread that is no forum topic, as
// every chain of replies in a supergroup is, cannot be written to by its id.
func PlaceOf(m *models.Message) ticket.Place {
	p := ticket.Place{Chat: m.Chat.ID, Message: m.ID}
	if m.IsTopicMessage {
		p.Topic = m.MessageThreadID
	}
	return p
}

// TicketOf reads which ticket a message of ours stands for from its own
// buttons, and as what. It is how a card is known whose id was never stored. A
// digest stands for no one ticket.
func TicketOf(m *models.Message) (id int64, as ticket.CardKind, ok bool) {
	if TicketsOf(m) != nil {
		return 0, "", false
	}
	for p := range presses(m) {
		if id, ok := p.Ticket(); ok {
			return id, p.Kind.on(), true
		}
	}
	return 0, "", false
}

// presses gives what the buttons of a message carry; of one that carries nothing
// of ours, such as one that copies, a press of no kind.
func presses(m *models.Message) iter.Seq[Press] {
	return func(yield func(Press) bool) {
		if m.ReplyMarkup == nil {
			return
		}
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			for _, button := range row {
				p, err := ParsePress(button.CallbackData)
				if err != nil {
					p = Press{}
				}
				if !yield(p) {
					return
				}
			}
		}
	}
}

// carries tells whether a message has a button of a kind.
func carries(m *models.Message, kind PressKind) bool {
	for p := range presses(m) {
		if p.Kind == kind {
			return true
		}
	}
	return false
}

// AboutData tells whether a press is about a person's own data: whoever is
// banned may have them erased, too.
func (p Press) AboutData() bool { return p.Kind == PressKindForget || p.Kind == PressKindForgetNot }

// IsAnswer tells whether a message of ours is the copy of an owner's answer.
func IsAnswer(m *models.Message) bool { return carries(m, PressKindSaid) }

// on tells what kind of message a ticket's button is on.
func (k PressKind) on() ticket.CardKind {
	switch k {
	case PressKindAsk, PressKindNoAsk, PressKindSaid, PressKindRejectFor, PressKindRejectNot:
		return ticket.CardNote
	default:
		return ticket.CardMain
	}
}

// AsksWhyRejected tells the question why a ticket is to be rejected by its own
// buttons, while it has them.
func AsksWhyRejected(m *models.Message) bool { return carries(m, PressKindRejectNot) }
