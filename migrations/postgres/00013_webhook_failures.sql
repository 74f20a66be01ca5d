-- +goose Up

-- When a delivery failed last: what fails long after that is another trouble.
ALTER TABLE webhooks ADD COLUMN failed_at TIMESTAMPTZ;

-- +goose Down

ALTER TABLE webhooks DROP COLUMN failed_at;
