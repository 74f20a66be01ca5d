package user_test

import (
	"encoding/json"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// The program's own parts fit where the handler wants them.
var _ = user.Config{
	Tickets: (*ticket.Service)(nil), Store: ticket.Store(nil), People: account.Store(nil), Languages: (*message.Book)(nil),
}

// FuzzHandle feeds the handler with whatever decodes as an update: nothing
// panics, and what leads to a text leads to one that can be rendered.
func FuzzHandle(f *testing.F) {
	f.Add(`{"message":` + ivansMessage(`"text":"`+goodVIN+`"`) + `}`)
	f.Add(`{"message":` + ivansMessage(`"text":"/start `+typoVIN+`"`) + `}`)
	f.Add(`{"message":` + ivansMessage(`"text":"1НGСМ 82633 А00-435Ы"`) + `}`)
	f.Add(`{"message":` + ivansMessage(`"photo":[{}],"media_group_id":"1","caption":"x"`) + `}`)
	f.Add(`{"edited_message":` + ivansMessage(`"sticker":{}`) + `}`)
	f.Add(`{"callback_query":{"id":"q","from":{"id":7},"data":"vinok:` + typoVIN + `","message":{"message_id":4,"date":1,"chat":{"id":7}}}}`)
	f.Add(`{"message":` + ivansMessage(`"text":"`+goodVIN+`, `+typoVIN+` и `+layoutVIN+`, 1HGCM82633AA004352, `+frame+`"`) + `}`)
	f.Add(`{"message":` + ivansMessage(`"text":"`+ladas(12)+`"`) + `}`)
	f.Add(`{"callback_query":{"id":"q","from":{"id":7},"data":"vinrep:` + goodVIN + `","message":{"message_id":4,"date":1,"chat":{"id":7}}}}`)
	f.Add(membership("kicked"))
	f.Fuzz(func(t *testing.T, body string) {
		var u models.Update
		if json.Unmarshal([]byte(body), &u) != nil {
			return
		}
		w := newWorld(t)
		user.OrderKey(&u)
		require.NoError(t, w.handler.Handle(t.Context(), &u))
		for _, e := range w.effects {
			s, ok := e.Payload.(ticket.Say)
			if !ok {
				continue
			}
			for _, lang := range message.Languages() {
				text, err := w.book.Say(lang, s, message.Facts{})
				require.NoError(t, err)
				require.NotEmpty(t, text.HTML)
			}
		}
	})
}
