-- +goose Up

-- Memories are numbered in the order they came, server-wide, so that a list can
-- be paged and the index of their words can name them.
ALTER TABLE memories ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE memories SET seq = rowid;
INSERT INTO sequences (name, value) SELECT 'memory', COALESCE(MAX(seq), 0) FROM memories;
CREATE UNIQUE INDEX memories_seq ON memories (seq);
DROP INDEX memories_session;
CREATE INDEX memories_session ON memories (user_id, session_id, tmate_key, seq);
CREATE INDEX memories_tmate ON memories (user_id, tmate_key, seq);

-- The words of memories. It holds no second copy of the texts; owner is one word
-- made of the user and the tmate, so that a search reads nobody else's part.
CREATE VIRTUAL TABLE memory_words USING fts5 (
    owner, content, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO memory_words (rowid, owner, content)
    SELECT seq, lower(hex(user_id)) || 'x' || lower(hex(tmate_key)), content FROM memories;

-- What an organisation lets a tmate do, beside what its manifest asks for.
-- allowed is NULL for everything; a tmate without a row may do all its manifest
-- names.
CREATE TABLE permissions (
    organisation_id TEXT   NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    tmate_key       TEXT   NOT NULL,
    allowed         TEXT,
    denied          TEXT   NOT NULL DEFAULT '[]',
    member_risk     TEXT   NOT NULL DEFAULT 'spend',
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, tmate_key)
);
