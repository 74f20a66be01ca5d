-- +goose Up

-- A report may hold several files: the first is a part of its row, the others
-- have rows here.
ALTER TABLE reports ADD COLUMN files BIGINT NOT NULL DEFAULT 1 CHECK (files > 0);
ALTER TABLE reports ADD COLUMN reason_file BIGINT NOT NULL DEFAULT 0; -- which of several the reason is about; 0: all
CREATE TABLE report_files (
    report_id     BIGINT  NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    position      BIGINT  NOT NULL CHECK (position > 1),
    file_id       TEXT    NOT NULL,
    unique_id     TEXT    NOT NULL,
    size          BIGINT  NOT NULL CHECK (size >= 0),
    unchecked     BOOLEAN NOT NULL,
    no_text       BOOLEAN NOT NULL,
    found_vin     TEXT    NOT NULL,
    sha256        TEXT    NOT NULL,
    blob_key      TEXT    NOT NULL,
    owner_message BIGINT  NOT NULL,
    PRIMARY KEY (report_id, position)
);

-- Files that managers sent together: the items of an album, or what followed a
-- /done without a file. They are held until no more come.
CREATE TABLE parcels (
    id            INTEGER   PRIMARY KEY AUTOINCREMENT,
    chat_id       BIGINT    NOT NULL,
    sender_id     BIGINT    NOT NULL, -- who sent the files; a chat's where it hides them
    album         TEXT      NOT NULL, -- Telegram's, empty for none
    claim         BOOLEAN   NOT NULL, -- a /done that waits for its files
    ticket_id     BIGINT    NOT NULL, -- 0 while nothing says which
    by_id         BIGINT    NOT NULL, -- who said which ticket it is for
    by_name       TEXT      NOT NULL,
    asked_chat    BIGINT    NOT NULL, -- … in this message, which answers reply to
    asked_topic   BIGINT    NOT NULL,
    asked_message BIGINT    NOT NULL,
    touched_at    TIMESTAMP NOT NULL, -- when the last was added to it
    closed_at     TIMESTAMP
);
CREATE INDEX parcels_album ON parcels (chat_id, album, id) WHERE album <> '';
CREATE INDEX parcels_sender ON parcels (chat_id, sender_id, touched_at);
CREATE INDEX parcels_ticket ON parcels (ticket_id) WHERE ticket_id <> 0;
CREATE INDEX parcels_touched ON parcels (touched_at);

CREATE TABLE parcel_files (
    chat_id    BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    topic_id   BIGINT NOT NULL,
    parcel_id  BIGINT NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    file_id    TEXT   NOT NULL,
    unique_id  TEXT   NOT NULL,
    size       BIGINT NOT NULL CHECK (size >= 0),
    fault      TEXT   NOT NULL, -- why it will not do, as far as Telegram tells; a code
    PRIMARY KEY (chat_id, message_id)
);
CREATE INDEX parcel_files_parcel ON parcel_files (parcel_id);

-- Who rejected a ticket, as the group may name them.
ALTER TABLE tickets ADD COLUMN rejected_by TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE tickets DROP COLUMN rejected_by;
DROP TABLE parcel_files;
DROP TABLE parcels;
DROP TABLE report_files;
ALTER TABLE reports DROP COLUMN reason_file;
ALTER TABLE reports DROP COLUMN files;
