-- +goose Up

-- Lists are chains of OR: for IN with more than two values SQLite builds a
-- temporary table with each statement, which made inserting a ticket three
-- times as slow. Questions that shall use a partial index repeat its words.

-- What Telegram sent, as it came, until it is handled. AUTOINCREMENT here and
-- below: readers go on from the last number that they saw, so that none may
-- ever come again.
CREATE TABLE updates (
    seq         INTEGER   PRIMARY KEY AUTOINCREMENT,
    bot_id      BIGINT    NOT NULL,
    update_id   BIGINT    NOT NULL,
    state       TEXT      NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'done' OR state = 'dead'),
    body        BLOB, -- erased when it is done
    attempt     INTEGER   NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    request_id  TEXT      NOT NULL,
    received_at TIMESTAMP NOT NULL,
    handled_at  TIMESTAMP,
    last_error  TEXT      NOT NULL DEFAULT '',
    UNIQUE (bot_id, update_id),
    CHECK ((state = 'done') = (body IS NULL)),
    CHECK ((state = 'waiting') = (handled_at IS NULL))
);
CREATE INDEX updates_waiting ON updates (bot_id, seq) WHERE state = 'waiting';
CREATE INDEX updates_done ON updates (handled_at) WHERE state = 'done';

-- What must be done outside after a commit.
CREATE TABLE outbox (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    state        TEXT      NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'leased' OR state = 'done' OR state = 'dead'),
    kind         TEXT      NOT NULL CHECK (kind <> ''),
    lane         TEXT      NOT NULL,
    chat_id      BIGINT    NOT NULL,
    urgency      INTEGER   NOT NULL,
    merge_key    TEXT      NOT NULL, -- empty: never merged
    payload      TEXT, -- JSON, erased when it is done
    ticket_id    BIGINT    NOT NULL,
    request_id   TEXT      NOT NULL,
    attempt      INTEGER   NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    created_at   TIMESTAMP NOT NULL,
    run_at       TIMESTAMP NOT NULL,
    leased_until TIMESTAMP,
    finished_at  TIMESTAMP,
    last_error   TEXT      NOT NULL DEFAULT '',
    CHECK ((state = 'done') = (payload IS NULL)),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state IN ('done', 'dead')) = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX outbox_merge ON outbox (kind, merge_key) WHERE state = 'waiting' AND merge_key <> '';
CREATE INDEX outbox_waiting ON outbox (id, urgency, run_at) WHERE state = 'waiting';
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE state = 'leased';
CREATE INDEX outbox_done ON outbox (finished_at) WHERE state = 'done';

