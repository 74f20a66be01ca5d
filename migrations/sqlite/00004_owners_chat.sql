-- +goose Up

-- Whether the person chose the language: then what Telegram says of their
-- client takes it away no more.
ALTER TABLE users ADD COLUMN language_chosen BOOLEAN NOT NULL DEFAULT FALSE;

-- What owners think of how they were served.
CREATE TABLE ratings (
    ticket_id  BIGINT NOT NULL PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    stars      BIGINT NOT NULL CHECK (stars >= 1 AND stars <= 5),
    rated_at   TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL -- equal to rated_at while they have not changed their mind
);

-- The queue as it is worked off, and the tickets that were done last.
CREATE INDEX tickets_queue ON tickets (priority, opened_at, id) WHERE status = 'new' AND deleted_at IS NULL;
CREATE INDEX tickets_done ON tickets (closed_at) WHERE status = 'done' AND deleted_at IS NULL;

-- +goose Down

DROP INDEX tickets_done;
DROP INDEX tickets_queue;
DROP TABLE ratings;
ALTER TABLE users DROP COLUMN language_chosen;
