package manager_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

// item is an item of an album, in a message of that number.
func item(id int, parts ...fields) fields {
	all := fields{"message_id": id, "media_group_id": "a", "document": fields{
		"file_id": fmt.Sprint("F", id), "file_unique_id": fmt.Sprint("U", id), "file_name": "x.pdf", "mime_type": "application/pdf", "file_size": 10,
	}}
	for _, p := range parts {
		for name, value := range p {
			all[name] = value
		}
	}
	return all
}

// loose is a PDF of which nothing says what it is for.
func loose(id int, parts ...fields) fields {
	return item(id, append([]fields{{"media_group_id": ""}}, parts...)...)
}

// settles lets the time pass that nothing more comes in, and gives what came of
// what was sent together.
func (w *world) settles() []ticket.Effect {
	w.t.Helper()
	w.now = w.now.Add(10 * time.Second)
	w.effects = nil
	for _, p := range w.parcels {
		require.NoError(w.t, w.handler.CloseParcel(w.t.Context(), p.ID))
	}
	return w.effects
}

// files lists a report's files and the messages that stand for its ticket.
func (w *world) files(r ticket.Report) (ids []string) {
	for _, f := range r.Files() {
		ids = append(ids, f.FileID)
	}
	return ids
}

// eyes lists the messages that got a 👀.
func eyes(effects []ticket.Effect) (on []int) {
	for _, e := range effects {
		if r, ok := e.Payload.(ticket.Reaction); ok {
			on = append(on, r.On.Message)
		}
	}
	return on
}

func TestAnAlbumIsOneReportWhicheverItemSaysForWhat(t *testing.T) {
	t.Parallel()
	done := caption("/done 12")
	for name, tc := range map[string]struct {
		updates []fields
		seen    int // the message that gets the 👀
	}{
		"a caption on the first":        {[]fields{item(60, done), item(61), item(62)}, 60},
		"a caption on the last":         {[]fields{item(60), item(61), item(62, done)}, 60},
		"a reply on one":                {[]fields{item(60), item(61, toCard()), item(62)}, 60},
		"a reply on each":               {[]fields{item(60, toCard()), item(61, toCard()), item(62, toCard())}, 60},
		"a reply on each and a caption": {[]fields{item(60, toCard(), done), item(61, toCard()), item(62, toCard())}, 60},
		"in another order":              {[]fields{item(62), item(60, done), item(61)}, 60},
		"a command before, without a file": {[]fields{
			{"message_id": 59, "text": "/done 12"}, item(60), item(61), item(62),
		}, 60},
		"a command after, without a file": {[]fields{
			item(60), item(61), item(62), {"message_id": 63, "text": "/done 12"},
		}, 60},
		"a command in reply to an item": {[]fields{
			item(60), item(61), item(62), {"message_id": 63, "text": "/done 12", "reply_to_message": inGroup(item(61))},
		}, 60},
		"a command in reply to an item that is not known yet": {[]fields{
			{"message_id": 63, "text": "/done 12", "reply_to_message": inGroup(item(60))}, item(60), item(61), item(62),
		}, 60},
		"PDFs one by one after a command": {[]fields{
			{"message_id": 59, "text": "/done 12"}, loose(60), loose(61), loose(62),
		}, 60},
		"a command in reply to the card, and then the PDFs": {[]fields{
			{"message_id": 59, "text": "/done", "reply_to_message": toCard()["reply_to_message"]}, loose(60), loose(61), loose(62),
		}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var seen []int
			for _, u := range tc.updates {
				seen = append(seen, eyes(w.writes(u))...)
				assert.Empty(t, w.reports, "it is not complete")
			}
			assert.Equal(t, []int{tc.seen}, seen, "understood at once, and once")
			assert.Empty(t, w.settles(), "nothing is left to say")
			require.Len(t, w.reports, 1)
			r := w.reports[0]
			assert.Equal(t, []string{"F60", "F61", "F62"}, w.files(r))
			assert.Equal(t, ticket.Place{Chat: group, Message: 60}, r.Source)
			assert.EqualValues(t, 12, r.TicketID)
			assert.Equal(t, anna, r.SenderID)
			for _, message := range []int{60, 61, 62} {
				card, err := w.CardAt(t.Context(), group, message)
				require.NoError(t, err)
				assert.EqualValues(t, 12, card.TicketID, "each item stands for the ticket")
			}
			assert.Empty(t, w.settles())
			assert.Len(t, w.reports, 1)
		})
	}
}

