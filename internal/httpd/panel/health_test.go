package panel_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/httpd/panel"
	"vinbot/internal/outbox"
)

func TestTheProgramsHealthIsShownToManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := w.as(boris).gets("/health").text
	for _, shown := range []string{
		"База данных принимает запись", `<span class="condition ok">в порядке</span>`, "3 с", "6 мин", "2 дн.", "messages &lt;wait&gt;",
		"не работает", "хуже обычного", "new", "v1.2.3", "0123456789ab", "go1.26", "SQLite 3.50", "15", "единственный процесс",
		"свободно 30.0 ГБ из 120.0 ГБ (25 %)", "исходящие действия", "Ничего не застряло",
	} {
		assert.Contains(t, text, shown)
	}
	w.setsAside("why", `{"message":{}}`)
	assert.Contains(t, w.as(admin).gets("/health").text, "Отложено: входящего 1, исходящего 0. <a href=\"/stuck\">")
	text = w.as(boris).gets("/health").text
	assert.Contains(t, text, "Отложено: входящего 1, исходящего 0.")
	assert.NotContains(t, text, `href="/stuck"`, "that page is not a manager's")
}

func TestAQueueIsSummedUp(t *testing.T) {
	t.Parallel()
	assert.Equal(t, panel.Queue{Name: "effects", Waiting: 6, Oldest: noon()}, panel.QueueOf("effects", []outbox.Depth{
		{Waiting: 1}, {Waiting: 2, Oldest: noon().Add(time.Hour)}, {Waiting: 3, Oldest: noon()},
	}))
}

func TestSettingsAreShownInGroupsWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(admin)
	text := b.gets("/settings").text
	assert.Regexp(t, `(?s)<h2 id="settings-telegram">Telegram и люди</h2>.*<code>BOT_TOKEN</code>.*<code class="value">\*\*\*</code>.*<strong>задано</strong>`+
		`.*<h2 id="settings-web">Сеть и журнал</h2>.*<code>LOG_LEVEL</code>.*вместо <code class="value">info</code>`+
		`.*<h2 id="settings-others">Прочее</h2>.*SOMETHING_NEW.*пусто.*по умолчанию`, text)
	assert.Contains(t, text, `<span lang="en">The token that BotFather gave.</span>`)
	assert.Equal(t, http.StatusForbidden, w.as(boris).gets("/settings").status)
	none := newWorld(t, func(o *panel.Options) { o.Settings = nil })
	assert.Contains(t, none.as(admin).gets("/settings").text, "это демонстрация")
}
