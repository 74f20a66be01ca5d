-- +goose Up

-- Of a deal that people moved to another pipeline the stage stays as they set it.
ALTER TABLE crm_deals ADD COLUMN elsewhere BOOLEAN NOT NULL DEFAULT FALSE;
-- When somebody was told last that there are such.
ALTER TABLE crm_state ADD COLUMN elsewhere_at TIMESTAMP;

-- +goose Down
ALTER TABLE crm_state DROP COLUMN elsewhere_at;
ALTER TABLE crm_deals DROP COLUMN elsewhere;
