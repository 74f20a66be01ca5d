-- +goose Up

-- One row: how often the lead was taken. Each transaction of the leader's work
-- holds it, so that one that slept while another took over writes nothing.
-- SQLite has one process, and no row.
CREATE TABLE leader (
    id       INTEGER     NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch    BIGINT      NOT NULL CHECK (epoch > 0),
    taken_at TIMESTAMPTZ NOT NULL
);

-- One row, apart from the other, which is held most of the time: when the
-- leader last showed that it lives.
CREATE TABLE leader_beat (
    id    INTEGER     NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT      NOT NULL,
    at    TIMESTAMPTZ NOT NULL
);

-- +goose Down

DROP TABLE leader_beat;
DROP TABLE leader;
