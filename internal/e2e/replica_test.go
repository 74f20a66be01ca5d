package e2e

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/store/pgtest"
	"vinbot/internal/telegramtest"
)

const (
	// mostUnderWay is how many sends are at most.
	mostUnderWay = 64
	// takeover is how soon another process leads.
	takeover = 10 * time.Second
	// replicaOwners write in a story: half before, half after it happens.
	replicaOwners = 80
)

// replicas is a story of several processes on one PostgreSQL.
type replicas struct {
	*world
	front  *front
	url    string
	owners []owner
	all    []*process
	leased int // what was under way when the leader went
}

func newReplicas(t *testing.T, settings ...setting) *replicas {
	t.Helper()
	r := &replicas{world: newWorld(t, settings...)}
	r.front, r.url = newFront(r.world)
	r.owners = r.world.owners(replicaOwners)
	return r
}

// launch starts one more process, whose archive is its own, and waits until it
// runs.
func (r *replicas) launch() *process {
	r.Helper()
	return r.launchIn(r.TempDir())
}

// launchIn is launch with a data folder that there was before.
func (r *replicas) launchIn(dir string) *process {
	r.Helper()
	p := launch(r, nil, r.settings(r.url, "TELEGRAM_RATE_LIMITS=off", "DATA_DIR="+dir)...)
	p.says("started")
	r.all = append(r.all, p)
	return p
}

// leads waits until a process leads for the nth time.
func (r *replicas) leads(p *process, times int) {
	r.Helper()
	require.Eventually(r, func() bool {
		return len(p.log.with(`"message":"this process leads"`)) >= times
	}, patience, 5*time.Millisecond, "%s", p.log.all())
}

// inTheMiddle has half of the owners write and acts in the middle of answering
// them; then the others write.
func (r *replicas) inTheMiddle(act func()) {
	r.Helper()
	reached := make(chan struct{})
	var once sync.Once
	sends := 0
	r.front.at(func(method string) {
		if method == "sendMessage" {
			if sends++; sends > replicaOwners/2 {
				once.Do(func() { close(reached) })
			}
		}
	})
	for _, o := range r.owners[:replicaOwners/2] {
		o.writes()
	}
	<-reached
	act()
	r.front.at(nil)
	for _, o := range r.owners[replicaOwners/2 : replicaOwners] {
		o.writes()
	}
}

// goes notes what the leader leaves under way.
func (r *replicas) goes() {
	r.Helper()
	r.leased = r.look(`SELECT count(*) FROM outbox WHERE state = 'leased'`)
}

// after checks that nothing is lost, and that no more is doubled than was under
// way.
func (r *replicas) after() {
	r.Helper()
	r.settled()
	assert.Equal(r, len(r.owners), r.tickets())
	assert.Zero(r, r.look(`SELECT count(*) FROM outbox WHERE state = 'dead'`))
	cards := map[string]int{}
	for _, m := range r.fromBot(r.group) {
		cards[copied(m)]++
	}
	doubled := 0
	for _, o := range r.owners {
		answers := r.fromBot(o)
		require.NotEmpty(r, answers, "%s is answered", o.FirstName)
		require.NotZero(r, cards[o.vin], "%s has a card", o.vin)
		doubled += len(answers) - 1 + cards[o.vin] - 1
	}
	assert.LessOrEqual(r, doubled, r.leased, "only what was under way")
	r.Logf("%d under way, %d doubled", r.leased, doubled)
	for _, p := range r.all {
		p.signal(syscall.SIGTERM)
	}
	for _, p := range r.all {
		if how, ok := p.ends().Sys().(syscall.WaitStatus); ok && how.Signal() != syscall.SIGKILL {
			assert.Equal(r, 0, how.ExitStatus(), p.log.all())
		}
	}
}

// asks asks a process's operations port.
func (r *replicas) asks(p *process, path string) (int, string) {
	r.Helper()
	address, ok := p.says("started")["ops"].(string)
	require.True(r, ok)
	return fetch(r.Context(), r.T, "http://"+address+path)
}

// isLeader and isFollower are how the processes show which they are.
func (r *replicas) isLeader(p *process)   { r.Helper(); r.tells(p, "1") }
func (r *replicas) isFollower(p *process) { r.Helper(); r.tells(p, "0") }

func (r *replicas) tells(p *process, leader string) {
	r.Helper()
	require.Eventually(r, func() bool {
		_, metrics := r.asks(p, "/metrics")
		status, _ := r.asks(p, "/readyz")
		return strings.Contains(metrics, "\nvinbot_leader "+leader+"\n") && status == 200
	}, patience, 20*time.Millisecond, "%s", p.log.all())
}

// another waits until a process leads, and how long that takes.
func (r *replicas) another(p *process, times int, since time.Time) {
	r.Helper()
	r.leads(p, times)
	took := time.Since(since)
	assert.Less(r, took, takeover)
	r.Logf("another leads after %s", took.Round(time.Millisecond))
}

