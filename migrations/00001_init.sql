-- +goose Up

-- Times are microseconds since 1970 in UTC; NULL means never. JSON is TEXT and
-- read in Go. Rows that belong to somebody carry the owner, so that every read
-- can be scoped.

CREATE TABLE sequences (
    name  TEXT   PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO sequences (name, value) VALUES ('message', 0), ('job', 0);

CREATE TABLE users (
    id              TEXT   PRIMARY KEY,
    email           TEXT   NOT NULL UNIQUE,
    password_hash   TEXT   NOT NULL DEFAULT '',
    metadata        TEXT   NOT NULL DEFAULT '{}',
    app_metadata    TEXT   NOT NULL DEFAULT '{}',
    confirmed_at    BIGINT,
    last_sign_in_at BIGINT,
    banned_until    BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE TABLE identities (
    id              TEXT   PRIMARY KEY,
    user_id         TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider        TEXT   NOT NULL,
    email           TEXT   NOT NULL,
    last_sign_in_at BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (user_id, provider)
);

CREATE TABLE sessions (
    id           TEXT   PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_key  TEXT   NOT NULL,
    counter      BIGINT NOT NULL,
    superseded   TEXT   NOT NULL DEFAULT '[]',
    methods      TEXT   NOT NULL DEFAULT '[]',
    user_agent   TEXT   NOT NULL DEFAULT '',
    ip           TEXT   NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    refreshed_at BIGINT NOT NULL,
    not_after    BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, created_at, id);

CREATE TABLE codes (
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    nonce      TEXT    NOT NULL,
    guesses    INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    PRIMARY KEY (user_id, purpose)
);
CREATE INDEX codes_expiry ON codes (expires_at);

CREATE TABLE audit (
    id         TEXT   PRIMARY KEY,
    at         BIGINT NOT NULL,
    event      TEXT   NOT NULL,
    user_id    TEXT   NOT NULL DEFAULT '',
    session_id TEXT   NOT NULL DEFAULT '',
    ip         TEXT   NOT NULL DEFAULT '',
    user_agent TEXT   NOT NULL DEFAULT '',
    detail     TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX audit_user ON audit (user_id, event, at);
CREATE INDEX audit_time ON audit (at);
CREATE INDEX audit_event ON audit (event, at);

CREATE TABLE organisations (
    id         TEXT   PRIMARY KEY,
    name       TEXT   NOT NULL,
    type       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    organisation_id TEXT   NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id         TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role            TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, user_id)
);
CREATE INDEX members_user ON members (user_id, created_at, organisation_id);
CREATE INDEX members_joined ON members (organisation_id, created_at, user_id);

CREATE TABLE profiles (
    user_id    TEXT   PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    avatar_url TEXT   NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL
);

CREATE TABLE settings (
    user_id    TEXT   PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    data       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE hires (
    organisation_id TEXT    NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    tmate_key       TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    description     TEXT    NOT NULL DEFAULT '',
    active          BOOLEAN NOT NULL,
    hired_at        BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    PRIMARY KEY (organisation_id, tmate_key)
);

CREATE TABLE threads (
    id                TEXT   PRIMARY KEY,
    organisation_id   TEXT   NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id           TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    slug              TEXT   NOT NULL,
    title             TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    tmate_keys        TEXT   NOT NULL DEFAULT '[]',
    active_session_id TEXT   NOT NULL DEFAULT '',
    metadata          TEXT   NOT NULL DEFAULT '{}',
    last_message      TEXT   NOT NULL DEFAULT '',
    last_seq          BIGINT NOT NULL DEFAULT 0,
    last_activity     BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    UNIQUE (organisation_id, slug, user_id)
);
CREATE INDEX threads_user ON threads (user_id, organisation_id, last_activity DESC, last_seq DESC, id);

-- Clustered by thread: reading the newest messages of a thread touches
-- neighbouring pages only. job_id is set on the one visible outcome of a job.
CREATE TABLE messages (
    thread_id       TEXT   NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    seq             BIGINT NOT NULL,
    id              TEXT   NOT NULL UNIQUE,
    organisation_id TEXT   NOT NULL,
    user_id         TEXT   NOT NULL,
    session_id      TEXT   NOT NULL DEFAULT '',
    job_id          TEXT   UNIQUE,
    role            TEXT   NOT NULL,
    author          TEXT   NOT NULL DEFAULT '',
    content         TEXT   NOT NULL,
    payload         TEXT   NOT NULL DEFAULT '{}',
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (thread_id, seq)
) WITHOUT ROWID;

CREATE TABLE jobs (
    id              TEXT             PRIMARY KEY,
    seq             BIGINT           NOT NULL UNIQUE,
    user_id         TEXT             NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organisation_id TEXT             NOT NULL,
    thread_id       TEXT             NOT NULL DEFAULT '',
    tmate_key       TEXT             NOT NULL,
    lane            TEXT             NOT NULL,
    state           TEXT             NOT NULL,
    progress        DOUBLE PRECISION NOT NULL DEFAULT -1,
    payload         TEXT             NOT NULL DEFAULT '{}',
    metadata        TEXT             NOT NULL DEFAULT '{}',
    result          TEXT             NOT NULL DEFAULT '',
    failure         TEXT             NOT NULL DEFAULT '',
    attempt         INTEGER          NOT NULL DEFAULT 0,
    lease           TEXT             NOT NULL DEFAULT '',
    run_at          BIGINT           NOT NULL,
    created_at      BIGINT           NOT NULL,
    updated_at      BIGINT           NOT NULL,
    started_at      BIGINT,
    finished_at     BIGINT
);
CREATE INDEX jobs_user ON jobs (user_id, seq);

CREATE TABLE memories (
    id         TEXT   PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    thread_id  TEXT   NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    tmate_key  TEXT   NOT NULL,
    session_id TEXT   NOT NULL,
    content    TEXT   NOT NULL,
    source_id  TEXT   NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX memories_session ON memories (user_id, session_id, tmate_key, created_at);

CREATE TABLE usage (
    job_id            TEXT   PRIMARY KEY,
    organisation_id   TEXT   NOT NULL,
    user_id           TEXT   NOT NULL,
    tmate_key         TEXT   NOT NULL,
    model             TEXT   NOT NULL DEFAULT '',
    actions           BIGINT NOT NULL,
    prompt_tokens     BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    created_at        BIGINT NOT NULL
);
CREATE INDEX usage_organisation ON usage (organisation_id, created_at);

CREATE TABLE posts (
    id              TEXT   PRIMARY KEY,
    organisation_id TEXT   NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id         TEXT   NOT NULL,
    slug            TEXT   NOT NULL,
    title           TEXT   NOT NULL,
    excerpt         TEXT   NOT NULL DEFAULT '',
    content         TEXT   NOT NULL DEFAULT '',
    tmate_key       TEXT   NOT NULL DEFAULT '',
    cover_url       TEXT   NOT NULL DEFAULT '',
    priority        TEXT   NOT NULL DEFAULT 'normal',
    attachments     TEXT   NOT NULL DEFAULT '[]',
    sources         TEXT   NOT NULL DEFAULT '[]',
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (organisation_id, slug)
);
CREATE INDEX posts_newest ON posts (organisation_id, created_at DESC, id);

