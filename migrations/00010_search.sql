-- +goose Up

-- The words of what people and tmates said. They are put in later than the
-- messages, some at a time: each thread says up to which seq that is done, 0 for
-- all that were there before. owner holds one word for the person and one for the
-- thread, so that a search reads nobody else's part; thread_id leads to the row.
ALTER TABLE threads ADD COLUMN indexed_seq BIGINT NOT NULL DEFAULT 0;
CREATE VIRTUAL TABLE message_words USING fts5 (
    owner, content, thread_id UNINDEXED,
    content = '', contentless_delete = 1, contentless_unindexed = 1, tokenize = 'unicode61 remove_diacritics 2'
);
-- Segments are merged by whoever puts words in, in small steps.
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 0);

-- Posts are few: their words are put in with them.
ALTER TABLE posts ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE posts SET seq = rowid;
INSERT INTO sequences (name, value) SELECT 'post', COALESCE(MAX(seq), 0) FROM posts;
CREATE UNIQUE INDEX posts_seq ON posts (seq);
CREATE VIRTUAL TABLE post_words USING fts5 (
    owner, title, content, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO post_words (rowid, owner, title, content)
    SELECT seq, 'o' || lower(hex(organisation_id)), title, excerpt || ' ' || content FROM posts;
