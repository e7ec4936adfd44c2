-- +goose Up

-- The index of people's files. The files themselves lie on the disk, which
-- decides what exists: the index is brought in line with it at every start.
-- job_id names the job whose tmate wrote the file.
CREATE TABLE files (
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    path        TEXT   NOT NULL,
    name        TEXT   NOT NULL DEFAULT '',
    media_type  TEXT   NOT NULL DEFAULT '',
    size        BIGINT NOT NULL,
    job_id      TEXT   NOT NULL DEFAULT '',
    modified_at BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, path)
);
-- Newest first without sorting; with the size in it, totals read nothing else.
CREATE INDEX files_newest ON files (user_id, modified_at DESC, path, size);
CREATE INDEX files_job ON files (user_id, job_id, path);
