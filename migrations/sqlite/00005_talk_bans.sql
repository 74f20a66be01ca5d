-- +goose Up

-- What managers and owners say to each other about a ticket, a message a row.
-- The words stay with Telegram: an answer is copied from where it was written.
-- Only a question that is on its way has its words here.
CREATE TABLE conversations (
    id             INTEGER   PRIMARY KEY AUTOINCREMENT,
    ticket_id      BIGINT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    direction      TEXT      NOT NULL CHECK (direction = 'question' OR direction = 'answer'),
    state          TEXT      NOT NULL CHECK (
        state = 'sending' OR state = 'sent' OR state = 'undelivered' OR state = 'dropped'),
    author_id      BIGINT    NOT NULL,
    source_chat    BIGINT    NOT NULL, -- the message that it was written in
    source_topic   BIGINT    NOT NULL,
    source_message BIGINT    NOT NULL,
    album          TEXT      NOT NULL, -- Telegram's, empty for none
    question_id    BIGINT    NOT NULL, -- what an answer answers; 0 for a question
    owner_message  BIGINT    NOT NULL, -- a question in the owner's chat, once it is there
    reason         TEXT      NOT NULL, -- why it did not arrive: a code
    body           TEXT      NOT NULL, -- of a question on its way, else empty
    said_at        TIMESTAMP NOT NULL,
    sent_at        TIMESTAMP,
    answered_at    TIMESTAMP, -- a question's newest answer
    request_id     TEXT      NOT NULL,
    CHECK (body = '' OR state = 'sending' OR state = 'undelivered')
);
CREATE INDEX conversations_ticket ON conversations (ticket_id, id);
CREATE INDEX conversations_source ON conversations (source_chat, source_message);
CREATE INDEX conversations_album ON conversations (album, author_id) WHERE album <> '';
CREATE INDEX conversations_question ON conversations (question_id, id) WHERE question_id <> 0;

-- Where copies of an owner's answers stand in the groups.
CREATE TABLE copies (
    chat_id         BIGINT NOT NULL,
    message_id      BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    PRIMARY KEY (chat_id, message_id)
);
CREATE INDEX copies_conversation ON copies (conversation_id);

-- Who may not use the bot. A ban outlives the erasure of a person: it knows
-- them by a keyed hash of their id.
CREATE TABLE bans (
    person    TEXT      NOT NULL PRIMARY KEY, -- HMAC-SHA-256 of the id, in hex
    reason    TEXT      NOT NULL, -- the admin's words, erased with the person
    by_id     BIGINT    NOT NULL,
    told      BOOLEAN   NOT NULL DEFAULT FALSE,
    banned_at TIMESTAMP NOT NULL
);

-- Keys that the program made for itself.
CREATE TABLE keys (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- People who want to be forgotten, until they are.
CREATE TABLE erasures (
    id           INTEGER   PRIMARY KEY AUTOINCREMENT,
    owner_id     BIGINT    NOT NULL UNIQUE,
    message_id   BIGINT    NOT NULL, -- the question that was answered with yes, in their chat
    language     TEXT      NOT NULL,
    erased       BOOLEAN   NOT NULL DEFAULT FALSE,
    confirmed_at TIMESTAMP NOT NULL,
    request_id   TEXT      NOT NULL
);

-- What an erasure looks for.
CREATE INDEX outbox_chat ON outbox (chat_id) WHERE chat_id > 0;

-- +goose Down

DROP INDEX outbox_chat;
DROP TABLE erasures;
DROP TABLE keys;
DROP TABLE bans;
DROP TABLE copies;
DROP TABLE conversations;
