package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/inbox"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// strange is a thing that the library does not know, and which makes it give
// up the update.
const strange = `{"type":"from_the_future","date":1}`

// spy is everything around a router.
type spy struct {
	router  *router
	log     bytes.Buffer
	owners  []*models.Update
	groups  []*models.Update
	unknown []int64
	effects []ticket.Effect
	noted   map[int64]bool
	name    string
	fault   error
}

type handlerFunc func(u *models.Update) error

func (f handlerFunc) Handle(_ context.Context, u *models.Update) error { return f(u) }

type ownersSpy struct {
	handlerFunc
	s *spy
}

func (o ownersSpy) HandleUnknown(_ context.Context, chat, user int64, _ string) error {
	o.s.unknown = append(o.s.unknown, chat, user)
	return o.s.fault
}

type txSpy struct {
	ticket.Tx
	s *spy
}

func (t txSpy) Enqueue(_ context.Context, e ticket.Effect) error {
	t.s.effects = append(t.s.effects, e)
	return t.s.fault
}

func newSpy() *spy {
	s := &spy{noted: map[int64]bool{}, name: "vin_bot"}
	take := func(into *[]*models.Update) handlerFunc {
		return func(u *models.Update) error {
			*into = append(*into, u)
			return s.fault
		}
	}
	s.router = &router{
		owners: ownersSpy{take(&s.owners), s}, ownerKey: func(*models.Update) string { return "owner" },
		managers: take(&s.groups), managerKey: func(context.Context, *models.Update) string { return "group" },
		allowed: func(chat int64) bool { return chat == -5 },
		noted:   func(chat int64, may bool) { s.noted[chat] = may },
		name:    func() string { return s.name },
		do:      func(ctx context.Context, fn unit) error { return fn(ctx, txSpy{s: s}) },
		log:     zerolog.New(&s.log),
	}
	return s
}

func (s *spy) route(body string) inbox.Route {
	return s.router.Route(context.Background(), inbox.Update{Seq: 9, ID: 1, Body: []byte(body), RequestID: "r-1"})
}

const (
	private = `"chat":{"id":7,"type":"private"},"from":{"id":7,"language_code":"en"},"date":1`
	inGroup = `"chat":{"id":-5,"type":"supergroup"},"from":{"id":8},"date":1`
	foreign = `"chat":{"id":-6,"type":"supergroup"},"from":{"id":8},"date":1`
)

func TestAnUpdateGoesToWhoHandlesItsChat(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		key  string
	}{
		"a message":              {`{"update_id":1,"message":{"message_id":2,` + private + `,"text":"x"}}`, "owner"},
		"an edited message":      {`{"update_id":1,"edited_message":{"message_id":2,` + private + `}}`, "owner"},
		"a press":                {`{"update_id":1,"callback_query":{"id":"3","from":{"id":7},"message":{"message_id":2,` + private + `}}}`, "owner"},
		"a press on old buttons": {`{"update_id":1,"callback_query":{"id":"3","from":{"id":7},"message":{"message_id":2,"date":0,"chat":{"id":-5,"type":"supergroup"}}}}`, "group"},
		"a press on nothing":     {`{"update_id":1,"callback_query":{"id":"3","from":{"id":7}}}`, "owner"},
		"a message in a group":   {`{"update_id":1,"message":{"message_id":2,` + inGroup + `}}`, "group"},
		"a member":               {`{"update_id":1,"chat_member":{` + inGroup + `,"new_chat_member":{"status":"left","user":{"id":9}}}}`, "group"},
		"a blocked bot":          {`{"update_id":1,"my_chat_member":{` + private + `,"new_chat_member":{"status":"kicked","user":{"id":9}}}}`, "owner"},
		"news of other kinds":    {`{"update_id":1,"from_the_future":{}}`, "none"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpy()
			route := s.route(test.body)
			require.NoError(t, route.Err)
			assert.Equal(t, test.key, route.Key)
			require.NoError(t, route.Handle(t.Context()))
			assert.Len(t, s.owners, map[string]int{"owner": 1}[test.key])
			assert.Len(t, s.groups, map[string]int{"group": 1}[test.key])
		})
	}
}

