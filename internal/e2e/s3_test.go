package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// inBucket has the bot archive reports in a server's bucket.
func inBucket(server *s3test.Server) setting {
	return func(w *world, _ *telegramtest.Options) {
		w.cfg.S3Endpoint, w.cfg.S3Bucket, w.cfg.S3Region = config.Endpoint(server.URL()), s3test.Bucket, s3test.Region
		w.cfg.S3AccessKey = config.AccessKey{Secret: config.NewSecret(s3test.AccessKey)}
		w.cfg.S3SecretKey = config.AccessKey{Secret: config.NewSecret(s3test.SecretKey)}
		w.cfg.S3PathStyle = true
	}
}

// bucketOf is the archive in a server's bucket, of another process.
func bucketOf(t *testing.T, server *s3test.Server) *blob.S3 {
	t.Helper()
	s, err := blob.NewS3(blob.S3Options{
		Endpoint: server.URL(), Bucket: s3test.Bucket, Region: s3test.Region, PathStyle: true,
		AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey, Clock: time.Now,
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// objects waits until so many reports are in the bucket, and none beside it.
func (w *world) objects(server *s3test.Server, n int) []string {
	w.Helper()
	require.Eventually(w, func() bool {
		waiting, err := filepath.Glob(filepath.Join(string(w.cfg.DataDir), "waiting", "reports", "*", "*.pdf"))
		return err == nil && len(waiting) == 0 && len(server.Objects()) == n
	}, patience, 10*time.Millisecond, "%v", server.Objects())
	return server.Objects()
}

// readyzSays waits until /readyz says something.
func (w *world) readyzSays(words ...string) {
	w.Helper()
	require.Eventually(w, func() bool {
		body := w.body("/readyz")
		for _, word := range words {
			if !strings.Contains(body, word) {
				return false
			}
		}
		return w.get("/readyz") == http.StatusOK
	}, patience, 10*time.Millisecond, "%s", words)
}

// TestTheOwnerGetsTheReportWhileTheBucketIsAway: it is said, nothing is lost
// when the bot stops meanwhile, and the archive catches up.
func TestTheOwnerGetsTheReportWhileTheBucketIsAway(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		server := s3test.New(t)
		server.Kill()
		w := begin(t, append(settings, inBucket(server))...)
		w.anna.Send(honda)
		card := w.card(honda)
		w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
		w.readyzSays(`"degraded"`, "the S3 server cannot be reached")
		w.stop()
		w.later(time.Hour)
		w.start()
		w.anna.Send(bmw)
		card = w.card(bmw)
		w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
		assert.Empty(t, server.Objects())
		server.Run()
		w.later(time.Minute)
		objects := w.objects(server, 2)
		assert.True(t, strings.HasPrefix(objects[0], "reports/1/"), objects)
		assert.True(t, strings.HasPrefix(objects[1], "reports/2/"), objects)
		w.settled()
		assert.Equal(t, 2, w.look(`SELECT count(*) FROM reports WHERE blob_key <> '' AND sha256 <> ''`))
		w.readyzSays(`"status":"ok"`)
		assert.NotContains(t, w.body("/readyz"), "degraded")
	})
}

// TestWhatWaitsForABucketThatIsGivenUpGoesIntoTheFolder.
func TestWhatWaitsForABucketThatIsGivenUpGoesIntoTheFolder(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	server.Kill()
	w := begin(t, inBucket(server))
	w.anna.Send(honda)
	card := w.card(honda)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.settled()
	assert.Empty(t, w.archived())
	w.stop()
	w.cfg.S3Endpoint = ""
	w.start()
	assert.Len(t, w.archived(), 1)
	w.objects(server, 0)
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports WHERE blob_key <> ''`))
}

// TestABotThatIsKilledBetweenStoringAReportAndSayingSo: it is stored once, and
// known.
func TestABotThatIsKilledBetweenStoringAReportAndSayingSo(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		server := s3test.New(t)
		w := newWorld(t, settings...)
		environ := w.settings(w.sim.URL(), "S3_ENDPOINT="+server.URL(), "S3_BUCKET="+s3test.Bucket, "S3_REGION="+s3test.Region,
			"S3_ACCESS_KEY="+s3test.AccessKey, "S3_SECRET_KEY="+s3test.SecretKey)
		p := launch(t, nil, environ...)
		w.anna.Send(honda)
		card := w.card(honda)
		server.Mute(true)
		w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
		w.objects(server, 1)
		p.kill()
		assert.Zero(t, w.look(`SELECT count(*) FROM reports WHERE blob_key <> ''`))
		server.Mute(false)
		p = launch(t, nil, environ...)
		p.says("started")
		require.Eventually(t, func() bool {
			return w.look(`SELECT count(*) FROM reports WHERE blob_key <> ''`) == 1
		}, patience, 10*time.Millisecond)
		w.settled()
		w.objects(server, 1)
		assert.Equal(t, 1, w.documents(w.anna))
	})
}

// TestARightThatIsMissingIsSaid and holds up nobody.
func TestARightThatIsMissingIsSaid(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	w := begin(t, inBucket(server), func(w *world, _ *telegramtest.Options) { w.cfg.S3Bucket = "elsewhere" })
	w.anna.Send(honda)
	card := w.card(honda)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.readyzSays(`"degraded"`, "there is no bucket elsewhere")
}

// TestAClockThatTheBucketDoesNotTakeIsSaid in /readyz, and the owner has the report.
// The clock of the bot is right here, and the server's is not, which comes to the
// same: it answers as S3 does.
func TestAClockThatTheBucketDoesNotTakeIsSaid(t *testing.T) {
	t.Parallel()
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-40*time.Minute).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>`))
	}))
	t.Cleanup(behind.Close)
	server := s3test.New(t)
	w := begin(t, inBucket(server), func(w *world, _ *telegramtest.Options) { w.cfg.S3Endpoint = config.Endpoint(behind.URL) })
	w.anna.Send(honda)
	card := w.card(honda)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.readyzSays(`"degraded"`, "this machine's clock is wrong by 40m", "the S3 server refuses what it signs")
	w.stop()
	w.cfg.S3Endpoint = config.Endpoint(server.URL()) // the clocks agree again
	w.start()
	w.objects(server, 1)
	w.readyzSays(`"status":"ok"`)
}

