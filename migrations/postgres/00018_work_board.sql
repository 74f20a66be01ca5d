-- +goose Up

-- The open tickets as they are worked off, by where they stand: the queue is
-- those that are new. It holds deleted_at, which is always NULL in it, since
-- SQLite would look for it in the table otherwise.
DROP INDEX tickets_queue;
CREATE INDEX tickets_work ON tickets (status, priority, opened_at, id, deleted_at)
    WHERE (status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered') AND deleted_at IS NULL;

-- The few whose priority somebody changed.
CREATE INDEX tickets_special ON tickets (priority, status, id) WHERE priority <> 'normal' AND deleted_at IS NULL;

-- When deadlines were missed.
CREATE INDEX sla_steps_missed ON sla_steps (at, ticket_id) WHERE step = 'take' OR step = 'done';

-- +goose Down

DROP INDEX sla_steps_missed;
DROP INDEX tickets_special;
DROP INDEX tickets_work;
CREATE INDEX tickets_queue ON tickets (priority, opened_at, id) WHERE status = 'new' AND deleted_at IS NULL;
