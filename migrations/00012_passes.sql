-- +goose Up

-- What one-time links carry, as a hash. One without a user makes the first
-- account; any other logs its user in.
CREATE TABLE passes (
    hash       TEXT   PRIMARY KEY,
    user_id    TEXT   REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX passes_user ON passes (user_id);
CREATE INDEX passes_expiry ON passes (expires_at);
