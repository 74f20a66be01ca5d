package crm_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/crm"
	"vinbot/internal/crm/crmtest"
	"vinbot/internal/store"
	"vinbot/internal/ticket"
)

// syncs fills all gaps.
func (w *world) syncs() crm.Synced { return w.syncsSince(time.Unix(0, 0)) }

func (w *world) syncsSince(since time.Time) crm.Synced {
	w.Helper()
	found := w.looksSince(since, false)
	require.NoError(w, found.Unasked)
	return found
}

// looksSince fills gaps, or only looks for them, beside the bot that runs.
func (w *world) looksSince(since time.Time, look bool) crm.Synced {
	w.Helper()
	beside := w.crm(crm.Options{Meter: nobody{}, Clock: time.Now, Language: "ru", Transport: w.sim, Beside: true})
	found, err := crm.Sync(w.Context(), crm.SyncOptions{Store: w.store.CRM(), Work: w.store, CRM: beside, Since: since, Look: look})
	require.NoError(w, err)
	return found
}

func (w *world) ticket(id int64) ticket.Ticket {
	w.Helper()
	k, err := w.store.Ticket(w.Context(), id)
	require.NoError(w, err)
	return k
}

// openState has the database of a program that has ended know another account.
func openState(w *world) (crm.State, error) {
	w.Helper()
	s, err := store.Open(w.Context(), store.Options{Database: store.SQLite(w.path), Clock: time.Now})
	require.NoError(w, err)
	defer s.Close()
	if err := s.CRM().Begin(w.Context(), "another account"); err != nil {
		return crm.State{}, err
	}
	return s.CRM().State(w.Context())
}

func TestAnAnswerThatIsLostMakesNothingTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		for i, what := range []string{crmtest.AddContact, crmtest.AddDeal, crmtest.UpdateDeal, crmtest.Comment} {
			w.sim.Behave(once(crmtest.Lost, what))
			k := w.opens(owner+int64(i), vinA)
			w.passes(5 * time.Second)
			w.takes(k.ID)
			w.passes(5 * time.Minute)
			require.Len(w, w.sim.Contacts(), i+1, what)
			deals := w.sim.Deals()
			require.Len(w, deals, i+1, what)
			assert.Len(w, deals[i].Comments, 1, what)
		}
		assert.Equal(w, 4, w.results()["away"])
	})
}

// TestAProcessThatDiesWhileADealIsMadeLeavesOne has another process go on from
// what the database held at the instant at which the CRM made the deal, or the
// contact.
func TestAProcessThatDiesWhileADealIsMadeLeavesOne(t *testing.T) {
	t.Parallel()
	for _, what := range []string{crmtest.AddContact, crmtest.AddDeal, crmtest.Comment} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(w *world) {
				left := filepath.Join(w.TempDir(), "left.db")
				died := make(chan struct{})
				w.sim.Behave(func(asked string) crmtest.Mood {
					select {
					case <-died:
						return crmtest.Unreachable // what the dead one would still do
					default:
					}
					if asked != what {
						return crmtest.Well
					}
					_, err := store.Backup(w.Context(), w.path, left)
					assert.NoError(w, err)
					close(died)
					return crmtest.Lost
				})
				w.knows(owner)
				k := w.opens(owner, vinA)
				w.takes(k.ID)
				<-died
				synctest.Wait()
				w.ends()
				w.sim.Behave(nil)
				w.path = left
				w.begins()
				w.passes(5 * time.Minute)
				assert.Len(w, w.sim.Contacts(), 1)
				assert.Len(w, w.deal().Comments, 1)
				assert.Zero(w, w.waiting())
			})
		})
	}
}

// TestADealThatAppearsLateIsNotMadeTwice has the CRM work on a request long after
// nobody waits for its answer any more.
func TestADealThatAppearsLateIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.opens(owner, vinA)
		w.passes(10 * time.Second)
		first := w.deal().Key
		w.sim.Behave(once(crmtest.Unreachable, crmtest.AddDeal))
		w.opens(owner, vinB)
		w.passes(50 * time.Second)
		assert.Len(w, w.sim.Deals(), 1, "it may yet appear: nobody makes another")
		w.passes(5 * time.Minute)
		deals := w.sim.Deals()
		require.Len(w, deals, 2, "it did not, so it is made now")
		assert.NotEqual(w, first, deals[1].Key)
	})
}

