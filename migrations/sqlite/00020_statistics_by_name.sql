-- +goose Up

-- What a manager did counts as theirs where it was done under their name: with
-- the name in the indexes that statistics are counted by, no ticket is looked at
-- to know that.
DROP INDEX tickets_stat_opened;
DROP INDEX tickets_stat_taken;
DROP INDEX tickets_stat_closed;
CREATE INDEX tickets_stat_opened ON tickets (opened_at, priority, assignee_id, deleted_at, assignee_name) WHERE deleted_at IS NULL;
CREATE INDEX tickets_stat_taken ON tickets (taken_at, priority, assignee_id, take_seconds, deleted_at, assignee_name)
    WHERE deleted_at IS NULL AND taken_at IS NOT NULL;
CREATE INDEX tickets_stat_closed ON tickets (closed_at, status, priority, assignee_id, late, done_seconds, deleted_at, assignee_name)
    WHERE deleted_at IS NULL AND closed_at IS NOT NULL;

-- +goose Down

DROP INDEX tickets_stat_closed;
DROP INDEX tickets_stat_taken;
DROP INDEX tickets_stat_opened;
CREATE INDEX tickets_stat_opened ON tickets (opened_at, priority, assignee_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX tickets_stat_taken ON tickets (taken_at, priority, assignee_id, take_seconds, deleted_at)
    WHERE deleted_at IS NULL AND taken_at IS NOT NULL;
CREATE INDEX tickets_stat_closed ON tickets (closed_at, status, priority, assignee_id, late, done_seconds, deleted_at)
    WHERE deleted_at IS NULL AND closed_at IS NOT NULL;
