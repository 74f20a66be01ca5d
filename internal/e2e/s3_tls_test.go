package e2e

import (
	"bytes"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/blob/s3test"
)

// doctor has the real program look at itself, and gives what it says.
func doctor(t *testing.T, settings []string) string {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, "doctor")
	cmd.Env, cmd.Dir, cmd.Stdout = settings, t.TempDir(), &said
	_ = cmd.Run() // what it says is looked at, not that there is something to say
	return said.String()
}

// TestABucketsOwnAuthorityIsAmongTheSystems runs the real program against a server
// whose certificate only an authority of the tests vouches for: Go reads the
// system's store once in a process.
func TestABucketsOwnAuthorityIsAmongTheSystems(t *testing.T) {
	t.Parallel()
	server, stranger := s3test.NewTLS(t), s3test.NewTLS(t)
	w := newWorld(t)
	settings := func(authority string) []string {
		return w.settings(w.sim.URL(), "S3_ENDPOINT="+server.URL(), "S3_BUCKET="+s3test.Bucket, "S3_REGION="+s3test.Region,
			"S3_ACCESS_KEY="+s3test.AccessKey, "S3_SECRET_KEY="+s3test.SecretKey, "SSL_CERT_FILE="+authority)
	}
	unknown := "the certificate of " + server.URL() + " is of an authority that this machine does not know"
	said := doctor(t, settings(stranger.Authority()))
	assert.Contains(t, said, unknown)
	assert.Contains(t, said, "SSL_CERT_FILE", "it says what to do")

	p := launch(t, nil, settings(stranger.Authority())...)
	ops, _ := p.says("started")["ops"].(string)
	w.anna.Send(honda)
	card := w.card(honda)
	w.delivered(card, w.boris.In(w.group).ReplyPDF(card, pdf(), ""))
	require.Eventually(t, func() bool {
		status, body := fetch(t.Context(), t, "http://"+ops+"/readyz")
		return status == http.StatusOK && strings.Contains(body, unknown)
	}, patience, 10*time.Millisecond)
	p.kill()
	assert.Empty(t, server.Objects())

	said = doctor(t, settings(server.Authority()))
	assert.Contains(t, said, "reports are archived in the bucket "+s3test.Bucket+" at "+server.URL())
	p = launch(t, nil, settings(server.Authority())...)
	p.says("started")
	w.objects(server, 1)
}
