package store_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/outbox"
	"vinbot/internal/stats"
	"vinbot/internal/store"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/ticket"
)

// manyTickets is how many tickets there are when the plans are looked at: as many
// as ANALYZE of PostgreSQL looks at all of, so that its plans are no matter of luck.
const manyTickets = 30_000

// scanned are the tables that no statement may read from end to end. PostgreSQL
// does so with a small one, rightly; of the rest those are small here.
const (
	large         = `updates|outbox|tickets|events|cards|reports|users|audit|newer|twin`
	scanned       = `Seq Scan on (` + large + `)\b`
	scannedSQLite = `^SCAN (prompts|sla_steps|ratings|conversations|copies|bans|deliveries|delivery_attempts|crm_jobs|crm_deals|panel_sessions|login_links|members|` + large + `)\b`
	// walkedSQLite is a scan, too: by number from one row on to the end, whatever
	// else is asked of each.
	walkedSQLite = `^SEARCH (` + large + `) USING INTEGER PRIMARY KEY \(rowid[<>]\?\)`
)

// counting is part of the statement that statistics are counted by. Of what there
// are many it looks at no ticket itself, however many have one status or manager.
const (
	counting       = `2 * done_seconds`
	lookedAt       = `Index Scan using tickets_(?:[^p]|p[^k])`
	lookedAtSQLite = `^SEARCH tickets USING INDEX`
)

// looking is part of the statement that asks whose deadlines are to be looked at,
// every few seconds, and lookIndex is what it must be answered from.
const (
	looking   = `AND look_at <= `
	lookIndex = "tickets_look"
)

// walks are statements that want all rows from one on, or the done ones, which
// most are, or those that are the newest of their owners: a page of them.
var walks = regexp.MustCompile(`WHERE id [<>] \? (?:AND status = 'done' )?(?:AND deleted_at IS NULL )?` +
	`(?:AND owner_id <> 0 AND deleted_at IS NULL AND NOT EXISTS \((?s:.)*\)\s+)?ORDER BY id(?: DESC)? LIMIT (?:\?|\d+)$`)

// TestNoStatementScansATable asks everything that the ports can be asked, and
// has every statement that this took explained.
func TestNoStatementScansATable(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		f := openFixture(t)
		fillTables(t, f)
		askEverything(t, f)
		statements := slices.DeleteFunc(f.Statements(), func(s string) bool { return !isWork(s) })
		assert.Contains(t, strings.Join(statements, "\n"), counting)
		assert.Contains(t, strings.Join(statements, "\n"), looking)
		for _, statement := range statements {
			if strings.Contains(statement, looking) {
				assert.Contains(t, strings.Join(f.Plan(t, statement), "\n"), "SEARCH tickets USING INDEX "+lookIndex)
			}
			for _, step := range f.Plan(t, statement) {
				if strings.Contains(statement, counting) {
					assert.NotRegexp(t, lookedAtSQLite, step, "%s", statement)
				}
				assert.NotRegexp(t, scannedSQLite, step, "%s", statement)
				if !walks.MatchString(statement) {
					assert.NotRegexp(t, walkedSQLite, step, "%s", statement)
				}
			}
		}
		assert.Greater(t, len(statements), 40)
		assert.Contains(t, f.Plan(t, `SELECT * FROM tickets WHERE request_id = ?`), "SCAN tickets", "this test can fail")
	})

	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Database(t)
		f := openOn(t, store.Postgres(url))
		fillTables(t, f)
		f.Exec(t, `ANALYZE`) // as autovacuum does
		asked := &asked{statements: map[string][]any{}}
		askEverything(t, openOn(t, store.Traced(url, asked)))
		plans := newPlanner(t, url)
		explained, counted, looked := 0, false, false
		for statement, args := range asked.statements {
			if !isWork(statement) {
				continue
			}
			explained++
			plan := plans.explain(t, statement, args)
			assert.NotRegexp(t, scanned, plan, "%s", statement)
			if strings.Contains(statement, counting) {
				counted = true
				assert.NotRegexp(t, lookedAt, plan, "%s", statement)
			}
			if strings.Contains(statement, looking) {
				looked = true
				assert.Contains(t, plan, "Index Scan using "+lookIndex)
			}
		}
		assert.True(t, counted)
		assert.True(t, looked)
		assert.Greater(t, explained, 40)
		assert.Regexp(t, "Seq Scan on tickets", plans.explain(t, `SELECT * FROM tickets WHERE request_id = $1`, []any{"x"}),
			"this test can fail")
	})
}

