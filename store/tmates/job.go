package tmates

import "time"

// JobState is where a job stands. The chart is drawn in the queue's package
// comment.
type JobState string

// The states of a job. Retrying means "waiting for the next attempt"; the wire
// shows it as running, as upstream does. Parked means "not before its time,
// because a limit is spent"; the wire shows it as queued.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobRetrying  JobState = "retrying"
	JobParked    JobState = "parked"
	JobSucceeded JobState = "succeeded"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Final reports whether the state never changes again.
func (s JobState) Final() bool {
	return s == JobSucceeded || s == JobFailed || s == JobCancelled
}

// Job is one piece of background work for one tmate.
type Job struct {
	ID             string
	Seq            int64 // order of creation
	UserID         string
	OrganisationID string
	ThreadID       string // where the result is posted; empty: nowhere
	TmateKey       string
	ParentID       string // the job that waits for this one, and runs it within its own attempt; empty: the queue runs it
	Background     bool   // nobody watches it: work that people wait for comes first
	Undecided      bool   // TmateKey is a guess: the first step of the job is to choose who answers
	State          JobState
	Progress       float64 // 0 to 1; negative when unknown
	Payload        map[string]any
	Metadata       map[string]any
	Result         map[string]any // nil until it succeeded
	Failure        map[string]any // the wire's "error"; nil unless it failed
	Attempt        int            // attempts begun
	Lease          string         // names the running attempt; empty when none
	RunAt          time.Time      // not before
	CreatedAt      time.Time
	UpdatedAt      time.Time
	StartedAt      time.Time
	FinishedAt     time.Time
}

// ReadyJobs tells how many jobs of a user wait for a worker.
type ReadyJobs struct {
	UserID     string
	Background bool
	Jobs       int
}

// Lane is what runs one job at a time and in order: a tmate within a thread.
// Jobs without a thread do not wait for each other, and nobody has to finish
// for the choice of a speaker.
func (j Job) Lane() string {
	switch {
	case j.ThreadID == "":
		return j.ID
	case j.Undecided:
		return j.ThreadID + "/"
	}
	return j.ThreadID + "/" + j.TmateKey
}

// Usage is what one finished job consumed.
type Usage struct {
	JobID            string
	OrganisationID   string
	UserID           string
	TmateKey         string
	Provider         string // name of the provider that answered; empty: rules did
	Model            string
	Actions          int64
	PromptTokens     int64
	CompletionTokens int64
	Cost             int64 // millionths of the rate sheet's currency
	CreatedAt        time.Time
}

// UsageBy says what usage is summed by.
type UsageBy string

// What UsageBy may be.
const (
	ByTmate UsageBy = "tmate"
	ByModel UsageBy = "model"
	ByDay   UsageBy = "day" // of UTC
)

// UsageSum is what jobs consumed together.
type UsageSum struct {
	Key              string // what is summed by: a tmate's key, a model, or a day as 2006-01-02
	Jobs             int64
	Actions          int64
	PromptTokens     int64
	CompletionTokens int64
	Cost             int64 // millionths of the rate sheet's currency
}