func TestACommandClaimsTheAlbumWhateverTimeHasPassed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []int{60, 61} {
		assert.Empty(t, w.writes(item(id), from(stranger)), "colleagues send each other files")
	}
	assert.Empty(t, w.settles())
	w.now = w.now.Add(time.Hour)
	reply := fields{"message_id": 70, "text": "/done 12", "reply_to_message": inGroup(item(60))}
	assert.Equal(t, []int{60}, eyes(w.writes(reply)))
	assert.Empty(t, w.settles())
	require.Len(t, w.reports, 1)
	assert.Equal(t, []string{"F60", "F61"}, w.files(w.reports[0]))
	assert.Equal(t, anna, w.reports[0].SenderID, "who said so")
	assert.Equal(t, message.TextReportKnown, said(t, w.writes(reply)).Text, "once")

	w.reports[0].Status = ticket.ReportRefused
	w.writes(reply)
	w.settles()
	assert.Len(t, w.reports, 2, "what was refused may be tried again")
}

func TestAClosedAlbumIsWaitedForNoLongerThanItsItemsCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	closings := 0
	for _, u := range []fields{item(60, caption("/done 12")), item(61)} {
		for _, e := range w.writes(u) {
			if e.Kind == ticket.EffectParcelClose {
				closings++
				assert.Equal(t, 2*time.Second, e.After)
				assert.Equal(t, "1", e.Merge, "one waits for a parcel")
			}
		}
	}
	assert.Equal(t, 2, closings)
	w.now = w.now.Add(time.Second)
	w.writes(item(62))
	w.now = w.now.Add(time.Second)
	w.effects = nil
	require.NoError(t, w.handler.CloseParcel(t.Context(), 1))
	assert.Empty(t, w.reports, "the last came a second ago")
	require.Len(t, w.effects, 1)
	assert.Equal(t, time.Second, w.effects[0].After, "it is looked at again")
	w.settles()
	require.Len(t, w.reports, 1)

	w.writes(item(63))
	w.settles()
	require.Len(t, w.reports, 2, "what comes after all the others is a report of its own")
	assert.Equal(t, []string{"F63"}, w.files(w.reports[1]))
	assert.EqualValues(t, 12, w.reports[1].TicketID)
}

func TestWhatIsWrongWithAnAlbumIsSaidOnceAndNothingIsSent(t *testing.T) {
	t.Parallel()
	word := fields{"document": fields{"file_id": "W", "file_name": "x.docx", "mime_type": "application/msword", "file_size": 1}}
	big := fields{"document": fields{"file_id": "B", "file_name": "x.pdf", "mime_type": "application/pdf", "file_size": 20<<20 + 1}}
	many := []fields{item(60, caption("/done 12"))}
	for id := 61; id <= 70; id++ {
		many = append(many, item(id))
	}
	for name, tc := range map[string]struct {
		updates []fields
		want    ticket.Say
	}{
		"no such ticket": {[]fields{item(60, caption("/done 99")), item(61, caption("/done 99"))}, ticket.Say{Text: message.TextNoSuchTicket, Count: 99}},
		"two tickets":    {[]fields{item(60, toCard()), item(61, toCard(), caption("/done 13")), item(62)}, ticket.Say{Text: message.TextOtherTicket, Ticket: 12, Count: 13}},
		"two captions":   {[]fields{item(60, caption("/done 12")), item(61, caption("/done 14")), item(62)}, ticket.Say{Text: message.TextOtherTicket, Ticket: 12, Count: 14}},
		"not on the list": {
			[]fields{item(60, toCard(), from(stranger)), item(61, toCard(), from(stranger))},
			ticket.Say{Text: message.TextStranger, Ticket: 12},
		},
		"an anonymous admin": {[]fields{item(60, toCard(), anonymous()), item(61, anonymous())}, ticket.Say{Text: message.TextAsYourself, Ticket: 12}},
		"one is no PDF": {
			[]fields{item(60, toCard()), item(61, word)},
			ticket.Say{Text: ticket.TextReportRefused, Reason: ticket.ReasonNotPDF, Ticket: 12, File: 2, Limit: 2},
		},
		"one is too large": {
			[]fields{item(60), item(61, big), item(62, toCard())},
			ticket.Say{Text: ticket.TextReportRefused, Reason: ticket.ReasonTooLarge, Ticket: 12, File: 2, Limit: 3},
		},
		"the one that says it is no PDF": {
			[]fields{item(60, word, toCard()), item(61, toCard())},
			ticket.Say{Text: ticket.TextReportRefused, Reason: ticket.ReasonNotPDF, Ticket: 12},
		},
		"too many":        {many, ticket.Say{Text: ticket.TextReportRefused, Reason: ticket.ReasonTooMany, Ticket: 12, Count: 10}},
		"no ticket named": {[]fields{item(60, caption("/done")), item(61)}, ticket.Say{Text: message.TextWhichTicket}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.tickets[14] = ticket.Ticket{ID: 14, Status: ticket.New}
			var all []ticket.Effect
			for _, u := range tc.updates {
				all = append(all, w.writes(u)...)
			}
			all = append(all, w.settles()...)
			all = append(all, w.settles()...)
			got := said(t, all)
			assert.Equal(t, group, got.To.Chat)
			assert.NotZero(t, got.To.Message, "as a reply")
			got.To = ticket.Place{}
			assert.Equal(t, tc.want, got)
			assert.Empty(t, w.reports)
		})
	}
}

