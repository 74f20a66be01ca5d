-- +goose Up

-- Why a manager closed a ticket without a report: a code, and the manager's own
-- words where the code is 'other'.
ALTER TABLE tickets ADD COLUMN rejection TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN rejection_text TEXT NOT NULL DEFAULT '';

-- What the text of a report's file told: that there is none to be read, or that
-- it holds this VIN and not the ticket's.
ALTER TABLE reports ADD COLUMN no_text BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE reports ADD COLUMN found_vin TEXT NOT NULL DEFAULT '';

-- What a manager has in hand, a car by its VIN or the last six characters of it,
-- and a person by the name that others write behind an @.
CREATE INDEX tickets_assignee ON tickets (assignee_id, id)
    WHERE (status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered') AND deleted_at IS NULL;
CREATE INDEX tickets_vin ON tickets (vin, id) WHERE deleted_at IS NULL;
CREATE INDEX tickets_tail ON tickets (substr(vin, 12), id) WHERE deleted_at IS NULL;
CREATE INDEX users_username ON users (lower(username)) WHERE username <> '';

-- Messages of ours that a text in reply answers, and what it is then taken for.
CREATE TABLE prompts (
    chat_id    BIGINT      NOT NULL,
    message_id BIGINT      NOT NULL,
    ticket_id  BIGINT      NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind       TEXT        NOT NULL CHECK (kind <> ''),
    asked_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat_id, message_id)
);
CREATE INDEX prompts_ticket ON prompts (ticket_id);

-- +goose Down

DROP TABLE prompts;
DROP INDEX users_username;
DROP INDEX tickets_tail;
DROP INDEX tickets_vin;
DROP INDEX tickets_assignee;
ALTER TABLE reports DROP COLUMN found_vin;
ALTER TABLE reports DROP COLUMN no_text;
ALTER TABLE tickets DROP COLUMN rejection_text;
ALTER TABLE tickets DROP COLUMN rejection;
