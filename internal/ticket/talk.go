package ticket

import (
	"context"
	"fmt"
	"time"
)

// Line is one message of the conversation between managers and an owner about
// a ticket. The words stay with Telegram, but for those of a question that is
// on its way.
type Line struct {
	ID        int64
	TicketID  int64
	Direction Direction
	State     LineState
	AuthorID  int64
	// Source is the message that it was written in.
	Source Place
	// Album is Telegram's name of the album that an answer is part of.
	Album string
	// Question is the line that an answer answers.
	Question int64
	// OwnerMessage is a question's message in the owner's chat, once it is
	// there: a reply to it is an answer.
	OwnerMessage int
	// Reason says why a question did not arrive: one of the Undelivered… codes.
	Reason string
	// Body is what a question asks, until it has arrived or never will.
	Body       string
	SaidAt     time.Time
	SentAt     time.Time
	AnsweredAt time.Time // when a question got its newest answer
	RequestID  string
}

// Direction is who speaks to whom.
type Direction string

// The directions.
const (
	Question Direction = "question" // a manager to the owner
	Answer   Direction = "answer"   // the owner to the managers
)

// LineState is where a line stands.
type LineState string

// The life of a line.
const (
	// LineSending waits in the outbox.
	LineSending LineState = "sending"
	// LineSent was accepted by Telegram.
	LineSent LineState = "sent"
	// LineUndelivered is a question that could not reach the owner; it goes
	// out on their return.
	LineUndelivered LineState = "undelivered"
	// LineDropped will never be sent: its ticket was closed meanwhile, or
	// Telegram would not copy it.
	LineDropped LineState = "dropped"
)

// Lines is where conversations live. Every method joins the transaction that
// ctx carries, if it carries one. What does not exist is a [CodeNotFound]
// error.
type Lines interface {
	InsertLine(ctx context.Context, l *Line) error
	UpdateLine(ctx context.Context, l Line) error
	Line(ctx context.Context, id int64) (Line, error)
	// LineFrom finds the newest line that was written in a message.
	LineFrom(ctx context.Context, chat int64, message int) (Line, error)
	// Conversation lists a ticket's, the newest limit messages of it, oldest first.
	Conversation(ctx context.Context, ticket int64, limit int) ([]Spoken, error)
	// LastLine finds the newest line of a ticket's conversation.
	LastLine(ctx context.Context, ticket int64) (Line, error)
	// QuestionAt finds the question that a message of an owner's chat is, or may
	// be: one on its way may have arrived though nobody noted that yet.
	QuestionAt(ctx context.Context, owner int64, message int) (Line, error)
	// AlbumLine finds the newest answer of an author that is part of an album.
	AlbumLine(ctx context.Context, author int64, album string) (Line, error)
	// OpenQuestions lists the questions of an owner's open tickets that have
	// arrived and were not answered, or not before a time; oldest first.
	OpenQuestions(ctx context.Context, owner int64, answeredSince time.Time) ([]Line, error)
	// UndeliveredQuestions lists the questions that wait for an owner's return.
	UndeliveredQuestions(ctx context.Context, owner int64) ([]Line, error)
	// CountAnswers counts a question's answers.
	CountAnswers(ctx context.Context, question int64) (int, error)
	// AddCopy remembers where a copy of an answer stands.
	AddCopy(ctx context.Context, line int64, at Place) error
}

const (
	// followUp is how long after an answer what the owner writes still belongs
	// to it: people answer in several messages.
	followUp = 15 * time.Minute
	// maxAnswers is how many messages answer one question: nobody may fill the
	// managers' group.
	maxAnswers = 20
)

// Talk carries managers' questions to owners and the answers back. Like the
// [Service] it is a unit of work in each method.
type Talk struct {
	store  Store
	lines  Lines
	groups Groups
}

// NewTalk makes it.
func NewTalk(store Store, lines Lines, groups Groups) *Talk {
	return &Talk{store: store, lines: lines, groups: groups}
}

// Asking is a manager's question.
type Asking struct {
	Ticket int64
	Text   string
	Source Place // the message that asks; none of one that was written elsewhere
	By     Actor
	// Known is the number of the last line that whoever asks has seen; a newer one
	// is a [CodeConflict] error. It is looked at where there is no message.
	Known int64
}

// Ask sends an open ticket's owner a question. The same message asks once. Of a
// closed ticket, and of one whose owner is not to be reached by Telegram, it is
// a [CodeConflict] error.
func (k *Talk) Ask(ctx context.Context, a Asking) (l Line, err error) {
	err = k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		t, err := tx.Ticket(ctx, a.Ticket)
		if err != nil {
			return err
		}
		if !t.Status.Open() || t.OwnerID == 0 {
			return NewError(CodeConflict, "nobody is to be asked about the ticket", nil)
		}
		if l, err = k.asked(ctx, a); err != nil || l.ID != 0 {
			return err
		}
		l = Line{
			TicketID: t.ID, Direction: Question, State: LineSending, AuthorID: a.By.ID, Source: a.Source,
			Body: a.Text, SaidAt: tx.Now(),
		}
		if err := k.lines.InsertLine(ctx, &l); err != nil {
			return err
		}
		if err := tx.AddEvent(ctx, talked(t, EventAsked, a.By.ID)); err != nil {
			return err
		}
		return tx.Enqueue(ctx, asking(t, l))
	})
	if err != nil {
		return Line{}, fmt.Errorf("ask the owner of ticket %d: %w", a.Ticket, err)
	}
	return l, nil
}

