-- +goose Up

-- Who answered, and what it cost at the rates of that time, in millionths of the
-- currency.
ALTER TABLE usage ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE usage ADD COLUMN cost BIGINT NOT NULL DEFAULT 0;
-- A tmate's day is summed before its turn, so that must not touch the rows.
CREATE INDEX usage_tmate ON usage (organisation_id, tmate_key, created_at, prompt_tokens, completion_tokens, cost);
