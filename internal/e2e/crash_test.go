package e2e

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegramtest"
)

// owner is one of many who write a VIN each.
type owner struct {
	*telegramtest.User
	vin string
}

// owners makes so many owners, each with a VIN of their own.
func (w *world) owners(n int) []owner { return ownersOf(w.sim, n) }

func ownersOf(sim *telegramtest.Sim, n int) []owner {
	out := make([]owner, n)
	for i := range out {
		out[i] = owner{sim.User(fmt.Sprintf("Owner %d", i+1), "ru"), fmt.Sprintf("WVWZZZ1JZ3W%06d", i+1)}
	}
	return out
}

// writes sends the owner's VIN.
func (o owner) writes() { o.Send(o.vin) }

const (
	crashOwners = 300
	crashKills  = 36
)

// crash is a story of a bot that is killed over and over while owners write.
type crash struct {
	*world
	random  *rand.Rand
	front   *front
	address string
	owners  []owner
	written int // owners who have written
	kills   int
	early   int // cards that were posted by bots that were killed
}

// TestKilledAtRandomInstantsNothingIsLost kills the bot while 300 owners write
// a VIN each. All are answered, each has one ticket, each ticket has a card.
func TestKilledAtRandomInstantsNothingIsLost(t *testing.T) { onEach(t, killedAtRandom) }

func killedAtRandom(t *testing.T, settings ...setting) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	c := &crash{world: newWorld(t, settings...), random: rand.New(rand.NewPCG(seed, 0))}
	c.front, c.address = newFront(c.world)
	c.owners = c.world.owners(crashOwners)
	for life := range crashKills {
		c.live(crashOwners * (life + 1) / crashKills)
	}
	c.finish()
	c.check()
}

func (c *crash) launch() *process {
	return launch(c, nil, c.settings(c.address, "TELEGRAM_RATE_LIMITS=off")...)
}

// live is one life of the bot: more owners write, until so many have, and it
// is killed: as it starts, or when a message of it comes in or was answered, a
// random one, or a little later.
func (c *crash) live(until int) {
	c.Helper()
	for range c.random.IntN(until - c.written + 1) { // while it is down
		c.write(until)
	}
	if c.random.IntN(6) == 0 { // while it starts
		p := c.launch()
		time.AfterFunc(time.Duration(c.random.Int64N(int64(100*time.Millisecond))), func() { p.signal(syscall.SIGKILL) })
		c.dies(p)
		return
	}
	die := make(chan struct{})
	sends, last := 0, 1+c.random.IntN(100)
	c.front.at(func(method string) {
		c.write(until)
		if method == "sendMessage" {
			if sends++; sends == last {
				close(die)
			}
		}
	})
	p := c.launch()
	p.says("started")
	select {
	case <-die:
		time.AfterFunc(time.Duration(c.random.Int64N(int64(2*time.Millisecond))), func() { p.signal(syscall.SIGKILL) })
	case <-time.After(time.Duration(c.random.Int64N(int64(time.Second)))): // it may have nothing left to do
		p.signal(syscall.SIGKILL)
	}
	c.dies(p)
	c.front.at(nil)
}

// write has the next owner write, unless so many have.
func (c *crash) write(until int) {
	if c.written < until {
		c.owners[c.written].writes()
		c.written++
	}
}

func (c *crash) dies(p *process) {
	c.Helper()
	status, ok := p.ends().Sys().(syscall.WaitStatus)
	require.True(c, ok)
	require.Equal(c, syscall.SIGKILL, status.Signal(), "it died of nothing else: %s", p.log.all())
	require.Empty(c, p.log.with(`"level":"error"`))
	c.kills++
}

// finish lets the bot do what is left.
func (c *crash) finish() {
	c.early = c.look(`SELECT count(*) FROM cards`)
	for c.written < len(c.owners) {
		c.write(len(c.owners))
	}
	p := c.launch()
	p.says("started")
	c.settled()
	p.signal(syscall.SIGTERM)
	require.Equal(c, 0, p.ends().ExitCode(), p.log.all())
}

func (c *crash) check() {
	assert.Equal(c, crashKills, c.kills)
	assert.Equal(c, crashOwners, c.tickets())
	assert.Equal(c, crashOwners, c.look(`SELECT count(DISTINCT owner_id) FROM tickets`), "none twice")
	assert.Zero(c, c.look(`SELECT count(*) FROM outbox WHERE state <> 'done'`), "all is sent")
	assert.Zero(c, c.look(`SELECT count(*) FROM updates WHERE state <> 'done'`), "all is handled")

	cards := map[string]int{}
	for _, m := range c.fromBot(c.group) {
		cards[copied(m)]++
	}
	assert.Zero(c, cards[""], "nothing but cards")
	answersTwice, cardsTwice := 0, 0
	for _, o := range c.owners {
		answers := c.fromBot(o)
		require.NotEmpty(c, answers, "%s is answered", o.FirstName)
		for _, m := range answers {
			assert.Contains(c, m.Text, o.vin)
		}
		require.NotZero(c, cards[o.vin], "%s has a card", o.vin)
		answersTwice += len(answers) - 1
		cardsTwice += cards[o.vin] - 1
	}
	assert.LessOrEqual(c, cardsTwice, c.kills)
	assert.LessOrEqual(c, answersTwice, c.kills, "few are under way in a process that has just begun")
	c.Logf("%d kills, before the last of them %d of %d cards were posted; %d cards and %d answers were sent twice",
		c.kills, c.early, crashOwners, cardsTwice, answersTwice)
}

// copied is the VIN that a card's button copies.
func copied(card telegramtest.Message) string {
	for _, row := range card.Keyboard {
		for _, b := range row {
			if b.CopyText != "" {
				return b.CopyText
			}
		}
	}
	return ""
}
