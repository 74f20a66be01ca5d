package message_test

import (
	"encoding/json"
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func TestParsePress(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]message.Press{
		"take:12":             {Kind: message.PressKindTake, ID: 12},
		"done_hint:1":         {Kind: message.PressKindDoneHint, ID: 1},
		"rsend:34":            {Kind: message.PressKindReportSend, ID: 34},
		"rdrop:34":            {Kind: message.PressKindReportDrop, ID: 34},
		"release:7":           {Kind: message.PressKindRelease, ID: 7},
		"prio:7:urgent":       {Kind: message.PressKindPriority, ID: 7, Word: "urgent"},
		"reuse:7":             {Kind: message.PressKindReuse, ID: 7},
		"reject:7":            {Kind: message.PressKindReject, ID: 7},
		"rejfor:7:no_data":    {Kind: message.PressKindRejectFor, ID: 7, Word: ticket.RejectNoData},
		"rejnot:7":            {Kind: message.PressKindRejectNot, ID: 7},
		"vinok:" + sampleVIN:  {Kind: message.PressKindVINOK, VIN: sampleVIN},
		"vinfix:" + sampleVIN: {Kind: message.PressKindVINFix, VIN: sampleVIN},
		"vinrep:" + sampleVIN: {Kind: message.PressKindVINRepair, VIN: sampleVIN},
	} {
		got, err := message.ParsePress(data)
		require.NoError(t, err, data)
		assert.Equal(t, want, got)
		assert.Equal(t, data, got.String())
	}
}

func TestForgedDataIsNotUnderstood(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"", ":", "take", "take:", "take:0", "take:-1", "take:+1", "take:01", "take:1:2", "take:99999999999999999999", " take:1",
		"Take:1", "drop:1", "release:", "release:1:high", "prio:1", "prio:1:", "prio:1:so", "prio:x:low", "prio:1:low:", "reject:0",
		"rejfor:1", "rejfor:1:other", "rejfor:1:lazy", "rejnot:1:1", "vinok:", "vinok:12", "vinok:" + sampleVIN + "0", "vinok:1hgcm82633a004352", "vinrep:", "vinrep:" + sampleVIN[1:], "take:" + string(make([]byte, 100)),
	} {
		_, err := message.ParsePress(data)
		assert.ErrorIs(t, err, message.ErrPress, "%q", data)
	}
}

func FuzzParsePress(f *testing.F) {
	for _, seed := range []string{"take:12", "done_hint:1", "vinok:" + sampleVIN, "rsend:9", "x", "take:-0", "prio:1:low", "rejfor:2:no_data", "vinfix:", "vinrep:" + sampleVIN} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		p, err := message.ParsePress(data)
		if err != nil {
			return
		}
		assert.Equal(t, data, p.String())
		assert.LessOrEqual(t, len(data), 64)
	})
}

func TestWhereAButtonWasPressed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query string
		want  ticket.Place
		known bool
	}{
		"on a message":                {`{"message":{"message_id":5,"date":1,"chat":{"id":-100}}}`, ticket.Place{Chat: -100, Message: 5}, true},
		"on one that is out of sight": {`{"message":{"message_id":5,"date":0,"chat":{"id":-100}}}`, ticket.Place{Chat: -100, Message: 5}, true},
		"on a message in a topic":     {`{"message":{"message_id":5,"date":1,"chat":{"id":-100},"is_topic_message":true,"message_thread_id":9}}`, ticket.Place{Chat: -100, Topic: 9, Message: 5}, true},
		"on a reply, no topic":        {`{"message":{"message_id":5,"date":1,"chat":{"id":-100},"message_thread_id":9}}`, ticket.Place{Chat: -100, Message: 5}, true},
		"nobody knows":                {`{"inline_message_id":"x"}`, ticket.Place{}, false},
	} {
		var q models.CallbackQuery
		require.NoError(t, json.Unmarshal([]byte(tc.query), &q), name)
		got, known := message.PressedAt(&q)
		assert.Equal(t, tc.known, known, name)
		assert.Equal(t, tc.want, got, name)
	}
}

func TestACardIsKnownByItsOwnButtons(t *testing.T) {
	t.Parallel()
	card := newBook(t).Card("ru", message.CardView{Ticket: sampleTicket()})
	id, _, ok := message.TicketOf(&models.Message{ReplyMarkup: card.Keyboard})
	assert.True(t, ok)
	assert.EqualValues(t, 12, id)

	question := newBook(t).ReportQuestion("ru", ticket.Report{ID: 34}, sampleTicket())
	_, _, ok = message.TicketOf(&models.Message{ReplyMarkup: question.Keyboard})
	assert.False(t, ok, "a report's number is no ticket's")
	_, _, ok = message.TicketOf(&models.Message{})
	assert.False(t, ok)
}