// A whole message is read although something in it is new.
func TestNewsInAnUpdateDoesNotHideTheRest(t *testing.T) {
	t.Parallel()
	t.Run("a forwarded PDF", func(t *testing.T) {
		t.Parallel()
		s := newSpy()
		route := s.route(`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"forward_origin":` + strange + `,
			"caption":"/done 12","document":{"file_id":"f"},
			"reply_to_message":{"message_id":1,` + inGroup + `,"forward_origin":` + strange + `},
			"external_reply":{"origin":` + strange + `,"chat":{"id":-5},"message_id":4,"document":{"file_id":"g"}}}}`)
		require.NoError(t, route.Err)
		require.NoError(t, route.Handle(t.Context()))
		require.Len(t, s.groups, 1)
		m := s.groups[0].Message
		assert.Equal(t, "/done 12", m.Caption)
		assert.Equal(t, "f", m.Document.FileID)
		assert.Equal(t, 1, m.ReplyToMessage.ID)
		assert.Equal(t, 4, m.ExternalReply.MessageID)
	})
	t.Run("a press on a card with news", func(t *testing.T) {
		t.Parallel()
		s := newSpy()
		route := s.route(`{"update_id":1,"callback_query":{"id":"3","from":{"id":8},"data":"take:1",
			"message":{"message_id":2,` + inGroup + `,"forward_origin":` + strange + `,
			"reply_markup":{"inline_keyboard":[[{"text":"t","callback_data":"take:1"}]]}}}}`)
		require.NoError(t, route.Err)
		require.NoError(t, route.Handle(t.Context()))
		q := s.groups[0].CallbackQuery
		assert.Equal(t, "take:1", q.Data)
		assert.NotNil(t, q.Message.Message.ReplyMarkup)
	})
	t.Run("an essential of another kind cannot be left out", func(t *testing.T) {
		t.Parallel()
		s := newSpy()
		route := s.route(`{"update_id":1,"message":{"message_id":2,` + private + `,"photo":"new"}}`)
		require.NoError(t, route.Err)
		assert.Equal(t, "chat:7", route.Key)
		require.NoError(t, route.Handle(t.Context()))
		assert.Equal(t, []int64{7, 7}, s.unknown, "it is answered all the same")
	})
}

func TestAnUpdateThatCannotBeReadIsSetAside(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		says string
		told string // the kind of what is said to whoever waits for an answer
	}{
		"no JSON":                     {`{"update_id":1,`, "broken JSON at byte 15", ""},
		"nothing":                     {`[]`, "unexpected array in ", ""},
		"a number that is none":       {`{"update_id":1,"message":{"message_id":"79161234567",` + inGroup + `}}`, "unexpected string in message.message_id", ""},
		"a PDF":                       {`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"photo":"x","document":{"file_id":"f"}}}`, "unexpected string in message.photo", "say"},
		"a command":                   {`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"photo":"x","caption":"/done 1"}}`, "unexpected string", "say"},
		"the managers' own talk":      {`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"photo":"x"}}`, "unexpected string", ""},
		"a PDF in a strange group":    {`{"update_id":1,"message":{"message_id":2,` + foreign + `,"photo":"x","document":{}}}`, "unexpected string", ""},
		"a press":                     {`{"update_id":1,"callback_query":{"id":"3","from":{"id":8},"data":5,"message":{` + inGroup + `}}}`, "unexpected number in callback_query.data", "press.answer"},
		"a member of an unknown kind": {`{"update_id":1,"chat_member":{` + inGroup + `,"new_chat_member":{"status":"ghost"}}}`, "content of an unknown kind", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpy()
			route := s.route(test.body)
			require.ErrorContains(t, route.Err, "the update cannot be read: "+test.says)
			assert.NotContains(t, route.Err.Error(), "79161234567")
			assert.Equal(t, "update:9", route.Key, "it waits for no other")
			if test.told == "" {
				assert.Nil(t, route.Tell)
				return
			}
			require.NoError(t, route.Tell(t.Context()))
			require.Len(t, s.effects, 1)
			assert.Equal(t, test.told, string(s.effects[0].Kind))
		})
	}
}

func TestADigitInAnErrorIsNotLogged(t *testing.T) {
	t.Parallel()
	var into struct{ N int8 }
	err := harmless(json.Unmarshal([]byte(`{"N":79161234567}`), &into))
	assert.EqualError(t, err, "unexpected number in N")
}

