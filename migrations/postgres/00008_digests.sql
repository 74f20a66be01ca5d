-- +goose Up

-- A digest is one message that stands for several tickets, a row each; any
-- other message stands for one.
DROP INDEX cards_ticket;
ALTER TABLE cards RENAME TO cards_before;
CREATE TABLE cards (
    chat_id    BIGINT      NOT NULL,
    message_id BIGINT      NOT NULL,
    topic_id   BIGINT      NOT NULL,
    ticket_id  BIGINT      NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind       TEXT        NOT NULL CHECK (kind = 'card' OR kind = 'note' OR kind = 'digest'),
    rendered   BIGINT      NOT NULL, -- the ticket's version that it shows
    posted_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat_id, message_id, ticket_id)
);
INSERT INTO cards (chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at)
    SELECT chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at FROM cards_before;
DROP TABLE cards_before;
CREATE INDEX cards_ticket ON cards (ticket_id);
CREATE UNIQUE INDEX cards_one ON cards (chat_id, message_id) WHERE kind <> 'digest';

-- Rows of a kind that share it may be carried out as one; empty: never.
ALTER TABLE outbox ADD COLUMN gather_key TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE outbox DROP COLUMN gather_key;

DROP INDEX cards_one;
DROP INDEX cards_ticket;
ALTER TABLE cards RENAME TO cards_before;
CREATE TABLE cards (
    chat_id    BIGINT      NOT NULL,
    message_id BIGINT      NOT NULL,
    topic_id   BIGINT      NOT NULL,
    ticket_id  BIGINT      NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind       TEXT        NOT NULL CHECK (kind IN ('card', 'note')),
    rendered   BIGINT      NOT NULL, -- the ticket's version that it shows
    posted_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat_id, message_id)
);
INSERT INTO cards (chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at)
    SELECT chat_id, message_id, topic_id, ticket_id, kind, rendered, posted_at FROM cards_before WHERE kind <> 'digest';
DROP TABLE cards_before;
CREATE INDEX cards_ticket ON cards (ticket_id);