func TestTheVendorsLimitsAreKeptAheadOfTime(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		begun := time.Now()
		w.opensMany(60)
		for len(w.sim.Deals()) < 60 || w.waiting() > 0 {
			w.passes(time.Second)
			require.Less(w, time.Since(begun), 10*time.Minute)
		}
		assert.Zero(w, w.sim.Limited()) // and at the end of every story
		w.ends()                        // a restart does not know what was asked before
		w.begins()
		for i := range 60 {
			w.takes(int64(i) + 1)
		}
		w.passes(5 * time.Minute)
		assert.Zero(w, w.waiting())
		assert.Equal(w, map[string]int{"ok": w.results()["ok"]}, w.results())
	})
}

func TestACRMThatWantsAPauseGetsIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.sim.Behave(always(crmtest.Limiting))
		w.opensMany(20)
		w.passes(5 * time.Second)
		assert.Len(w, w.sim.Asked(), 1, "one is told so, and all wait")
		w.passes(time.Minute)
		assert.LessOrEqual(w, len(w.sim.Asked()), 8)
		w.sim.Behave(nil)
		w.passes(2 * time.Minute)
		assert.Len(w, w.sim.Deals(), 20)
	})
}

func TestATokenThatIsRefusedStopsTheQueueWithOneAlarm(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.sim.Behave(always(crmtest.Refusing))
		w.opensMany(30)
		w.passes(3 * time.Hour)
		alarms := w.alarms(admin)
		require.Len(w, alarms, 1, "one, not one for each")
		assert.Equal(w, crm.RefusedToken, alarms[0].Reason)
		assert.Contains(w, alarms[0].Name, w.name)
		assert.Empty(w, w.alarms(group))
		assert.LessOrEqual(w, len(w.sim.Asked()), 3*60/5+2, "it is tried now and then")
		state, err := w.store.CRM().State(w.Context())
		require.NoError(w, err)
		assert.Equal(w, crm.RefusedToken, state.Reason)
		assert.Equal(w, 30, w.waiting())

		w.ends() // a restart says nothing anew
		w.begins()
		w.passes(time.Hour)
		assert.Len(w, w.alarms(admin), 0)

		w.sim.Behave(nil)
		w.passes(10 * time.Minute)
		assert.Len(w, w.sim.Deals(), 30, "by itself")
		state, err = w.store.CRM().State(w.Context())
		require.NoError(w, err)
		assert.True(w, state.RefusedAt.IsZero())
		assert.Empty(w, state.Reason)

		w.sim.Behave(always(crmtest.Refusing))
		w.takes(1)
		w.passes(2 * time.Hour)
		assert.Len(w, w.alarms(admin), 1, "what is refused later is said again")
	})
}

func TestACRMThatIsAwayForADayLosesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		all := w.opensMany(5)
		w.passes(time.Minute)
		w.sim.Behave(func(string) crmtest.Mood {
			if time.Now().Minute()%2 == 0 {
				return crmtest.Down
			}
			return crmtest.Unreachable
		})
		before := len(w.sim.Asked())
		for i := range 10 {
			k := w.opens(owner+100+int64(i), vinB)
			all = append(all, k)
			w.passes(time.Hour)
		}
		for _, k := range all {
			w.takes(k.ID)
			w.delivers(k.ID)
		}
		w.ends() // a restart in between
		w.begins()
		w.passes(14 * time.Hour)
		assert.LessOrEqual(w, len(w.sim.Asked())-before, 24*60+60, "it is asked once a minute whether it is back")
		assert.Empty(w, w.alarms(admin))
		w.sim.Behave(nil)
		w.passes(5 * time.Minute)
		deals := w.sim.Deals()
		require.Len(w, deals, 15)
		for _, d := range deals {
			assert.NotEmpty(w, d.Report, d.Title)
			assert.Len(w, d.Comments, 1, "a day's story in one comment")
		}
		assert.Zero(w, w.waiting())
	})
}

func TestWhatTheCRMDoesNotUnderstandHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		asked := 0
		w.sim.Behave(func(what string) crmtest.Mood {
			if what == crmtest.AddDeal {
				if asked++; asked == 1 {
					return crmtest.Puzzled
				}
			}
			return crmtest.Well
		})
		w.opensMany(3)
		w.passes(10 * time.Second)
		assert.Len(w, w.sim.Deals(), 2)
		w.passes(5 * time.Minute)
		assert.Len(w, w.sim.Deals(), 3)
		assert.Equal(w, 1, w.results()["invalid"])
	})
}