// TestAnUploadReachesItsOwnerWhileTheBucketIsAway where there is one process;
// where there may be others, who would not see it, the caller is told to come
// again.
func TestAnUploadReachesItsOwnerWhileTheBucketIsAway(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		server := s3test.New(t)
		w := begin(t, append(settings, served, inBucket(server))...)
		w.anna.Send("/start")
		w.sees(w.anna, telegramtest.Containing("VIN"))
		p := w.program()
		opened := p.opens(bmw, w.anna.ID)
		w.card(bmw)
		server.Kill()
		to := "/tickets/" + strconv.FormatInt(opened.ID, 10) + "/reports"
		status, answer := p.asks("POST", to, "application/pdf", pdf())
		if w.cfg.Database.Path() == "" {
			require.Equal(t, http.StatusServiceUnavailable, status, "%s", answer)
			server.Run()
			status, answer = p.asks("POST", to, "application/pdf", pdf())
		}
		require.Equal(t, http.StatusAccepted, status, "%s", answer)
		sent := w.sees(w.anna, telegramtest.WithDocument())
		content, _ := w.sim.Bytes(sent.Document.ID)
		assert.Equal(t, pdf(), content)
		p.becomes(opened.ID, "done")
		server.Run()
		w.objects(server, 1)
		status, file := p.asks("GET", "/tickets/"+strconv.FormatInt(opened.ID, 10)+"/report", "", nil)
		require.Equal(t, http.StatusOK, status)
		assert.Equal(t, pdf(), file)
	})
}

// TestAReportIsFetchedByALinkIntoTheBucket, without a token.
func TestAReportIsFetchedByALinkIntoTheBucket(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	w := begin(t, served, inBucket(server))
	p := w.program()
	opened := p.opens(honda, 0)
	w.boris.In(w.group).ReplyPDF(w.card(honda), pdf(), "")
	p.becomes(opened.ID, "done")
	var link struct{ URL string }
	status, answer := p.asks("GET", "/tickets/"+strconv.FormatInt(opened.ID, 10)+"/report/link", "", nil)
	require.Equal(t, http.StatusOK, status, "%s", answer)
	require.NoError(t, json.Unmarshal(answer, &link))
	assert.True(t, strings.HasPrefix(link.URL, server.URL()), link.URL)
	status, file := fetch(t.Context(), t, link.URL)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, string(pdf()), file)
	server.Kill()
	status, _ = p.asks("GET", "/tickets/"+strconv.FormatInt(opened.ID, 10)+"/report/link", "", nil)
	assert.Equal(t, http.StatusServiceUnavailable, status)
}

// TestErasureErasesFromTheBucket, by retention, and what was archived before
// there was one.
func TestErasureErasesFromTheBucket(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	w, card := opened(t)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.settled()
	require.Len(t, w.archived(), 1)
	w.stop()
	inBucket(server)(w, nil)
	w.start()
	w.anna.Send(bmw)
	card = w.card(bmw)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	w.settled()
	w.objects(server, 1)
	require.Len(t, w.archived(), 1, "the old one stays where it is")
	w.stop()
	w.cfg.Retention = config.RetentionDays(90)
	w.later(91 * 24 * time.Hour)
	server.Kill()
	w.start()
	require.Eventually(t, func() bool {
		return w.look(`SELECT count(*) FROM tickets WHERE erased_at IS NOT NULL`) == 2
	}, patience, 10*time.Millisecond)
	server.Run()
	w.objects(server, 0)
	w.settled()
	assert.Empty(t, w.archived())
}

// TestABotTakesBackWhatOneThatDiedBeganToUpload at its start, without a word to
// anybody but the log.
func TestABotTakesBackWhatOneThatDiedBeganToUpload(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	server.Begin(bucketOf(t, server), "reports/77/lost.pdf")
	server.Age(25 * time.Hour)
	w := begin(t, inBucket(server))
	require.Eventually(t, func() bool {
		return len(w.log.with("uploads to the bucket that were never ended are taken back")) == 1
	}, patience, 10*time.Millisecond)
	assert.Empty(t, server.Unfinished())
	w.readyzSays(`"status":"ok"`)
}
