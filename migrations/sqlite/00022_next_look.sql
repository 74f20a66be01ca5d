-- +goose Up

-- When a ticket's deadlines are to be looked at next; NULL where nothing comes of
-- them by itself. Those that wait when this is made are found by the first look of
-- a process, which is at all of them.
ALTER TABLE tickets ADD COLUMN look_at TIMESTAMP;
CREATE INDEX tickets_look ON tickets (look_at, id) WHERE look_at IS NOT NULL AND deleted_at IS NULL;

-- +goose Down

DROP INDEX tickets_look;
ALTER TABLE tickets DROP COLUMN look_at;
