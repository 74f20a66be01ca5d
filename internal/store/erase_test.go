package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/ticket"
	"vinbot/internal/webhook"
)

// personal is what of a ticket must not outlive its erasure.
var personal = []string{
	vinB, "Чебурашка", "Гена", "file-4711", "unique-4711", "sum-4711", "reports/key-4711.pdf", "Лариска",
	"file-4712", "unique-4712", "sum-4712", "reports/key-4712.pdf", "987654321",
}

// private stores a closed ticket that is full of what is personal.
func (f *fixture) private(t *testing.T, closed time.Time) ticket.Ticket {
	t.Helper()
	const owner = 987654321
	k := ticket.Ticket{
		VIN: vinB, Status: ticket.Done, Priority: ticket.High, OwnerID: owner, AssigneeID: 5, AssigneeName: "Гена",
		OpenedAt: closed.Add(-time.Hour), TakenAt: closed.Add(-time.Minute), ClosedAt: closed,
	}
	r := ticket.Report{
		Status: ticket.ReportDelivered, FileID: "file-4711", UniqueID: "unique-4711", SHA256: "sum-4711", Size: 10,
		BlobKey: "reports/key-4711.pdf", Source: ticket.Place{Chat: -100, Message: 7}, SenderID: 6, SenderName: "Чебурашка",
		OwnerMessage: 3, DeliveredAt: closed,
		More: []ticket.File{{
			FileID: "file-4712", UniqueID: "unique-4712", SHA256: "sum-4712", BlobKey: "reports/key-4712.pdf", FoundVIN: vinB, OwnerMessage: 4,
		}},
	}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, tx.Insert(ctx, &k))
		k.RejectionText, k.RejectedBy = "Лариска", "Чебурашка"
		require.NoError(t, tx.AddPrompt(ctx, ticket.Prompt{Place: ticket.Place{Chat: owner, Message: 2}, Kind: ticket.PromptVIN, TicketID: k.ID}))
		require.NoError(t, tx.Update(ctx, &k))
		r.TicketID = k.ID
		require.NoError(t, tx.InsertReport(ctx, &r))
		late := ticket.Report{TicketID: k.ID, Status: ticket.ReportUndelivered, FileID: "file-4711", SenderName: "Гена"}
		require.NoError(t, tx.InsertReport(ctx, &late))
		require.NoError(t, tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventOpened, ActorID: owner}))
		require.NoError(t, tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventTaken, ActorID: 5}))
		require.NoError(t, f.Lines().InsertLine(ctx, &ticket.Line{
			TicketID: k.ID, Direction: ticket.Question, State: ticket.LineSending, AuthorID: 5, Body: "Чебурашка?", SaidAt: closed,
		}))
		require.NoError(t, f.Lines().InsertLine(ctx, &ticket.Line{
			TicketID: k.ID, Direction: ticket.Answer, State: ticket.LineSent, AuthorID: owner, SaidAt: closed,
		}))
		return tx.AddCard(ctx, ticket.Card{TicketID: k.ID, Place: ticket.Place{Chat: -100, Message: 50}, Kind: ticket.CardMain})
	})
	head := f.enqueue(t, ticket.Effect{Kind: ticket.EffectSay, Lane: "x", TicketID: k.ID, Payload: ticket.Say{VIN: vinB}})
	require.NoError(t, f.Outbox().Bury(t.Context(), f.claim(t, head[0].ID), "broken", nil))
	answered := webhook.Attempt{Delivery: f.delivery(t, f.endpoint(t).ID, k.ID).ID, At: closed, Status: 500, Answer: "Чебурашка " + vinB}
	require.NoError(t, f.Webhooks().AddAttempt(t.Context(), answered))
	return k
}

