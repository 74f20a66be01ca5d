package telegram

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhoMayNotActSendsNothing(t *testing.T) {
	t.Parallel()
	var may atomic.Bool
	var asked atomic.Int32
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		always(http.StatusOK, sentMessage)(w, r)
	}, func(o *Options) { o.May = may.Load })
	_, err := c.SendMessage(t.Context(), hello(5))
	assert.Equal(t, ClassNotSent, ClassOf(err), "it is tried again, by whoever may")
	_, err = c.EditMessageText(t.Context(), &bot.EditMessageTextParams{ChatID: int64(5), MessageID: 7, Text: "hi"})
	assert.Equal(t, ClassNotSent, ClassOf(err), "nor is an older state shown")
	assert.Zero(t, asked.Load())
	_, _ = c.GetChatAdministrators(t.Context(), 5) // whose answer here is none
	assert.EqualValues(t, 1, asked.Load(), "asking changes nothing")

	may.Store(true)
	_, err = c.SendMessage(t.Context(), hello(5))
	require.NoError(t, err)
	assert.EqualValues(t, 2, asked.Load())
}
