package metric_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/metric"
)

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, m *metric.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code)
	return answer.Body.String()
}

// exercised has every metric counted once.
func exercised(t *testing.T) *metric.Metrics {
	t.Helper()
	m := metric.New(metric.Build{Version: "v1", Commit: "abc", GoVersion: "go1"})
	m.UpdatesReceived(3)
	m.UpdateHandled()
	m.UpdateRetried()
	m.UpdateSetAside()
	m.Polled("conflict")
	m.PollSucceeded(time.Unix(1700000000, 5e8))
	require.NoError(t, m.WatchInbox(pending))
	m.OutboxEnqueued("card")
	m.OutboxSent("card", "sent")
	m.ResentAfterUnknown("card")
	m.DigestPosted(12)
	require.NoError(t, m.WatchLeader(func() bool { return true }))
	require.NoError(t, m.WatchOutbox(waits))
	require.NoError(t, m.WatchTickets(opens))
	require.NoError(t, m.WatchDisk(hasRoom))
	require.NoError(t, m.WatchRefusal(refuses))
	require.NoError(t, m.WatchPool("readers", &sql.DB{}))
	m.Call("sendMessage", "ok", 30*time.Millisecond)
	m.TooManyRequests(4 * time.Second)
	m.TooManyRequests(-time.Second)
	m.TicketOpened()
	m.TicketTaken(20 * time.Minute)
	m.TicketDone(100 * time.Hour)
	m.TicketUndelivered()
	m.TicketRejected()
	m.TicketCancelled()
	m.TicketRated("5")
	m.ReportSentAgain()
	m.OwnerLimited("messages")
	m.TicketOverdue("take")
	m.ReportChecked("accepted", 3<<20)
	m.VINJudged("confirm", "check_digit")
	m.CheckDigitMismatched("1HG", "confirm")
	m.ExpectSteps("take", "done")
	m.S3Asked("refused", 30*time.Millisecond)
	m.ExpectTransactions("ok", "busy")
	m.Transaction("ok", 2*time.Millisecond)
	m.CRMAsked("ok", time.Second)
	require.NoError(t, m.WatchCRM(deals, given))
	m.WebhookTried("delivered", 30*time.Millisecond)
	m.WebhookStopped("gone")
	require.NoError(t, m.WatchWebhooks(deliveries))
	m.Served("GET /readyz", http.StatusServiceUnavailable, time.Second)
	return m
}

func waits(set func(kind string, waiting int, oldest time.Duration)) { set("card", 7, time.Minute) }

func pending() (time.Duration, bool) { return 1500 * time.Millisecond, true }

func deals() (int, time.Duration, bool) { return 2, time.Minute, true }

func given() (int, bool) { return 0, true }

func deliveries() (int, time.Duration, bool) { return 5, time.Minute, true }

func opens(set func(status, priority string, n int)) { set("new", "urgent", 3) }

func hasRoom(set func(folder string, free, size uint64)) { set("data", 1<<30, 1<<40) }

func refuses() (is, known bool) { return true, true }

func TestEveryCountIsShown(t *testing.T) {
	t.Parallel()
	text := scrape(t, exercised(t))
	for _, want := range []string{
		`vinbot_build_info{commit="abc",goversion="go1",version="v1"} 1`,
		`vinbot_updates_received_total 3`,
		`vinbot_updates_handled_total 1`,
		`vinbot_updates_retried_total 1`,
		`vinbot_updates_set_aside_total 1`,
		`vinbot_polls_total{outcome="conflict"} 1`,
		`vinbot_polls_total{outcome="ok"} 1`,
		`vinbot_last_successful_poll_timestamp_seconds 1.7000000005e+09`,
		`vinbot_updates_oldest_pending_age_seconds 1.5`,
		`vinbot_outbox_enqueued_total{kind="card"} 1`,
		`vinbot_outbox_attempts_total{kind="card",outcome="sent"} 1`,
		`vinbot_outbox_resent_after_unknown_total{kind="card"} 1`,
		`vinbot_digests_posted_total 1`,
		`vinbot_digests_tickets_total 12`,
		`vinbot_leader 1`,
		`vinbot_outbox_depth{kind="card"} 7`,
		`vinbot_outbox_oldest_due_age_seconds{kind="card"} 60`,
		`vinbot_tickets_open{priority="urgent",status="new"} 3`,
		`vinbot_tickets_time_to_take_seconds_bucket{le="900"} 0`,
		`vinbot_tickets_time_to_take_seconds_bucket{le="1800"} 1`,
		`vinbot_tickets_time_to_done_seconds_bucket{le="604800"} 1`,
		`vinbot_reports_size_bytes_bucket{le="2.097152e+06"} 0`,
		`vinbot_reports_size_bytes_bucket{le="4.194304e+06"} 1`,
		`vinbot_disk_free_bytes{folder="data"} 1.073741824e+09`,
		`vinbot_disk_size_bytes{folder="data"} 1.099511627776e+12`,
		`vinbot_s3_requests_total{result="refused"} 1`,
		`vinbot_s3_requests_total{result="away"} 0`,
		`vinbot_s3_request_seconds_count 1`,
		`vinbot_database_transactions_total{result="busy"} 0`,
		`vinbot_database_transactions_total{result="ok"} 1`,
		`vinbot_database_transaction_seconds_bucket{le="0.0025"} 1`,
		`go_sql_max_open_connections{db_name="readers"} 0`,
		`vinbot_crm_waiting 2`,
		`vinbot_crm_requests_total{result="refused"} 0`,
		`vinbot_crm_refused 1`,
		`vinbot_sla_breaches_total{step="done"} 0`,
		`vinbot_bot_api_calls_total{method="sendMessage",result="ok"} 1`,
		`vinbot_bot_api_call_duration_seconds_bucket{method="sendMessage",le="0.025"} 0`,
		`vinbot_bot_api_call_duration_seconds_bucket{method="sendMessage",le="0.05"} 1`,
		`vinbot_bot_api_too_many_requests_total 2`,
		`vinbot_bot_api_paused_seconds_total 4`,
		`vinbot_tickets_opened_total 1`,
		`vinbot_tickets_taken_total 1`,
		`vinbot_tickets_done_total 1`,
		`vinbot_tickets_undelivered_total 1`,
		`vinbot_tickets_rejected_total 1`,
		`vinbot_tickets_cancelled_total 1`,
		`vinbot_ratings_given_total{stars="5"} 1`,
		`vinbot_reports_sent_again_total 1`,
		`vinbot_owners_limited_total{limit="messages"} 1`,
		`vinbot_reports_checked_total{result="accepted"} 1`,
		`vinbot_vin_verdicts_total{reason="check_digit",verdict="confirm"} 1`,
		`vinbot_sla_breaches_total{step="take"} 1`,
		`vinbot_vin_check_digit_mismatches_total{verdict="confirm",wmi="1HG"} 1`,
		`vinbot_webhook_attempts_total{outcome="delivered"} 1`,
		`vinbot_webhook_attempt_seconds_count 1`,
		`vinbot_webhook_stopped_total{reason="gone"} 1`,
		`vinbot_webhook_waiting 5`,
		`vinbot_webhook_oldest_age_seconds 60`,
		`vinbot_http_requests_total{route="GET /readyz",status="503"} 1`,
		`vinbot_http_request_duration_seconds_count{route="GET /readyz"} 1`,
	} {
		assert.Contains(t, text, want+"\n")
	}
	assert.Contains(t, text, "go_goroutines ", "Go's own")
	assert.Contains(t, text, "process_resident_memory_bytes ")
}