func testErasure(t *testing.T, open func(t *testing.T) *fixture) {
	t.Helper()
	t.Run("what is erased is in no table, what counts is kept", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.private(t, start())
		before := f.Dump(t)
		for _, p := range personal {
			assert.Contains(t, before, p, "this test can fail")
		}
		erased := func() (files []ticket.ReportFile) {
			f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
				var err error
				files, err = tx.EraseTicket(ctx, k.ID)
				return err
			})
			return files
		}
		assert.Equal(t, []ticket.ReportFile{
			{Report: 1, Key: "reports/key-4711.pdf"}, {Report: 1, File: 2, Key: "reports/key-4712.pdf"}, {Report: 2},
		}, erased())
		after := f.Dump(t)
		for _, p := range personal {
			assert.NotContains(t, after, p)
		}
		got, err := f.Ticket(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, ticket.Ticket{
			ID: k.ID, VIN: ticket.ErasedVIN, Status: ticket.Done, Priority: ticket.High, AssigneeID: 5, Version: 3,
			OpenedAt: stored(k.OpenedAt), TakenAt: stored(k.TakenAt), ClosedAt: stored(k.ClosedAt), ErasedAt: stored(start()),
			Cycle: 1, BeganAt: stored(k.OpenedAt), QueuedAt: stored(k.OpenedAt),
		}, got)
		events, err := f.Events(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Zero(t, events[0].ActorID)
		assert.EqualValues(t, 5, events[1].ActorID, "a manager's work counts")
		_, err = f.LiveReport(t.Context(), k.ID)
		assert.True(t, ticket.IsNotFound(err), "nothing of it is on its way")
		assert.Empty(t, erased(), "once more finds nothing")
		again, err := f.Ticket(t.Context(), k.ID)
		require.NoError(t, err)
		assert.Equal(t, got, again)
	})

	t.Run("an archive that comes late is not noted", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.private(t, start())
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			kept, err := tx.NoteArchive(ctx, ticket.ReportFile{Report: 2, Key: "key"}, "sum")
			assert.True(t, kept)
			require.NoError(t, err)
			_, err = tx.EraseTicket(ctx, k.ID)
			require.NoError(t, err)
			kept, err = tx.NoteArchive(ctx, ticket.ReportFile{Report: 2, Key: "key"}, "sum")
			assert.False(t, kept)
			return err
		})
	})

	t.Run("what is due is found, in the bin or not, the oldest first", func(t *testing.T) {
		t.Parallel()
		testExpired(t, open(t))
	})

	t.Run("people are forgotten when no ticket is theirs", func(t *testing.T) {
		t.Parallel()
		testForget(t, open(t))
	})

	t.Run("what was set aside is forgotten by its age", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		in := f.Inbox(1)
		_, err := in.Append(t.Context(), raws(1, 2))
		require.NoError(t, err)
		head := f.enqueue(t, ticket.Effect{Kind: ticket.EffectSay, Lane: "x", Payload: ticket.Say{VIN: vinB}})
		require.NoError(t, f.Outbox().Bury(t.Context(), f.claim(t, head[0].ID), "broken", nil))
		require.NoError(t, in.SetAside(t.Context(), 1, "broken", nil))
		n, err := f.ForgetDead(t.Context(), start())
		require.NoError(t, err)
		assert.Zero(t, n, "it is young")
		n, err = f.ForgetDead(t.Context(), start().Add(time.Hour))
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		waiting, err := in.Pending(t.Context(), 0, 10)
		require.NoError(t, err)
		assert.Len(t, waiting, 1, "what waits is not forgotten")
	})

	t.Run("a purged ticket is gone with all that belongs to it", func(t *testing.T) {
		t.Parallel()
		f := open(t)
		k := f.private(t, start())
		purge := func(want ticket.Code) (files []ticket.ReportFile) {
			err := f.Do(t.Context(), func(ctx context.Context, tx ticket.Tx) error {
				var err error
				files, err = tx.PurgeTicket(ctx, k.ID)
				return err
			})
			if want == "" {
				require.NoError(t, err)
				return files
			}
			assert.Equal(t, want, ticket.CodeOf(err))
			return nil
		}
		purge(ticket.CodeNotFound) // it is not in the bin
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, k.ID); return err })
		assert.Len(t, purge(""), 3)
		after := f.Dump(t)
		for _, p := range personal {
			assert.NotContains(t, after, p)
		}
		_, err := f.DeletedTicket(t.Context(), k.ID)
		assert.True(t, ticket.IsNotFound(err))
	})
}

