package panel_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/ticket"
)

func TestAQuestionToTheOwnerGoesAsAskDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	b.htmx = true
	answer := b.posts(path(k, "/ask"), "known", "0", "words", "Какой <b>пробег</b>?")
	assert.Equal(t, http.StatusOK, answer.status)
	assert.Contains(t, answer.text, "Вопрос отправляется владельцу.")
	assert.Contains(t, answer.text, "Какой &lt;b&gt;пробег&lt;/b&gt;?", "what is on its way can be read")
	assert.Equal(t, http.StatusConflict, b.posts(path(k, "/ask"), "known", "0", "words", "Какой пробег?").status, "pressed twice")
	require.NoError(t, w.talk.Asked(t.Context(), 1, 55))
	said, err := w.talk.Answer(t.Context(), ticket.Answering{Owner: 7, Source: ticket.Place{Chat: 7, Message: 56}, To: 55, Plain: true})
	require.NoError(t, err)
	require.Equal(t, ticket.AnswerPassed, said.Outcome)
	text := b.gets(path(k, "")).text
	assert.NotContains(t, text, "пробег", "the words stay with Telegram")
	assert.Contains(t, text, "Владелец ответил")
	assert.Contains(t, text, `name="known" value="2"`)
	assert.Contains(t, b.posts(path(k, "/ask"), "known", "1", "words", "Ну?").text, "разговор за это время продолжился")
}

func TestAQuestionThatCannotBeSentIsRefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	closed := w.stands(w.opens(8, bmw), ticket.Cancelled)
	banned := w.opens(9, honda)
	_, err := w.store.Bans().Ban(t.Context(), 9, "спам", admin)
	require.NoError(t, err)
	nobody, _, err := w.tickets.Open(t.Context(), ticket.Opening{VIN: bmw, Fetched: true, By: ticket.Actor{ID: -3}})
	require.NoError(t, err)
	b := w.as(boris)
	b.htmx = true
	for want, c := range map[string]struct {
		of    ticket.Ticket
		words string
	}{
		"Напишите, что отправить": {k, " \u200b"}, "не больше 3500": {k, strings.Repeat("я", 3501)}, "Заявка закрыта": {closed, "x"},
		"заблокирован": {banned, "x"}, "некому": {nobody, "x"},
	} {
		answer := b.posts(path(c.of, "/ask"), "words", c.words)
		assert.GreaterOrEqual(t, answer.status, http.StatusConflict, want)
		assert.Contains(t, answer.text, want)
	}
}

func TestCardsAndMessagesOfSupergroupsHaveLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	for i, at := range []ticket.Place{{Chat: -1001234567890, Message: 17}, {Chat: -1000000000002, Topic: 5, Message: 18}, {Chat: -1004567890, Message: 19}} {
		require.NoError(t, w.tickets.CardPosted(t.Context(), ticket.Card{TicketID: k.ID, Place: at, Kind: ticket.CardMain}), strconv.Itoa(i))
	}
	text := w.as(boris).gets(path(k, "")).text
	assert.Contains(t, text, `href="https://t.me/c/1234567890/17" target="_blank" rel="noopener noreferrer"`)
	assert.Contains(t, text, `href="https://t.me/c/2/5/18"`)
	assert.Equal(t, 2, strings.Count(text, "https://t.me/"), "a plain group's messages have none")
}