func TestCountersBeginAtZero(t *testing.T) {
	t.Parallel()
	text := scrape(t, metric.New(metric.Build{}))
	assert.Contains(t, text, "vinbot_tickets_opened_total 0\n", "a rate needs the first point")
	assert.Contains(t, text, "vinbot_last_successful_poll_timestamp_seconds 0\n")
}

func TestNamesFollowTheConventions(t *testing.T) {
	t.Parallel()
	text := scrape(t, exercised(t))
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	assert.Empty(t, problems)

	ours := regexp.MustCompile(`^(vinbot|go|process|promhttp)_[a-z0-9_]+$`)
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[1] == "TYPE" {
			assert.Regexp(t, ours, fields[2])
		}
	}
}

func TestRegistriesAreSeparate(t *testing.T) {
	t.Parallel()
	one, other := metric.New(metric.Build{}), metric.New(metric.Build{})
	one.TicketOpened()
	assert.Contains(t, scrape(t, other), "vinbot_tickets_opened_total 0\n")
}

func TestWhatCannotBeFoundOutIsNotShownAsNought(t *testing.T) {
	t.Parallel()
	m := metric.New(metric.Build{})
	require.NoError(t, m.WatchInbox(func() (time.Duration, bool) { return 0, false }))
	unknown := func() (int, time.Duration, bool) { return 0, 0, false }
	require.NoError(t, m.WatchWebhooks(unknown))
	require.NoError(t, m.WatchCRM(unknown, func() (int, bool) { return 0, false }))
	require.NoError(t, m.WatchRefusal(func() (is, known bool) { return false, false }))
	text := scrape(t, m)
	for _, name := range []string{
		"updates_oldest_pending_age_seconds", "webhook_waiting", "webhook_oldest_age_seconds",
		"crm_waiting", "crm_oldest_age_seconds", "crm_given_up", "crm_refused",
	} {
		assert.NotContains(t, text, "vinbot_"+name+" ")
	}
}

func TestAGaugeIsWatchedOnce(t *testing.T) {
	t.Parallel()
	m := exercised(t)
	require.ErrorContains(t, m.WatchInbox(pending), "updates_oldest_pending_age_seconds")
	require.ErrorContains(t, m.WatchWebhooks(deliveries), "webhook_waiting")
	require.ErrorContains(t, m.WatchLeader(func() bool { return false }), "leader")
	require.ErrorContains(t, m.WatchOutbox(waits), "outbox_depth")
	require.ErrorContains(t, m.WatchTickets(opens), "tickets_open")
	require.ErrorContains(t, m.WatchDisk(hasRoom), "disk")
	require.ErrorContains(t, m.WatchRefusal(refuses), "crm_refused")
	require.ErrorContains(t, m.WatchCRM(deals, given), "crm_waiting")
	require.ErrorContains(t, m.WatchPool("readers", &sql.DB{}), "readers")
}

func TestManyCountAtOnce(t *testing.T) {
	t.Parallel()
	m := metric.New(metric.Build{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				m.UpdateHandled()
				m.Call("getUpdates", "ok", 0)
			}
		})
	}
	all.Wait()
	assert.Contains(t, scrape(t, m), "vinbot_updates_handled_total 8000\n")
}