func TestAFollowerWaitsAndIsReady(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	leader := r.launch()
	r.leads(leader, 1)
	follower := r.launch()
	r.isLeader(leader)
	r.isFollower(follower)
	_, ready := r.asks(follower, "/readyz")
	assert.Contains(t, ready, `"name":"polling","status":"ok"`, "it tells of the leader")
	r.inTheMiddle(func() {})
	r.after()
	assert.Empty(t, follower.log.with(`"level":"error"`))
	assert.NotContains(t, follower.log.all(), "conflict", "one polls")
}

func TestAFollowerSweepsItsOwnSpool(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	r.owners = nil // nobody writes
	leader := r.launch()
	r.leads(leader, 1)
	dir := t.TempDir()
	left := filepath.Join(dir, "spool", "download-1")
	require.NoError(t, os.Mkdir(filepath.Dir(left), 0o700))
	require.NoError(t, os.WriteFile(left, []byte("%PDF-"), 0o600))
	long := time.Now().Add(-100 * time.Hour)
	require.NoError(t, os.Chtimes(left, long, long))
	r.isFollower(r.launchIn(dir))
	require.Eventually(t, func() bool {
		_, err := os.Stat(left)
		return errors.Is(err, fs.ErrNotExist)
	}, patience, 10*time.Millisecond, "what a process that died left of a report lies there")
	r.after()
}

func TestALeaderThatEndsHandsOver(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	leader := r.launch()
	r.leads(leader, 1)
	follower := r.launch()
	r.inTheMiddle(func() {
		begun := time.Now()
		leader.signal(syscall.SIGTERM)
		require.Equal(t, 0, leader.ends().ExitCode(), leader.log.all())
		r.another(follower, 1, begun)
	})
	r.after()
}

func TestALeaderThatIsKilledIsReplaced(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	leader := r.launch()
	r.leads(leader, 1)
	follower := r.launch()
	r.inTheMiddle(func() {
		begun := time.Now()
		leader.kill()
		r.goes()
		r.another(follower, 1, begun)
	})
	r.isLeader(follower)
	r.after()
}

// TestALeaderThatIsStoppedIsReplaced stops the leader as a machine that sleeps
// does. When it goes on it finds that it leads no more, and writes nothing.
func TestALeaderThatIsStoppedIsReplaced(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	leader := r.launch()
	r.leads(leader, 1)
	follower := r.launch()
	r.inTheMiddle(func() {
		begun := time.Now()
		leader.signal(syscall.SIGSTOP)
		r.goes()
		r.another(follower, 1, begun)
	})
	r.settled()
	before := r.look(`SELECT count(*) FROM outbox`) + r.look(`SELECT count(*) FROM events`)
	leader.signal(syscall.SIGCONT)
	leader.says("the lead is lost, the work ends")
	r.isFollower(leader)
	r.isLeader(follower)
	assert.Equal(t, before, r.look(`SELECT count(*) FROM outbox`)+r.look(`SELECT count(*) FROM events`))
	r.after()
}

func TestALeaderWhoseConnectionIsEndedIsReplaced(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	one, other := r.launch(), r.launch()
	leading := func(times int) {
		require.Eventually(t, func() bool {
			return len(one.log.with("this process leads"))+len(other.log.with("this process leads")) >= times
		}, takeover, 5*time.Millisecond)
	}
	leading(1)
	r.inTheMiddle(func() {
		r.endsLead()
		leading(2)
		r.leased = mostUnderWay
	})
	r.after()
}

// endsLead has the server end the connection that holds the lead.
func (r *replicas) endsLead() {
	r.Helper()
	require.Equal(r, 1, r.look(`SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE locktype = 'advisory' AND datname = current_database()`))
}

func TestAProcessLosesTheLeadAndTakesItAgain(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, postgres)
	p := r.launch()
	for times := range 3 {
		r.leads(p, times+1)
		r.owners[times].writes()
		r.sees(r.owners[times], func(m telegramtest.Message) bool { return m.FromBot })
		r.endsLead()
	}
	r.leads(p, 4)
	r.isLeader(p)
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends().ExitCode(), p.log.all())
}

func TestAfterARestartOfThePostgresOneLeads(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	r := newReplicas(t, func(w *world, _ *telegramtest.Options) {
		w.cfg.Database = config.Postgres(server.URL("postgres"))
	})
	one, other := r.launch(), r.launch()
	led := func() int { return len(one.log.with("this process leads")) + len(other.log.with("this process leads")) }
	require.Eventually(t, func() bool { return led() == 1 }, takeover, 5*time.Millisecond)
	r.inTheMiddle(func() {
		require.NoError(t, server.Halt(syscall.SIGINT))
		status, ready := r.asks(one, "/readyz")
		assert.Equal(t, 503, status)
		assert.Contains(t, ready, `"name":"database","status":"failed"`)
		anna := owner{r.anna, honda}
		anna.writes() // while there is no database
		r.owners = append(r.owners, anna)
		require.NoError(t, server.Run())
		r.leased = mostUnderWay
		require.Eventually(t, func() bool { return led() == 2 }, takeover, 5*time.Millisecond)
	})
	r.after()
}
