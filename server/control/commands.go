package control

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// User is an account as the commands show it.
type User struct {
	ID        string      `json:"id"`
	Email     string      `json:"email"`
	Name      string      `json:"name"`
	Role      tmates.Role `json:"role"`
	Workspace string      `json:"workspace"` // the name of the organisation
	Own       bool        `json:"own_workspace"`
	CreatedAt time.Time   `json:"created_at"`
	LastLogin *time.Time  `json:"last_login"`
}

// AddUser is the input of "user.add".
type AddUser struct {
	Email    string      `json:"email"`
	Name     string      `json:"name"`
	Role     tmates.Role `json:"role"`          // empty: owner for the first account, member for later ones
	Password string      `json:"password"`      // empty: the account logs in with codes only
	Own      bool        `json:"own_workspace"` // an organisation of its own instead of a place in the instance's
}

// UserRole is the input of "user.role".
type UserRole struct {
	Email string      `json:"email"`
	Role  tmates.Role `json:"role"`
}

// Email is the input of "user.code", "user.login" and "user.remove", and the
// last one's answer.
type Email struct {
	Email string `json:"email"`
}

// Ban is the input of "user.ban" and its answer.
type Ban struct {
	Email string `json:"email"`
	For   string `json:"for"` // a duration as in "24h"; "none" ends it
}

