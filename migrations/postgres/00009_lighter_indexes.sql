-- +goose Up

-- Each VIN that comes in pays for every index, and for those whose entries lie
-- anywhere with a page that nobody had touched lately. So there is one index
-- for what several did.

-- A car: by the last six characters of its VIN, which few others share, or by
-- those and the rest of it. Of an erased ticket there is no VIN to be found.
DROP INDEX tickets_vin;
DROP INDEX tickets_tail;
CREATE INDEX tickets_tail ON tickets (substr(vin, 12), id) WHERE deleted_at IS NULL AND erased_at IS NULL;

-- Statistics, by time first, so that each entry is added at the end; that of
-- the closed ones also gives those that were done last. They hold deleted_at,
-- which is always NULL in them, since SQLite would look for it in the table
-- otherwise.
DROP INDEX tickets_stat_opened;
DROP INDEX tickets_stat_taken;
DROP INDEX tickets_stat_closed;
DROP INDEX tickets_done;
CREATE INDEX tickets_stat_opened ON tickets (opened_at, priority, assignee_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX tickets_stat_taken ON tickets (taken_at, priority, assignee_id, take_seconds, deleted_at)
    WHERE deleted_at IS NULL AND taken_at IS NOT NULL;
CREATE INDEX tickets_stat_closed ON tickets (closed_at, status, priority, assignee_id, late, done_seconds, deleted_at)
    WHERE deleted_at IS NULL AND closed_at IS NOT NULL;

-- What was sent to somebody is found by their chat no more: it does not keep it.
DROP INDEX outbox_chat;
UPDATE outbox SET chat_id = 0, lane = '', merge_key = '' WHERE state = 'done' AND chat_id > 0;

-- +goose Down

CREATE INDEX outbox_chat ON outbox (chat_id) WHERE chat_id > 0;
DROP INDEX tickets_stat_closed;
DROP INDEX tickets_stat_taken;
DROP INDEX tickets_stat_opened;
CREATE INDEX tickets_done ON tickets (closed_at) WHERE status = 'done' AND deleted_at IS NULL;
CREATE INDEX tickets_stat_opened ON tickets (priority, opened_at, assignee_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX tickets_stat_taken ON tickets (priority, taken_at, assignee_id, take_seconds, deleted_at) WHERE deleted_at IS NULL AND taken_at IS NOT NULL;
CREATE INDEX tickets_stat_closed ON tickets (status, priority, closed_at, assignee_id, late, done_seconds, deleted_at) WHERE deleted_at IS NULL AND closed_at IS NOT NULL;
DROP INDEX tickets_tail;
CREATE INDEX tickets_tail ON tickets (substr(vin, 12), id) WHERE deleted_at IS NULL;
CREATE INDEX tickets_vin ON tickets (vin, id) WHERE deleted_at IS NULL;
