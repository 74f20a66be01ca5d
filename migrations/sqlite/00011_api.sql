-- +goose Up

-- Programs that may use the API. Of a token only its SHA-256 is kept.
CREATE TABLE api_tokens (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    name         TEXT      NOT NULL CHECK (name <> ''),
    hash         BLOB      NOT NULL UNIQUE,
    scopes       TEXT      NOT NULL, -- names, a space between them
    per_minute   BIGINT    NOT NULL CHECK (per_minute > 0),
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at   TIMESTAMP
);

-- Owners who signed in, with what they show instead of a name; each as SHA-256.
CREATE TABLE api_sessions (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    owner_id     BIGINT    NOT NULL,
    hash         BLOB      NOT NULL UNIQUE, -- of the present access token
    access_until TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL, -- with its last refresh token
    created_at   TIMESTAMP NOT NULL
);
CREATE INDEX api_sessions_owner ON api_sessions (owner_id);
CREATE INDEX api_sessions_expires ON api_sessions (expires_at);

-- Every refresh token that a session has had: one that comes again was stolen.
CREATE TABLE refresh_tokens (
    hash       BLOB      NOT NULL PRIMARY KEY,
    session_id BIGINT    NOT NULL REFERENCES api_sessions (id) ON DELETE CASCADE,
    used_at    TIMESTAMP
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- How many requests each caller was allowed in a minute; processes fetch
-- allowances in portions.
CREATE TABLE api_usage (
    caller  TEXT      NOT NULL,
    minute  BIGINT    NOT NULL, -- since 1970
    granted BIGINT    NOT NULL,
    PRIMARY KEY (minute, caller)
);

-- Answers to requests that may come again, under the key that their caller gave
-- them.
CREATE TABLE idempotency_keys (
    caller     TEXT      NOT NULL,
    name       TEXT      NOT NULL,
    request    BLOB      NOT NULL, -- SHA-256 of what was asked
    status     BIGINT    NOT NULL,
    headers    TEXT      NOT NULL, -- JSON
    answer     BLOB      NOT NULL,
    ticket_id  BIGINT    NOT NULL, -- what it tells about; 0: none
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (caller, name)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_ticket ON idempotency_keys (ticket_id) WHERE ticket_id > 0;

-- Its owner has no chat with the bot: the report is done when it can be fetched.
ALTER TABLE tickets ADD COLUMN fetched BOOLEAN NOT NULL DEFAULT FALSE;

-- What is listed by other things than number, owner and VIN. Open tickets are
-- few, and most of the others are done.
CREATE INDEX tickets_unserved ON tickets (status, id)
    WHERE (status = 'rejected' OR status = 'cancelled') AND deleted_at IS NULL;
CREATE INDEX tickets_assigned ON tickets (assignee_id, id) WHERE assignee_id <> 0 AND deleted_at IS NULL;

-- +goose Down

DROP INDEX tickets_assigned;
DROP INDEX tickets_unserved;
ALTER TABLE tickets DROP COLUMN fetched;
DROP TABLE idempotency_keys;
DROP TABLE api_usage;
DROP TABLE refresh_tokens;
DROP TABLE api_sessions;
DROP TABLE api_tokens;
