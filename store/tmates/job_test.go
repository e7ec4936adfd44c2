package tmates_test

import (
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

func TestLane(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		job  tmates.Job
		want string
	}{
		"in a thread":      {tmates.Job{ID: "j", ThreadID: "t", TmateKey: "adam"}, "t/adam"},
		"of another tmate": {tmates.Job{ID: "j", ThreadID: "t", TmateKey: "bea"}, "t/bea"},
		"without a thread": {tmates.Job{ID: "j", TmateKey: "adam"}, "j"},
	}
	for name, test := range tests {
		if got := test.job.Lane(); got != test.want {
			t.Errorf("%s: lane = %q, want %q", name, got, test.want)
		}
	}
}

func TestFinalStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[tmates.JobState]bool{
		tmates.JobQueued: false, tmates.JobRunning: false, tmates.JobRetrying: false,
		tmates.JobSucceeded: true, tmates.JobFailed: true, tmates.JobCancelled: true,
	} {
		if got := state.Final(); got != want {
			t.Errorf("%s is final = %v, want %v", state, got, want)
		}
	}
}