func testExpired(t *testing.T, f *fixture) {
	t.Helper()
	old, young := start().Add(-48*time.Hour), start()
	second := f.private(t, old.Add(time.Minute))
	first := f.private(t, old)
	f.private(t, young)
	binned := f.private(t, old.Add(2*time.Minute)) // deleted just now, closed long ago
	f.ticket(t, 1, vinA)
	gone := f.ticket(t, 2, vinA)
	for _, k := range []ticket.Ticket{binned, gone} {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, k.ID); return err })
	}
	f.Exec(t, `UPDATE tickets SET deleted_at = ? WHERE id = ?`, old, gone.ID)
	expired := func(limit int) (erase, purge []int64) {
		f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
			due, err := tx.Expired(ctx, start().Add(-time.Hour), limit)
			for _, k := range due.Erase {
				assert.Equal(t, ticket.Done, k.Status)
				erase = append(erase, k.ID)
			}
			purge = due.Purge
			return err
		})
		return erase, purge
	}
	erase, purge := expired(10)
	assert.Equal(t, []int64{gone.ID}, purge)
	assert.Equal(t, []int64{first.ID, second.ID, binned.ID}, erase, "not what waits, nor what was closed just now")
	erase, purge = expired(2)
	assert.Equal(t, []int64{gone.ID}, purge)
	assert.Equal(t, []int64{first.ID}, erase)
	erase, _ = expired(1)
	assert.Empty(t, erase)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, first.ID); return err })
	erase, _ = expired(10)
	assert.Equal(t, []int64{second.ID, binned.ID}, erase)
}

func testForget(t *testing.T, f *fixture) {
	t.Helper()
	const many = 450 // more than two steps
	seen := func(id int64) {
		_, err := f.Accounts().Seen(t.Context(), account.User{ID: id, Name: "Чебурашка"})
		require.NoError(t, err)
	}
	for id := range int64(many) {
		seen(id + 1)
	}
	f.ticket(t, 7, vinA)
	binned := f.ticket(t, 300, vinA)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.Delete(ctx, binned.ID); return err })
	f.clock.Advance(time.Hour)
	seen(440)
	forget := func() (total int) {
		for after := int64(0); ; {
			last, n, err := f.ForgetPeople(t.Context(), start().Add(time.Minute), after)
			require.NoError(t, err)
			total += n
			if after = last; last == 0 {
				return total
			}
		}
	}
	assert.Equal(t, many-3, forget())
	for _, id := range []int64{7, 300, 440} {
		_, err := f.Accounts().User(t.Context(), id)
		require.NoError(t, err, id)
	}
	assert.Zero(t, forget())
}

// becomesOf says of every table what becomes of what it holds of people when a
// ticket is erased, purged, or grows old.
var becomesOf = map[string]string{
	"tickets":       "erased, purged",
	"events":        "the owner's id is erased, purged with the ticket",
	"reports":       "erased, purged with the ticket",
	"report_files":  "erased, purged with the ticket",
	"parcels":       "a manager's name, erased with the ticket, gone after two days",
	"parcel_files":  "gone with the parcel",
	"ratings":       "stars only; purged with the ticket",
	"cards":         "ids of messages only; purged with the ticket",
	"outbox":        "payloads go when the row is done; dead ones with the ticket or by age",
	"updates":       "bodies go when the update is handled; dead ones by age",
	"users":         "forgotten by age when no ticket is theirs",
	"chats":         "groups only",
	"prompts":       "ids of chats and messages only; erased, purged with the ticket",
	"conversations": "erased, purged with the ticket",
	"copies":        "ids of messages only; gone with the conversation",
	"sla_steps":     "nobody; purged with the ticket",
	"bans":          "a keyed hash of the person's id",
	"keys":          "nobody",
	"erasures":      "until the person is forgotten",
	"heartbeat":     "nobody",
	"leader":        "nobody",
	"leader_beat":   "nobody",
	"last_poll":     "nobody",

	"api_tokens":       "programs only",
	"api_sessions":     "an owner's go when the owner is forgotten, and by age",
	"refresh_tokens":   "gone with the session",
	"api_usage":        "a caller's id: gone within minutes, an owner's with them",
	"idempotency_keys": "erased and purged with the ticket, an owner's when they are forgotten, and by age",

	"panel_sessions": "what a manager's browser calls itself: gone when they are forgotten, and by age",
	"login_links":    "a manager's id, gone after an hour",
	"members":        "managers' ids, gone after a day",
	"audit":          "ids and codes only; whom something was done to is erased when they are forgotten",
	"crm_state":      "nobody",
	"crm_deals":      "ids of the CRM's and a digest; gone when the ticket is erased or purged, and the deal is cleaned",
	"crm_contacts":   "the owner's id, the CRM's and a digest; gone when the owner is forgotten, and the contact is cleaned",
	"crm_jobs":       "ids only; what is to be cleaned is named until it is",

	"webhooks":          "nobody: what an operator wrote; gone when it is deleted",
	"deliveries":        "ids and codes only; purged with the ticket",
	"delivery_attempts": "what a receiver answered is erased, purged with the ticket",
}

