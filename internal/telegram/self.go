package telegram

import (
	"context"
	"errors"

	"github.com/go-telegram/bot/models"
)

// Self is who the bot is, once Learn has asked; nil before.
func (c *Client) Self() *models.User { return c.self.Load() }

// Username is the bot's name without the @, empty until it is learned.
func (c *Client) Username() string {
	if self := c.self.Load(); self != nil {
		return self.Username
	}
	return ""
}

// Learn asks who the bot is until Telegram tells, or the context ends. It is
// meant for the background: nothing waits for it.
func (c *Client) Learn(ctx context.Context) error {
	for failures := 1; ; failures++ {
		self, err := c.GetMe(ctx)
		if err == nil {
			c.self.Store(self)
			return nil
		}
		var e *Error
		wait := backoff(failures, c.rand())
		if errors.As(err, &e) && e.RetryAfter > 0 {
			wait = e.RetryAfter
		}
		c.log.Warn().Str("fault", "telegram").Err(err).Msg("telegram does not tell who the bot is; asking on")
		if ctx.Err() != nil || !pause(ctx, wait) {
			return err
		}
	}
}
