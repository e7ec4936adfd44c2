-- +goose Up

-- Nobody watches a job in the background: what people wait for comes first.
ALTER TABLE jobs ADD COLUMN background BOOLEAN NOT NULL DEFAULT FALSE;

-- What the queue asks for. These indexes hold the jobs that are not final and
-- nothing else, so that years of history cost neither a look nor a change.
-- Theirs are the very conditions of the queries.
CREATE INDEX jobs_ready ON jobs (user_id, background, seq) WHERE state = 'queued' AND parent_id = '';
CREATE INDEX jobs_lane ON jobs (lane, seq) WHERE state IN ('queued', 'running', 'retrying');
CREATE INDEX jobs_due ON jobs (run_at) WHERE state IN ('retrying', 'parked');
CREATE INDEX jobs_active ON jobs (user_id, thread_id, seq) WHERE state IN ('queued', 'running', 'retrying', 'parked');
CREATE INDEX jobs_organisation ON jobs (organisation_id, seq) WHERE state IN ('queued', 'running', 'retrying', 'parked');
