package panel_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestTheBoardOfDeadlinesTellsWhatIsOverAndWhatIsNear(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := w.opens(7, honda) // 1: taken in no time
	urgent := w.opens(8, bmw) // 2
	_, _, err := w.tickets.Prioritize(t.Context(), urgent.ID, ticket.Urgent, ticket.Actor{ID: vera})
	require.NoError(t, err)
	w.later(12 * time.Minute)
	w.stands(w.opens(9, honda), ticket.Taken) // 3: in time
	near := w.opens(10, bmw)                  // 4
	w.later(13 * time.Minute)
	w.joins(boris)
	_, err = w.store.SLA().Mark(t.Context(), late.ID, 1, ticket.StepTake)
	require.NoError(t, err)
	b := w.as(boris)
	text := b.gets("/sla").text
	part := func(id string) string {
		_, after, found := strings.Cut(text, `<article id="`+id+`"`)
		require.True(t, found, id)
		before, _, _ := strings.Cut(after, "</article>")
		return before
	}
	over := part("sla-over_take")
	assert.Less(t, strings.Index(over, `href="/tickets/2"`), strings.Index(over, `href="/tickets/1"`), "the most urgent first")
	assert.Contains(t, over, "просрочено на 21 мин")
	assert.Contains(t, over, "просрочено на 10 мин")
	assert.Contains(t, part("sla-near_take"), `href="/tickets/4"`)
	assert.Contains(t, part("sla-near_take"), "осталось 2 мин")
	assert.Contains(t, part("sla-over_done"), "Таких заявок нет.")
	assert.Contains(t, part("sla-missed"), `href="/tickets/1"`)
	assert.Contains(t, text, `<strong>1</strong> пропущено сегодня`)
	assert.Contains(t, text, `<strong>1</strong> ещё в срок`)
	assert.Contains(t, part("sla-rules"), "3 мин 45 с", "a quarter of a quarter of an hour")

	b.htmx = true
	answer := b.asks(http.MethodPost, path(near, "/take"), values([]string{"back", "/sla"}), "Sec-Fetch-Site", "same-origin", "HX-Target", "sla")
	assert.Contains(t, answer.text, "Заявка №4 ваша.")
	assert.Contains(t, answer.text, `<section id="sla"`)
}
