-- +goose Up

-- What an organisation subscribed to. Which plans there are is written in the
-- program; a provider of payments, when there is one, fills the columns behind
-- billing_interval. An organisation from before has no row until it is asked
-- for.
CREATE TABLE subscriptions (
    organisation_id      TEXT    PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    plan_key             TEXT    NOT NULL,
    status               TEXT    NOT NULL,
    billing_interval     TEXT    NOT NULL,
    provider             TEXT    NOT NULL DEFAULT '',
    customer_id          TEXT    NOT NULL DEFAULT '',
    subscription_id      TEXT    NOT NULL DEFAULT '',
    period_start         BIGINT,
    period_end           BIGINT,
    trial_end            BIGINT,
    cancel_at_period_end BOOLEAN NOT NULL DEFAULT FALSE,
    cancel_at            BIGINT,
    canceled_at          BIGINT,
    ended_at             BIGINT,
    created_at           BIGINT  NOT NULL,
    updated_at           BIGINT  NOT NULL
);

-- The organisation of a person who has one of their own; new accounts never
-- join it.
ALTER TABLE organisations ADD COLUMN own_workspace BOOLEAN NOT NULL DEFAULT FALSE;

-- The sum of a period is read before a turn, so it must not touch the rows.
DROP INDEX usage_organisation;
CREATE INDEX usage_period ON usage (organisation_id, created_at, actions, prompt_tokens, completion_tokens);
