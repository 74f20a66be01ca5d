-- +goose Up

-- Where other systems are told what happens to tickets.
CREATE TABLE webhooks (
    id            INTEGER   PRIMARY KEY AUTOINCREMENT,
    url           TEXT      NOT NULL CHECK (url <> ''),
    description   TEXT      NOT NULL,
    events        TEXT      NOT NULL, -- the types that it gets, a space between; empty: all
    secret        TEXT      NOT NULL CHECK (secret <> ''),
    old_secret    TEXT      NOT NULL DEFAULT '', -- signs as well for a while, after a rotation
    old_until     TIMESTAMP,
    active        BOOLEAN   NOT NULL DEFAULT TRUE,
    stopped       TEXT      NOT NULL DEFAULT '', -- why the program switched it off; empty: nobody did, or somebody by hand
    seen          BIGINT    NOT NULL, -- the last event that was looked at for it
    failing_since TIMESTAMP, -- since when no delivery succeeds
    version       BIGINT    NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL,
    CHECK ((old_secret = '') = (old_until IS NULL)),
    CHECK (stopped = '' OR NOT active)
);

-- What they are sent: a queue, like outbox. What is said is made when it is
-- sent, so that no row holds it.
CREATE TABLE deliveries (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    webhook_id   BIGINT    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    state        TEXT      NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'leased' OR state = 'done' OR state = 'dead'),
    message_id   TEXT      NOT NULL UNIQUE, -- the same however often it is sent
    type         TEXT      NOT NULL CHECK (type <> ''),
    ticket_id    BIGINT    REFERENCES tickets (id) ON DELETE CASCADE, -- NULL: of a test
    event_id     BIGINT    NOT NULL, -- 0: of a test
    request_id   TEXT      NOT NULL,
    attempt      INTEGER   NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failures     INTEGER   NOT NULL DEFAULT 0 CHECK (failures >= 0), -- since queued_at
    created_at   TIMESTAMP NOT NULL,
    queued_at    TIMESTAMP NOT NULL, -- since when it is tried; later than created_at once it was sent again by hand
    run_at       TIMESTAMP NOT NULL,
    leased_until TIMESTAMP,
    finished_at  TIMESTAMP,
    last_error   TEXT      NOT NULL DEFAULT '', -- a code
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state = 'done' OR state = 'dead') = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (webhook_id, event_id, type) WHERE event_id <> 0;
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_ticket ON deliveries (ticket_id);
CREATE INDEX deliveries_waiting ON deliveries (id, webhook_id, ticket_id, run_at, queued_at) WHERE state = 'waiting';
CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE state = 'leased';
CREATE INDEX deliveries_done ON deliveries (finished_at) WHERE state = 'done';
CREATE INDEX deliveries_dead ON deliveries (finished_at) WHERE state = 'dead';

-- Every try at a delivery.
CREATE TABLE delivery_attempts (
    id          INTEGER   PRIMARY KEY AUTOINCREMENT,
    delivery_id BIGINT    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    at          TIMESTAMP NOT NULL,
    millis      BIGINT    NOT NULL CHECK (millis >= 0),
    status      INTEGER   NOT NULL, -- of HTTP; 0: there was no answer
    error       TEXT      NOT NULL, -- a code; empty: it was taken
    answer      TEXT      NOT NULL -- the first KB of it
);
CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery_id, id);

-- +goose Down

DROP TABLE delivery_attempts;
DROP TABLE deliveries;
DROP TABLE webhooks;
