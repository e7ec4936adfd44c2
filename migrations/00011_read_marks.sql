-- +goose Up

-- How far a person has read a thread. What was said before there were marks
-- counts as read.
ALTER TABLE threads ADD COLUMN read_seq BIGINT NOT NULL DEFAULT 0;
UPDATE threads SET read_seq = last_seq;

-- What counts as unread. The index holds that and nothing else, so that counting
-- reads no text, and what people say themselves costs it nothing.
ALTER TABLE messages ADD COLUMN news BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX messages_news ON messages (user_id, thread_id, seq) WHERE news;

-- The name a client gave its message. Who sends one again, because the answer
-- was lost on the way, gets what is there already.
ALTER TABLE messages ADD COLUMN client_id TEXT;
CREATE UNIQUE INDEX messages_client ON messages (thread_id, client_id) WHERE client_id IS NOT NULL;
