package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob"
	"vinbot/internal/blob/s3test"
	"vinbot/internal/store/pgtest"
)

// inS3 are the settings of a server.
func inS3(s *s3test.Server, more ...string) []string {
	return append([]string{
		"S3_ENDPOINT=" + s.URL(), "S3_BUCKET=" + s3test.Bucket, "S3_REGION=" + s3test.Region,
		"S3_ACCESS_KEY=" + s3test.AccessKey, "S3_SECRET_KEY=" + s3test.SecretKey,
	}, more...)
}

// archived puts a report into the folder of archives.
func archived(t *testing.T, dir, content string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(content))
	key := "reports/1/" + hex.EncodeToString(sum[:]) + ".pdf"
	name := filepath.Join(dir, "reports", key)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return key
}

func TestBlobCopy(t *testing.T) {
	t.Parallel()
	server, dir, other := s3test.New(t), t.TempDir(), t.TempDir()
	one := archived(t, dir, "one")
	archived(t, dir, "two")
	c := newConsole(t, inS3(server, "DATA_DIR="+dir)...)
	require.Equal(t, exitFine, c.do(t, "blob", "copy", "--from", "fs", "--to", "s3"), c.err.String())
	assert.Equal(t, "2 of 2 files looked at (6 B): 2 copied, 0 were there already, 0 erased meanwhile, 0 failed\n"+
		"every file was looked at there: sizes and SHA-256 agree\n", c.out.String())
	assert.Empty(t, c.err.String(), "no bar where nobody looks")
	assert.Len(t, server.Objects(), 2)

	back := newConsole(t, inS3(server, "DATA_DIR="+other)...)
	require.Equal(t, exitFine, back.do(t, "blob", "copy", "--to", "fs", "--from", "s3"), back.err.String())
	content, err := os.ReadFile(filepath.Join(other, "reports", one))
	require.NoError(t, err)
	assert.Equal(t, "one", string(content))

	damaged := filepath.Join(dir, "reports", strings.Replace(one, "/1/", "/2/", 1))
	require.NoError(t, os.MkdirAll(filepath.Dir(damaged), 0o700))
	require.NoError(t, os.WriteFile(damaged, nil, 0o600))
	c.out.Reset()
	assert.Equal(t, exitFailed, c.do(t, "blob", "copy", "--from", "fs", "--to", "s3"))
	assert.Contains(t, c.out.String(), "0 copied, 2 were there already, 0 erased meanwhile, 1 failed")
	assert.Contains(t, c.err.String(), "/2/")
	assert.Contains(t, c.err.String(), "is not what was stored")

	server.Kill()
	c.err.Reset()
	assert.Equal(t, exitFailed, c.do(t, "blob", "copy", "--from", "fs", "--to", "s3"))
	assert.Contains(t, c.err.String(), "the S3 server cannot be reached")
	assert.Contains(t, c.err.String(), "the same command goes on where it ended")
}

func TestBlobUsage(t *testing.T) {
	t.Parallel()
	for said, args := range map[string][]string{
		"wants copy":                    {"blob"},
		"wants copy --from fs|s3":       {"blob", "move"},
		"copy wants --from fs --to s3,": {"blob", "copy", "--from", "fs", "--to", "fs"},
		"S3_ENDPOINT: not set; allowed": {"blob", "copy", "--from", "fs", "--to", "s3"},
	} {
		c := newConsole(t)
		assert.Equal(t, exitUsage, c.do(t, args...))
		assert.Contains(t, c.err.String(), said)
	}
	c := newConsole(t, "S3_BUCKET=A")
	assert.Equal(t, exitUsage, c.do(t, "blob", "copy", "--from", "fs", "--to", "s3"))
	assert.Contains(t, c.err.String(), "S3_BUCKET=A: not a bucket's name")
	assert.NotContains(t, c.err.String(), "BOT_TOKEN", "it needs none")
}

func TestTheBarShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	b := &bar{to: &screen, last: -1}
	p := blob.Progress{Files: 4, Bytes: 8 << 20}
	b.show(p)
	assert.Contains(t, screen.String(), "[..............................]   0%  0 of 4 files, 0 B of 8.0 MB")
	p.DoneFiles, p.DoneBytes = 2, 4<<20
	b.show(p)
	assert.Contains(t, screen.String(), "[###############...............]  50%  2 of 4 files, 4.0 MB of 8.0 MB")
	drawn := screen.Len()
	p.DoneBytes++
	b.show(p)
	assert.Equal(t, drawn, screen.Len(), "nothing changed")
	p.DoneFiles, p.DoneBytes = 4, 8<<20
	b.show(p)
	assert.Contains(t, screen.String(), "] 100%  4 of 4 files")
	b.clear()
	assert.True(t, strings.HasSuffix(screen.String(), " \r"))
	(&bar{to: &screen, last: -1}).show(blob.Progress{})
	assert.Equal(t, []string{"1023 B", "1.0 KB", "1.5 GB"}, []string{size(1023), size(1024), size(3 << 29)})
}

func TestDoctorAndTheBucket(t *testing.T) {
	t.Parallel()
	url := "TELEGRAM_API_URL=" + telegram{answers: healthy()}.serve(t)
	server := s3test.New(t)
	asked := func(environ ...string) (int, string) {
		code, found := examine(t, append([]string{url}, environ...)...)
		assert.NotContains(t, found["bucket"], s3test.SecretKey)
		return code, found["bucket"]
	}
	code, found := asked(inS3(server)...)
	assert.Equal(t, exitFine, code)
	assert.Equal(t, "ok: reports are archived in the bucket reports at "+server.URL(), found)
	assert.Empty(t, server.Objects())

	code, found = asked(inS3(server, "S3_SECRET_KEY=wrong")...)
	assert.Equal(t, exitFailed, code)
	assert.Equal(t, "fail: the S3 server does not take the secret key → mend S3_SECRET_KEY. "+
		"Owners get their reports meanwhile; the archive catches up", found)
	other, err := blob.NewS3(blob.S3Options{
		Endpoint: server.URL(), Bucket: s3test.Bucket, Region: s3test.Region, PathStyle: true,
		AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey, Clock: time.Now,
	})
	require.NoError(t, err)
	defer other.Close()
	server.Begin(other, "reports/1/lost.pdf")
	server.Age(25 * time.Hour)
	code, found = asked(inS3(server)...)
	assert.Equal(t, exitFine, code)
	assert.Contains(t, found, "warn: uploads in parts that were begun over a day ago and never ended: 1; they hold reports, and are paid for → the bot takes them back")
	assert.NotEmpty(t, server.Unfinished(), "the doctor changes nothing")
	server.RemoveBucket()
	_, found = asked(inS3(server)...)
	assert.Contains(t, found, "fail: there is no bucket reports at "+server.URL()+" → make it, or mend S3_BUCKET")
	server.Kill()
	_, found = asked(inS3(server)...)
	assert.Contains(t, found, "fail: the S3 server cannot be reached: ")
	_, found = asked("S3_BUCKET=reports")
	assert.Contains(t, found, "not checked")

	code, found = asked("DATABASE_URL=" + pgtest.Database(t))
	assert.Equal(t, exitFine, code)
	assert.Contains(t, found, "warn: reports are archived in a folder, and with PostgreSQL vinbot may run on several machines")
	_, found = asked()
	assert.Contains(t, found, "ok: no bucket is set: reports are archived in ")
}

// TestDoctorNamesAClockThatTheBucketDoesNotTake: by a machine's wrong time every
// signature is wrong.
func TestDoctorNamesAClockThatTheBucketDoesNotTake(t *testing.T) {
	t.Parallel()
	server, dir := s3test.New(t), t.TempDir()
	url := "TELEGRAM_API_URL=" + telegram{answers: healthy()}.serve(t)
	for _, wrong := range []time.Duration{20 * time.Minute, -20 * time.Minute} {
		c := newConsole(t, settings(inS3(server, url, "OPS_ADDR=127.0.0.1:0", "HTTP_ADDR=127.0.0.1:0", "DATA_DIR="+dir, "DATABASE_URL=sqlite://"+dir+"/v.db")...)...)
		c.now = func() time.Time { return time.Now().Add(wrong) }
		assert.Equal(t, exitFailed, c.do(t, "doctor", "--json"))
		assert.Regexp(t, `this machine's clock is wrong by (20m0|19m59|20m1)s, and the S3 server refuses what it signs`, c.out.String())
		assert.Contains(t, c.out.String(), "let the machine keep its time by NTP. Owners get their reports meanwhile")
	}
}
