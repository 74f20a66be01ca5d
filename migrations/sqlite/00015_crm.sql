-- +goose Up

-- The CRM that is kept up to date: one row once there was one.
CREATE TABLE crm_state (
    id         INTEGER   PRIMARY KEY CHECK (id = 1),
    account    TEXT      NOT NULL, -- whose ids are in the tables below
    seen       BIGINT    NOT NULL, -- the last event that was looked at
    refused_at TIMESTAMP, -- since when it takes nothing from us
    reason     TEXT      NOT NULL DEFAULT '', -- why, a code
    alarmed_at TIMESTAMP, -- when somebody was told so last
    CHECK ((refused_at IS NULL) = (reason = ''))
);

-- What is known of a ticket's deal.
CREATE TABLE crm_deals (
    ticket_id BIGINT    PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    deal_id   TEXT      NOT NULL, -- the CRM's; empty while none is known
    tried_at  TIMESTAMP, -- when it was tried to make one
    sent      TEXT      NOT NULL, -- a digest of what was written last
    status    TEXT      NOT NULL, -- the ticket's, when the stage was set last
    told      BIGINT    NOT NULL, -- the last event that a comment told of
    gone      BOOLEAN   NOT NULL -- people deleted it there
);

-- What is known of an owner's contact.
CREATE TABLE crm_contacts (
    owner_id   BIGINT    PRIMARY KEY,
    contact_id TEXT      NOT NULL,
    tried_at   TIMESTAMP,
    sent       TEXT      NOT NULL
);

-- What is to be brought over: a queue, like deliveries. What is said is made
-- when it is sent, so that no row holds it.
CREATE TABLE crm_jobs (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    what         TEXT      NOT NULL CHECK (what = 'ticket' OR what = 'deal' OR what = 'contact'),
    state        TEXT      NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'leased' OR state = 'done' OR state = 'dead'),
    ticket_id    BIGINT    REFERENCES tickets (id) ON DELETE CASCADE,
    subject      BIGINT    NOT NULL DEFAULT 0, -- of what is to be cleaned: the ticket that was, or the owner
    external_id  TEXT      NOT NULL DEFAULT '', -- and the CRM's id of it
    status       TEXT      NOT NULL DEFAULT '', -- and how the ticket ended
    request_id   TEXT      NOT NULL,
    attempt      INTEGER   NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    created_at   TIMESTAMP NOT NULL,
    run_at       TIMESTAMP NOT NULL,
    leased_until TIMESTAMP,
    finished_at  TIMESTAMP,
    last_error   TEXT      NOT NULL DEFAULT '',
    CHECK ((what = 'ticket') = (ticket_id IS NOT NULL)),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state = 'done' OR state = 'dead') = (finished_at IS NOT NULL))
);
CREATE INDEX crm_jobs_ticket ON crm_jobs (ticket_id);
CREATE INDEX crm_jobs_waiting ON crm_jobs (id, what, ticket_id, subject, run_at, created_at) WHERE state = 'waiting';
CREATE INDEX crm_jobs_leased ON crm_jobs (leased_until) WHERE state = 'leased';
CREATE INDEX crm_jobs_done ON crm_jobs (finished_at) WHERE state = 'done';
CREATE INDEX crm_jobs_dead ON crm_jobs (finished_at) WHERE state = 'dead';

-- +goose Down

DROP TABLE crm_jobs;
DROP TABLE crm_contacts;
DROP TABLE crm_deals;
DROP TABLE crm_state;
