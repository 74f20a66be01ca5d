-- +goose Up

-- When a webhook took something last.
CREATE INDEX deliveries_succeeded ON deliveries (webhook_id, finished_at) WHERE state = 'done';

-- +goose Down

DROP INDEX deliveries_succeeded;
