package v1

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// work is what the jobs need from the use-cases.
type work interface {
	AddJob(ctx context.Context, userID string, n team.NewJob) (tmates.Job, error)
	Jobs(ctx context.Context, userID, before string, limit int) ([]tmates.Job, error)
	Job(ctx context.Context, userID, id string) (tmates.Job, error)
	CancelJob(ctx context.Context, userID, id string) (tmates.Job, error)
	RetryJob(ctx context.Context, userID, id string) (tmates.Job, error)
}

type jobBody struct {
	ID         string          `json:"id"`
	AuthUserID *string         `json:"auth_user_id"`
	AgentKey   string          `json:"agent_key"`
	Status     tmates.JobState `json:"status"`
	Payload    map[string]any  `json:"payload"`
	Metadata   map[string]any  `json:"metadata"`
	Result     map[string]any  `json:"result"`
	Error      map[string]any  `json:"error"`
	Progress   *float64        `json:"progress"`
	CreatedAt  *string         `json:"created_at"`
	UpdatedAt  *string         `json:"updated_at"`
	StartedAt  *string         `json:"started_at"`
	FinishedAt *string         `json:"finished_at"`
}

// jobOf writes a job. The wire knows no "retrying" and no "parked": a job that
// waits for its next attempt is running, as upstream, and one that waits for
// another day is queued.
func jobOf(j tmates.Job) jobBody {
	b := jobBody{
		ID: j.ID, AuthUserID: orNull(j.UserID), AgentKey: j.TmateKey, Status: j.State, Payload: orEmpty(j.Payload), Metadata: orEmpty(j.Metadata),
		Result: j.Result, Error: j.Failure, CreatedAt: timeOrNull(j.CreatedAt), UpdatedAt: timeOrNull(j.UpdatedAt),
		StartedAt: timeOrNull(j.StartedAt), FinishedAt: timeOrNull(j.FinishedAt),
	}
	switch j.State {
	case tmates.JobRetrying:
		b.Status = tmates.JobRunning
	case tmates.JobParked:
		b.Status = tmates.JobQueued
	}
	if j.Progress >= 0 {
		b.Progress = &j.Progress
	}
	return b
}

// listJobs serves GET /jobs.
func listJobs(use work) func(call) error {
	return func(c call) error {
		limit, err := queryLimit(c, 100, 20)
		if err != nil {
			return err
		}
		jobs, err := use.Jobs(c.ctx(), c.user, c.QueryParam("before"), limit)
		if err != nil {
			return err
		}
		out := []jobBody{}
		for _, j := range jobs {
			out = append(out, jobOf(j))
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// addJob serves POST /jobs.
func addJob(use work) func(call) error {
	return func(c call) error {
		n, err := decodeJob(c.body)
		if err != nil {
			return err
		}
		j, err := use.AddJob(c.ctx(), c.user, n)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusAccepted, jobOf(j))
	}
}

// decodeJob validates a new job as leniently as upstream: a task of any kind
// becomes text, a single extra argument becomes a list.
func decodeJob(b body) (n team.NewJob, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return n, k.err()
	}
	n = team.NewJob{
		TmateKey: f.required("agent_key", 1, 0), Task: strings.TrimSpace(asText(f.in["task"])),
		CLIArgs: f.object("cli_args"),
	}
	if _, sent := f.in["env_overrides"]; sent {
		n.EnvOverrides = k.texts(f.at("env_overrides"), f.in["env_overrides"])
	}
	switch extra := f.in["extra_args"].(type) {
	case nil:
	case []any:
		for _, v := range extra {
			n.ExtraArgs = append(n.ExtraArgs, asText(v))
		}
	default:
		n.ExtraArgs = []string{asText(extra)}
	}
	n.Metadata = f.object("metadata")
	return n, k.err()
}

// asText makes a text of any JSON value; null is the empty text.
func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	data, _ := encode(v) // decoded JSON can always be encoded
	return string(data)
}

// getJob serves GET /jobs/:job_id.
func getJob(use work) func(call) error { return oneJob(use, work.Job, http.StatusOK) }

// cancelJob serves POST /jobs/:job_id/cancel.
func cancelJob(use work) func(call) error { return oneJob(use, work.CancelJob, http.StatusAccepted) }

// retryJob serves POST /jobs/:job_id/retry, an addition.
func retryJob(use work) func(call) error { return oneJob(use, work.RetryJob, http.StatusAccepted) }

func oneJob(
	use work, do func(use work, ctx context.Context, userID, id string) (tmates.Job, error), status int,
) func(call) error {
	return func(c call) error {
		id, err := pathValue(c, "job_id")
		if err != nil {
			return err
		}
		j, err := do(use, c.ctx(), c.user, id)
		if err != nil {
			return err
		}
		return writeJSON(c, status, jobOf(j))
	}
}