func TestOfEveryTableItIsKnownWhatBecomesOfPeoplesData(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	for _, table := range f.Tables(t) {
		assert.Contains(t, becomesOf, table, "a new table: have EraseTicket erase what it holds of people, and say so here")
	}
}

// codes are the texts of a ticket and its reports that tell nothing of people.
var codes = []string{"vin", "status", "priority", "request_id", "undeliverable", "rejection", "reason"}

// TestNoTextOfATicketOutlivesItsErasure goes by the columns that there are, so
// that a new one is not forgotten.
func TestNoTextOfATicketOutlivesItsErasure(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	k := f.private(t, start())
	marked := 0
	for _, table := range []string{"tickets", "reports", "report_files"} {
		columns := f.Text(t, `SELECT group_concat(name) FROM pragma_table_info('`+table+`') WHERE type = 'TEXT'`)
		for column := range strings.SplitSeq(columns, ",") {
			if !slices.Contains(codes, column) {
				marked++
				f.Exec(t, `UPDATE `+table+` SET `+column+` = 'mark of `+table+"."+column+`'`)
			}
		}
	}
	assert.Greater(t, marked, 5)
	assert.Contains(t, f.Dump(t), "mark of tickets.assignee_name")
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, k.ID); return err })
	for line := range strings.Lines(f.Dump(t)) {
		assert.NotContains(t, line, "mark of", "have EraseTicket erase it, or list it above if it is a code")
	}
}

func TestErasedDataAreNotInTheFile(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	k := f.private(t, start())
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error { _, err := tx.EraseTicket(ctx, k.ID); return err })
	require.NoError(t, f.Close())
	data, err := os.ReadFile(f.path)
	require.NoError(t, err)
	for _, p := range personal[:len(personal)-1] { // the owner's number is no text there
		assert.False(t, strings.Contains(string(data), p), "%s", p)
	}
}

func TestSettlingTakesTheJournalIntoTheFileBesideWhoWrites(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	inFile := func() bool {
		data, err := os.ReadFile(f.path)
		require.NoError(t, err)
		return strings.Contains(string(data), vinA)
	}
	require.NoError(t, f.Settle(t.Context()))
	f.ticket(t, 1, vinA)
	assert.False(t, inFile(), "it is in the journal")
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		require.NoError(t, f.Settle(ctx), "somebody writes at this moment")
		return nil
	})
	assert.True(t, inFile())
	require.NoError(t, openPostgres(t).Settle(t.Context()))
}

// Tables lists the program's own tables.
func (f *fixture) Tables(t *testing.T) (names []string) {
	t.Helper()
	for name := range strings.SplitSeq(f.Text(t, `SELECT group_concat(name) FROM sqlite_master
		WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`), ",") {
		names = append(names, name)
	}
	return names
}

// Text reads one text.
func (f *fixture) Text(t *testing.T, statement string) (text string) {
	t.Helper()
	f.Query(t, statement, &text)
	return text
}

// Dump gives all that the tables hold, as text.
func (f *fixture) Dump(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for name := range becomesOf {
		for _, row := range f.Rows(t, "SELECT * FROM "+name) {
			fmt.Fprintln(&b, name, row)
		}
	}
	return b.String()
}
