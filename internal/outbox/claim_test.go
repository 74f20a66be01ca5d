package outbox

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// slowClaims is a store that takes its time to claim jobs.
type slowClaims struct {
	*fakeStore

	goOn chan struct{}
}

func (s slowClaims) Claim(ctx context.Context, ids []int64, lease time.Duration) ([]Job, error) {
	<-s.goOn
	return s.fakeStore.Claim(ctx, ids, lease)
}

// While a batch is claimed nothing else can begin: that it is due then must not
// keep the processor busy.
func TestWhileJobsAreClaimedNobodyLooksForMoreOverAndOver(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		store := slowClaims{b.store, make(chan struct{})}
		b.Store = store
		const most = 1000
		var looks atomic.Int64
		b.Clock = func() time.Time {
			if looks.Add(1) == most { // it goes round: in made-up time it would for ever
				close(store.goOn)
			}
			return time.Now()
		}
		soon := say("soon", 2, "b", 0)
		soon.RunAt = time.Now().Add(time.Second)
		b.put(say("now", 1, "a", 0), soon)
		b.start(t)
		time.Sleep(2 * time.Second)
		if assert.Less(t, looks.Load(), int64(most)) {
			close(store.goOn)
		}
		time.Sleep(time.Second)
		assert.Equal(t, 2, b.store.count("done"), "what became due meanwhile is done then")
		b.stopNow(t)
	})
}
