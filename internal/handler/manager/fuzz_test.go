package manager_test

import (
	"encoding/json"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// The program's own parts fit where the handler wants them.
var _ = manager.Config{
	Tickets: (*ticket.Service)(nil), Store: ticket.Store(nil), Groups: (*account.Groups)(nil),
	People: account.Store(nil), Languages: (*message.Book)(nil),
}

// FuzzHandle feeds the handler with whatever decodes as an update: nothing
// panics, and a press in a group is answered once.
func FuzzHandle(f *testing.F) {
	onCard := fields{"message": inGroup(fields{"message_id": cardAt})}
	for _, seed := range []fields{
		{"message": inGroup(pdf(), toCard())},
		{"edited_message": inGroup(pdf(), caption("/done 12"), anonymous())},
		{"message": inGroup(text("/done #12"), replyTo(55, pdf()))},
		{"message": inGroup(fields{"external_reply": fields{"origin": fields{"type": "hidden_user"}, "message_id": 1}}, text("/done"))},
		{"message": inGroup(fields{"migrate_to_chat_id": -5})},
		press(anna, "take:12", onCard),
		press(anna, "rsend:1", nil),
		membership(group, "group", "restricted", nil),
		{"my_chat_member": fields{"chat": fields{"id": group}, "new_chat_member": fields{"status": "kicked"}, "old_chat_member": fields{"status": "left"}}},
	} {
		body, err := json.Marshal(seed)
		require.NoError(f, err)
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		var u models.Update
		if json.Unmarshal([]byte(body), &u) != nil {
			return
		}
		w := newWorld(t)
		w.handler.OrderKey(t.Context(), &u)
		require.NoError(t, w.handler.Handle(t.Context(), &u))
		if u.CallbackQuery == nil || u.Message != nil || u.EditedMessage != nil {
			return
		}
		if at, _ := message.PressedAt(u.CallbackQuery); at.Chat <= 0 {
			answered(t, w.effects)
		}
	})
}