func TestATicketThatIsClosedWhileItsAlbumComesGetsNone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		ticket.TextReportRefused: func(w *world) {
			_, _, err := w.Reject(t.Context(), 12, ticket.Rejection{}, ticket.Actor{})
			require.NoError(t, err)
		},
		message.TextNoSuchTicket: func(w *world) { delete(w.tickets, 12) },
	} {
		w := newWorld(t)
		w.writes(item(60, caption("/done 12")))
		w.writes(item(61))
		change(w)
		assert.Equal(t, name, said(t, w.settles()).Text)
		assert.Empty(t, w.reports)
	}
}

func TestWhatAClaimIsNotFor(t *testing.T) {
	t.Parallel()
	begin := func() *world {
		w := newWorld(t)
		assert.Equal(t, message.TextReportExpected, said(t, w.writes(fields{"message_id": 59, "text": "/done 12"})).Text)
		return w
	}
	w := begin()
	w.writes(loose(60), from(boris))
	w.settles()
	assert.Empty(t, w.reports, "another's file")

	w = begin()
	w.now = w.now.Add(3 * time.Minute)
	w.writes(loose(60))
	w.settles()
	assert.Empty(t, w.reports, "much later")

	w = begin()
	w.writes(loose(60, fields{"document": fields{"file_id": "W", "file_name": "x.docx"}}))
	w.settles()
	assert.Empty(t, w.reports, "no PDF")

	w = begin()
	w.writes(loose(60, toCard()))
	require.Len(t, w.reports, 1, "what says itself what it is for goes at once")
	w.writes(loose(61))
	w.settles()
	assert.Len(t, w.reports, 1, "and then nothing is waited for")
}

func TestWhatAnAlbumSaysItselfCountsMoreThanWhatWasSaidBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tickets[14] = ticket.Ticket{ID: 14, Status: ticket.New}
	w.writes(fields{"message_id": 58, "text": "/done 12"})
	w.writes(loose(59))
	w.settles()
	assert.Equal(t, []int{60}, eyes(w.writes(item(60, caption("/done 14")))))
	w.writes(item(61))
	w.settles()
	require.Len(t, w.reports, 2)
	assert.EqualValues(t, 14, w.reports[1].TicketID)
	assert.Equal(t, []int{62}, eyes(w.writes(item(62, caption("/done 12")))), "also where it comes after all the others")
	w.settles()
	require.Len(t, w.reports, 3)
	assert.EqualValues(t, 12, w.reports[2].TicketID)
}

func TestAFileThatComesLateIsAReportOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(fields{"message_id": 59, "text": "/done 12"})
	w.writes(loose(60))
	w.settles()
	w.writes(loose(61))
	w.settles()
	require.Len(t, w.reports, 2)
	assert.Equal(t, []string{"F61"}, w.files(w.reports[1]))
}

func TestAnItemThatIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(item(60))
	w.writes(item(61))
	assert.Empty(t, w.edits(item(60)), "nothing is said of a ticket")
	assert.Equal(t, []int{60}, eyes(w.edits(item(60, caption("/done 12")))), "the number was forgotten")
	w.settles()
	require.Len(t, w.reports, 1)
	assert.Equal(t, []string{"F60", "F61"}, w.files(w.reports[0]))
	assert.Empty(t, w.edits(item(60, caption("/done 12, срочно"))), "whatever was edited, it was not the report")
	other := fields{"document": fields{"file_id": "N", "file_unique_id": "N", "file_name": "x.pdf"}}
	assert.Equal(t, message.TextReportReplaced, said(t, w.edits(item(61, caption("/done 12"), other))).Text)
	w.settles()
	assert.Len(t, w.reports, 1)
	assert.Empty(t, w.edits(item(90, caption("/done 12"))), "of an item that nobody knows nothing is known")
}
