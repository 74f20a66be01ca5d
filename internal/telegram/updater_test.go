package telegram

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewUpdaterRefusesWrongOptions(t *testing.T) {
	t.Parallel()
	c := newClientOf(t, "http://telegram.test")
	for name, o := range map[string]UpdaterOptions{
		"no client": {Sink: &shelf{}},
		"no sink":   {Client: c},
		"too short": {Client: c, Sink: &shelf{}, Timeout: time.Millisecond},
		"too long":  {Client: c, Sink: &shelf{}, Timeout: time.Minute},
	} {
		_, err := NewUpdater(o)
		require.Error(t, err, name)
	}
}

func TestTheOffsetFollowsTheNewestBatchStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(100, 101), updates(102), updates(), updates(7, 8)) // after a week ids may be lower
		b.runFor(t, 10*time.Second)
		assert.Equal(t, []string{"", "102", "103", "103", "9"}, b.server.offsets())
		assert.Equal(t, []int64{100, 101, 102, 7, 8}, b.shelf.ids)
		first := b.server.polls[0]
		assert.Zero(t, first.at, "the first poll goes out at once")
		assert.Equal(t, `["message","edited_message","callback_query","my_chat_member","chat_member"]`, first.form.Get("allowed_updates"))
		assert.Equal(t, "1", first.form.Get("timeout"), "that Telegram answers is known soon")
		assert.Equal(t, "30", b.server.polls[1].form.Get("timeout"))
		assert.Equal(t, int64(5), b.State().Updates)
		assert.Empty(t, b.server.others, "nothing else is asked")
		assert.Empty(t, b.lines(t))
	})
}

func TestAFullBatchIsFollowedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answers []step
		for n := range int64(20) {
			ids := make([]int64, 100)
			for i := range ids {
				ids[i] = 1 + n*100 + int64(i)
			}
			answers = append(answers, updates(ids...))
		}
		b := newBench(t, answers...)
		b.runFor(t, time.Nanosecond)
		assert.Len(t, b.shelf.ids, 2000)
		assert.Len(t, b.server.polls, 21)
	})
}

func TestAnEmptyPollIsRepeatedAtItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.runFor(t, 65*time.Second)
		require.Len(t, b.server.polls, 4) // the first one is short
		assert.Equal(t, 61*time.Second, b.server.polls[3].at)
		assert.Equal(t, epoch.Add(61*time.Second), b.State().LastSuccess.UTC())
		assert.Empty(t, b.State().Trouble)
	})
}

func TestNothingIsLostWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(1, 2), updates(3))
		b.shelf.away = 3
		require.NoError(t, b.Start(t.Context()))
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, "store", b.State().Trouble)
		assert.Equal(t, "the store is away", b.State().Cause)
		assert.Len(t, b.server.offsets(), 1, "no poll before the batch is stored")
		time.Sleep(9 * time.Second)
		synctest.Wait()
		require.NoError(t, b.Stop(t.Context()))
		assert.Equal(t, []int64{1, 2, 3}, b.shelf.ids)
		assert.Equal(t, []string{"", "3", "4"}, b.server.offsets())
		assert.Equal(t, []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond}, b.shelf.tries[:4])
		lines := b.lines(t)
		require.Len(t, lines, 2)
		assert.Equal(t, line{"warn", "store", "no updates for now; trying on", "the store is away"}, lines[0])
	})
}

func TestAnUpdateWithoutAnIDHarmsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, answer(200, `{"ok":true,"result":[{"update_id":1},{"name":"Ivan"},{"update_id":3,"from_mars":{}}]}`))
		b.runFor(t, time.Second)
		assert.Equal(t, []int64{1, 3}, b.shelf.ids)
		assert.Equal(t, []string{"", "4"}, b.server.offsets())
		assert.Equal(t, int64(1), b.State().Undecoded)
		assert.NotContains(t, b.log.String(), "Ivan")
		assert.Len(t, b.lines(t), 1)
	})
}

