package user_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/handler/user"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

func TestEverythingThatAPersonSendsIsAnswered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ fields, want string }{
		"start":               {`"text":"/start"`, message.TextGreeting},
		"start by name":       {`"text":"/start@VIN_bot"`, message.TextGreeting},
		"start, odd payload":  {`"text":"/start ref_42"`, message.TextGreeting},
		"start from an ad":    {`"text":"/start ref_12345"`, message.TextGreeting},
		"start done":          {`"text":"/start done"`, message.TextDoneHelp},
		"done, wrong chat":    {`"text":"/done 12"`, message.TextDoneHelp},
		"help":                {`"text":"/help"`, message.TextHelp},
		"another command":     {`"text":"/nonsense"`, message.TextUnclear},
		"another bot's":       {`"text":"/start@other_bot"`, message.TextUnclear},
		"talk":                {`"text":"Здравствуйте, сколько стоит отчёт?"`, message.TextUnclear},
		"no letter at all":    {`"text":"…"`, message.TextUnclear},
		"words":               {`"text":"Toyota Corolla 2015"`, message.TextUnclear},
		"a frame number":      {`"text":"GX110-0069622"`, message.TextRefused},
		"too short":           {`"text":"1HGCM8263A004352"`, message.TextRefused},
		"photo":               {`"photo":[{"file_id":"x"}]`, message.TextPhoto},
		"photo, talk below":   {`"photo":[{"file_id":"x"}],"caption":"вот номер"`, message.TextPhoto},
		"photo, VIN below":    {`"photo":[{"file_id":"x"}],"caption":"` + goodVIN + `"`, message.TextOpened},
		"document":            {`"document":{"file_id":"x"}`, message.TextDocument},
		"animation":           {`"animation":{"file_id":"x"},"document":{"file_id":"x"}`, message.TextSticker},
		"video":               {`"video":{"file_id":"x"}`, message.TextVideo},
		"video note":          {`"video_note":{"file_id":"x"}`, message.TextVideo},
		"voice":               {`"voice":{"file_id":"x"}`, message.TextVoice},
		"music":               {`"audio":{"file_id":"x"}`, message.TextVoice},
		"sticker":             {`"sticker":{"file_id":"x"}`, message.TextSticker},
		"dice":                {`"dice":{"emoji":"🎲","value":3}`, message.TextSticker},
		"contact":             {`"contact":{"phone_number":"1"}`, message.TextContact},
		"location":            {`"location":{"latitude":1}`, message.TextLocation},
		"venue":               {`"venue":{"title":"x"},"location":{"latitude":1}`, message.TextLocation},
		"poll":                {`"poll":{"id":"1"}`, message.TextPoll},
		"something new":       {`"hologram":{"file_id":"x"}`, message.TextUnknown},
		"forwarded":           {`"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"x"},"text":"` + goodVIN + `"`, message.TextOpened},
		"quoted, from a side": {`"text":" vin: 1hgcm 82633-a004352."`, message.TextOpened},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			effects := newWorld(t).writes(tc.fields)
			s := said(t, effects)
			assert.Equal(t, tc.want, s.Text)
			assert.Equal(t, ivan, s.To.Chat)
			assert.Equal(t, ivan, s.User, "in their own language")
			assert.Equal(t, ticket.ForOwner, effects[0].Urgency)
			assert.Equal(t, "chat:7", effects[0].Lane)
			assert.Equal(t, ivan, effects[0].Chat)
		})
	}
}

