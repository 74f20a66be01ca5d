package notify_test

import (
	"bytes"
	"image/png"
	"io"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/telegram"
	"vinbot/internal/ticket"
)

func asksStats(period string, topic int) ticket.Effect {
	return ticket.Effect{
		Kind: ticket.EffectStats, Lane: "user:5", Chat: group, Urgency: ticket.ForGroup,
		Payload: ticket.Stats{To: ticket.Place{Chat: group, Topic: topic, Message: 60}, Period: period},
	}
}

func TestTheStatisticsAreATableBelowAChart(t *testing.T) {
	t.Parallel()
	for _, period := range []string{"today", "week", "month"} {
		in(t, func(w *world) {
			w.opens()
			w.telegram.takes()
			w.enqueue(asksStats(period, 0))
			calls := w.telegram.takes()
			require.Len(w, calls, 1)
			p, ok := calls[0].params.(*bot.SendPhotoParams)
			require.True(w, ok)
			assert.Regexp(w, `opened +1\n`, p.Caption)
			assert.Equal(w, 60, p.ReplyParameters.MessageID)
			upload, ok := p.Photo.(*models.InputFileUpload)
			require.True(w, ok)
			body, err := io.ReadAll(upload.Data)
			require.NoError(w, err)
			_, err = png.Decode(bytes.NewReader(body))
			assert.NoError(w, err)
		})
	}
}

func TestTheStatisticsAreCountedWhenTheyAreSent(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.refuses("sendPhoto", telegram.ClassNotSent)
		w.enqueue(asksStats("today", 0))
		w.telegram.answers(nil)
		w.opens()
		w.telegram.takes()
		w.after(time.Minute)
		pictures := sent(w.telegram.takes(), "sendPhoto")
		require.Len(w, pictures, 1)
		assert.Regexp(w, `opened +1\n`, pictures[0].text)
	})
}

func TestStatisticsThatNobodyCanSendEnd(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.enqueue(asksStats("century", 0))
		foreign := asksStats("week", 0)
		foreign.Payload = ticket.Stats{To: ticket.Place{Chat: -99}, Period: "week"}
		w.enqueue(foreign)
		assert.Empty(w, w.telegram.takes())
		rows := w.rows()
		require.Len(w, rows, 1)
		assert.Equal(w, "dead", rows[0].state)
	})
}

func TestStatisticsForATopicThatIsGoneComeToTheMainThread(t *testing.T) {
	t.Parallel()
	in(t, func(w *world) {
		w.telegram.answers(func(c call) error {
			if c.topic != 0 {
				return refusal(telegram.ClassTopicGone)
			}
			return nil
		})
		w.enqueue(asksStats("week", 5))
		pictures := sent(w.telegram.takes(), "sendPhoto")
		require.Len(w, pictures, 2)
		p, ok := pictures[1].params.(*bot.SendPhotoParams)
		require.True(w, ok)
		upload, ok := p.Photo.(*models.InputFileUpload)
		require.True(w, ok)
		body, err := io.ReadAll(upload.Data)
		require.NoError(w, err)
		assert.NotEmpty(w, body, "the picture is whole the second time, too")
	})
}
