package store

import (
	"context"
	"time"

	"vinbot/internal/ticket"
)

// lines keeps the conversations.
type lines struct{ s *Store }

var _ ticket.Lines = lines{}

// Lines gives the conversations between managers and owners.
func (s *Store) Lines() ticket.Lines { return lines{s} }

// lineRow is a row of conversations.
type lineRow struct {
	ID            int64
	TicketID      int64
	Direction     string
	State         string
	AuthorID      int64
	SourceChat    int64
	SourceTopic   int
	SourceMessage int
	Album         string
	QuestionID    int64
	OwnerMessage  int
	Reason        string
	Body          string
	SaidAt        instant
	SentAt        instant
	AnsweredAt    instant
	RequestID     string
}

// lineColumns are those of lineRow.
const lineColumns = `conversations.id, ticket_id, direction, state, author_id, source_chat, source_topic, source_message, album,
	question_id, owner_message, reason, body, said_at, sent_at, answered_at, conversations.request_id`

// TableName names the table.
func (lineRow) TableName() string { return "conversations" }

func (r lineRow) domain() ticket.Line {
	return ticket.Line{
		ID:           r.ID,
		TicketID:     r.TicketID,
		Direction:    ticket.Direction(r.Direction),
		State:        ticket.LineState(r.State),
		AuthorID:     r.AuthorID,
		Source:       ticket.Place{Chat: r.SourceChat, Topic: r.SourceTopic, Message: r.SourceMessage},
		Album:        r.Album,
		Question:     r.QuestionID,
		OwnerMessage: r.OwnerMessage,
		Reason:       r.Reason,
		Body:         r.Body,
		SaidAt:       time.Time(r.SaidAt),
		SentAt:       time.Time(r.SentAt),
		AnsweredAt:   time.Time(r.AnsweredAt),
		RequestID:    r.RequestID,
	}
}