// isWork tells statements that read or write rows from those that divide
// transactions.
func isWork(statement string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
	return slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, verb)
}

// fillTables stores many tickets of many owners, with all that belongs to them,
// an hour's after the other's. One of a hundred is open.
func fillTables(t *testing.T, f *fixture) {
	t.Helper()
	const anHour = 1000
	for from := 0; from < manyTickets; from += anHour {
		at := start().UTC().Add(-time.Duration((manyTickets-from)/anHour) * time.Hour)
		fill := func(statement string, values ...any) {
			f.Exec(t, statement+` FROM (`+numbers+`) n`, append(values, from+1, from+anHour)...)
		}
		fill(`INSERT INTO tickets (vin, status, priority, owner_id, opened_at, closed_at, request_id)
			SELECT 'WBAAA' || CAST(100000000000 + i AS TEXT), CASE i % 100 WHEN 0 THEN 'new' ELSE 'done' END,
				'normal', i % 20000 + 1000, ?, ?, ''`, at, at)
		fill(`INSERT INTO events (ticket_id, kind, from_status, to_status, actor_id, report_id, detail, at, request_id)
			SELECT i, 'opened', '', 'new', 0, 0, '', ?, ''`, at)
		fill(`INSERT INTO cards (chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at)
			SELECT -100, i + 1000, 0, i, 'card', 1, ?`, at)
		fill(`INSERT INTO reports (ticket_id, status, file_id, unique_id, size, source_chat, source_topic, source_message,
				sender_id, sender_name, reason, correction, unchecked, sha256, blob_key, owner_message, received_at, request_id)
			SELECT i, CASE i % 100 WHEN 0 THEN 'received' ELSE 'delivered' END, '', '', 1, -100, 0, i + 1000000,
				1, '', '', FALSE, FALSE, '', '', 1, ?, ''`, at)
		fill(`INSERT INTO report_files (report_id, position, file_id, unique_id, size, unchecked, no_text, found_vin, sha256, blob_key, owner_message)
			SELECT i, 2, '', '', 1, FALSE, FALSE, '', '', '', 1`)
		fill(`INSERT INTO parcels (chat_id, sender_id, album, claim, ticket_id, by_id, by_name, asked_chat, asked_topic, asked_message, touched_at)
			SELECT -100, i, CAST(i AS TEXT), FALSE, i, 1, '', -100, 0, 1, ?`, at)
		fill(`INSERT INTO parcel_files (chat_id, message_id, topic_id, parcel_id, file_id, unique_id, size, fault)
			SELECT -100, i + 5000000, 0, i, '', '', 1, ''`)
		fill(`INSERT INTO users (id, name, username, language, first_seen, last_seen, folded, last_word)
			SELECT i + 1000, '', '', 'ru', ?, ?, 'n' || CAST(i AS TEXT), 'w' || CAST(i AS TEXT)`, at, at)
		fill(`INSERT INTO audit (at, user_id, action, ticket_id, person_id, target, details, request_id)
			SELECT ?, i % 50, 'ticket.x' || CAST(i % 20 AS TEXT), i, i + 1000, '', '{}', ''`, at)
		fill(`INSERT INTO updates (bot_id, update_id, state, request_id, received_at, handled_at)
			SELECT 1, i + 1000, 'done', '', ?, ?`, at, at)
		fill(`INSERT INTO outbox (state, kind, lane, chat_id, urgency, merge_key, ticket_id, request_id, created_at, run_at, finished_at)
			SELECT 'done', 'say', 'chat:1', 1, 0, 'k', i, '', ?, ?, ?`, at, at, at)
	}
	f.Exec(t, `UPDATE tickets SET look_at = opened_at WHERE deleted_at IS NULL AND status = 'new'
		AND (status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered')`)
}

// numbers is a table of the numbers from one value to another.
const numbers = `WITH RECURSIVE n (i) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n`

