package bench

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func sample() Result {
	return Result{
		Version: "1.2.3", Date: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Pass: "1s", Machine: Machine{OS: "linux", Arch: "arm64", Cores: 4, Go: "go1.26"},
		Figures: []Figure{
			{Key: "message.one.p50", What: "1 client, median", Unit: "ms", Value: 0.5, Against: &Limit{What: "one bare commit", Value: 0.2, Ratio: 2.5}},
			{Key: "memory.idle", What: "idle", Unit: "MB", Value: 30},
			{Key: "fanout.cpu", What: "CPU a delivery", Missing: noProc},
		},
	}
}

func TestResultComesBack(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "result.json")
	want := sample()
	if err := want.Write(file); err != nil {
		t.Fatal(err)
	}
	got, err := Read(file)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Read(filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing file is a result")
	}
	for name, content := range map[string]string{
		"text": "no JSON", "object": "{}", "list": "[]", "large": strings.Repeat(" ", maxResult+1),
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	now, then := sample(), sample()
	then.Figures = []Figure{{Key: "message.one.p50", Unit: "ms", Value: 0.25}, {Key: "fanout.cpu", Unit: "us", Value: 9}}
	want := [][]string{
		{"SCENARIO", "WHAT", "MEASURED", "LIMIT", "RATIO", "EARLIER", "CHANGE"},
		{"message", "1 client, median", "0.500 ms", "0.200 ms (one bare commit)", "2.50 x", "0.250 ms", "2.00 x"},
		{"memory", "idle", "30.0 MB", "-", "-", "-", "-"},
		{"fanout", "CPU a delivery", "n/a: " + noProc, "-", "-", "9.00 us", "-"},
	}
	if got := now.Rows(&then); !reflect.DeepEqual(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := now.Rows(nil); len(got) != 4 || !slices.Equal(got[2], want[2][:5]) {
		t.Errorf("without an earlier one: %q", got)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	outcomes := map[string]Outcome{}
	for _, v := range Judge(sample()) {
		outcomes[v.What+" "+v.Bar] = v.Outcome
	}
	for what, want := range map[string]Outcome{
		"message, 1 client: median against a bare commit <= 3 x": Reached,
		"memory, idle <= 25": Failed,
		"event to 5,000 sockets: CPU against a bare write <= 2 x": NotMeasured,
		"message, 32 clients: against one commit a write >= 3 x":  NotMeasured,
	} {
		if got := outcomes[what]; got != want {
			t.Errorf("%q came out as %q, want %q, of %v", what, got, want, outcomes)
		}
	}
}

func TestGoalJudges(t *testing.T) {
	t.Parallel()
	measured := Figure{Key: "k", Value: 10, Against: &Limit{Value: 5, Ratio: 2}}
	for _, c := range []struct {
		goal goal
		f    Figure
		want Outcome
		bar  string
	}{
		{goal{bar: 10}, measured, Reached, ">= 10"},
		{goal{bar: 10.1}, measured, Failed, ">= 10.1"},
		{goal{most: true, bar: 10}, measured, Reached, "<= 10"},
		{goal{most: true, bar: 9}, measured, Failed, "<= 9"},
		{goal{most: true, bar: 0}, Figure{Key: "k"}, Reached, "<= 0"},
		{goal{ratio: true, bar: 2}, measured, Reached, ">= 2 x"},
		{goal{ratio: true, most: true, bar: 1.5}, measured, Failed, "<= 1.5 x"},
		{goal{ratio: true, bar: 2}, Figure{Key: "k", Value: 10}, NotMeasured, ">= 2 x"},
		{goal{bar: 1.0 / 20, most: true, peer: "ntfy"}, measured, NeedsPeer, "<= 1/20 x ntfy"},
	} {
		if got := c.goal.judge(c.f); got != c.want || c.goal.text() != c.bar {
			t.Errorf("%+v: %s (%s), want %s (%s)", c.goal, got, c.goal.text(), c.want, c.bar)
		}
	}
}

func TestFilesystem(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/mounts"); err != nil {
		t.Skip("this system has no /proc")
	}
	if got := filesystemOf("/proc/self"); !strings.HasPrefix(got, "proc on ") {
		t.Errorf("/proc lies on %q", got)
	}
	if m := machineOf("."); m.Memory < 1<<20 || m.Kernel == "" || !strings.Contains(m.String(), m.Go) {
		t.Errorf("this machine is %+v", m)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("this system has no /proc")
	}
	if u, ok := usageOf(os.Getpid()); !ok || u.rss < 1<<20 || u.files < 3 {
		t.Errorf("this process takes %+v, %v", u, ok)
	}
	if _, ok := usageOf(1 << 30); ok {
		t.Error("a process that does not exist takes something")
	}
}

func TestGoalRows(t *testing.T) {
	t.Parallel()
	f := Figure{Key: "k", Unit: "/s", Value: 10, Against: &Limit{What: "bare", Value: 5, Ratio: 2}}
	want := [][]string{
		{"WHAT", "MEASURED", "LIMIT", "RATIO", "GOAL", "RESULT"},
		{"a", "10.0 /s", "5.00 /s (bare)", "2.00 x", ">= 3 x", "FAIL"},
		{"b", "10.0 /s", "-", "-", ">= 2 x ntfy", "needs the peer"},
		{"c", "-", "-", "-", "<= 1", "not measured"},
	}
	got := GoalRows([]Verdict{
		{What: "a", Figure: f, Ratio: true, Bar: ">= 3 x", Outcome: Failed},
		{What: "b", Figure: f, Bar: ">= 2 x ntfy", Outcome: NeedsPeer},
		{What: "c", Bar: "<= 1", Outcome: NotMeasured},
	})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
