package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAGeneratedClientGoesThroughTheWholeJob has a client generated from the
// description that the running bot gives, as another program would have it, and
// goes through the whole job by it. The client is a module of its own.
func TestAGeneratedClientGoesThroughTheWholeJob(t *testing.T) {
	t.Parallel()
	w := begin(t, served)
	p := w.program()
	dir := filepath.Join(t.TempDir(), "apiclient")
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "apiclient"))))
	_, spec := fetch(t.Context(), t, "http://"+w.app.HTTPAddr()+"/api/openapi.json")
	for name, content := range map[string]string{"openapi.json": spec, "report.pdf": string(pdf())} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	for _, args := range [][]string{{"generate", "./..."}, {"run", "."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off",
			"API_URL=http://"+w.app.HTTPAddr(), "API_TOKEN="+p.secret, "API_REPORT=report.pdf")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %s: %s", args[0], out)
	}
}
