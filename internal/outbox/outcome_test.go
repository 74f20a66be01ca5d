package outbox

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	recorded := func(b *bench) func(context.Context) error {
		return func(context.Context) error { b.tries = append(b.tries, "recorded"); return nil }
	}
	for name, c := range map[string]struct {
		outcome func(b *bench) Outcome // of the first try; later ones are done
		tries   []string               // nil: once
		state   string
		reason  string
		ended   []string
		resent  int32
		pauses  []string
	}{
		"done": {
			outcome: func(*bench) Outcome { return Done(nil) },
			state:   "done", ended: []string{"done say"},
		},
		"done with a record": {
			outcome: func(b *bench) Outcome { return Done(recorded(b)) },
			tries:   []string{"job@0", "recorded"}, state: "done", ended: []string{"done say"},
		},
		"later, at a time": {
			outcome: func(*bench) Outcome { return Later(errBroken, 7*time.Second) },
			tries:   []string{"job@0", "job@7"}, state: "done", ended: []string{"later say", "done say"},
		},
		"unknown is counted as sent again": {
			outcome: func(*bench) Outcome { o := Unknown(errBroken); o.after = time.Second; return o },
			tries:   []string{"job@0", "job@1"}, state: "done", ended: []string{"unknown say", "done say"}, resent: 1,
		},
		"paused holds the chat": {
			outcome: func(*bench) Outcome { return Paused(errBroken, 5*time.Second) },
			tries:   []string{"job@0", "job@5"}, state: "done", ended: []string{"paused say", "done say"},
			pauses: []string{"1 for 5s"},
		},
		"failed": {
			outcome: func(*bench) Outcome { o := Failed(errBroken); o.after = time.Second; return o },
			tries:   []string{"job@0", "job@1"}, state: "done", ended: []string{"failed say", "done say"},
		},
		"dead with a record": {
			outcome: func(b *bench) Outcome { return Dead(errBroken, recorded(b)) },
			tries:   []string{"job@0", "recorded"}, state: "dead", reason: "broken", ended: []string{"dead say"},
		},
		"dead without a reason": {
			outcome: func(*bench) Outcome { return Dead(nil, nil) },
			state:   "dead", reason: "the handler gave no reason", ended: []string{"dead say"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				t := b.t
				b.on("job", func(context.Context, Job) Outcome {
					if len(b.triesOf("job")) > 1 {
						return Done(nil)
					}
					return c.outcome(b)
				})
				b.put(say("job", 1, "a", 0))
				b.start(t)
				time.Sleep(20 * time.Second)
				b.stopNow(t)
				if c.tries == nil {
					c.tries = []string{"job@0"}
				}
				assert.Equal(t, c.tries, b.tried())
				assert.Equal(t, c.state, b.store.get(1).state)
				if c.reason != "" {
					assert.Equal(t, c.reason, b.store.get(1).reason)
				}
				assert.Equal(t, c.ended, b.ended)
				assert.Equal(t, c.resent, b.resent.Load())
				assert.Equal(t, c.pauses, b.gate.penalties)
				assert.Zero(t, b.gate.under[1], "the chat's slots are given back")
			})
		})
	}
}

func TestWhatBreaksIsTriedTenTimesThenBuried(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]HandlerFunc{
		"failed":     func(context.Context, Job) Outcome { return Failed(errBroken) },
		"a panic":    func(context.Context, Job) Outcome { panic("secret") },
		"no outcome": func(context.Context, Job) Outcome { return Outcome{} },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				t := b.t
				b.on("bad", broken)
				b.put(say("bad", 1, "a", 0), say("behind", 1, "a", 0))
				b.start(t)
				time.Sleep(5 * time.Minute)
				b.stopNow(t)
				assert.Len(t, b.triesOf("bad"), 10)
				assert.Equal(t, "dead", b.store.get(1).state)
				assert.Contains(t, b.store.get(1).reason, "failed 10 times")
				assert.Len(t, b.triesOf("behind"), 1, "the lane moves on")
				assert.Contains(t, b.ended, "dead say")
				assert.Zero(t, b.logged("secret"), "what panicked may be somebody's text")
			})
		})
	}
}

func TestWaitingForOthersCountsForNoFailure(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.on("patient", func(context.Context, Job) Outcome {
			switch n := len(b.triesOf("patient")); {
			case n <= 50:
				return Later(errBroken, 0)
			case n == 51:
				return Failed(errBroken)
			}
			return Done(nil)
		})
		b.put(say("patient", 1, "a", 0))
		b.start(t)
		time.Sleep(time.Hour)
		b.stopNow(t)
		assert.Len(t, b.triesOf("patient"), 52)
		assert.Equal(t, "done", b.store.get(1).state)
	})
}

func TestAKindThatNobodyHandlesIsBuried(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.put(row{Job: Job{Head: Head{Kind: "ancient", Lane: "a"}}})
		b.start(t)
		time.Sleep(time.Second)
		b.stopNow(t)
		assert.Equal(t, "dead", b.store.get(1).state)
	})
}