func TestWhatNoPersonWroteIsNotAnswered(t *testing.T) {
	t.Parallel()
	bot := `"chat":{"id":7,"type":"private"},"from":{"id":9,"is_bot":true},"text":"` + goodVIN + `"`
	group := `"chat":{"id":-7,"type":"group"},"from":{"id":7},"text":"` + goodVIN + `"`
	for name, body := range map[string]string{
		"a bot":                 `{"message":{"message_id":1,` + bot + `}}`,
		"a bot's edit":          `{"edited_message":{"message_id":1,` + bot + `}}`,
		"a group":               `{"message":{"message_id":1,` + group + `}}`,
		"a group's edit":        `{"edited_message":{"message_id":1,` + group + `}}`,
		"by way of a bot":       `{"message":` + ivansMessage(`"via_bot":{"id":9,"is_bot":true},"text":"`+goodVIN+`"`) + `}`,
		"a business account":    `{"message":` + ivansMessage(`"business_connection_id":"x","text":"`+goodVIN+`"`) + `}`,
		"a pinned message":      `{"message":` + ivansMessage(`"pinned_message":{"message_id":3,"date":1,"chat":{"id":7}}`) + `}`,
		"a timer":               `{"message":` + ivansMessage(`"message_auto_delete_timer_changed":{}`) + `}`,
		"a place that moves":    `{"edited_message":` + ivansMessage(`"location":{"latitude":1}`) + `}`,
		"a channel":             `{"channel_post":{"message_id":1,"chat":{"id":-7,"type":"channel"},"text":"` + goodVIN + `"}}`,
		"a kind of no business": `{"poll":{"id":"1"}}`,
		"a group's membership":  `{"my_chat_member":{"chat":{"id":-7,"type":"group"},"from":{"id":7},"new_chat_member":{"status":"member"},"old_chat_member":{"status":"left"}}}`,
		"a group's button":      `{"callback_query":{"id":"q","from":{"id":7},"message":{"message_id":1,"date":1,"chat":{"id":-7}},"data":"vinok:` + goodVIN + `"}}`,
	} {
		w := newWorld(t)
		assert.Empty(t, w.receives(update(t, body)), name)
		assert.Empty(t, w.opened, name)
	}
}

func TestAVINOpensATicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := said(t, w.text("VIN 1НGСМ 82633 А00-4352"))
	assert.Equal(t, ticket.Say{
		Text: message.TextOpened, To: ticket.Place{Chat: ivan, Message: 41}, User: ivan, Ticket: 1, VIN: goodVIN, Year: 2026,
		Spot: vin.NoSpot, Changes: []ticket.Swap{{From: "Н", To: "H"}, {From: "С", To: "C"}, {From: "М", To: "M"}, {From: "А", To: "A"}},
	}, s)
	assert.Equal(t, []ticket.Opening{{Owner: ivan, VIN: goodVIN}}, w.opened)
	assert.Equal(t, account.User{ID: ivan, Name: "Иван Петров", Username: "ivan", Language: "en"}, w.people[ivan])
}

func TestADeepLinkOpensATicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.Equal(t, message.TextOpened, said(t, w.text("/start "+goodVIN)).Text)
	assert.Equal(t, message.TextRefused, said(t, w.text("/start "+goodVIN[1:])).Text)
	assert.Len(t, w.opened, 1)
}

func TestTheSameVINShowsTheSameTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.text(goodVIN)
	s := said(t, w.text("1hgcm82633a004352"))
	assert.Equal(t, message.TextExists, s.Text)
	assert.EqualValues(t, 1, s.Ticket)
	assert.Len(t, w.tickets, 1)

	w.tickets[0].Status = ticket.Done
	assert.Equal(t, message.TextOpened, said(t, w.text(goodVIN)).Text, "a closed one is no hindrance")
}

func TestAHintDoesNotHoldTheTicketUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, vin.ReasonCheckDigit, vin.Check(hintVIN, vin.PolicyAuto).Reason)
	s := said(t, w.text(hintVIN))
	assert.Equal(t, message.TextOpened, s.Text)
	assert.Equal(t, "check_digit", s.Reason)
	assert.Len(t, w.opened, 1)
}

func TestARefusalSaysWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := said(t, w.text("1HGCM82633Ы004352"))
	assert.Equal(t, message.TextRefused, s.Text)
	assert.Equal(t, "bad_character", s.Reason)
	assert.Equal(t, 10, s.Spot)
	assert.Empty(t, s.Input)
	assert.Equal(t, "GX110-0069622", said(t, w.text("GX110-0069622")).Input)
	assert.Empty(t, w.opened)
}

func TestWithStrictEveryMismatchIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *user.Config) { c.Policy = vin.PolicyStrict })
	s := said(t, w.text(typoVIN))
	assert.Equal(t, message.TextRefused, s.Text)
	assert.Equal(t, "check_digit", s.Reason)
	assert.Empty(t, w.opened)
}

func TestAnEditIsAnsweredOnceAndReadNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"edited_message":` + ivansMessage(`"text":"`+goodVIN+`"`) + `}`
	first, second := w.receives(update(t, body)), w.receives(update(t, body))
	assert.Equal(t, message.TextEdited, said(t, first).Text)
	assert.Equal(t, "edited:7:41", first[0].Merge)
	assert.Equal(t, first[0].Merge, second[0].Merge)
	assert.Empty(t, w.opened)
}

func TestAnAlbumIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	item := `"photo":[{"file_id":"x"}],"media_group_id":"99"`
	effects := w.writes(item)
	assert.Equal(t, message.TextAlbum, said(t, effects).Text)
	assert.Equal(t, "album:7:99", effects[0].Merge)
	assert.Equal(t, time.Second, effects[0].After)
	assert.Equal(t, effects[0].Merge, w.writes(item)[0].Merge, "those that wait are one")

	withVIN := w.writes(item + `,"caption":"` + goodVIN + `"`)
	all := says(withVIN)
	assert.Equal(t, message.TextOpened, all[0].Text)
	assert.Empty(t, withVIN[0].Merge, "the answer about a VIN is lost in no other")
	require.Len(t, all, 2)
	assert.Empty(t, all[1].Text, "nothing is said of the pictures")
	hush := withVIN[len(withVIN)-1]
	assert.Equal(t, effects[0].Merge, hush.Merge)
	assert.NotEqual(t, effects[0].Lane, hush.Lane, "nothing waits behind it")
	assert.Equal(t, time.Minute, hush.After)
	assert.Len(t, says(w.writes(`"text":"`+goodVIN+`"`)), 1, "a VIN alone costs nothing more")
}

func TestAFailureIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail = errStore
	for _, body := range []string{
		`{"message":` + ivansMessage(`"text":"`+goodVIN+`"`) + `}`,
		`{"message":` + ivansMessage(`"photo":[{"file_id":"x"}]`) + `}`,
		`{"edited_message":` + ivansMessage(`"text":"x"`) + `}`,
		`{"callback_query":{"id":"q","from":{"id":7},"data":"x"}}`,
	} {
		assert.ErrorIs(t, w.handler.Handle(t.Context(), update(t, body)), errStore, body)
	}
	assert.ErrorIs(t, w.handler.HandleUnknown(t.Context(), ivan, ivan, "ru"), errStore)
}

func TestOrderKey(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":{"chat":{"id":7}}}`:                                                                                    "chat:7",
		`{"edited_message":{"chat":{"id":7}}}`:                                                                             "chat:7",
		`{"callback_query":{"id":"q","from":{"id":7}}}`:                                                                    "chat:7",
		`{"callback_query":{"id":"q","from":{"id":7},"message":{"message_id":1,"chat":{"id":-7}}}}`:                        "",
		`{"my_chat_member":{"chat":{"id":7},"new_chat_member":{"status":"kicked"},"old_chat_member":{"status":"member"}}}`: "chat:7",
		`{"message":{"chat":{"id":-7}}}`:                                                                                   "",
		`{"poll":{"id":"1"}}`:                                                                                              "",
	} {
		assert.Equal(t, want, user.OrderKey(update(t, body)), body)
	}
}

// Telegram always names who writes in a private chat; if it ever does not, the
// chat is the person.
func TestAMessageThatNamesNobodyIsTheChatsPersons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"message":{"message_id":41,"date":1,"chat":{"id":7,"type":"private","first_name":"Иван"},"text":"` + goodVIN + `"}}`
	s := said(t, w.receives(update(t, body)))
	assert.Equal(t, message.TextOpened, s.Text)
	assert.Equal(t, []ticket.Opening{{Owner: ivan, VIN: goodVIN}}, w.opened)
	assert.Equal(t, "Иван", w.people[ivan].Name)
}