func TestAServerIsNeverHammered(t *testing.T) {
	t.Parallel()
	for name, forever := range map[string]step{
		"empty at once":      updates(),
		"the same again":     updates(5),
		"no ids at all":      answer(200, `{"ok":true,"result":[{}]}`),
		"refused":            failing(errors.New("refused")),
		"a page":             answer(200, "<html>"),
		"a webhook for ever": refused(409, webhookOn),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.server.forever = forever
				b.runFor(t, time.Minute)
				assert.Less(t, len(b.server.polls), 65)
				assert.Greater(t, len(b.server.polls), 3, "it goes on asking")
			})
		})
	}
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	for trouble, bad := range map[string]step{
		"conflict":     refused(409, otherPoller),
		"unauthorized": refused(401, "Unauthorized"),
		"unknown":      answer(502, "<html>Bad Gateway</html>"),
		"no_chat":      refused(400, "Bad Request: chat not found"),
		"bad_request":  refused(400, "Bad Request: nobody has seen this"),
		"undecoded":    answer(200, `{"ok":true,"result":[{"Ivan":1}]}`),
	} {
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, bad, bad, bad, updates(7))
				require.NoError(t, b.Start(t.Context()))
				time.Sleep(3 * time.Second)
				synctest.Wait()
				state := b.State()
				assert.Equal(t, trouble, state.Trouble)
				assert.Equal(t, 3, state.Failures)
				assert.Equal(t, epoch, state.Since.UTC())
				time.Sleep(3 * time.Second)
				synctest.Wait()
				require.NoError(t, b.Stop(t.Context()))
				assert.Equal(t, []int64{7}, b.shelf.ids)
				assert.Empty(t, b.State().Trouble)
				assert.Equal(t, 3500*time.Millisecond, b.server.polls[3].at)
				log := b.log.String()
				assert.Contains(t, log, `"failures":3`)
				assert.NotContains(t, log, "SECRET")
				assert.NotContains(t, log, "Ivan")
				lines := b.lines(t)
				require.Len(t, lines, 2, "once at its beginning, once at its end")
				assert.Equal(t, trouble, lines[0].Trouble)
				assert.Equal(t, "updates come again", lines[1].Message)
			})
		})
	}
}

func TestTruncatedJSONIsAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, answer(200, `{"ok":true,"result":[{"update_id":7},{"upd`), updates(7, 8))
		b.runFor(t, time.Second)
		assert.Equal(t, []int64{7, 8}, b.shelf.ids)
		assert.Equal(t, []string{"", "", "9"}, b.server.offsets())
	})
}

func TestEachKindOfTroubleIsLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad, cut := answer(502, ""), refused(409, otherPoller)
		b := newBench(t, bad, cut, bad, cut, updates(1))
		b.runFor(t, 59*time.Second)
		lines := b.lines(t)
		require.Len(t, lines, 3)
		assert.Equal(t, []string{"unknown", "conflict"}, []string{lines[0].Trouble, lines[1].Trouble})
	})
}

func TestATroubleThatComesAndGoesDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answers []step
		for i := range int64(60) {
			answers = append(answers, refused(409, otherPoller), updates(i+1))
		}
		b := newBench(t, answers...)
		b.runFor(t, 35*time.Second)
		assert.Len(t, b.lines(t), 2, "once a minute")

		b.server.answers = nil
		b.server.forever = refused(409, otherPoller) // now it stays
		b.runFor(t, 2*time.Minute)
		lines := b.lines(t)
		require.Len(t, lines, 3, "how often it came and went in the first minute, and once a minute that it stays")
		assert.Equal(t, []string{"conflict", "conflict"}, []string{lines[0].Trouble, lines[2].Trouble})
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, refused(429, "Too Many Requests: retry after 17"))
		b.runFor(t, 17500*time.Millisecond)
		require.Len(t, b.server.polls, 2)
		assert.Equal(t, 17*time.Second, b.server.polls[1].at)
	})
}

