package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
)

// unlimited has the bot send as fast as it can.
func unlimited(w *world, _ *telegramtest.Options) { w.cfg.TelegramRateLimits = false }

// page is one of the PDFs of an album, each of other bytes.
func page(n int) telegramtest.Content {
	return telegramtest.PDF(fmt.Sprintf("part %d.pdf", n), pdftest.Valid(fmt.Sprintf("part %d", n)))
}

// album sends so many PDFs as an album, one of them refined, and gives its
// messages.
func (w *world) album(by telegramtest.Member, name string, of int, refine func(n int, c telegramtest.Content) telegramtest.Content) []telegramtest.Message {
	items := make([]telegramtest.Message, of)
	for i := range items {
		items[i] = by.Sends(refine(i+1, page(i+1).InAlbum(name)))
	}
	return items
}

// captioned puts a caption below one item.
func captioned(item int, caption string) func(int, telegramtest.Content) telegramtest.Content {
	return func(n int, c telegramtest.Content) telegramtest.Content {
		if n == item {
			return c.WithCaption(caption)
		}
		return c
	}
}

// complete lets the time pass in which no more items come: the bot is told by
// whatever happens next.
func (w *world) complete() {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	require.NoError(w, w.sim.WaitConfirmed(ctx))
	require.Eventually(w, func() bool { return w.look(`SELECT count(*) FROM updates WHERE state = 'waiting'`) == 0 },
		patience, 5*time.Millisecond)
	w.later(10 * time.Second)
	w.vera.Start("")
}

// got lists the documents that an owner has.
func (w *world) got(owner telegramtest.Chat) (names []string) {
	for _, m := range w.fromBot(owner) {
		if m.Document != nil {
			names = append(names, m.Document.Name)
		}
	}
	return names
}

var threeParts = []string{"part 1.pdf", "part 2.pdf", "part 3.pdf"}

func TestAnAlbumIsOneReport(t *testing.T) {
	t.Parallel()
	none := func(_ int, c telegramtest.Content) telegramtest.Content { return c }
	for name, send := range map[string]func(w *world, card telegramtest.Message) []telegramtest.Message{
		"by a caption": func(w *world, _ telegramtest.Message) []telegramtest.Message {
			return w.album(w.boris.In(w.group), "a", 3, captioned(2, "/done 1"))
		},
		"by a reply": func(w *world, card telegramtest.Message) []telegramtest.Message {
			return w.album(w.boris.In(w.group), "a", 3, func(n int, c telegramtest.Content) telegramtest.Content {
				if n == 1 {
					return c.ReplyingTo(card)
				}
				return c
			})
		},
		"by a command that went before": func(w *world, _ telegramtest.Message) []telegramtest.Message {
			command := w.boris.In(w.group).Send("/done@vin_report_bot 1")
			w.sees(w.group, telegramtest.Replying(command))
			return w.album(w.boris.In(w.group), "a", 3, none)
		},
		"by a command in reply to one": func(w *world, _ telegramtest.Message) []telegramtest.Message {
			items := w.album(w.boris.In(w.group), "a", 3, none)
			w.vera.In(w.group).Reply(items[2], "/done 1")
			return items
		},
		"of PDFs one by one behind a command": func(w *world, _ telegramtest.Message) []telegramtest.Message {
			command := w.boris.In(w.group).Send("/done@vin_report_bot 1")
			w.sees(w.group, telegramtest.Replying(command))
			return w.album(w.boris.In(w.group), "", 3, none)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, settings ...setting) {
				t.Helper()
				w, card := opened(t, append(settings, unlimited)...)
				held := w.sim.On("sendDocument").Hold()
				items := send(w, card)
				w.sees(w.group, telegramtest.Reacted(items[0], "👀"))
				w.complete()
				require.NoError(t, held.Wait(t.Context()))
				assert.Zero(t, w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`))
				held.Open()
				w.sees(w.group, telegramtest.Reacted(items[0], "👍"))
				w.shows(card, "Доставлено")
				assert.Equal(t, threeParts, w.got(w.anna))
				last := w.fromBot(w.anna)[len(w.fromBot(w.anna))-1]
				assert.Contains(t, last.Text, "Файл 3 из 3.")
				assert.True(t, last.HasButton("rate:1:5"))
				w.settled()
				assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports`))
				assert.Equal(t, 3, w.look(`SELECT count(*) FROM outbox WHERE kind = 'report.archive' AND state = 'done'`))
				assert.Len(t, w.archived(), 3)
				again := w.vera.In(w.group).Reply(items[1], "/done 1")
				w.sees(w.group, func(m telegramtest.Message) bool {
					return telegramtest.Replying(again)(m) && telegramtest.Containing("уже принят")(m)
				})
			})
		})
	}
}

