package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/telegramtest"
)

// withDeadlines gives the managers a quarter of an hour to take a ticket, and
// two hours to do it.
func withDeadlines(w *world, _ *telegramtest.Options) {
	w.cfg.SLATake, w.cfg.SLADone = config.Allowance(15*time.Minute), config.Allowance(2*time.Hour)
}

// andAgain lets time pass while the bot is stopped.
func (w *world) andAgain(later time.Duration) {
	w.Helper()
	w.settled()
	w.stop()
	w.later(later)
	w.start()
}

// reminders lists what was said in a chat about what is late.
func (w *world) reminders(in telegramtest.Chat) (texts []string) {
	for _, m := range w.fromBot(in) {
		if strings.Contains(m.Text, "⏰") {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func TestNobodyTakesATicketInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDeadlines)
	w.cfg.AdminIDs = config.IDs{w.vera.ID}
	w.vera.Start("")
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	assert.Contains(t, card.Text, "⏳ Взять до ")
	assert.Equal(t, 1, w.look(`SELECT count(*) FROM tickets WHERE look_at > opened_at`), "it need not be looked at before")

	w.andAgain(16 * time.Minute)
	reminder := w.sees(w.group, telegramtest.Containing("⏰", "№1", "никто не взял", "16 мин"))
	assert.Equal(t, card.ID, reminder.ReplyTo)
	w.andAgain(time.Minute)
	w.settled()
	assert.Len(t, w.reminders(w.group), 1, "once, whatever the process lives through")
	assert.Empty(t, w.reminders(w.vera))

	w.andAgain(14 * time.Minute)
	w.sees(w.vera, telegramtest.Containing("⏰", "№1", honda, "до сих пор никто не взял"))
	w.andAgain(time.Minute)
	w.settled()
	assert.Len(t, w.reminders(w.vera), 1)
	assert.Len(t, w.reminders(w.group), 1)

	w.presses(w.boris.In(w.group), card, take(card))
	w.shows(card, "⏳ Отчёт нужен до ")
	mail := w.boris.In(w.group).ReplyPDF(reminder, pdf(), "")
	w.delivered(card, mail)
	w.andAgain(100 * time.Hour)
	w.settled()
	assert.Len(t, w.reminders(w.group), 1, "nothing more is said of what is done")
	assert.Empty(t, w.reminders(w.anna))
}

func TestATicketIsNotDoneInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDeadlines)
	admin := w.sim.User("Глеб", "ru") // who never started the bot
	w.cfg.AdminIDs = config.IDs{admin.ID}
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	w.presses(w.boris.In(w.group), card, take(card))
	w.andAgain(2*time.Hour + time.Minute)
	reminder := w.sees(w.group, telegramtest.Containing("⏰", "№1", "в работе уже 2 ч 1 мин", w.boris.FirstName))
	assert.Equal(t, card.ID, reminder.ReplyTo)
	var mentioned []int64
	for _, e := range reminder.Entities {
		if e.Type == "text_mention" {
			mentioned = append(mentioned, e.User.ID)
		}
	}
	assert.Equal(t, []int64{w.boris.ID}, mentioned)
	_, metrics := fetch(w.Context(), t, "http://"+w.app.OpsAddr()+"/metrics")
	assert.Contains(t, metrics, `vinbot_sla_breaches_total{step="done"} 1`)
	assert.Empty(t, reminder.Keyboard, "a button that leads to a person can fail the whole message")

	w.andAgain(15 * time.Minute)
	w.sees(w.anna, telegramtest.Containing("⏳", "№1", honda, "дольше обычного"))
	w.andAgain(2 * time.Hour)
	escalated := w.sees(w.group, telegramtest.Containing("⏰", "№1", honda, "отчёта нет"))
	assert.Equal(t, card.ID, escalated.ReplyTo, "what the admin cannot be told the group is told")
	w.andAgain(100 * time.Hour)
	w.settled()
	assert.Len(t, w.reminders(w.group), 2)
	late := 0
	for _, m := range w.fromBot(w.anna) {
		if strings.Contains(m.Text, "дольше обычного") {
			late++
		}
	}
	assert.Equal(t, 1, late, "the owner is told once")
	for _, step := range []string{"done", "done_admins", "owner"} {
		assert.Equal(t, 1, w.look(`SELECT count(*) FROM sla_steps WHERE step = ?`, step))
		assert.Equal(t, 1, w.look(`SELECT count(*) FROM events WHERE kind = 'overdue' AND detail = ?`, step))
	}
}

// at moves the bot's clock to a time of day in Moscow, of a day that is on.
func (w *world) at(day time.Weekday, hour, minute int) {
	w.Helper()
	moscow := w.cfg.Timezone.Location()
	now := w.now().In(moscow)
	next := time.Date(now.Year(), now.Month(), now.Day()+(int(day-now.Weekday())+6)%7+1, hour, minute, 0, 0, moscow)
	w.later(next.Sub(now))
}

func TestRemindersComeInWorkingHoursOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDeadlines)
	require.NoError(t, w.cfg.Timezone.UnmarshalText([]byte("Europe/Moscow")))
	require.NoError(t, w.cfg.WorkHours.UnmarshalText([]byte("Mon-Fri 09:00-18:00")))
	w.at(time.Friday, 17, 50)
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	assert.Contains(t, card.Text, "09:05", "the deadline is on Monday")
	for _, later := range []time.Duration{20 * time.Minute, 12 * time.Hour, 48 * time.Hour} {
		w.andAgain(later)
		w.settled()
		assert.Empty(t, w.reminders(w.group), w.now())
	}
	w.later(-24 * time.Hour)
	w.at(time.Monday, 9, 6)
	w.andAgain(0)
	w.sees(w.group, telegramtest.Containing("⏰", "№1", "ждёт уже 16 мин"))
}

func TestABacklogAfterALongStopIsOneMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDeadlines)
	w.cfg.AdminIDs = config.IDs{w.vera.ID}
	w.cfg.TelegramRateLimits = false
	w.vera.Start("")
	w.start()
	const many = 30
	owners := w.owners(many)
	for _, o := range owners {
		o.writes()
	}
	for _, o := range owners {
		w.card(o.vin)
	}
	mine := w.card(owners[6].vin)
	w.presses(w.boris.In(w.group), mine, take(mine))
	w.andAgain(72 * time.Hour)
	w.sees(w.group, telegramtest.Containing("⏰", fmt.Sprint("Просрочено ", many, " заявок"), "Никто не взял: №1, №2", w.boris.FirstName))
	w.sees(w.vera, telegramtest.Containing("⏰", fmt.Sprint(many, " заявок")))
	for _, o := range owners {
		w.sees(o, telegramtest.Containing("дольше обычного", o.vin))
	}
	w.andAgain(time.Hour)
	w.settled()
	assert.Len(t, w.reminders(w.group), 1)
	assert.Len(t, w.reminders(w.vera), 1)
}

func TestATicketThatIsHeldForTooLongReturnsToTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDeadlines)
	w.cfg.AutoRelease = config.Limit(90 * time.Minute)
	w.start()
	w.anna.Send(honda)
	card := w.card(honda)
	w.presses(w.boris.In(w.group), card, take(card))
	w.andAgain(91 * time.Minute)
	back := w.sees(w.group, telegramtest.Containing("↩️", "№1", "снова в очереди", w.boris.FirstName))
	assert.Equal(t, card.ID, back.ReplyTo)
	w.shows(card, "В очереди")
	w.presses(w.vera.In(w.group), card, take(card))
	w.shows(card, w.vera.FirstName)
}