CREATE TABLE tickets (
    id            INTEGER   PRIMARY KEY AUTOINCREMENT,
    vin           TEXT      NOT NULL CHECK (length(vin) = 17),
    status        TEXT      NOT NULL CHECK (
        status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered'
        OR status = 'done' OR status = 'rejected' OR status = 'cancelled'),
    priority      TEXT      NOT NULL CHECK (priority = 'low' OR priority = 'normal' OR priority = 'high' OR priority = 'urgent'),
    owner_id      BIGINT    NOT NULL, -- 0: came another way than by Telegram
    confirmed     BOOLEAN   NOT NULL DEFAULT FALSE,
    assignee_id   BIGINT    NOT NULL DEFAULT 0,
    assignee_name TEXT      NOT NULL DEFAULT '',
    undeliverable TEXT      NOT NULL DEFAULT '',
    version       BIGINT    NOT NULL DEFAULT 1 CHECK (version > 0),
    opened_at     TIMESTAMP NOT NULL,
    taken_at      TIMESTAMP,
    closed_at     TIMESTAMP,
    request_id    TEXT      NOT NULL,
    deleted_at    TIMESTAMP
);
-- One message with a VIN can never make two tickets.
CREATE UNIQUE INDEX tickets_one_open ON tickets (owner_id, vin)
    WHERE (status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered') AND owner_id <> 0 AND deleted_at IS NULL;
CREATE INDEX tickets_open ON tickets (id)
    WHERE (status = 'new' OR status = 'taken' OR status = 'delivering' OR status = 'undelivered') AND deleted_at IS NULL;
CREATE INDEX tickets_owner ON tickets (owner_id, id) WHERE deleted_at IS NULL;

-- A ticket's history; people by id only.
CREATE TABLE events (
    id          INTEGER   PRIMARY KEY AUTOINCREMENT,
    ticket_id   BIGINT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind        TEXT      NOT NULL CHECK (kind <> ''),
    from_status TEXT      NOT NULL,
    to_status   TEXT      NOT NULL,
    actor_id    BIGINT    NOT NULL, -- 0: the program
    report_id   BIGINT    NOT NULL, -- 0: none
    detail      TEXT      NOT NULL,
    at          TIMESTAMP NOT NULL,
    request_id  TEXT      NOT NULL
);
CREATE INDEX events_ticket ON events (ticket_id, id);

-- Messages of ours in the managers' groups that stand for a ticket.
CREATE TABLE cards (
    chat_id    BIGINT    NOT NULL,
    message_id BIGINT    NOT NULL,
    topic_id   BIGINT    NOT NULL,
    ticket_id  BIGINT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind       TEXT      NOT NULL CHECK (kind IN ('card', 'note')),
    rendered   BIGINT    NOT NULL, -- the ticket's version that it shows
    posted_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (chat_id, message_id)
);
CREATE INDEX cards_ticket ON cards (ticket_id);

CREATE TABLE reports (
    id             INTEGER   PRIMARY KEY AUTOINCREMENT,
    ticket_id      BIGINT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    status         TEXT      NOT NULL CHECK (
        status = 'received' OR status = 'checking' OR status = 'refused'
        OR status = 'needs_confirmation' OR status = 'accepted' OR status = 'delivering'
        OR status = 'delivered' OR status = 'undelivered'),
    file_id        TEXT      NOT NULL,
    unique_id      TEXT      NOT NULL,
    size           BIGINT    NOT NULL CHECK (size >= 0),
    source_chat    BIGINT    NOT NULL,
    source_topic   BIGINT    NOT NULL,
    source_message BIGINT    NOT NULL,
    sender_id      BIGINT    NOT NULL,
    sender_name    TEXT      NOT NULL,
    reason         TEXT      NOT NULL,
    correction     BOOLEAN   NOT NULL,
    unchecked      BOOLEAN   NOT NULL,
    sha256         TEXT      NOT NULL,
    blob_key       TEXT      NOT NULL,
    owner_message  BIGINT    NOT NULL,
    received_at    TIMESTAMP NOT NULL,
    delivered_at   TIMESTAMP,
    request_id     TEXT      NOT NULL
);
CREATE UNIQUE INDEX reports_one_live ON reports (ticket_id)
    WHERE (status = 'checking' OR status = 'needs_confirmation' OR status = 'accepted' OR status = 'delivering' OR status = 'undelivered');
CREATE INDEX reports_ticket ON reports (ticket_id, status, id);
CREATE INDEX reports_source ON reports (source_chat, source_message, id);

CREATE TABLE users (
    id          BIGINT    NOT NULL PRIMARY KEY, -- Telegram's
    name        TEXT      NOT NULL,
    username    TEXT      NOT NULL,
    language    TEXT      NOT NULL,
    unreachable BOOLEAN   NOT NULL DEFAULT FALSE,
    first_seen  TIMESTAMP NOT NULL,
    last_seen   TIMESTAMP NOT NULL
);

-- Groups that became supergroups.
CREATE TABLE chats (
    id          BIGINT    NOT NULL PRIMARY KEY,
    migrated_to BIGINT    NOT NULL,
    migrated_at TIMESTAMP NOT NULL,
    CHECK (migrated_to <> id)
);

-- One row, written to find out whether the database takes a write.
CREATE TABLE heartbeat (
    id INTEGER   NOT NULL PRIMARY KEY CHECK (id = 1),
    at TIMESTAMP NOT NULL
);

-- One row: when Telegram last answered a poll. After a longer gap the presses
-- of buttons in between are gone.
CREATE TABLE last_poll (
    id INTEGER   NOT NULL PRIMARY KEY CHECK (id = 1),
    at TIMESTAMP NOT NULL
);

-- +goose Down

DROP TABLE last_poll;
DROP TABLE heartbeat;
DROP TABLE chats;
DROP TABLE users;
DROP TABLE reports;
DROP TABLE cards;
DROP TABLE events;
DROP TABLE tickets;
DROP TABLE outbox;
DROP TABLE updates;
