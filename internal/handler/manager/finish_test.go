package manager_test

import (
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/handler/manager"
	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// understood asserts that one report came for ticket 12, with the file in that
// message, and that its sender sees it.
func understood(t *testing.T, w *world, effects []ticket.Effect, source int) {
	t.Helper()
	require.Len(t, w.reports, 1)
	at := ticket.Place{Chat: group, Message: source}
	assert.Equal(t, ticket.Report{
		ID: 1, TicketID: 12, Status: ticket.ReportChecking, FileID: "F", UniqueID: "U", Size: 1000, Source: at,
		SenderID: anna, SenderName: "Анна К",
	}, w.reports[0])
	require.Len(t, effects, 1)
	assert.Equal(t, ticket.Reaction{On: at, Emoji: "👀", Ticket: 12}, effects[0].Payload)
	assert.True(t, effects[0].Fleeting)
	assert.Equal(t, "ticket:12", effects[0].Lane)
	assert.Equal(t, group, effects[0].Chat)
}

func TestEveryWayToFinishATicket(t *testing.T) {
	t.Parallel()
	aPDF := replyTo(55, pdf())
	for name, tc := range map[string]struct {
		parts  []fields
		source int
	}{
		"a PDF in reply to the card":                  {[]fields{pdf(), toCard()}, 60},
		"with a remark below it":                      {[]fields{pdf(), toCard(), caption("готово")}, 60},
		"a PDF captioned with the number":             {[]fields{pdf(), caption("/done 12")}, 60},
		"with the bot's name":                         {[]fields{pdf(), caption("/done@VIN_Bot 12")}, 60},
		"with a hash":                                 {[]fields{pdf(), caption("/done #12")}, 60},
		"in reply to the card, without the number":    {[]fields{pdf(), caption("/done"), toCard()}, 60},
		"in reply to the card, with the same number":  {[]fields{pdf(), caption("/done 12"), toCard()}, 60},
		"the number in reply to a PDF":                {[]fields{text("/done 12"), aPDF}, 55},
		"the number in reply to another's PDF":        {[]fields{text("/done 12"), replyTo(55, pdf(), from(boris))}, 55},
		"the number in reply to an anonymous PDF":     {[]fields{text("/done 12"), replyTo(55, pdf(), anonymous())}, 55},
		"a PDF of a strange type":                     {[]fields{file("Report.PDF", "application/octet-stream", 1000), toCard()}, 60},
		"a PDF of a strange name":                     {[]fields{file("report", "application/pdf", 1000), toCard()}, 60},
		"a PDF by way of another bot":                 {[]fields{pdf(), toCard(), {"via_bot": fields{"id": 9, "is_bot": true}}}, 60},
		"a PDF as large as may be, nothing else said": {[]fields{pdf(), toCard(), {"has_protected_content": true}}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			understood(t, w, w.writes(tc.parts...), tc.source)
		})
	}
}

