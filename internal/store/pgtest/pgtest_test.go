package pgtest_test

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"vinbot/internal/store/pgtest"
)

// holderEnv has the test binary start a server and never end.
const holderEnv = "VINBOT_TEST_HOLDER"

func TestMain(m *testing.M) {
	if os.Getenv(holderEnv) != "" {
		hold()
	}
	goleak.VerifyTestMain(pgtest.Tests{Of: m})
}

// hold starts a server, says its folder, and waits to be killed.
func hold() {
	s, err := pgtest.Start()
	if err != nil {
		panic(err)
	}
	_, folder, _ := strings.Cut(s.URL("postgres"), "host=")
	_, _ = os.Stdout.WriteString(folder + "\n")
	select {}
}

func TestAServerEndsWithTheProcessThatStartedIt(t *testing.T) {
	t.Parallel()
	holder := exec.CommandContext(t.Context(), os.Args[0])
	holder.Env = append(os.Environ(), holderEnv+"=1")
	output, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	folder, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	folder = strings.TrimSpace(folder)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(folder)) })
	pidFile, err := os.ReadFile(folder + "/data/postmaster.pid")
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(pidFile), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, 0), "it runs")

	require.NoError(t, holder.Process.Kill())
	require.Error(t, holder.Wait())
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil || isZombie(pid) },
		30*time.Second, 10*time.Millisecond, "it ended, too")
}

// isZombie reports whether a process has ended, though nobody has asked how.
func isZombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	tables := func(url string) (n int) {
		conn, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
		defer func() { assert.NoError(t, conn.Close(t.Context())) }()
		require.NoError(t, conn.QueryRow(t.Context(),
			`SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'`).Scan(&n))
		return n
	}
	one, other := pgtest.Database(t), pgtest.Database(t)
	assert.NotEqual(t, one, other)
	assert.Positive(t, tables(one))
	assert.Zero(t, tables(pgtest.Empty(t)))
}

func TestAServerStopsAndGoesOnWithWhatItKept(t *testing.T) {
	t.Parallel()
	s, err := pgtest.Start()
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Stop()) }()
	exec := func(statement string) error {
		conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
		if err != nil {
			return err
		}
		defer conn.Close(t.Context())
		_, err = conn.Exec(t.Context(), statement)
		return err
	}
	require.NoError(t, exec(`CREATE TABLE kept (n INTEGER)`))
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		require.NoError(t, s.Halt(signal))
		require.NoError(t, s.Halt(signal), "twice")
		require.Error(t, exec(`SELECT 1`))
		require.NoError(t, s.Run())
		require.NoError(t, s.Run(), "twice")
		require.NoError(t, exec(`INSERT INTO kept VALUES (1)`))
	}
}
