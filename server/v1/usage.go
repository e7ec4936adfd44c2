package v1

import (
	"context"
	"net/http"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// spending is what this route needs from the use-cases. It is an addition of this
// edition.
type spending interface {
	ReadUsage(ctx context.Context, userID string, by tmates.UsageBy, days int) (team.Usage, error)
}

type usageReport struct {
	By       tmates.UsageBy `json:"by"`
	Since    *string        `json:"since"`    // midnight of the first day, UTC
	Currency *string        `json:"currency"` // null: no model has a price
	Scope    string         `json:"scope"`    // "organization" or "own"
	Items    []usageSum     `json:"items"`
}

type usageSum struct {
	Key              string   `json:"key"`
	Jobs             int64    `json:"jobs"`
	Actions          int64    `json:"actions"`
	PromptTokens     int64    `json:"prompt_tokens"`
	CompletionTokens int64    `json:"completion_tokens"`
	Cost             *float64 `json:"cost"` // in the currency; null without one
}

func usageReportOf(u team.Usage) usageReport {
	b := usageReport{
		By: u.By, Since: timeOrNull(u.Since), Currency: orNull(u.Currency), Scope: "organization", Items: []usageSum{},
	}
	if u.Own {
		b.Scope = "own"
	}
	for _, s := range u.Sums {
		item := usageSum{Key: s.Key, Jobs: s.Jobs, Actions: s.Actions, PromptTokens: s.PromptTokens, CompletionTokens: s.CompletionTokens}
		if u.Currency != "" {
			cost := float64(s.Cost) / 1e6
			item.Cost = &cost
		}
		b.Items = append(b.Items, item)
	}
	return b
}

// getUsage serves GET /usage.
func getUsage(use spending) func(call) error {
	return func(c call) error {
		days, err := queryWhole(c, "days", team.MaxUsageDays, 30)
		if err != nil {
			return err
		}
		by := tmates.ByTmate
		if asked := c.QueryParam("by"); asked != "" {
			by = tmates.UsageBy(asked)
		}
		if by != tmates.ByTmate && by != tmates.ByModel && by != tmates.ByDay {
			return tmates.E(tmates.Invalid, "usage_by", nil, "by must be tmate, model or day")
		}
		u, err := use.ReadUsage(c.ctx(), c.user, by, days)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, usageReportOf(u))
	}
}