func TestADoubtfulFileOfAnAlbumIsAskedAboutAndABadOneNamed(t *testing.T) {
	t.Parallel()
	w, card := opened(t, unlimited)
	vera := w.vera.In(w.group)
	bad := []telegramtest.Message{
		vera.Sends(page(1).InAlbum("bad").ReplyingTo(card)),
		vera.Sends(telegramtest.PDF("part 2.pdf", pdftest.Truncated()).InAlbum("bad")),
	}
	w.complete()
	w.sees(w.group, func(m telegramtest.Message) bool {
		return telegramtest.Replying(bad[0])(m) && telegramtest.Containing("Файл 2 из 2.", "повреждён", "тоже не отправлены")(m)
	})
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE status = 'new'`))
	assert.Empty(t, w.got(w.anna))

	vera.Sends(page(1).InAlbum("odd").ReplyingTo(card))
	vera.Sends(telegramtest.PDF("part 2.pdf", pdftest.Valid("VIN "+bmw)).InAlbum("odd"))
	w.complete()
	question := w.sees(w.group, telegramtest.WithButton("rsend:2"))
	assert.Contains(t, question.Text, "• файл 2: в нём другой VIN, "+bmw)
	assert.Empty(t, w.got(w.anna))
	w.presses(w.boris.In(w.group), question, "rsend:2")
	w.shows(card, "Доставлено")
	assert.Equal(t, threeParts[:2], w.got(w.anna))

	better := w.album(vera, "better", 2, captioned(1, "/done 1"))
	w.complete()
	correction := w.sees(w.group, telegramtest.WithButton("rsend:3"))
	assert.Contains(t, correction.Text, "как исправление")
	w.presses(w.boris.In(w.group), correction, "rsend:3")
	w.sees(w.group, telegramtest.Reacted(better[0], "👍"))
	assert.Len(t, w.got(w.anna), 4)
}

func TestAnAlbumIsReusedAndErasedWhole(t *testing.T) {
	t.Parallel()
	w, card := opened(t, unlimited, reusing)
	w.album(w.boris.In(w.group), "a", 3, captioned(1, "/done 1"))
	w.complete()
	w.shows(card, "Доставлено")
	w.settled()
	polina := w.sim.User("Полина", "ru")
	polina.Send(honda)
	second := w.sees(w.group, telegramtest.WithButton("reuse:2"))
	w.presses(w.vera.In(w.group), second, "reuse:2")
	w.shows(second, "Доставлено")
	assert.Equal(t, threeParts, w.got(polina))
	w.settled()
	assert.Len(t, w.archived(), 6)
	question := w.wantsToBeForgotten(w.anna)
	w.forgotten(w.anna, question)
	w.settled()
	assert.Len(t, w.archived(), 3, "hers are erased, and no other's")
}

// TestAnAlbumSurvivesTheProcess kills the bot while it holds the items of an
// album, and whenever one of them was sent.
func TestAnAlbumSurvivesTheProcess(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		w := newWorld(t, settings...)
		front, address := newFront(w)
		launches := func() *process { return launch(w, nil, w.settings(address, "TELEGRAM_RATE_LIMITS=off")...) }
		p := launches()
		p.says("started")
		w.anna.Send(honda)
		card := w.card(honda)
		w.album(w.boris.In(w.group), "a", 3, captioned(3, "/done 1"))
		require.Eventually(t, func() bool { return w.look(`SELECT count(*) FROM parcel_files`) == 3 }, patience, time.Millisecond)
		p.signal(syscall.SIGKILL)
		p.ends()
		assert.Empty(t, w.got(w.anna), "it was not complete")
		kills := 0
		for range 4 {
			sent := make(chan struct{})
			var once sync.Once
			before := len(w.got(w.anna))
			front.at(func(method string) {
				if method == "sendDocument" && len(w.got(w.anna)) > before {
					once.Do(func() { close(sent) })
				}
			})
			p = launches()
			require.Eventually(t, func() bool {
				select {
				case <-sent: // the owner has it, and perhaps nobody noted that yet
					return true
				default:
					return w.look(`SELECT count(*) FROM tickets WHERE status = 'done'`) == 1
				}
			}, patience, time.Millisecond)
			time.AfterFunc(time.Duration(rand.Int64N(int64(20*time.Millisecond))), func() { p.signal(syscall.SIGKILL) })
			kills++
			p.ends()
			front.at(nil)
		}
		p = launches()
		w.shows(card, "Доставлено")
		w.settled()
		p.signal(syscall.SIGTERM)
		p.ends()
		got := w.got(w.anna)
		assert.Subset(t, got, threeParts)
		assert.LessOrEqual(t, len(got), 3+kills, "once more for each death that nobody noted")
		assert.Equal(t, 1, w.look(`SELECT count(*) FROM reports`))
	})
}

// TestAlbumsRaceWithEverythingElse has managers send albums for many tickets
// while others take, release and reject them.
func TestAlbumsRaceWithEverythingElse(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		const crowd = 20
		w := begin(t, append(settings, unlimited)...)
		all := w.owners(crowd)
		cards := make([]telegramtest.Message, crowd)
		for i, o := range all {
			o.writes()
			cards[i] = w.card(o.vin)
		}
		boris, vera := w.boris.In(w.group), w.vera.In(w.group)
		asks := make([]telegramtest.Message, crowd)
		for i := range all {
			w.takes(boris, cards[i])
			reject := fmt.Sprint("reject:", w.look(`SELECT id FROM tickets WHERE vin = ?`, all[i].vin))
			w.presses(boris, cards[i], reject)
			asks[i] = w.sees(w.group, func(m telegramtest.Message) bool {
				return telegramtest.Replying(cards[i])(m) && strings.Contains(strings.Join(m.Callbacks(), " "), "rejnot:")
			})
		}
		var race sync.WaitGroup
		for i := range all {
			id := w.look(`SELECT id FROM tickets WHERE vin = ?`, all[i].vin)
			for _, do := range []func(){
				func() { w.album(boris, fmt.Sprint("b", i), 2, captioned(2, fmt.Sprintf("/done %d", id))) },
				func() { w.album(vera, fmt.Sprint("v", i), 3, captioned(1, fmt.Sprintf("/done %d", id))) },
				func() { vera.Press(cards[i], fmt.Sprintf("take:%d", id)) },
				func() { boris.Press(cards[i], fmt.Sprintf("release:%d", id)) },
				func() { boris.Press(asks[i], fmt.Sprintf("rejfor:%d:no_data", id)) },
			} {
				race.Go(do)
			}
		}
		race.Wait()
		w.settled()
		assert.Zero(t, w.look(`SELECT count(*) FROM parcels WHERE ticket_id <> 0 AND closed_at IS NULL`))
		assert.Zero(t, w.look(`SELECT count(*) FROM updates WHERE state <> 'done'`))
		assert.Zero(t, w.look(`SELECT count(*) FROM outbox WHERE state <> 'done'`))
		assert.Zero(t, w.look(`SELECT count(*) FROM reports JOIN report_files ON report_id = id
			WHERE status = 'delivered' AND report_files.owner_message = 0`), "delivered whole")
		for i, o := range all {
			delivered := w.look(`SELECT count(*) FROM reports JOIN tickets ON tickets.id = ticket_id WHERE vin = ? AND reports.status = 'delivered'`, o.vin)
			files := len(w.got(o))
			assert.LessOrEqual(t, delivered, 1, "the other is asked about")
			if delivered == 1 {
				assert.Contains(t, []int{2, 3}, files, "album %d is not torn", i)
			} else {
				assert.Zero(t, files)
			}
		}
	})
}

// tellAlbum sends albums of every kind.
func tellAlbum(s *scribe) {
	s.owner.Send(honda)
	s.step("a VIN")
	card := s.card(honda)
	boris := s.boris.In(s.group)
	step := func(name string) {
		s.complete()
		s.step(name)
	}
	s.understood(boris.Sends(page(1).InAlbum("bad").WithCaption("/done 1")))
	boris.Sends(telegramtest.Document("part 2.docx", "application/msword", []byte("PK")).InAlbum("bad"))
	step("an album with a file that is no PDF")
	s.understood(boris.Sends(telegramtest.PDF("part 1.pdf", pdftest.Valid("VIN "+bmw)).InAlbum("odd").ReplyingTo(card)))
	boris.Sends(page(2).InAlbum("odd"))
	step("an album with a file about another car")
	s.presses(boris, s.last(s.group), "rdrop:1")
	s.step("rather not")
	s.understood(s.album(boris, "two", 2, func(n int, c telegramtest.Content) telegramtest.Content {
		return c.WithCaption(fmt.Sprintf("/done %d", n))
	})[0])
	step("an album with two numbers")
	boris.Send("/done@vin_report_bot 1")
	s.step("/done without a file")
	items := s.album(boris, "good", 2, func(_ int, c telegramtest.Content) telegramtest.Content { return c })
	s.understood(items[0])
	step("the album that follows")
	boris.Reply(items[1], "/done 1")
	step("/done in reply to it")
	s.owner.Send("/my")
	s.step("/my")
	s.presses(s.owner, s.last(s.owner), "again:1")
	s.step("the report again")
	s.understood(s.album(boris, "better", 2, captioned(1, "/done 1"))[0])
	step("another album")
}
