-- +goose Up

-- A job that another one waits for, and one whose tmate is still to be chosen.
ALTER TABLE jobs ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN undecided BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX jobs_parent ON jobs (parent_id, seq) WHERE parent_id <> '';
