package manager_test

import (
	"encoding/json"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

// fields are parts of an update as Telegram writes them.
type fields map[string]any

// read makes an update of its parts, by way of JSON as it would come.
func read(t *testing.T, f fields) *models.Update {
	t.Helper()
	body, err := json.Marshal(f)
	require.NoError(t, err)
	var u models.Update
	require.NoError(t, json.Unmarshal(body, &u), string(body))
	return &u
}

// receives handles an update and gives what it led to.
func (w *world) receives(f fields) []ticket.Effect {
	w.t.Helper()
	w.effects = nil
	require.NoError(w.t, w.handler.Handle(w.t.Context(), read(w.t, f)))
	return w.effects
}

// inGroup is message 60 in the group, from Anna unless the parts say otherwise.
func inGroup(parts ...fields) fields {
	m := fields{
		"message_id": 60, "date": 1, "chat": fields{"id": group, "type": "supergroup"},
		"from": fields{"id": anna, "first_name": "Анна", "last_name": "К"},
	}
	for _, p := range parts {
		for name, value := range p {
			m[name] = value
		}
	}
	return m
}

func (w *world) writes(parts ...fields) []ticket.Effect {
	w.t.Helper()
	return w.receives(fields{"message": inGroup(parts...)})
}

func (w *world) edits(parts ...fields) []ticket.Effect {
	w.t.Helper()
	return w.receives(fields{"edited_message": inGroup(parts...)})
}

func from(id int64) fields { return fields{"from": fields{"id": id, "first_name": "Некто"}} }

// anonymous is how an admin's message looks who writes as the group.
func anonymous() fields {
	return fields{
		"from":        fields{"id": 1087968824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"},
		"sender_chat": fields{"id": group, "type": "supergroup"},
	}
}

func text(s string) fields { return fields{"text": s} }

func caption(s string) fields { return fields{"caption": s} }

// pdf is a report's file.
func pdf() fields {
	return fields{"document": fields{
		"file_id": "F", "file_unique_id": "U", "file_name": "report.pdf", "mime_type": "application/pdf", "file_size": 1000,
	}}
}

func file(name, mime string, size int64) fields {
	return fields{"document": fields{"file_id": "F", "file_unique_id": "U", "file_name": name, "mime_type": mime, "file_size": size}}
}

// replyTo makes a reply to a message of the group.
func replyTo(id int, parts ...fields) fields {
	return fields{"reply_to_message": inGroup(append([]fields{{"message_id": id}}, parts...)...)}
}

// toCard makes a reply to the card of ticket 12.
func toCard() fields { return replyTo(cardAt, fields{"from": fields{"id": botID, "is_bot": true}}) }

// presses has somebody press a button of the message with the card.
func (w *world) presses(by int64, data string) []ticket.Effect {
	w.t.Helper()
	return w.receives(press(by, data, fields{"message": inGroup(fields{"message_id": cardAt})}))
}

func press(by int64, data string, more fields) fields {
	q := fields{"id": "q1", "from": fields{"id": by, "first_name": "Анна", "last_name": "К"}, "data": data}
	for name, value := range more {
		q[name] = value
	}
	return fields{"callback_query": q}
}

// said gives the one text among the effects.
func said(t *testing.T, effects []ticket.Effect) ticket.Say {
	t.Helper()
	var all []ticket.Say
	for _, e := range effects {
		if s, ok := e.Payload.(ticket.Say); ok {
			all = append(all, s)
		}
	}
	require.Len(t, all, 1)
	return all[0]
}

// answered gives the one answer to a press among the effects.
func answered(t *testing.T, effects []ticket.Effect) ticket.PressAnswer {
	t.Helper()
	var all []ticket.PressAnswer
	for _, e := range effects {
		if a, ok := e.Payload.(ticket.PressAnswer); ok {
			require.True(t, e.Fleeting)
			require.Zero(t, e.Chat, "answers to presses are free")
			all = append(all, a)
		}
	}
	require.Len(t, all, 1)
	return all[0]
}

// kinds lists the kinds of the effects.
func kinds(effects []ticket.Effect) []ticket.EffectKind {
	var all []ticket.EffectKind
	for _, e := range effects {
		all = append(all, e.Kind)
	}
	return all
}