// InsertLine stores a new line and sets its ID.
func (c lines) InsertLine(ctx context.Context, l *ticket.Line) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		if id := ticket.RequestID(ctx); id != "" {
			l.RequestID = id
		}
		return t.scan(ctx, "insert a line of a conversation", sqlf(`
			INSERT INTO conversations (ticket_id, direction, state, author_id, source_chat, source_topic, source_message,
				album, question_id, owner_message, reason, body, said_at, sent_at, answered_at, request_id)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			l.TicketID, l.Direction, l.State, l.AuthorID, l.Source.Chat, l.Source.Topic, l.Source.Message,
			l.Album, l.Question, l.OwnerMessage, l.Reason, l.Body, instant(l.SaidAt), instant(l.SentAt), instant(l.AnsweredAt), l.RequestID,
		), &l.ID)
	})
}

// UpdateLine writes what may change of a line.
func (c lines) UpdateLine(ctx context.Context, l ticket.Line) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, "update a line of a conversation", `
			UPDATE conversations SET state = ?, owner_message = ?, reason = ?, body = ?, sent_at = ?, answered_at = ? WHERE id = ?`,
			l.State, l.OwnerMessage, l.Reason, l.Body, instant(l.SentAt), instant(l.AnsweredAt), l.ID)
		if err == nil && n == 0 {
			return ticket.NewError(ticket.CodeNotFound, "update a line of a conversation: there is none", nil)
		}
		return err
	})
}

// Line finds a line.
func (c lines) Line(ctx context.Context, id int64) (ticket.Line, error) {
	return c.line(ctx, "find a line of a conversation", sqlf(`SELECT `+lineColumns+` FROM conversations WHERE id = ?`, id))
}

// LineFrom finds the newest line that was written in a message.
func (c lines) LineFrom(ctx context.Context, chat int64, message int) (ticket.Line, error) {
	return c.line(ctx, "find the line of a message", sqlf(`SELECT `+lineColumns+` FROM conversations
		WHERE source_chat = ? AND source_message = ? ORDER BY id DESC LIMIT 1`, chat, message))
}

// LastLine finds the newest line of a ticket's conversation.
func (c lines) LastLine(ctx context.Context, id int64) (ticket.Line, error) {
	return c.line(ctx, "find the last line of a conversation", sqlf(`SELECT `+lineColumns+` FROM conversations
		WHERE ticket_id = ? ORDER BY id DESC LIMIT 1`, id))
}

// QuestionAt finds the question that a message of an owner's chat is, or may
// be: one on its way may have arrived though nobody noted that yet.
func (c lines) QuestionAt(ctx context.Context, owner int64, message int) (ticket.Line, error) {
	return c.line(ctx, "find the question of a message", sqlf(`SELECT `+lineColumns+`
		FROM conversations JOIN tickets ON tickets.id = ticket_id
		WHERE owner_id = ? AND `+visible+` AND direction = 'question'
			AND (owner_message = ? OR owner_message = 0 AND state = 'sending')
		ORDER BY owner_message DESC, conversations.id DESC LIMIT 1`, owner, message))
}

// AlbumLine finds the newest answer of an author that is part of an album.
func (c lines) AlbumLine(ctx context.Context, author int64, album string) (ticket.Line, error) {
	return c.line(ctx, "find the line of an album", sqlf(`SELECT `+lineColumns+` FROM conversations
		WHERE album = ? AND album <> '' AND author_id = ? AND direction = 'answer' ORDER BY id DESC LIMIT 1`, album, author))
}

func (c lines) line(ctx context.Context, doing string, s statement) (ticket.Line, error) {
	var r lineRow
	err := c.s.scan(ctx, doing, s,
		&r.ID, &r.TicketID, &r.Direction, &r.State, &r.AuthorID, &r.SourceChat, &r.SourceTopic, &r.SourceMessage, &r.Album,
		&r.QuestionID, &r.OwnerMessage, &r.Reason, &r.Body, &r.SaidAt, &r.SentAt, &r.AnsweredAt, &r.RequestID)
	if err != nil {
		return ticket.Line{}, err
	}
	return r.domain(), nil
}

// OpenQuestions lists the questions of an owner's open tickets that have
// arrived and were not answered, or not before a time; oldest first.
func (c lines) OpenQuestions(ctx context.Context, owner int64, answeredSince time.Time) ([]ticket.Line, error) {
	return c.list(ctx, "list the open questions", sqlf(`SELECT `+lineColumns+`
		FROM conversations JOIN tickets ON tickets.id = ticket_id
		WHERE owner_id = ? AND `+visible+` AND `+openStatuses+`
			AND direction = 'question' AND state = 'sent' AND (answered_at IS NULL OR answered_at >= ?)
		ORDER BY conversations.id`, owner, instant(answeredSince)))
}

// UndeliveredQuestions lists the questions that wait for an owner's return.
func (c lines) UndeliveredQuestions(ctx context.Context, owner int64) ([]ticket.Line, error) {
	return c.list(ctx, "list the undelivered questions", sqlf(`SELECT `+lineColumns+`
		FROM conversations JOIN tickets ON tickets.id = ticket_id
		WHERE owner_id = ? AND `+visible+` AND direction = 'question' AND state = 'undelivered'
		ORDER BY conversations.id`, owner))
}

func (c lines) list(ctx context.Context, doing string, s statement) ([]ticket.Line, error) {
	db, err := c.s.on(ctx)
	if err != nil {
		return nil, err
	}
	var rows []lineRow
	if err := db.Raw(s.text, s.args...).Scan(&rows).Error; err != nil {
		return nil, c.s.fault(doing, err)
	}
	return domain[lineRow, ticket.Line](rows), nil
}

// CountAnswers counts a question's answers.
func (c lines) CountAnswers(ctx context.Context, question int64) (int, error) {
	var n int
	err := c.s.scan(ctx, "count the answers of a question", sqlf(`SELECT count(*) FROM conversations
		WHERE question_id = ? AND question_id <> 0`, question), &n)
	return n, err
}

// AddCopy remembers where a copy of an answer stands.
func (c lines) AddCopy(ctx context.Context, line int64, at ticket.Place) error {
	return c.s.do(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, "remember a copy", `INSERT INTO copies (chat_id, message_id, conversation_id) VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING`, at.Chat, at.Message, line)
		return err
	})
}