func TestACommandOnALaterLineOfTheCaption(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	below := "Отчёт 🚗\n/done 12"
	mark := fields{"type": "bot_command", "offset": len(utf16.Encode([]rune("Отчёт 🚗\n"))), "length": 5}
	effects := w.writes(pdf(), caption(below), fields{"caption_entities": []fields{mark}})
	understood(t, w, effects, 60)
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	refused := func(reason string) ticket.Say {
		return ticket.Say{Text: ticket.TextReportRefused, Reason: reason, Ticket: 12}
	}
	photo := fields{"photo": []fields{{"file_id": "P"}}}
	big := file("report.pdf", "application/pdf", 20<<20+1)
	for name, tc := range map[string]struct {
		parts []fields
		want  ticket.Say
	}{
		"not a PDF":                        {[]fields{file("report.docx", "application/msword", 1), toCard()}, refused(ticket.ReasonNotPDF)},
		"a picture with the number":        {[]fields{photo, caption("/done 12")}, refused(ticket.ReasonNotPDF)},
		"the number in reply to a picture": {[]fields{text("/done 12"), replyTo(55, photo)}, refused(ticket.ReasonNotPDF)},
		"too large":                        {[]fields{big, toCard()}, refused(ticket.ReasonTooLarge)},
		"too large, by number":             {[]fields{big, caption("/done 12")}, refused(ticket.ReasonTooLarge)},
		"no document yet":                  {[]fields{text("/done 12")}, ticket.Say{Text: message.TextReportExpected, Ticket: 12}},
		"none yet, in reply to the card":   {[]fields{text("/done"), toCard()}, ticket.Say{Text: message.TextReportExpected, Ticket: 12}},
		"no document, in reply to talk":    {[]fields{text("/done 12"), replyTo(55, text("привет"))}, refused(ticket.ReasonNoDocument)},
		"no document, no number":           {[]fields{text("/done")}, ticket.Say{Text: ticket.TextReportRefused, Reason: ticket.ReasonNoDocument}},
		"unknown number":                   {[]fields{pdf(), caption("/done 999")}, ticket.Say{Text: message.TextNoSuchTicket, Count: 999}},
		"unknown number, no document":      {[]fields{text("/done 999")}, ticket.Say{Text: message.TextNoSuchTicket, Count: 999}},
		"no number at all":                 {[]fields{pdf(), caption("/done #кот")}, ticket.Say{Text: message.TextNoSuchTicket}},
		"no ticket named":                  {[]fields{pdf(), caption("/done")}, ticket.Say{Text: message.TextWhichTicket}},
		"no ticket named, in reply":        {[]fields{text("/done"), replyTo(55, pdf())}, ticket.Say{Text: message.TextWhichTicket}},
		"two tickets named":                {[]fields{pdf(), caption("/done 13"), toCard()}, ticket.Say{Text: message.TextOtherTicket, Ticket: 12, Count: 13}},
		"by somebody not on the list":      {[]fields{pdf(), toCard(), from(stranger)}, ticket.Say{Text: message.TextStranger, Ticket: 12}},
		"a stranger's command":             {[]fields{text("/done 12"), from(stranger)}, ticket.Say{Text: message.TextStranger}},
		"by an anonymous admin":            {[]fields{pdf(), toCard(), anonymous()}, ticket.Say{Text: message.TextAsYourself, Ticket: 12}},
		"an anonymous admin's command":     {[]fields{text("/done 12"), anonymous()}, ticket.Say{Text: message.TextAsYourself}},
		"in the name of a channel":         {[]fields{pdf(), toCard(), {"sender_chat": fields{"id": -5, "type": "channel"}}}, ticket.Say{Text: message.TextAsYourself, Ticket: 12}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			effects := w.writes(tc.parts...)
			got := said(t, effects)
			assert.Equal(t, ticket.Place{Chat: group, Message: 60}, got.To, "as a reply to the offending message")
			got.To = ticket.Place{}
			assert.Equal(t, tc.want, got)
			assert.Len(t, effects, 1)
			assert.Empty(t, w.reports)
			assert.Equal(t, ticket.New, w.tickets[12].Status)
		})
	}
}

func TestARefusalGoesInItsTicketsLane(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	assert.Equal(t, "ticket:12", w.writes(text("/done 12"))[0].Lane)
	assert.Equal(t, "user:5", w.writes(text("/done"))[0].Lane)
	assert.Equal(t, "user:-1001", w.writes(text("/done"), anonymous())[0].Lane)
	assert.Equal(t, ticket.ForGroup, w.effects[0].Urgency)
}

func TestAClosedTicketTakesNoReport(t *testing.T) {
	t.Parallel()
	for _, status := range []ticket.Status{ticket.Rejected, ticket.Cancelled} {
		w := newWorld(t)
		w.tickets[12] = ticket.Ticket{ID: 12, Status: status}
		assert.Equal(t, ticket.ReasonClosed, said(t, w.writes(pdf(), toCard())).Reason)
		assert.Empty(t, w.reports)
	}
}

func TestPlainTalkIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]fields{
		"text":                        {text("Кто возьмёт?")},
		"a VIN":                       {text(vin12)},
		"a picture in reply":          {{"photo": []fields{{"file_id": "P"}}}, toCard()},
		"an animation in reply":       {{"animation": fields{"file_id": "A"}}, file("x.mp4", "video/mp4", 1), toCard()},
		"a PDF for nobody":            {pdf()},
		"a PDF in reply to talk":      {pdf(), replyTo(55, text("вот"))},
		"a document for nobody":       {file("price.xlsx", "application/vnd.ms-excel", 1)},
		"a command in the middle":     {text("пишите /done 12"), {"entities": []fields{{"type": "bot_command", "offset": 7, "length": 5}}}},
		"another bot's command":       {text("/done@other_bot 12"), replyTo(55, pdf())},
		"an unknown command":          {text("/weather")},
		"a bot":                       {pdf(), toCard(), {"from": fields{"id": 9, "is_bot": true}}},
		"what the channel posted":     {pdf(), toCard(), {"is_automatic_forward": true, "sender_chat": fields{"id": -5, "type": "channel"}}},
		"somebody new":                {{"new_chat_members": []fields{{"id": 3}}}},
		"a picture without a command": {{"photo": []fields{{"file_id": "P"}}}, caption("смотрите")},
	} {
		w := newWorld(t)
		assert.Empty(t, w.writes(parts...), name)
		assert.Empty(t, w.reports, name)
	}
}

func TestAPrivateChatIsNoneOfItsBusiness(t *testing.T) {
	t.Parallel()
	private := fields{"chat": fields{"id": 7, "type": "private"}}
	w := newWorld(t)
	assert.Empty(t, w.writes(pdf(), caption("/done 12"), private))
	assert.Empty(t, w.edits(text("/done 12"), private))
	assert.Empty(t, w.receives(press(7, "take:12", fields{"message": inGroup(private)})))
	assert.Empty(t, w.receives(fields{"poll": fields{"id": "1"}}))
}

func TestWithoutAListEverybodyMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *manager.Config) { c.Roles.Managers = nil })
	w.writes(pdf(), toCard(), from(stranger))
	assert.Len(t, w.reports, 1)
}

func TestTheSameFileIsNotSentTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(pdf(), toCard())
	again := fields{"message_id": 61}
	s := said(t, w.writes(text("/done"), again, replyTo(60, pdf())))
	assert.Equal(t, message.TextReportKnown, s.Text)
	assert.EqualValues(t, 12, s.Ticket)
	assert.Len(t, w.reports, 1)

	w.reports[0].Status = ticket.ReportRefused
	w.writes(text("/done"), again, replyTo(60, pdf()))
	assert.Len(t, w.reports, 2, "one that was refused may be tried again")

	w.tickets[13] = ticket.Ticket{ID: 13, Status: ticket.New}
	w.writes(text("/done 13"), again, replyTo(60, pdf()))
	require.Len(t, w.reports, 3, "the same car may be another owner's, too")
	assert.EqualValues(t, 13, w.reports[2].TicketID)
}

func TestAnEditIsReadToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	effects := w.edits(pdf(), caption("/done 12"))
	understood(t, w, effects, 60)

	assert.Empty(t, w.edits(pdf(), caption("/done 12, спасибо")), "the report is under way already")
	other := fields{"document": fields{"file_id": "F2", "file_unique_id": "U2", "file_name": "new.pdf"}}
	assert.Equal(t, message.TextReportReplaced, said(t, w.edits(other, caption("/done 12"))).Text)
	assert.Empty(t, w.edits(text("/help")))
	assert.Len(t, w.reports, 1)
}

func TestAnAnonymousPDFIsFinishedByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(pdf(), toCard(), anonymous(), fields{"message_id": 55})
	assert.Empty(t, w.reports)
	effects := w.writes(text("/done"), replyTo(55, pdf(), anonymous()))
	understood(t, w, effects, 55)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, command := range []string{"/help", "/help@vin_bot", "/start@vin_bot hello"} {
		assert.Equal(t, message.TextGroupHelp, said(t, w.writes(text(command))).Text)
	}
}

func TestAFailureIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail = errStore
	for _, f := range []fields{
		{"message": inGroup(pdf(), toCard())},
		{"message": inGroup(text("/done"))},
		{"message": inGroup(fields{"chat": fields{"id": -9, "type": "group"}}, text("x"))},
		{"message": inGroup(fields{"migrate_to_chat_id": -2002})},
		press(anna, "take:12", fields{"message": inGroup()}),
	} {
		assert.ErrorIs(t, w.handler.Handle(t.Context(), read(t, f)), errStore)
	}
}