func TestAWebhookIsDeletedAndWhatWaitsIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, refused(409, webhookOn), updates(1), refused(409, webhookOn), updates(2))
		b.runFor(t, time.Millisecond)
		assert.Equal(t, []string{"deleteWebhook", "deleteWebhook"}, b.server.others, "with nothing asked to be dropped")
		assert.Equal(t, []int64{1, 2}, b.shelf.ids)
	})
}

func TestAWebhookIsDeletedOnceTelegramIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := failing(io.EOF)
		b := newBench(t, down, down, refused(409, webhookOn), updates(1))
		b.runFor(t, time.Minute)
		assert.Equal(t, []int64{1}, b.shelf.ids)
		assert.Len(t, b.server.others, 1)
	})
}

func TestStopEndsThePollAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(5))
		require.NoError(t, b.Stop(t.Context()), "before Start")
		for range 2 {
			require.NoError(t, b.Start(t.Context()))
			require.NoError(t, b.Start(t.Context()))
			time.Sleep(time.Second / 2) // within the first, short poll
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { assert.NoError(t, b.Stop(t.Context())) })
			}
			both.Wait()
			require.NoError(t, b.Stop(t.Context()))
		}
		assert.Equal(t, time.Second, time.Since(epoch))
		assert.Equal(t, []string{"", "6", ""}, b.server.offsets(), "another run begins without an offset")
		assert.Empty(t, b.lines(t), "an end is no trouble")
	})
}

func TestStopLetsABatchBeStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(1))
		b.shelf.before = func(context.Context) { time.Sleep(3 * time.Second) }
		require.NoError(t, b.Start(t.Context()))
		time.Sleep(time.Second)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.Stop(impatient), context.DeadlineExceeded)
		require.NoError(t, b.Stop(t.Context()))
		assert.Equal(t, 3*time.Second, time.Since(epoch))
		assert.Equal(t, []int64{1}, b.shelf.ids)
		assert.Len(t, b.server.polls, 1)
	})
}

// A process that led, was deposed in the middle of a batch, and leads again.
func TestAStartAfterAStopThatGaveUpWaitsForTheLastPollAndPolls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(1))
		b.shelf.before = func(context.Context) { time.Sleep(3 * time.Second) }
		require.NoError(t, b.Start(t.Context()))
		time.Sleep(time.Second)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.Stop(impatient), context.DeadlineExceeded)
		require.ErrorIs(t, b.Start(impatient), context.DeadlineExceeded, "two never poll at once")
		assert.Len(t, b.server.polls, 1)
		require.NoError(t, b.Start(t.Context()))
		assert.Equal(t, 3*time.Second, time.Since(epoch))
		time.Sleep(time.Second / 2)
		require.NoError(t, b.Stop(t.Context()))
		assert.Equal(t, []string{"", ""}, b.server.offsets())
		assert.Equal(t, []int64{1}, b.shelf.ids)
	})
}

func TestStopWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(1))
		b.shelf.away = 1000
		b.runFor(t, 10*time.Second)
		assert.Equal(t, 10*time.Second, time.Since(epoch))
		assert.Empty(t, b.shelf.ids)
		assert.Len(t, b.server.polls, 1, "not confirmed, so not lost")
	})
}

func TestBackoffGrowsToThirtySeconds(t *testing.T) {
	t.Parallel()
	for n, milliseconds := range []int64{500, 500, 1000, 2000, 4000, 8000, 16000, 24000, 24000} {
		want := time.Duration(milliseconds) * time.Millisecond
		assert.Equal(t, want, backoff(n, 0), n)
		assert.Equal(t, want+want/8, backoff(n, 0.5), n)
		assert.LessOrEqual(t, backoff(n, 0.999), 30*time.Second)
	}
	assert.Equal(t, 24*time.Second, backoff(1<<40, 0))
}

func TestPollsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, updates(1, 2), answer(502, ""), updates(3))
		count := new(tally)
		b.metrics = count
		b.runFor(t, time.Second)
		assert.Equal(t, 3, count.received)
		assert.Equal(t, []string{"unknown"}, count.outcomes)
		assert.Equal(t, epoch.Add(500*time.Millisecond), count.last.UTC())
	})
}
