package ticket

import (
	"context"
	"fmt"
)

// Answering is what an owner wrote to the managers.
type Answering struct {
	Owner  int64
	Source Place
	Album  string // empty for none
	// To is the message of ours that it replies to; 0 for none.
	To int
	// Plain says that without a reply it may be an answer, too: words, a
	// picture; not a sticker.
	Plain bool
}

// AnswerOutcome says what became of something that an owner wrote.
type AnswerOutcome int

// The outcomes.
const (
	NoAnswer      AnswerOutcome = iota // nobody has asked: it is about something else
	AnswerPassed                       // it goes to the managers
	AnswerMore                         // so does this, after an earlier answer to the same question
	AnswerUnclear                      // several questions are open
	AnswerTooMany                      // the question has as many answers as anybody reads
)

// Answered is the outcome, with what it is about.
type Answered struct {
	Outcome AnswerOutcome
	// Ticket of the question that was answered.
	Ticket int64
	// Questions that are open, where it is not clear which one was meant.
	Questions []Line
}

// Answer passes on what an owner writes, if it answers a question: as a reply
// to one, as a part of an album that does, or, where it may be, because exactly
// one question is open. A question is open while its ticket is, until it was
// answered, and a while longer, since people answer in several messages.
func (k *Talk) Answer(ctx context.Context, a Answering) (out Answered, err error) {
	err = k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		q, open, err := k.meant(ctx, tx, a)
		switch {
		case err != nil:
			return err
		case q.ID == 0 && len(open) == 0:
			out = Answered{}
			return nil
		case q.ID == 0:
			out = Answered{Outcome: AnswerUnclear, Questions: open}
			return nil
		}
		out, err = k.pass(ctx, tx, q, a)
		return err
	})
	if err != nil {
		return Answered{}, fmt.Errorf("pass on what an owner wrote: %w", err)
	}
	return out, nil
}

// AnswerTo passes on what an owner wrote earlier, who says now which of their
// questions it answers. A question that is not theirs is a [CodeNotFound]
// error.
func (k *Talk) AnswerTo(ctx context.Context, question int64, a Answering) (out Answered, err error) {
	err = k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		q, err := k.lines.Line(ctx, question)
		if err != nil {
			return err
		}
		t, err := tx.Ticket(ctx, q.TicketID)
		if err != nil {
			return err
		}
		if q.Direction != Question || t.OwnerID != a.Owner {
			return NewError(CodeNotFound, "no such question", nil)
		}
		out, err = k.pass(ctx, tx, q, a)
		return err
	})
	if err != nil {
		return Answered{}, fmt.Errorf("pass on what an owner wrote: %w", err)
	}
	return out, nil
}

// meant finds the question that is answered, or those that may be.
func (k *Talk) meant(ctx context.Context, tx Tx, a Answering) (Line, []Line, error) {
	if a.To != 0 {
		q, err := k.lines.QuestionAt(ctx, a.Owner, a.To)
		if err == nil || !IsNotFound(err) {
			return q, nil, err
		}
	}
	if a.Album != "" {
		part, err := k.lines.AlbumLine(ctx, a.Owner, a.Album)
		if err == nil {
			q, err := k.lines.Line(ctx, part.Question)
			return q, nil, err
		}
		if !IsNotFound(err) {
			return Line{}, nil, err
		}
	}
	if !a.Plain {
		return Line{}, nil, nil
	}
	open, err := k.lines.OpenQuestions(ctx, a.Owner, tx.Now().Add(-followUp))
	if err != nil {
		return Line{}, nil, err
	}
	return oneMeant(open)
}

// oneMeant is the newest question where all that are open are of one ticket:
// which of them is answered, the managers see for themselves.
func oneMeant(open []Line) (Line, []Line, error) {
	if len(open) == 0 {
		return Line{}, nil, nil
	}
	newest := open[len(open)-1]
	for _, l := range open {
		if l.TicketID != newest.TicketID {
			return Line{}, open, nil
		}
	}
	return newest, nil, nil
}

