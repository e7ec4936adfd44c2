package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// AddUsage keeps what a job consumed. What further attempts of it consume is
// added.
func (tx *Tx) AddUsage(ctx context.Context, u tmates.Usage) error {
	_, err := tx.exec(ctx, "add usage",
		`INSERT INTO usage (job_id, organisation_id, user_id, tmate_key, provider, model, actions, prompt_tokens, completion_tokens, cost, created_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (job_id) DO UPDATE SET provider = excluded.provider, model = excluded.model, actions = usage.actions + excluded.actions,
		 prompt_tokens = usage.prompt_tokens + excluded.prompt_tokens,
		 completion_tokens = usage.completion_tokens + excluded.completion_tokens, cost = usage.cost + excluded.cost`,
		u.JobID, u.OrganisationID, u.UserID, u.TmateKey, u.Provider, u.Model, u.Actions, u.PromptTokens, u.CompletionTokens, u.Cost, micros(tx.Now))
	return err
}

// Consumed sums what an organisation used from start on and before end.
func (tx *Tx) Consumed(ctx context.Context, organisationID string, start, end time.Time) (c tmates.Consumption, err error) {
	if err := tx.tx.QueryRowContext(ctx, consumedQuery, organisationID, micros(start), micros(end)).Scan(&c.Actions, &c.Tokens); err != nil {
		return c, fmt.Errorf("sum usage: %w", err)
	}
	return c, nil
}

// consumedQuery is answered by the index usage_period alone.
const consumedQuery = `SELECT COALESCE(SUM(actions), 0), COALESCE(SUM(prompt_tokens + completion_tokens), 0)
	FROM usage WHERE organisation_id = ? AND created_at >= ? AND created_at < ?`

// ConsumedBy sums the tokens one tmate of an organisation used from start on, and
// their cost in millionths of the currency.
func (tx *Tx) ConsumedBy(ctx context.Context, organisationID, tmateKey string, start time.Time) (tokens, cost int64, err error) {
	err = tx.tx.QueryRowContext(ctx, consumedByQuery, organisationID, tmateKey, micros(start)).Scan(&tokens, &cost)
	if err != nil {
		return 0, 0, fmt.Errorf("sum usage of tmate: %w", err)
	}
	return tokens, cost, nil
}

// consumedByQuery is answered by the index usage_tmate alone.
const consumedByQuery = `SELECT COALESCE(SUM(prompt_tokens + completion_tokens), 0), COALESCE(SUM(cost), 0)
	FROM usage WHERE organisation_id = ? AND tmate_key = ? AND created_at >= ?`

// usageKeys are the columns to sum by. A day is its number since 1970.
var usageKeys = map[tmates.UsageBy]string{
	tmates.ByTmate: "tmate_key", tmates.ByModel: "model", tmates.ByDay: "created_at / 86400000000",
}

// UsageSums sums what an organisation used from start on, the most tokens first,
// days by date: at most limit sums. With a user only theirs.
func (tx *Tx) UsageSums(ctx context.Context, organisationID, userID string, by tmates.UsageBy, start time.Time, limit int) ([]tmates.UsageSum, error) {
	key, ok := usageKeys[by]
	if !ok {
		return nil, tmates.E(tmates.Invalid, "usage_by", nil, "usage can be summed by tmate, model or day")
	}
	order := "SUM(prompt_tokens + completion_tokens) DESC, 1"
	if by == tmates.ByDay {
		order = "1"
	}
	whose, args := "", []any{organisationID, micros(start)}
	if userID != "" {
		whose, args = " AND user_id = ?", append(args, userID)
	}
	return list(ctx, tx, "sum usage", func(s scanner) (u tmates.UsageSum, err error) {
		var day int64
		into := any(&u.Key)
		if by == tmates.ByDay {
			into = &day
		}
		err = s.Scan(into, &u.Jobs, &u.Actions, &u.PromptTokens, &u.CompletionTokens, &u.Cost)
		if by == tmates.ByDay {
			u.Key = time.Unix(day*86400, 0).UTC().Format(time.DateOnly)
		}
		return u, err
	}, `SELECT `+key+`, COUNT(*), SUM(actions), SUM(prompt_tokens), SUM(completion_tokens), SUM(cost)
	    FROM usage WHERE organisation_id = ? AND created_at >= ?`+whose+` GROUP BY 1 ORDER BY `+order+` LIMIT ?`, append(args, limit)...)
}
