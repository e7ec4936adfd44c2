-- +goose Up

-- When the operator invited somebody, and a way to a thread's memories: they go
-- with it when an account is deleted.
ALTER TABLE users ADD COLUMN invited_at BIGINT;
CREATE INDEX memories_thread ON memories (thread_id);