// askEverything calls every method of every port, reads within a transaction
// and outside of it.
func askEverything(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	k := f.ticket(t, 1, vinA)
	r := ticket.Report{TicketID: k.ID, Status: ticket.ReportChecking, Source: ticket.Place{Chat: -100, Message: 7}, More: []ticket.File{{FileID: "x"}}}
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		_, err := tx.Take(ctx, k, ticket.Actor{ID: 1})
		require.NoError(t, err)
		k, err = tx.Ticket(ctx, k.ID)
		require.NoError(t, err)
		require.NoError(t, tx.Update(ctx, &k))
		require.NoError(t, tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventTaken}))
		require.NoError(t, tx.AddCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardMain}))
		require.NoError(t, tx.AddCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardDigest, Place: ticket.Place{Message: 2}}))
		_, err = tx.PostCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardMain, Place: ticket.Place{Message: 3}})
		require.NoError(t, err)
		require.NoError(t, tx.DropCard(ctx, 1, 1))
		require.NoError(t, tx.AddPrompt(ctx, ticket.Prompt{TicketID: k.ID, Kind: ticket.PromptReject}))
		require.NoError(t, tx.DropPrompts(ctx, k.ID))
		require.NoError(t, tx.InsertReport(ctx, &r))
		require.NoError(t, tx.UpdateReport(ctx, &r))
		require.NoError(t, tx.SetRating(ctx, ticket.Rating{Ticket: k.ID, Stars: 5, RatedAt: start(), ChangedAt: start()}))
		for file := range 3 {
			_, err = tx.NoteArchive(ctx, ticket.ReportFile{Report: r.ID, File: file, Key: "key"}, "sum")
			require.NoError(t, err)
		}
		_, err = tx.NamesCopy(ctx, ticket.Copy{Ticket: k.ID, Key: "key"})
		require.NoError(t, err)
		_, err = tx.Expired(ctx, start(), 10)
		require.NoError(t, err)
		binned := ticket.Ticket{VIN: vinB, Status: ticket.Done, Priority: ticket.Low, OwnerID: 1}
		require.NoError(t, tx.Insert(ctx, &binned))
		for _, change := range []func(context.Context, int64) (bool, error){tx.Delete, tx.Restore, tx.Delete} {
			_, err = change(ctx, binned.ID)
			require.NoError(t, err)
		}
		for _, change := range []func(context.Context, int64) ([]ticket.ReportFile, error){tx.EraseTicket, tx.PurgeTicket} {
			_, err = change(ctx, binned.ID)
			require.NoError(t, err)
		}
		readEverything(ctx, t, f)
		return nil
	})
	readEverything(ctx, t, f)

	in := f.Inbox(1)
	_, err := in.Append(ctx, raws(1, 2, 3))
	require.NoError(t, err)
	_, err = in.Pending(ctx, 0, 10)
	require.NoError(t, err)
	_, _, err = in.Oldest(ctx)
	require.NoError(t, err)
	require.NoError(t, in.Claim(ctx, []int64{1, 2}))
	require.NoError(t, in.Unclaim(ctx, []int64{1, 2}))
	require.NoError(t, in.Consume(ctx, 1, 0, nil))
	require.NoError(t, in.SetAside(ctx, 2, "", nil))
	_, err = in.Prune(ctx, start())
	require.NoError(t, err)

	heads := f.enqueue(t, edit("a"), edit("b"), edit("c"))
	out := f.Outbox()
	require.NoError(t, out.Finish(ctx, f.claim(t, heads[0].ID), nil))
	require.ErrorIs(t, out.FinishAll(ctx, []outbox.Job{{}}, nil), outbox.ErrLost)
	require.NoError(t, out.Bury(ctx, f.claim(t, heads[1].ID), "", nil))
	job := f.claim(t, heads[2].ID)
	require.NoError(t, out.Renew(ctx, job.ID, job.Attempt, time.Minute))
	f.enqueue(t, edit("c"))
	_, err = out.Retry(ctx, job, start(), "")
	require.NoError(t, err)
	_, err = out.Reclaim(ctx, start())
	require.NoError(t, err)
	_, err = out.Waiting(ctx, 0, 10)
	require.NoError(t, err)
	_, err = out.Depths(ctx)
	require.NoError(t, err)
	_, err = out.Prune(ctx, start())
	require.NoError(t, err)

	_, err = f.Accounts().Seen(ctx, account.User{ID: 1})
	require.NoError(t, err)
	require.NoError(t, f.Accounts().SetUnreachable(ctx, 1, true))
	require.NoError(t, f.Accounts().ChooseLanguage(ctx, 1, "en"))
	_, err = f.Accounts().User(ctx, 1)
	require.NoError(t, err)
	_, err = f.Accounts().Migrated(ctx, -1, -2)
	require.NoError(t, err)
	_, err = f.Accounts().Successors(ctx)
	require.NoError(t, err)
	_, err = f.SLA().Mark(ctx, k.ID, 1, ticket.StepTake)
	require.NoError(t, err)
	_, err = f.SLA().Watched(ctx, 0, 10)
	require.NoError(t, err)
	ripe, err := f.SLA().Ripe(ctx, start(), ticket.Watched{}, 10)
	require.NoError(t, err)
	require.NotEmpty(t, ripe)
	require.NoError(t, f.SLA().Look(ctx, ripe))
	_, err = f.ForgetDead(ctx, start())
	require.NoError(t, err)
	_, _, err = f.ForgetPeople(ctx, start(), 0)
	require.NoError(t, err)
	_, err = f.Stats().Count(ctx, start(), start().Add(time.Hour))
	require.NoError(t, err)
	_, err = f.Stats().InHand(ctx)
	require.NoError(t, err)
	_, err = f.Stats().Moments(ctx, start(), start().Add(time.Hour))
	require.NoError(t, err)
	_, err = f.Stats().Changed(ctx, stats.Mark{Event: manyTickets})
	require.NoError(t, err)
	_, err = f.Stats().OpenNow(ctx, 0)
	require.NoError(t, err)
	require.NoError(t, f.Writable(ctx))
	_, err = f.SchemaVersion(ctx)
	require.NoError(t, err)
	require.NoError(t, f.Polled(ctx, start()))
	_, err = f.LastPoll(ctx)
	require.NoError(t, err)
	askTalk(t, f)
	askErasures(t, f)
	askAPI(t, f)
	askParcels(t, f)
	askWebhooks(t, f)
	askCRM(t, f)
	askPanel(t, f)
	askAside(t, f)
	_, _, err = f.InboxDepth(ctx, 1)
	require.NoError(t, err)
	_, err = f.OpenCounts(ctx)
	require.NoError(t, err)
	askOwners(t, f)
}

