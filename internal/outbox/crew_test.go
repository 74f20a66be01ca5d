package outbox

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestACrewDoesEverythingAtOnceAndGoesHome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrew()
		for range 3 { // whoever waits from the last time does it, and others as need be
			var begun, ended sync.WaitGroup
			goOn := make(chan struct{})
			begun.Add(10)
			for range 10 {
				ended.Add(1)
				c.carryOut(func() {
					defer ended.Done()
					begun.Done()
					<-goOn
				})
			}
			begun.Wait() // none waits for another
			close(goOn)
			ended.Wait()
			synctest.Wait()
		}
		time.Sleep(2 * breather) // all went home, or the test would not end
		done := false
		c.carryOut(func() { done = true })
		synctest.Wait()
		require.True(t, done)
		c.disband()
	})
}
