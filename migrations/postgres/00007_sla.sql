-- +goose Up

-- When each cycle of a ticket began, and how much working time its steps took,
-- in seconds, as counted at the transition: the hours may be set anew later.
ALTER TABLE tickets ADD COLUMN cycle BIGINT NOT NULL DEFAULT 1 CHECK (cycle > 0);
ALTER TABLE tickets ADD COLUMN began_at TIMESTAMPTZ;
ALTER TABLE tickets ADD COLUMN queued_at TIMESTAMPTZ;
ALTER TABLE tickets ADD COLUMN take_seconds BIGINT NOT NULL DEFAULT 0 CHECK (take_seconds >= 0);
ALTER TABLE tickets ADD COLUMN done_seconds BIGINT NOT NULL DEFAULT 0 CHECK (done_seconds >= 0);
ALTER TABLE tickets ADD COLUMN late BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE tickets SET began_at = opened_at, queued_at = opened_at;

-- What was done about tickets whose time was up: each step once in a cycle,
-- written with what it has sent.
CREATE TABLE sla_steps (
    ticket_id BIGINT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    cycle     BIGINT    NOT NULL, -- 0: whatever the cycle
    step      TEXT      NOT NULL CHECK (step <> ''),
    at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (ticket_id, cycle, step)
);

-- Statistics read these, and no table: they hold deleted_at, which is always
-- NULL in them, since SQLite would look for it in the table otherwise.
CREATE INDEX tickets_stat_opened ON tickets (priority, opened_at, assignee_id, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX tickets_stat_taken ON tickets (priority, taken_at, assignee_id, take_seconds, deleted_at) WHERE deleted_at IS NULL AND taken_at IS NOT NULL;
CREATE INDEX tickets_stat_closed ON tickets (status, priority, closed_at, assignee_id, late, done_seconds, deleted_at) WHERE deleted_at IS NULL AND closed_at IS NOT NULL;
CREATE INDEX events_undelivered ON events (at, ticket_id) WHERE kind = 'undelivered';
CREATE INDEX ratings_rated ON ratings (rated_at, ticket_id, stars);

-- +goose Down

DROP INDEX ratings_rated;
DROP INDEX events_undelivered;
DROP INDEX tickets_stat_closed;
DROP INDEX tickets_stat_taken;
DROP INDEX tickets_stat_opened;
DROP TABLE sla_steps;
ALTER TABLE tickets DROP COLUMN late;
ALTER TABLE tickets DROP COLUMN done_seconds;
ALTER TABLE tickets DROP COLUMN take_seconds;
ALTER TABLE tickets DROP COLUMN queued_at;
ALTER TABLE tickets DROP COLUMN began_at;
ALTER TABLE tickets DROP COLUMN cycle;
