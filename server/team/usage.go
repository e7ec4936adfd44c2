package team

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Spending says what models cost and how much of them a tmate may use. The zero
// value counts tokens, knows no prices and sets no limit.
type Spending struct {
	Rates        tmates.Rates
	Currency     string  // of Rates, as people write it: "USD"
	TokensPerDay int64   // of one tmate in one organisation; 0: no limit
	CostPerDay   float64 // the same, in Currency
}

// MaxUsageDays is how far back usage is summed.
const MaxUsageDays = 366

// maxUsageSums bounds the answer: a year of days, or as many tmates and models.
const maxUsageSums = MaxUsageDays

// Usage is what an organisation, or one person of it, used.
type Usage struct {
	By       tmates.UsageBy
	Since    time.Time // midnight of the first day, UTC
	Currency string    // empty: nothing has a price
	Own      bool      // the caller's alone: others' is for owners and admins
	Sums     []tmates.UsageSum
}

// ReadUsage sums what the caller's organisation used in the last days, today
// included; for a member only what they used themselves. days is 1 to
// MaxUsageDays.
func (t *Team) ReadUsage(ctx context.Context, userID string, by tmates.UsageBy, days int) (u Usage, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return u, err
	}
	whose := ""
	if !c.Role.Leads() {
		whose = userID
	}
	u = Usage{By: by, Own: whose != "", Currency: t.spending.Currency}
	if len(t.spending.Rates) == 0 {
		u.Currency = ""
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u.Since = midnight(tx.Now).AddDate(0, 0, 1-days)
		u.Sums, err = tx.UsageSums(ctx, c.Organisation.ID, whose, by, u.Since, maxUsageSums)
		return err
	})
	return u, err
}

// midnight is when the day of UTC began in which a time lies.
func midnight(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// mayAsk parks a job whose tmate has used up its day, before a model is asked.
// The turn that crosses a limit is finished: what it uses is known only
// afterwards.
func (t *Team) mayAsk(ctx context.Context, tx *store.Tx, j tmates.Job, tm *agents.Tmate) error {
	mostTokens := agents.LowerLimit(t.spending.TokensPerDay, tm.Limits.TokensPerDay)
	mostCost := agents.LowerLimit(t.spending.CostPerDay, tm.Limits.CostPerDay)
	if mostTokens == 0 && mostCost == 0 || !t.runner.Asks(tm) {
		return nil
	}
	today := midnight(tx.Now)
	tokens, cost, err := tx.ConsumedBy(ctx, j.OrganisationID, j.TmateKey, today)
	if err != nil {
		return err
	}
	var limit string
	switch {
	case mostTokens > 0 && tokens >= mostTokens:
		limit = fmt.Sprintf("%d tokens", mostTokens)
	case mostCost > 0 && float64(cost) >= mostCost*1e6:
		limit = fmt.Sprintf("%g %s", mostCost, t.spending.Currency)
	default:
		return nil
	}
	until := today.AddDate(0, 0, 1)
	return queue.Park{Until: until, Err: tmates.E(tmates.QuotaSpent, "tmate_day", nil,
		"%s has used the %s it may have in a day, and goes on with this on %s (UTC)", tm.Name, limit, until.Format("Jan 2 at 15:04"))}
}

// spend keeps what an attempt consumed that did not end in a reply: a model is
// paid for what it said, not for what became of it.
func (t *Team) spend(ctx context.Context, j tmates.Job, u agents.Usage) error {
	if u.PromptTokens == 0 && u.CompletionTokens == 0 {
		return nil
	}
	return t.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		return tx.AddUsage(ctx, t.usageOf(j, u))
	})
}

// usageOf prices what an attempt of a job consumed.
func (t *Team) usageOf(j tmates.Job, u agents.Usage) tmates.Usage {
	return tmates.Usage{
		JobID: j.ID, OrganisationID: j.OrganisationID, UserID: j.UserID, TmateKey: j.TmateKey, Provider: u.Provider, Model: u.Model,
		PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens, Cost: t.spending.Rates.Cost(u.Model, u.PromptTokens, u.CompletionTokens),
	}
}

// usageBody is the usage of a job as its result and its reply show it.
func usageBody(u tmates.Usage, estimated bool, currency string) map[string]any {
	body := map[string]any{"model": u.Model, "provider": u.Provider, "prompt_tokens": u.PromptTokens, "completion_tokens": u.CompletionTokens}
	if u.Cost > 0 {
		body["cost"], body["currency"] = float64(u.Cost)/1e6, currency
	}
	if estimated { // the service did not count
		body["estimated"] = true
	}
	return body
}

// Park puts a job aside because a limit is spent. Its thread is told once for a
// tmate and a day; the indicator ends each time.
func (t *Team) Park(ctx context.Context, j tmates.Job, until time.Time, cause error) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, _ := j.Metadata["parked"].(map[string]any)
		told := text(before, "until") == tmates.OffsetTime(until)
		if !told && j.ThreadID != "" {
			n, err := tx.CountParkedJobs(ctx, j.UserID, j.ThreadID, j.TmateKey, until)
			if err != nil {
				return err
			}
			told = n > 0
		}
		j.Metadata["parked"] = map[string]any{"reason": sentence(cause), "until": tmates.OffsetTime(until)}
		held, err := tx.ParkJob(ctx, j.ID, j.Lease, until, j.Metadata)
		if err != nil || !held || j.ThreadID == "" {
			return err
		}
		th, err := tx.Thread(ctx, j.UserID, j.ThreadID)
		if errors.Is(err, store.ErrNoThread) { // nobody to tell any more
			return nil
		}
		if err != nil {
			return err
		}
		if !told {
			_, err := t.say(ctx, tx, th, tmates.Message{
				SessionID: tmates.CanonicalSession(text(j.Metadata, "session_id")), Role: tmates.MessageSystem,
				Content: sentence(cause) + " Whoever runs the server can raise the limit.",
				Payload: map[string]any{"event": "agent_parked", "agent_key": j.TmateKey, "job_id": j.ID, "until": tmates.OffsetTime(until)},
			})
			if err != nil {
				return err
			}
		}
		return completed(ctx, tx, j)
	})
}
