package report

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/report/pdftest"
)

// TestMain lets this test binary be the child of its own checks.
func TestMain(m *testing.M) {
	if handled, code := ChildMain(os.Args[1:], os.Stdout, os.Stderr); handled {
		os.Exit(code)
	}
	if len(os.Args) > 1 && os.Args[1] == escapeCommand {
		os.Exit(tryToEscape())
	}
	goleak.VerifyTestMain(m)
}

func TestChildMainLeavesOtherCommandsAlone(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {}, {"run"}, {"doctor", childCommand}} {
		handled, code := ChildMain(args, nil, nil)
		assert.False(t, handled, "%v", args)
		assert.Zero(t, code)
	}
}

// A person who finds the hidden command reads why it does nothing.
func TestChildMainRefusesWrongArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{childCommand},
		{childCommand, "1"},
		{childCommand, "much", "1"},
		{childCommand, "-1", "1"},
		{childCommand, "1048576", "soon"},
		{childCommand, "1048576", "1", "more"},
	} {
		var answer, complaint bytes.Buffer
		handled, code := ChildMain(args, &answer, &complaint)
		assert.True(t, handled)
		assert.Equal(t, childFailed, code)
		assert.Empty(t, answer.String())
		assert.True(t, strings.HasPrefix(complaint.String(), childPrefix), complaint.String())
	}
}

func TestChildWithoutAFileSaysSo(t *testing.T) {
	t.Parallel()
	folder, err := os.Open(t.TempDir())
	require.NoError(t, err)
	defer folder.Close()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", childArguments(DefaultLimits())...)
	cmd.ExtraFiles = []*os.File{folder}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	answer, err := cmd.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, childFailed, exit.ExitCode())
	assert.Empty(t, answer)
	assert.Contains(t, complaint.String(), "not a regular file")
}

func TestLimitsTravelOnTheCommandLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"_check-pdf", "536870912", "15"}, childArguments(DefaultLimits()))
}

const escapeCommand = "_escape"

// TestConfinedProcessCannotReachOut starts a process that confines itself and
// then tries what a parser taken over by a hostile PDF would try.
func TestConfinedProcessCannotReachOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.pdf")
	require.NoError(t, os.WriteFile(path, pdftest.Valid("x"), 0o600))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", escapeCommand)
	cmd.ExtraFiles = []*os.File{file}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "confined\n", string(out))
}

// tryToEscape gives 0 if every way out was shut.
func tryToEscape() int {
	if err := confine(256<<20, 10); err != nil {
		os.Stdout.WriteString(err.Error())
		return 1
	}
	if _, err := os.Open("/etc/passwd"); err == nil {
		os.Stdout.WriteString("opened a file")
		return 1
	}
	if _, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0); err == nil {
		os.Stdout.WriteString("opened a socket")
		return 1
	}
	if _, err := syscall.Mmap(-1, 0, 512<<20, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE); err == nil {
		os.Stdout.WriteString("took too much memory")
		return 1
	}
	for _, resource := range []int{syscall.RLIMIT_CORE, syscall.RLIMIT_FSIZE} {
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(resource, &limit); err != nil || limit.Max != 0 {
			os.Stdout.WriteString("may write a file")
			return 1
		}
	}
	os.Stdout.WriteString("confined\n")
	return 0
}
