package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// TestWhoAsksMeanwhileIsAnsweredTogether holds the first question up until others have
// come: they are answered by one.
func TestWhoAsksMeanwhileIsAnsweredTogether(t *testing.T) {
	t.Parallel()
	const others, missing = 100, 7
	asked, answer := make(chan []int64), make(chan error)
	get, waiting := store.Gathered(t, func(_ context.Context, ids []int64) (map[int64]string, error) {
		asked <- ids
		if err := <-answer; err != nil {
			return nil, err
		}
		found := map[int64]string{}
		for _, id := range ids {
			found[id] = fmt.Sprint("the ", id)
		}
		delete(found, missing)
		return found, nil
	})
	var all sync.WaitGroup
	ask := func(id int64) {
		all.Go(func() {
			text, err := get(t.Context(), id)
			if id == missing {
				assert.True(t, ticket.IsNotFound(err))
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, fmt.Sprint("the ", id), text)
		})
	}
	ask(1000)
	require.Equal(t, []int64{1000}, <-asked)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := get(gone, 0)
	require.ErrorIs(t, err, context.Canceled, "who goes away waits no longer, and is asked for all the same")
	for id := range int64(others) {
		ask(id + 1)
	}
	require.Eventually(t, func() bool { return waiting() == others+1 }, 10*time.Second, time.Millisecond)
	answer <- nil
	var found []int64
	for range 2 { // as many as a statement names, and the rest
		found = append(found, <-asked...)
		answer <- nil
	}
	all.Wait()
	slices.Sort(found)
	assert.Len(t, found, others+1)
	assert.Equal(t, int64(0), found[0])

	failed := make(chan error, 1)
	go func() {
		_, err := get(t.Context(), 1)
		failed <- err
	}()
	<-asked
	answer <- errRefused
	require.Error(t, <-failed)
	ask(2)
	<-asked
	answer <- nil
	all.Wait()
}
