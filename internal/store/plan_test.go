package store_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/outbox"
	"vinbot/internal/ticket"
)

// TestNoStatementScansATable asks everything that the ports can be asked, and
// has every statement that this took explained.
func TestNoStatementScansATable(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	askEverything(t, f)

	scan := regexp.MustCompile(`^SCAN (updates|outbox|tickets|events|cards|prompts|reports|users|sla_steps|ratings|conversations|copies|bans|newer|twin)\b`)
	explained := 0
	for _, statement := range f.Statements() {
		verb, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
		switch verb {
		case "SELECT", "INSERT", "UPDATE", "DELETE":
		default:
			continue
		}
		explained++
		for _, step := range f.Plan(t, statement) {
			assert.NotRegexp(t, scan, step, "%s", statement)
		}
	}
	assert.Greater(t, explained, 40)
	assert.Contains(t, f.Plan(t, `SELECT * FROM tickets WHERE vin = ?`), "SCAN tickets", "this test can fail")
}

// askEverything calls every method of every port, reads within a transaction
// and outside of it.
func askEverything(t *testing.T, f *fixture) {
	t.Helper()
	ctx := t.Context()
	k := f.ticket(t, 1, vinA)
	r := f.report(t, k.ID, ticket.ReportChecking)
	f.tx(t, func(ctx context.Context, tx ticket.Tx) error {
		_, err := tx.Take(ctx, k.ID, ticket.Actor{ID: 1}, ticket.Wait{})
		require.NoError(t, err)
		k, err = tx.Ticket(ctx, k.ID)
		require.NoError(t, err)
		require.NoError(t, tx.Update(ctx, &k))
		require.NoError(t, tx.AddEvent(ctx, ticket.Event{TicketID: k.ID, Kind: ticket.EventTaken}))
		require.NoError(t, tx.AddCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardMain}))
		require.NoError(t, tx.AddCard(ctx, ticket.Card{TicketID: k.ID, Kind: ticket.CardDigest, Place: ticket.Place{Message: 2}}))
		require.NoError(t, tx.DropCard(ctx, 1, 1))
		require.NoError(t, tx.AddPrompt(ctx, ticket.Prompt{TicketID: k.ID, Kind: ticket.PromptReject}))
		require.NoError(t, tx.DropPrompts(ctx, k.ID))
		require.NoError(t, tx.UpdateReport(ctx, &r))
		require.NoError(t, tx.SetRating(ctx, ticket.Rating{Ticket: k.ID, Stars: 5, RatedAt: start(), ChangedAt: start()}))
		_, err = tx.NoteArchive(ctx, r.ID, "key", "sum")
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
	require.NoError(t, in.Consume(ctx, 1, nil))
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
	_, err = f.ForgetDead(ctx, start())
	require.NoError(t, err)
	_, _, err = f.ForgetPeople(ctx, start(), 0)
	require.NoError(t, err)
	require.NoError(t, f.Writable(ctx))
	_, err = f.SchemaVersion(ctx)
	require.NoError(t, err)
	require.NoError(t, f.Polled(ctx, start()))
	_, err = f.LastPoll(ctx)
	require.NoError(t, err)
	askTalk(t, f)
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
	found(f.Report(ctx, 1))
	found(f.ReportAt(ctx, -100, 7))
	found(f.LiveReport(ctx, 1))
	found(f.WaitingReport(ctx, 1))
	found(f.UndeliveredReports(ctx, 1))
	found(f.LastReport(ctx, 1))
	found(f.Events(ctx, 1))
	found(f.PromptAt(ctx, -100, 7))
	for _, p := range ticket.Priorities() {
		found(f.Ahead(ctx, ticket.Ticket{ID: 1, Priority: p}))
	}
	found(f.NewestOf(ctx, 1, 10))
	_, _, err := f.DoneOf(ctx, 1, 0, 10)
	require.NoError(t, err)
	found(f.DoneSince(ctx, start(), 10))
	found(f.Rating(ctx, 1))
	found(f.DeletedTicket(ctx, 1))
	found(f.Bin(ctx, ticket.BinPlace{}, 10))
}
