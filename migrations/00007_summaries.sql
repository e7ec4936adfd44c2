-- +goose Up

-- What stands for the older part of a conversation once no model's window holds
-- it. A newer one takes the place of those before it; the messages stay. A
-- partial one does not reach back to the first message.
CREATE TABLE summaries (
    thread_id   TEXT    NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    tmate_key   TEXT    NOT NULL,
    session_id  TEXT    NOT NULL,
    through_seq BIGINT  NOT NULL,
    partial     BOOLEAN NOT NULL,
    user_id     TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (thread_id, tmate_key, session_id, through_seq)
);