func TestARetryThatMeetsItsTwinEnds(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		edit := say("old edit", 1, "a", 2)
		edit.merge = "card"
		b.on("old edit", func(context.Context, Job) Outcome {
			newer := say("new edit", 1, "a", 2)
			newer.merge = "card"
			b.put(newer)
			return Later(errBroken, time.Second)
		})
		b.put(edit)
		b.start(t)
		time.Sleep(10 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"old edit@0", "new edit@0"}, b.tried())
		assert.Equal(t, 2, b.store.count("done"))
	})
}

func TestWhatCannotBeRecordedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, record := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return errBroken },
		"a panic":  func(context.Context) error { panic("secret") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				t := b.t
				b.on("report", func(context.Context, Job) Outcome { return Done(record) })
				b.put(say("report", 1, "a", 0), say("behind", 1, "a", 0))
				b.start(t)
				time.Sleep(time.Minute)
				b.stopNow(t)
				assert.Equal(t, []string{"0"}, b.triesOf("report"))
				assert.Equal(t, recordTries, b.store.callsOf("finish")-1, "recording was tried, and the next row's")
				assert.Equal(t, "dead", b.store.get(1).state)
				assert.Contains(t, b.store.get(1).reason, "its outcome (done) cannot be recorded")
				assert.Len(t, b.triesOf("behind"), 1)
				assert.Zero(t, b.logged("secret"))
			})
		})
	}
}

func TestARecordThatFailsOnceIsTriedAgain(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		records := 0
		b.on("report", func(context.Context, Job) Outcome {
			return Done(func(context.Context) error {
				if records++; records == 1 {
					return errBroken
				}
				return nil
			})
		})
		b.put(say("report", 1, "a", 0))
		b.start(t)
		time.Sleep(time.Minute)
		b.stopNow(t)
		assert.Len(t, b.tried(), 1)
		assert.Equal(t, 2, records)
		assert.Equal(t, "done", b.store.get(1).state)
	})
}

func TestWhatComesAfterTheRecordComesOnce(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		recorded, then := 0, 0
		b.on("say", func(context.Context, Job) Outcome {
			return Done(func(context.Context) error {
				assert.Zero(t, then)
				if recorded++; recorded == 1 {
					return errors.New("once")
				}
				return nil
			}).Then(func() { then++ })
		})
		b.put(say("say", 1, "a", 0))
		b.start(t)
		time.Sleep(time.Minute)
		b.stopNow(t)
		assert.Equal(t, 2, recorded)
		assert.Equal(t, 1, then)
	})
}

func TestALostLeaseIsNobodysFault(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		b.on("job", func(_ context.Context, job Job) Outcome {
			b.store.mu.Lock()
			defer b.store.mu.Unlock()
			b.store.rows[job.ID].Attempt++ // another has it
			return Done(func(context.Context) error { t.Error("recorded"); return nil })
		})
		b.put(say("job", 1, "a", 0), say("behind", 1, "a", 0))
		b.start(t)
		time.Sleep(5 * time.Second)
		b.stopNow(t)
		assert.Equal(t, []string{"job@0", "behind@0"}, b.tried())
		assert.Equal(t, "leased", b.store.get(1).state)
		assert.Equal(t, 1, b.logged("lease was lost"))
	})
}

func TestFleetingJobs(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		fleet := func(name string) { b.Fleet(Job{Head: Head{Kind: "say"}, Payload: []byte(name)}) }
		for name, out := range map[string]Outcome{
			"good": Done(nil), "hopeless": Dead(errBroken, nil), "refused": Paused(errBroken, time.Second),
			"lost": Unknown(errBroken), "flaky": Later(errBroken, 0),
		} {
			b.on(name, func(context.Context, Job) Outcome { return out })
		}
		b.on("explosive", func(context.Context, Job) Outcome { panic("bang") })
		b.start(t)
		for _, name := range []string{"good", "hopeless", "refused", "lost", "flaky", "explosive"} {
			fleet(name)
		}
		time.Sleep(time.Second)
		b.stopNow(t)
		for name, tries := range map[string]int{"good": 1, "hopeless": 1, "refused": 1, "lost": 2, "flaky": 2, "explosive": 2} {
			assert.Len(t, b.triesOf(name), tries, name)
		}
		assert.Len(t, b.ended, 6)
		assert.Zero(t, b.store.callsOf("claim"))
	})
}

func TestFleetingJobsThatWaitAreCarriedOutAtTheEndToo(t *testing.T) {
	bubble(t, func(b *bench) {
		t := b.t
		release := make(chan struct{})
		b.on("slow", func(context.Context, Job) Outcome { <-release; return Done(nil) })
		b.start(t)
		for range maxFleeting {
			b.Fleet(Job{Head: Head{Kind: "say"}, Payload: []byte("slow")})
		}
		time.Sleep(time.Second)
		for i := range maxFleetingQueue + 5 {
			b.Fleet(Job{Head: Head{Kind: "say"}, Payload: fmt.Appendf(nil, "press%d", i)})
		}
		assert.Equal(t, 5, b.logged("one dropped"))
		go func() { time.Sleep(time.Second); close(release) }()
		b.stopNow(t)
		assert.Len(t, b.tried(), maxFleeting+maxFleetingQueue)
	})
}
