package notify

import (
	"bytes"
	"context"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vinbot/internal/message"
	"vinbot/internal/outbox"
	"vinbot/internal/stats"
	"vinbot/internal/ticket"
)

// tellStats answers with the statistics of a period as they are now: a chart as
// a picture, with a table below it.
func (n *Notifier) tellStats(ctx context.Context, s ticket.Stats) outbox.Outcome {
	if n.foreign(s.To.Chat) {
		return outbox.Done(nil)
	}
	period, err := stats.ParsePeriod(s.Period)
	if err != nil {
		return outbox.Dead(err, nil)
	}
	sum, err := n.Stats.Ask(ctx, n.Stats.Of(period))
	if err != nil {
		return broken(err)
	}
	picture, err := n.chart(sum, period)
	if err != nil {
		return broken(err)
	}
	table := n.Book.Stats(n.Language, statsView(sum, period))
	at, err := n.place(ctx, s.To, func(to ticket.Place) (int, error) {
		p := &bot.SendPhotoParams{
			ChatID: to.Chat, MessageThreadID: to.Topic, Caption: table, ParseMode: models.ParseModeHTML,
			Photo: &models.InputFileUpload{Filename: "stats.png", Data: bytes.NewReader(picture)},
		}
		if to.Message != 0 {
			p.ReplyParameters = &models.ReplyParameters{MessageID: to.Message, AllowSendingWithoutReply: true}
		}
		sent, err := n.Sender.SendPhoto(ctx, p)
		if err != nil {
			return 0, err
		}
		return sent.ID, nil
	})
	if err != nil {
		return n.failed(ctx, at.Chat, err)
	}
	return outbox.Done(nil)
}

func (n *Notifier) chart(sum stats.Summary, period stats.Period) ([]byte, error) {
	opened, done := n.Book.StatsLegend(n.Language)
	format := "02.01"
	if period == stats.Today {
		format = "15:04"
	}
	picture, err := stats.Chart(sum, stats.Words{
		Title: n.Book.StatsTitle(n.Language, string(period)), Opened: opened, Done: done,
		Slot: func(s stats.Slot) string { return s.From.In(n.Zone).Format(format) },
	})
	if err != nil {
		return nil, fmt.Errorf("draw the statistics: %w", err)
	}
	return picture, nil
}

// statsView is what the table shows.
func statsView(sum stats.Summary, period stats.Period) message.StatsView {
	v := message.StatsView{
		Period: string(period), StatsCounts: message.StatsCounts(sum.Total), OpenNow: sum.OpenNow,
		ToTake: message.StatsTimes(sum.ToTake), ToDone: message.StatsTimes(sum.ToDone),
		InTime: sum.InTime.Part, Ratings: sum.Ratings.Count, Average: sum.Ratings.Average(),
		Priorities: map[ticket.Priority]message.StatsCounts{},
	}
	for p, counts := range sum.Priorities {
		v.Priorities[p] = message.StatsCounts(counts)
	}
	return v
}
