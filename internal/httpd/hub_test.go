package httpd_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd"
)

// busy is a history to which something happens all the time.
type busy struct{ looks atomic.Int64 }

func (b *busy) Settled(context.Context) (upTo int64, more bool, err error) {
	return b.looks.Add(1), false, nil
}

func TestStreamsAreNotWokenForEachOfManyEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		history := &busy{}
		hub := httpd.NewHub(history, zerolog.Nop())
		require.NoError(t, hub.Join("somebody"))
		defer synctest.Wait()
		defer hub.Leave("somebody")
		for range 1000 {
			hub.Happened()
			time.Sleep(time.Millisecond) // of the bubble's time
		}
		assert.LessOrEqual(t, history.looks.Load(), int64(21), "twenty times a second")
		assert.GreaterOrEqual(t, history.looks.Load(), int64(19))
	})
}