func TestWhoeverWaitsForAnAnswerIsToldThatThereIsNone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want any // the payload
	}{
		"an owner's message": {
			`{"update_id":1,"message":{"message_id":2,` + private + `,"text":"x"}}`,
			ticket.Say{Text: ticket.TextUpdateFailed, To: ticket.Place{Chat: 7, Message: 2}, User: 7},
		},
		"an owner's press": {
			`{"update_id":1,"callback_query":{"id":"3","from":{"id":7},"message":{"message_id":2,` + private + `}}}`,
			ticket.PressAnswer{Press: "3", Text: message.PressFailed, User: 7},
		},
		"a manager's PDF, in its topic": {
			`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"is_topic_message":true,"message_thread_id":4,"document":{}}}`,
			ticket.Say{Text: ticket.TextUpdateFailed, To: ticket.Place{Chat: -5, Topic: 4, Message: 2}},
		},
		"a manager's command": {
			`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"text":"/done 1"}}`,
			ticket.Say{Text: ticket.TextUpdateFailed, To: ticket.Place{Chat: -5, Message: 2}},
		},
		"a manager's press": {
			`{"update_id":1,"callback_query":{"id":"3","from":{"id":8},"message":{"message_id":2,` + inGroup + `}}}`,
			ticket.PressAnswer{Press: "3", Text: message.PressFailed},
		},
		"the managers' talk":    {`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"text":"lunch?"}}`, nil},
		"a strange group":       {`{"update_id":1,"message":{"message_id":2,` + foreign + `,"text":"/done 1"}}`, nil},
		"a migration":           {`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"migrate_to_chat_id":-9}}`, nil},
		"what is nobody's deed": {`{"update_id":1,"my_chat_member":{` + private + `,"new_chat_member":{"status":"kicked"}}}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpy()
			route := s.route(test.body)
			if test.want == nil {
				assert.Nil(t, route.Tell)
				return
			}
			require.NotNil(t, route.Tell)
			require.NoError(t, route.Tell(t.Context()))
			require.Len(t, s.effects, 1)
			assert.Equal(t, test.want, s.effects[0].Payload)
			assert.Equal(t, s.effects[0].Kind == ticket.EffectPressAnswer, s.effects[0].Fleeting)
			s.fault = errors.New("the store fell over")
			require.ErrorContains(t, route.Tell(t.Context()), "tell whose update was set aside")
		})
	}
}

// A command that names a bot is not taken for another's for want of the own
// name: it is tried again.
func TestACommandWithANameWaitsForTheBotsOwn(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"/done@vin_bot 12":           true,
		"text first\n/done@vin_bot":  true,
		"/done 12":                   false,
		"write to me@example.org":    false,
		"see https://t.me/@somebody": false,
	}
	for text, waits := range tests {
		s := newSpy()
		s.name = ""
		words, err := json.Marshal(text)
		require.NoError(t, err)
		route := s.route(`{"update_id":1,"message":{"message_id":2,` + inGroup + `,"caption":` + string(words) + `}}`)
		err = route.Handle(t.Context())
		assert.Equal(t, waits, isIn(err, errNameless), text)
		s.name = "vin_bot"
		require.NoError(t, route.Handle(t.Context()))
		assert.NotEmpty(t, s.groups)
	}
}

func TestWhatBecomesOfTheBotInAGroupIsPassedOn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		chat, member string
		noted, may   bool
	}{
		"kicked":             {inGroup, `{"status":"kicked"}`, true, false},
		"left":               {inGroup, `{"status":"left"}`, true, false},
		"muted":              {inGroup, `{"status":"restricted","is_member":true,"can_send_messages":false}`, true, false},
		"muted no more":      {inGroup, `{"status":"restricted","is_member":true,"can_send_messages":true}`, true, true},
		"restricted, absent": {inGroup, `{"status":"restricted","is_member":false,"can_send_messages":true}`, true, false},
		"promoted":           {inGroup, `{"status":"administrator"}`, true, true},
		"a member":           {inGroup, `{"status":"member"}`, true, true},
		"in another group":   {foreign, `{"status":"kicked"}`, false, false},
		"blocked":            {private, `{"status":"kicked"}`, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := `{"update_id":1,"my_chat_member":{` + test.chat + `,"new_chat_member":` + test.member + `}}`
			s := newSpy()
			require.NoError(t, s.route(body).Handle(t.Context()))
			may, noted := s.noted[-5]
			assert.Equal(t, test.noted, noted)
			assert.Equal(t, test.may, may)
			s = newSpy()
			s.fault = errors.New("the store fell over")
			require.Error(t, s.route(body).Handle(t.Context()))
			assert.Empty(t, s.noted, "nobody was told")
		})
	}
}

// FuzzRoute feeds the router whatever may come: it neither panics nor quotes.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{
		`{"update_id":1,"message":{"message_id":2,` + private + `,"text":"1HGCM82633A004352"}}`,
		`{"update_id":1,"message":{"message_id":"x",` + inGroup + `,"forward_origin":` + strange + `}}`,
		`{"update_id":1,"callback_query":{"id":"3","from":{"id":8},"message":null}}`,
		`{"message":{"reply_to_message":[],"external_reply":{}}}`, `null`, `{"message":null}`, `{"callback_query":7}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := newSpy()
		route := s.router.Route(t.Context(), inbox.Update{Body: body})
		if route.Err != nil {
			assert.NotContains(t, strings.ToUpper(route.Err.Error()), honda)
			return
		}
		require.NotNil(t, route.Handle)
		_ = route.Handle(t.Context())
		if route.Tell != nil {
			require.NoError(t, route.Tell(t.Context()))
		}
	})
}

// isIn is errors.Is, which says nothing of an absent error.
func isIn(err, target error) bool { return target != nil && errors.Is(err, target) }