// Link is the answer of "user.claim-link", whose input is [Email]: an empty one
// asks for the link that makes the first account.
type Link struct {
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

// Code is the answer of "user.code".
type Code struct {
	Email   string    `json:"email"`
	Code    string    `json:"code"`
	Expires time.Time `json:"expires"`
}

// Login is the answer of "user.login".
type Login struct {
	UserID string `json:"user_id"`
	Token  string `json:"token"` // access token
}

// NewPassword is the input of "user.password"; the answer is [Email].
type NewPassword struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// Session is a login that lives, as the commands show it.
type Session struct {
	ID        string    `json:"id"`
	Device    string    `json:"device"` // what the client said it is
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"` // the last time its tokens were renewed
}

// EndSessions is the input of "user.logout".
type EndSessions struct {
	Email   string `json:"email"`
	Session string `json:"session"` // empty: all
}

// Ended is the answer of "user.logout".
type Ended struct {
	Email string `json:"email"`
	Ended int    `json:"ended"` // how many logins that were
}

// Job is a job as the commands show it.
type Job struct {
	ID       string         `json:"id"`
	Tmate    string         `json:"tmate"`
	User     string         `json:"user"`
	Thread   string         `json:"thread,omitempty"`
	State    string         `json:"state"`
	Attempt  int            `json:"attempt"`
	Created  time.Time      `json:"created"`
	Started  *time.Time     `json:"started,omitempty"`
	Finished *time.Time     `json:"finished,omitempty"`
	NextTry  *time.Time     `json:"next_try,omitempty"`
	LastErr  string         `json:"last_error,omitempty"`
	Payload  map[string]any `json:"payload,omitempty"`
	Result   map[string]any `json:"result,omitempty"`
}

// Page is the input of "job.list".
type Page struct {
	Limit int `json:"limit"`
}

// Tmate is a tmate as the commands show it.
type Tmate struct {
	Key         string   `json:"key"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Hired       bool     `json:"hired"`
	MissingEnv  []string `json:"missing_env,omitempty"`
}

// Hire is the input of "tmate.hire" and "tmate.dismiss". The organisation is the
// instance's.
type Hire struct {
	Key string `json:"key"` // or name
}

// Tmates is the answer of "tmate.list".
type Tmates struct {
	Tmates   []Tmate  `json:"tmates"`
	Problems []string `json:"problems"` // folders that cannot be loaded, with file and line
}

// Offer is a tmate of the catalog as the commands show it.
type Offer struct {
	Key         string `json:"key"`
	Version     string `json:"version"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Status      string `json:"status"`
	Hired       bool   `json:"hired"`
	Hidden      bool   `json:"hidden"` // a local tmate has its key, or the configuration leaves it out
}

// Catalog is the answer of "catalog.list".
type Catalog struct {
	Tmates   []Offer  `json:"tmates"`
	Problems []string `json:"problems"`
}

// Synced is the answer of "catalog.sync": how many tmates changed, and what is
// wrong with single entries.
type Synced struct {
	Added     int      `json:"added"`
	Updated   int      `json:"updated"`
	Removed   int      `json:"removed"`
	Unchanged int      `json:"unchanged"`
	Errors    []string `json:"errors"`
}

// UsageQuery is the input of "usage".
type UsageQuery struct {
	By   string `json:"by"` // "tmate", "model" or "day"
	Days int    `json:"days"`
}

// Usage is its answer.
type Usage struct {
	Since    string     `json:"since"`    // a day, as 2006-01-02
	Currency string     `json:"currency"` // empty: no model has a price
	Items    []UsageSum `json:"items"`
}

// UsageSum is what was used together.
type UsageSum struct {
	Key              string  `json:"key"`
	Jobs             int64   `json:"jobs"`
	PromptTokens     int64   `json:"prompt_tokens"`
	CompletionTokens int64   `json:"completion_tokens"`
	Cost             float64 `json:"cost"`
}

// ID is the input of "job.show", "job.cancel" and "job.retry".
type ID struct {
	ID string `json:"id"`
}

type accounts interface {
	AddUser(ctx context.Context, in AddUser) (User, error)
	Users(ctx context.Context) ([]User, error)
	SetRole(ctx context.Context, in UserRole) (User, error)
	Code(ctx context.Context, email string) (Code, error)
	ClaimLink(ctx context.Context, email string) (Link, error)
	Login(ctx context.Context, email string) (Login, error)
	RemoveUser(ctx context.Context, email string) (Email, error)
	BanUser(ctx context.Context, in Ban) (Ban, error)
	SetPassword(ctx context.Context, in NewPassword) (Email, error)
	Sessions(ctx context.Context, email string) ([]Session, error)
	EndSessions(ctx context.Context, in EndSessions) (Ended, error)
}

type crew interface {
	Tmates(ctx context.Context) (Tmates, error)
	Hire(ctx context.Context, nameOrKey string) (Tmate, error)
	Dismiss(ctx context.Context, nameOrKey string) (Tmate, error)
	Catalog(ctx context.Context) (Catalog, error)
	SyncCatalog(ctx context.Context) (Synced, error)
	Usage(ctx context.Context, in UsageQuery) (Usage, error)
}

type jobs interface {
	AllJobs(ctx context.Context, limit int) ([]tmates.Job, error)
	AnyJob(ctx context.Context, id string) (tmates.Job, error)
	CancelJob(ctx context.Context, userID, id string) (tmates.Job, error)
	RetryAnyJob(ctx context.Context, id string) (tmates.Job, error)
}

// Commands answers the operator.
type Commands struct{ table map[string]command }

// New returns the commands over the use-cases behind them.
func New(a accounts, c crew, j jobs, s services) *Commands {
	table := map[string]command{
		"user.add":        decoded(a.AddUser),
		"user.list":       decoded(func(ctx context.Context, _ struct{}) ([]User, error) { return a.Users(ctx) }),
		"user.role":       decoded(a.SetRole),
		"user.code":       decoded(func(ctx context.Context, in Email) (Code, error) { return a.Code(ctx, in.Email) }),
		"user.claim-link": decoded(func(ctx context.Context, in Email) (Link, error) { return a.ClaimLink(ctx, in.Email) }),
		"user.login":      decoded(func(ctx context.Context, in Email) (Login, error) { return a.Login(ctx, in.Email) }),
		"user.remove":     decoded(func(ctx context.Context, in Email) (Email, error) { return a.RemoveUser(ctx, in.Email) }),
		"user.ban":        decoded(a.BanUser),
		"user.password":   decoded(a.SetPassword),
		"user.sessions":   decoded(func(ctx context.Context, in Email) ([]Session, error) { return a.Sessions(ctx, in.Email) }),
		"user.logout":     decoded(a.EndSessions),
		"tmate.list":      decoded(func(ctx context.Context, _ struct{}) (Tmates, error) { return c.Tmates(ctx) }),
		"tmate.hire":      decoded(func(ctx context.Context, in Hire) (Tmate, error) { return c.Hire(ctx, in.Key) }),
		"tmate.dismiss":   decoded(func(ctx context.Context, in Hire) (Tmate, error) { return c.Dismiss(ctx, in.Key) }),
		"catalog.list":    decoded(func(ctx context.Context, _ struct{}) (Catalog, error) { return c.Catalog(ctx) }),
		"catalog.sync":    decoded(func(ctx context.Context, _ struct{}) (Synced, error) { return c.SyncCatalog(ctx) }),
		"usage":           decoded(c.Usage),
		"job.list": decoded(func(ctx context.Context, in Page) ([]Job, error) {
			list, err := j.AllJobs(ctx, in.Limit)
			out := make([]Job, len(list))
			for i, job := range list {
				out[i] = summary(job)
			}
			return out, err
		}),
		"job.show": decoded(func(ctx context.Context, in ID) (Job, error) {
			job, err := j.AnyJob(ctx, in.ID)
			return detail(job), err
		}),
		"job.cancel": decoded(func(ctx context.Context, in ID) (Job, error) {
			job, err := j.AnyJob(ctx, in.ID)
			if err == nil {
				job, err = j.CancelJob(ctx, job.UserID, job.ID)
			}
			return summary(job), err
		}),
		"job.retry": decoded(func(ctx context.Context, in ID) (Job, error) {
			job, err := j.RetryAnyJob(ctx, in.ID)
			return summary(job), err
		}),
	}
	maps.Copy(table, providerCommands(s))
	return &Commands{table: table}
}

// decoded makes a command of a typed function.
func decoded[In, Out any](fn func(context.Context, In) (Out, error)) command {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, tmates.E(tmates.Invalid, "command_malformed", err, "The command is malformed")
		}
		return fn(ctx, in)
	}
}

func summary(j tmates.Job) Job {
	out := Job{
		ID: j.ID, Tmate: j.TmateKey, User: j.UserID, Thread: j.ThreadID, State: string(j.State), Attempt: j.Attempt, Created: j.CreatedAt,
		Started: when(j.StartedAt), Finished: when(j.FinishedAt),
	}
	out.LastErr, _ = j.Metadata["last_transient_error"].(string)
	if msg, ok := j.Failure["message"].(string); ok {
		out.LastErr = msg
	}
	if parked, ok := j.Metadata["parked"].(map[string]any); ok && j.State == tmates.JobParked {
		out.LastErr, _ = parked["reason"].(string)
	}
	if j.State == tmates.JobRetrying || j.State == tmates.JobParked {
		out.NextTry = when(j.RunAt)
	}
	return out
}

func detail(j tmates.Job) Job {
	out := summary(j)
	out.Payload, out.Result = j.Payload, j.Result
	return out
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