// asked finds the question that was asked already: by the same message, or, where
// there is none, behind the back of who asks, which is a [CodeConflict] error.
func (k *Talk) asked(ctx context.Context, a Asking) (Line, error) {
	if a.Source.Message == 0 {
		last, err := k.lines.LastLine(ctx, a.Ticket)
		if err == nil && last.ID > a.Known {
			return Line{}, NewError(CodeConflict, "the conversation went on meanwhile", nil)
		}
		return Line{}, missing(err)
	}
	l, err := k.lines.LineFrom(ctx, a.Source.Chat, a.Source.Message)
	if err == nil && l.TicketID != a.Ticket {
		return Line{}, nil
	}
	return l, missing(err)
}

// missing is an error unless it says that there is nothing.
func missing(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

func talked(t Ticket, kind EventKind, by int64) Event {
	return Event{TicketID: t.ID, Kind: kind, From: t.Status, To: t.Status, ActorID: by}
}

// asking is the effect that brings a question to the owner.
func asking(t Ticket, l Line) Effect {
	return Effect{
		Kind: EffectAsk, Lane: ChatLane(t.OwnerID), Chat: t.OwnerID, Urgency: ForOwner, TicketID: t.ID,
		Payload: LineRef{Line: l.ID},
	}
}

// Asked notes that a question has arrived, as the message of that id, and
// shows it to the manager.
func (k *Talk) Asked(ctx context.Context, id int64, message int) error {
	return k.settle(ctx, id, func(ctx context.Context, tx Tx, l *Line) error {
		l.State, l.OwnerMessage, l.SentAt, l.Body, l.Reason = LineSent, message, tx.Now(), "", ""
		if l.Source.Message == 0 {
			return nil
		}
		return tx.Enqueue(ctx, Effect{
			Kind: EffectReaction, Lane: Lane(l.TicketID), Urgency: ForGroup, TicketID: l.TicketID,
			Payload: Reaction{On: l.Source, Emoji: "👍", Fallback: TextAskDelivered, Ticket: l.TicketID},
		})
	})
}

// NotAsked notes that a question did not reach the owner, for one of the
// Undelivered… reasons, and tells the manager. It goes out on their return.
func (k *Talk) NotAsked(ctx context.Context, id int64, why string) error {
	return k.settle(ctx, id, func(ctx context.Context, tx Tx, l *Line) error {
		told := l.Reason == why // on a return that did not last
		l.State, l.Reason = LineUndelivered, why
		if told {
			return nil
		}
		return answering(ctx, tx, *l, Say{Text: TextAskUndelivered, Reason: why})
	})
}

// NotAnyMore ends a question that is not to be sent: its ticket was closed
// before it went out, or Telegram refused it.
func (k *Talk) NotAnyMore(ctx context.Context, id int64, refused bool) error {
	return k.settle(ctx, id, func(ctx context.Context, tx Tx, l *Line) error {
		l.State, l.Body = LineDropped, ""
		text := TextAskDropped
		if refused {
			text = TextAskFailed
		}
		return answering(ctx, tx, *l, Say{Text: text})
	})
}

// answering replies to the message that a line was written in. Who wrote it
// elsewhere sees there what became of it.
func answering(ctx context.Context, tx Tx, l Line, s Say) error {
	if l.Source.Message == 0 {
		return nil
	}
	s.To, s.Ticket = l.Source, l.TicketID
	return tx.Enqueue(ctx, Effect{
		Kind: EffectSay, Lane: Lane(l.TicketID), Chat: l.Source.Chat, Urgency: ForGroup, TicketID: l.TicketID, Payload: s,
	})
}

// settle runs what became of a question on its way. One that is no longer,
// since it was settled or erased, changes nothing.
func (k *Talk) settle(ctx context.Context, id int64, do func(ctx context.Context, tx Tx, l *Line) error) error {
	err := k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		l, err := k.lines.Line(ctx, id)
		if IsNotFound(err) || err == nil && l.State != LineSending {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(ctx, tx, &l); err != nil {
			return err
		}
		return k.lines.UpdateLine(ctx, l)
	})
	if err != nil {
		return fmt.Errorf("note what became of question %d: %w", id, err)
	}
	return nil
}

// OwnerReturned sends the questions that waited for an owner who could not be
// reached.
func (k *Talk) OwnerReturned(ctx context.Context, owner int64) error {
	err := k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		waiting, err := k.lines.UndeliveredQuestions(ctx, owner)
		if err != nil {
			return err
		}
		for _, l := range waiting {
			t, err := tx.Ticket(ctx, l.TicketID)
			if err != nil {
				return err
			}
			l.State = LineSending // whether it is still to be asked is seen when it is
			if err := k.lines.UpdateLine(ctx, l); err != nil {
				return err
			}
			if err := tx.Enqueue(ctx, asking(t, l)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ask an owner who is back: %w", err)
	}
	return nil
}
