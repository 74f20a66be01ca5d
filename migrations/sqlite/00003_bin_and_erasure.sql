-- +goose Up

-- When a ticket's personal data were erased: what is left of it only counts.
ALTER TABLE tickets ADD COLUMN erased_at TIMESTAMP;

-- What is due to be erased, what is in the bin, and whose.
CREATE INDEX tickets_closed ON tickets (closed_at, id) WHERE closed_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX tickets_bin ON tickets (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tickets_bin_owner ON tickets (owner_id) WHERE deleted_at IS NOT NULL;

-- What was set aside keeps what somebody wrote.
CREATE INDEX updates_dead ON updates (handled_at) WHERE state = 'dead';
CREATE INDEX outbox_dead ON outbox (finished_at) WHERE state = 'dead';
CREATE INDEX outbox_dead_ticket ON outbox (ticket_id) WHERE state = 'dead';

-- +goose Down

DROP INDEX outbox_dead_ticket;
DROP INDEX outbox_dead;
DROP INDEX updates_dead;
DROP INDEX tickets_bin_owner;
DROP INDEX tickets_bin;
DROP INDEX tickets_closed;
ALTER TABLE tickets DROP COLUMN erased_at;