// pass has an answer copied into every group of cards.
func (k *Talk) pass(ctx context.Context, tx Tx, q Line, a Answering) (Answered, error) {
	said := Answered{Outcome: AnswerPassed, Ticket: q.TicketID}
	earlier, err := k.lines.LineFrom(ctx, a.Source.Chat, a.Source.Message)
	if err == nil && earlier.Direction == Answer && earlier.TicketID == q.TicketID { // pressed twice
		return said, nil
	}
	if err != nil && !IsNotFound(err) {
		return Answered{}, err
	}
	many, err := k.lines.CountAnswers(ctx, q.ID)
	if err != nil {
		return Answered{}, err
	}
	if many >= maxAnswers {
		said.Outcome = AnswerTooMany
		return said, nil
	}
	if many > 0 {
		said.Outcome = AnswerMore
	}
	t, err := tx.Ticket(ctx, q.TicketID)
	if err != nil {
		return Answered{}, err
	}
	l := Line{
		TicketID: t.ID, Direction: Answer, State: LineSending, AuthorID: a.Owner, Source: a.Source, Album: a.Album,
		Question: q.ID, SaidAt: tx.Now(),
	}
	if err := k.lines.InsertLine(ctx, &l); err != nil {
		return Answered{}, err
	}
	q.AnsweredAt = tx.Now()
	if err := k.lines.UpdateLine(ctx, q); err != nil {
		return Answered{}, err
	}
	if err := tx.AddEvent(ctx, talked(t, EventAnswered, a.Owner)); err != nil {
		return Answered{}, err
	}
	for _, place := range k.groups.Current() {
		if err := tx.Enqueue(ctx, Effect{
			Kind: EffectAnswer, Lane: Lane(t.ID), Chat: place.Chat, Urgency: ForGroup, TicketID: t.ID,
			Payload: LineRef{Line: l.ID, To: place},
		}); err != nil {
			return Answered{}, err
		}
	}
	return said, nil
}

// Spoken reports whether a message was sent on: a manager's as a question, an
// owner's as an answer.
func (k *Talk) Spoken(ctx context.Context, at Place) (bool, error) {
	_, err := k.lines.LineFrom(ctx, at.Chat, at.Message)
	if IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for what was said in a message: %w", err)
	}
	return true, nil
}

// Line finds a line of a conversation.
func (k *Talk) Line(ctx context.Context, id int64) (Line, error) {
	l, err := k.lines.Line(ctx, id)
	if err != nil {
		return Line{}, fmt.Errorf("read a line of a conversation: %w", err)
	}
	return l, nil
}

// Copied notes where a copy of an answer stands. A reply to it means the
// ticket, as one to the card does. One that was erased meanwhile is erased
// again.
func (k *Talk) Copied(ctx context.Context, id int64, at Place) error {
	err := k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		l, err := k.lines.Line(ctx, id)
		if IsNotFound(err) {
			return tx.Enqueue(ctx, unsay(at))
		}
		if err != nil {
			return err
		}
		if l.State == LineSending {
			l.State, l.SentAt = LineSent, tx.Now()
			if err := k.lines.UpdateLine(ctx, l); err != nil {
				return err
			}
		}
		if err := k.lines.AddCopy(ctx, id, at); err != nil {
			return err
		}
		return tx.AddCard(ctx, Card{TicketID: l.TicketID, Place: at, Kind: CardNote, PostedAt: tx.Now()})
	})
	if err != nil {
		return fmt.Errorf("note where answer %d stands: %w", id, err)
	}
	return nil
}

// NotCopied tells an owner, once, that Telegram would not pass on what they
// wrote.
func (k *Talk) NotCopied(ctx context.Context, id int64) error {
	err := k.store.Do(ctx, func(ctx context.Context, tx Tx) error {
		l, err := k.lines.Line(ctx, id)
		if IsNotFound(err) || err == nil && l.State != LineSending {
			return nil
		}
		if err != nil {
			return err
		}
		l.State = LineDropped
		if err := k.lines.UpdateLine(ctx, l); err != nil {
			return err
		}
		return tx.Enqueue(ctx, Effect{
			Kind: EffectSay, Lane: ChatLane(l.AuthorID), Chat: l.AuthorID, Urgency: ForOwner, TicketID: l.TicketID,
			Payload: Say{Text: TextAnswerFailed, To: l.Source, User: l.AuthorID, Ticket: l.TicketID},
		})
	})
	if err != nil {
		return fmt.Errorf("tell that answer %d was not passed on: %w", id, err)
	}
	return nil
}

// unsay is the effect that takes what an owner wrote out of a group again.
func unsay(at Place) Effect {
	return Effect{
		Kind: EffectDelete, Lane: ChatLane(at.Chat), Chat: at.Chat, Urgency: ForEdit,
		Payload: Deletion{At: at, Instead: TextErased},
	}
}