// readEverything asks all questions of ticket.Reader. Their answers do not
// matter here.
func readEverything(ctx context.Context, t *testing.T, f *fixture) {
	t.Helper()
	found := func(_ any, err error) {
		if !ticket.IsNotFound(err) {
			require.NoError(t, err)
		}
	}
	found(f.Ticket(ctx, 1))
	found(f.OpenTicket(ctx, 1, vinA))
	found(f.TicketsOf(ctx, 1, ticket.Statuses()...))
	found(f.OpenTickets(ctx, 0, 10))
	found(f.CardAt(ctx, -100, 7))
	found(f.Digest(ctx, -100, 7))
	found(f.Cards(ctx, 1))
	found(f.Showing(ctx, 1))
	found(f.Addressed(ctx, 1))
	found(f.Report(ctx, 1))
	found(f.ReportAt(ctx, -100, 7))
	found(f.LiveReport(ctx, 1))
	found(f.WaitingReport(ctx, 1))
	found(f.UndeliveredReports(ctx, 1))
	found(f.LastReport(ctx, 1))
	found(f.Events(ctx, 1))
	found(f.PromptAt(ctx, -100, 7))
	_, _, err := f.Queue(ctx, 0, 10)
	require.NoError(t, err)
	found(f.InHand(ctx, 1, 10))
	found(f.Reusable(ctx, vinA, start()))
	found(f.CountInHand(ctx, 1))
	found(f.CountFound(ctx, vinA))
	found(f.CountFound(ctx, vinA[11:]))
	found(f.Find(ctx, vinA, 10))
	found(f.Find(ctx, vinA[11:], 10))
	found(f.Accounts().ByUsername(ctx, "anna"))
	for _, p := range ticket.Priorities() {
		found(f.Ahead(ctx, ticket.Ticket{ID: 1, Priority: p}))
	}
	found(f.Demand(ctx, 1, 10))
	_, _, err = f.DoneOf(ctx, 1, 0, 10)
	require.NoError(t, err)
	found(f.DoneSince(ctx, start(), 10))
	found(f.Rating(ctx, 1))
	found(f.DeletedTicket(ctx, 1))
	found(f.Bin(ctx, ticket.BinPlace{}, 10))
}
