-- +goose Up

-- Managers and admins who signed in to the panel. Of what their browser shows
-- only its SHA-256 is kept, and what they may do is not here: it is looked at
-- with each request.
CREATE TABLE panel_sessions (
    id         INTEGER   PRIMARY KEY AUTOINCREMENT,
    hash       BLOB      NOT NULL UNIQUE,
    user_id    BIGINT    NOT NULL,
    agent      TEXT      NOT NULL, -- what the browser calls itself
    created_at TIMESTAMP NOT NULL,
    seen_at    TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX panel_sessions_user ON panel_sessions (user_id, id);
CREATE INDEX panel_sessions_expires ON panel_sessions (expires_at);

-- Links into the panel, each for one person and good once.
CREATE TABLE login_links (
    hash       BLOB      NOT NULL PRIMARY KEY,
    user_id    BIGINT    NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at    TIMESTAMP
);
CREATE INDEX login_links_expires ON login_links (expires_at);

-- Who was in a managers' group when Telegram last said so.
CREATE TABLE members (
    user_id    BIGINT    NOT NULL,
    chat_id    BIGINT    NOT NULL,
    inside     BOOLEAN   NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, chat_id)
);
CREATE INDEX members_checked ON members (checked_at);

-- What was done in the panel: ids and codes only.
CREATE TABLE audit (
    id         INTEGER   PRIMARY KEY AUTOINCREMENT,
    at         TIMESTAMP NOT NULL,
    user_id    BIGINT    NOT NULL, -- who did it
    action     TEXT      NOT NULL CHECK (action <> ''),
    ticket_id  BIGINT    NOT NULL, -- 0: of none
    person_id  BIGINT    NOT NULL, -- whom it was done to; 0: nobody
    target     TEXT      NOT NULL, -- what else; empty: nothing
    details    TEXT      NOT NULL, -- JSON
    request_id TEXT      NOT NULL
);
CREATE INDEX audit_user ON audit (user_id, id);
CREATE INDEX audit_ticket ON audit (ticket_id, id) WHERE ticket_id <> 0;
CREATE INDEX audit_person ON audit (person_id) WHERE person_id <> 0;

-- +goose Down

DROP TABLE audit;
DROP TABLE members;
DROP TABLE login_links;
DROP TABLE panel_sessions;
