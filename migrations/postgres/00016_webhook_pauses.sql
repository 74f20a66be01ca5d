-- +goose Up

-- Until when a receiver asked to be left alone: a restart is no reason to forget it.
ALTER TABLE webhooks ADD COLUMN paused_until TIMESTAMPTZ;

-- +goose Down

ALTER TABLE webhooks DROP COLUMN paused_until;
