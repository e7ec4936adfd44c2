package bench_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/cmd"
	"github.com/tmates/tmates/cmd/bench"
	"github.com/tmates/tmates/store"
)

// childVariable makes the test binary be the program, which is what is measured.
const childVariable = "BENCH_TEST_RUNS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, ""))
	}
	os.Exit(m.Run())
}

// tiny measures everything in a few seconds.
func tiny(t *testing.T) bench.Options {
	return bench.Options{
		// With the race detector a program rests for a second before it ends.
		Command: []string{os.Args[0]}, Env: []string{childVariable + "=1", "GORACE=atexit_sleep_ms=0"}, Version: "test", Dir: t.TempDir(), Time: 20 * time.Millisecond, Full: true,
		Sizes: bench.Sizes{
			Few: 2, Crowd: 4, Fan: 40, Events: 2, Idle: 40, Many: 50, Posters: 3, Jobs: 5, Starts: 1, Small: 400, Large: 800,
			File: 200_000, Files: 1, Settle: 50 * time.Millisecond,
		},
	}
}

// TestEveryScenario measures the real program with tiny counts: every figure is
// there and sane, nothing is lost, every goal finds its figure, and nothing
// stays behind.
func TestEveryScenario(t *testing.T) {
	t.Parallel()
	o := tiny(t)
	var begun strings.Builder
	o.Progress = &begun
	r, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range bench.Names() {
		if !strings.Contains(begun.String(), name+": ") {
			t.Errorf("%s was not announced in %q", name, begun.String())
		}
	}
	for _, f := range r.Figures {
		// A difference of two sizes may be anything, and CPU time comes in steps of 10 ms.
		free := []string{"files.growth", "sockets.each", "fanout.lost"}
		switch _, errProc := os.Stat("/proc/self/status"); {
		case f.Missing != "":
			if errProc == nil && !strings.HasSuffix(f.Key, ".cpu") {
				t.Errorf("%s is missing: %s", f.Key, f.Missing)
			}
		case f.Value <= 0 && !slices.Contains(free, f.Key):
			t.Errorf("%s is %v", f.Key, f.Value)
		case f.Against != nil && (f.Against.Value <= 0 || f.Against.Ratio <= 0):
			t.Errorf("%s is held against %+v", f.Key, *f.Against)
		}
	}
	if lost, ok := r.Figure("fanout.lost"); !ok || lost.Value != 0 {
		t.Errorf("events lost: %+v", lost)
	}
	if m := r.Machine; m.Cores < 1 || m.OS == "" || m.Go == "" {
		t.Errorf("the machine is %+v", m)
	}
	for _, v := range bench.Judge(r) {
		known := slices.ContainsFunc(r.Figures, func(f bench.Figure) bool { return f.Key == v.Key })
		if !known {
			t.Errorf("the goal %q is about %s, which no scenario measures", v.What, v.Key)
		}
	}
	left, err := os.ReadDir(o.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	o := tiny(t)
	o.Scenarios = []string{"files"}
	r, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Figures {
		if !strings.HasPrefix(f.Key, "files.") {
			t.Errorf("%s was measured, too", f.Key)
		}
	}
	if _, ok := r.Figure("files.up"); !ok {
		t.Errorf("no upload among %+v", r.Figures)
	}
}

// TestInterrupted ends a run in the middle: as soon as its server listens.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	o := tiny(t)
	o.Time, o.Scenarios = time.Minute, []string{"message"}
	stop := errors.New("the person at the keyboard had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	go func() {
		for tick := time.NewTicker(5 * time.Millisecond); ctx.Err() == nil; <-tick.C {
			servers, _ := filepath.Glob(filepath.Join(o.Dir, "*", "message"))
			for _, dir := range servers {
				if store.ReadHolder(dir).URL != "" {
					cancel(stop)
				}
			}
		}
	}()
	begun := time.Now()
	if _, err := bench.Run(ctx, o); !errors.Is(err, stop) {
		t.Errorf("the run ended with %v", err)
	}
	if took := time.Since(begun); took > 50*time.Second {
		t.Errorf("it went on for %v", took)
	}
	if left, err := os.ReadDir(o.Dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	o := tiny(t)
	o.Scenarios = []string{"message", "massage"}
	if _, err := bench.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), `"massage"`) || !strings.Contains(err.Error(), "message, turn") {
		t.Errorf("an unknown scenario: %v", err)
	}
	o = tiny(t)
	o.Dir = filepath.Join(o.Dir, "missing")
	if _, err := bench.Run(t.Context(), o); err == nil {
		t.Error("a folder that does not exist is taken")
	}
	o = tiny(t)
	o.Command, o.Scenarios = []string{"/bin/false"}, []string{"turn"}
	if _, err := bench.Run(t.Context(), o); err == nil {
		t.Error("a program that does not start is measured")
	}
	if err := bench.Helper(t.Context(), "nobody", t.TempDir(), strings.NewReader(""), &strings.Builder{}); err == nil {
		t.Error("an unknown helper works")
	}
}