func TestWhatIsErasedIsErasedInTheCRM(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		w.knows(owner)
		k := w.opens(owner, vinA)
		w.opens(owner+1, vinB)
		w.passes(time.Minute)
		forgetting := ticket.NewForgetting(w.tickets, w.store, w.store.Erasures())
		require.NoError(w, forgetting.Confirm(w.Context(), ticket.Erasure{Owner: owner, Language: "ru"}))
		w.sim.Behave(always(crmtest.Unreachable)) // it is away when they ask
		done, err := forgetting.Forget(w.Context(), 1)
		require.NoError(w, err)
		require.True(w, done)
		link, err := w.store.CRM().Contact(w.Context(), owner)
		require.NoError(w, err)
		assert.Equal(w, crm.Link{}, link, "nothing is known of them here, whatever the CRM does")
		link, err = w.store.CRM().Deal(w.Context(), k.ID)
		require.NoError(w, err)
		assert.Equal(w, crm.Link{}, link)
		w.passes(time.Hour)
		w.sim.Behave(nil)
		w.passes(5 * time.Minute)

		deals, contacts := w.sim.Deals(), w.sim.Contacts()
		require.Len(w, deals, 2)
		assert.Equal(w, crmtest.Deal{
			ID: deals[0].ID, Key: "vinbot-42-1", Title: "Данные удалены · №1", Stage: deals[0].Stage, Contacts: []int64{},
		}, deals[0])
		assert.True(w, deals[0].Stage == "LOSE" || deals[0].Stage == "31/143", "it was open, and is cancelled")
		assert.Equal(w, crmtest.Contact{ID: contacts[0].ID, Name: "Данные удалены"}, contacts[0])
		assert.Equal(w, vinB, deals[1].VIN, "others are left alone")
		assert.Zero(w, w.waiting())

		w.knows(owner) // they come back, as a stranger
		w.opens(owner, vinA)
		w.passes(time.Minute)
		require.Len(w, w.sim.Contacts(), 3)
		assert.Equal(w, "777", w.sim.Contacts()[2].Telegram)
	})
}

func TestCheckSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := v.sim()
				made := v.crm(crm.Options{Meter: nobody{}, Clock: time.Now, Language: "ru", Transport: sim})
				check := func(stages ...string) *crm.FaultError {
					err := made.Check(t.Context(), stages)
					if err == nil {
						return nil
					}
					assert.NotContains(t, err.Error(), v.secret)
					f, ok := crm.AsFault(err)
					require.True(t, ok, err)
					return f
				}
				there := map[string]string{"bitrix24": "NEW", "amocrm": "31/1"}[v.name]
				assert.Nil(t, check(there))
				f := check(there, "NOWHERE", "31/9")
				require.NotNil(t, f)
				assert.Contains(t, f.Advice, there+" (")
				assert.Contains(t, f.Error(), "no stage NOWHERE, 31/9")
				if v.name == "bitrix24" {
					assert.Contains(t, check("C7:NEW").Advice, "of a pipeline that the account has")
				}
				sim.Behave(always(crmtest.Refusing))
				f = check(there)
				assert.Equal(t, crm.RefusedToken, f.Reason)
				assert.Regexp(t, "BITRIX24_WEBHOOK_URL|AMOCRM_TOKEN", f.Advice)
				sim.Behave(always(crmtest.Unreachable))
				assert.Equal(t, crm.Away, check(there).Kind)
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				err := made.Check(ended, nil)
				assert.True(t, errors.Is(err, context.Canceled), fmt.Sprint(err))
			})
		})
	}
}

// nobody counts nothing.
type nobody struct{}

func (nobody) CRMAsked(string, time.Duration) {}

func TestAnAddressThatAmoCRMShutOutWaitsLonger(t *testing.T) {
	t.Parallel()
	onEach(t, func(w *world) {
		sim, ok := w.sim.(*crmtest.AmoCRM)
		if !ok { // Bitrix24 shuts nobody out by its address
			return
		}
		sim.Ban(true)
		w.opens(owner, vinA)
		w.passes(time.Hour)
		assert.LessOrEqual(w, w.results()["refused"], 5)
		alarms := w.alarms(admin)
		require.Len(w, alarms, 1)
		assert.Equal(w, crm.RefusedBanned, alarms[0].Reason)
		sim.Ban(false)
		w.passes(time.Hour)
		assert.Len(w, w.sim.Deals(), 1)
	})
}
