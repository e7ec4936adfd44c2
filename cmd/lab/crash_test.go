package lab

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/control"
)

// roundTime bounds how long a round may take to reach its end: the test fails
// then.
const roundTime = 2 * time.Minute

// stopWord ends work instead of asking for some.
const stopWord = "stop all"

// rita answers by rules.
const rita = "name: Rita\nbrain: {kind: rules}\n"

// laboratory is a data folder with people who talk, and what their program
// needs.
type laboratory struct {
	t      *testing.T
	dir    string
	images string // what a disk would keep of the database
	env    []string
	random *rand.Rand
	people []*person
	hung   atomic.Int32 // answers of the model that may still hang in this round
}

// number returns a number of the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// open makes a laboratory with a number of people.
func open(t *testing.T, seed uint64, people int) *laboratory {
	t.Helper()
	model := modelserver.New(t)
	l := &laboratory{
		t: t, dir: t.TempDir(), images: t.TempDir(), random: rand.New(rand.NewPCG(seed, 0)),
		env: []string{
			"OPENAI_BASE_URL=" + model.URL, "OPENAI_MODEL=m", "TMATES_QUEUE_GRACE=0s", "TMATES_QUEUE_MAX_ATTEMPTS=20",
			"TMATES_QUEUE_ACTIVE_JOBS_PER_USER=30", "TMATES_CHAT_MESSAGES_PER_MINUTE=0", "TMATES_AUTH_ACCESS_TOKEN_TTL=24h",
		},
	}
	model.Otherwise(l.answer)
	folder := filepath.Join(l.dir, "tmates", "rita")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"manifest.yaml": rita, "rules.yaml": "otherwise: {say: \"I hear you, {user}.\"}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := apptest.Spawn(t, l.dir, l.env...)
	for n := range people {
		l.people = append(l.people, newPerson(v, n))
	}
	if err := v.Call("tmate.hire", control.Hire{Key: "rita"}, new(control.Tmate)); err != nil {
		t.Fatal(err)
	}
	v.End()
	return l
}

// answer is the model: it chooses who speaks, repeats what it hears, and now and
// then falls silent until somebody goes away.
func (l *laboratory) answer(r modelserver.Request) modelserver.Reply {
	switch {
	case strings.Contains(r.System(), "switchboard of a team chat"):
		return modelserver.Text([]string{"adam", "rita"}[len(r.LastUser())%2])
	case l.hung.Add(-1) == 0:
		return modelserver.Stall("I begin")
	}
	return modelserver.Text("You said: " + r.LastUser())
}

// ways a program dies.
const (
	killed = iota
	unpowered
)

// TestCrash kills the program and cuts its power under load, again and again,
// and looks each time at what is left. In the end all work is done and everybody
// has been shown everything.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds, seed := int(number(t, "LAB_ROUNDS", 10)), number(t, "LAB_SEED", rand.Uint64())
	t.Logf("LAB_SEED=%d", seed)
	l := open(t, seed, 4)
	for round := range rounds {
		acks, faults := l.crash(round, round%2)
		t.Logf("round %d: %d acknowledgements", round, acks)
		if len(faults) > 0 {
			t.Fatalf("round %d, after %d acknowledgements:\n%s", round, acks, strings.Join(faults, "\n"))
		}
	}
	l.hung.Store(0)
	v := apptest.Spawn(t, l.dir, l.env...)
	for _, p := range l.people {
		v.Settle(p.Token, threads...)
		if err := p.listen(v, true); err != nil {
			t.Errorf("person %d: %v", p.number, err)
		}
	}
	v.End()
	left := examine(t, l.dir)
	for _, fault := range left.check(l.people, true) {
		t.Error(fault)
	}
	l.report(left)
}

// TestCrashIsNoticed: with the setting that lets a power cut cost the last
// moments, the laboratory finds that it does.
func TestCrashIsNoticed(t *testing.T) {
	t.Parallel()
	seed := number(t, "LAB_SEED", rand.Uint64())
	t.Logf("LAB_SEED=%d", seed)
	l := open(t, seed, 2)
	if err := copyDatabase(l.dir, l.images); err != nil {
		t.Fatal(err)
	}
	for round := range 5 { // a checkpoint just before the cut has synced everything
		env := append(withPower(l.images, 0, seed), "TMATES_STORE_SYNCHRONOUS=normal")
		acks := l.load(apptest.Spawn(t, l.dir, append(env, l.env...)...), round, true)
		if faults := examine(t, l.dir).check(l.people, false); len(faults) > 0 {
			t.Fatalf("the files have what was promised until the power is gone, but:\n%s", strings.Join(faults, "\n"))
		}
		if err := copyDatabase(l.images, l.dir); err != nil {
			t.Fatal(err)
		}
		faults := strings.Join(examine(t, l.dir).check(l.people, false), "\n")
		if faults == "" {
			continue
		}
		for _, want := range []string{"accepted, but", "was shown"} {
			if !strings.Contains(faults, want) {
				t.Errorf("after %d acknowledgements nothing is said to be missing that %s:\n%s", acks, want, faults)
			}
		}
		return
	}
	t.Error("nothing was ever lost")
}

// crash lets everybody talk until the program dies, and checks what is left.
func (l *laboratory) crash(round, way int) (acks int, faults []string) {
	l.t.Helper()
	env := l.env
	l.hung.Store(int32(2 + l.random.IntN(20)))
	if way == unpowered {
		if err := copyDatabase(l.dir, l.images); err != nil {
			l.t.Fatal(err)
		}
		env = append(env[:len(env):len(env)], withPower(l.images, 1+l.random.IntN(40), l.random.Uint64())...)
	}
	acks = l.load(apptest.Launch(l.t, l.dir, env...), round, way == killed)
	if way == unpowered {
		if err := copyDatabase(l.images, l.dir); err != nil {
			l.t.Fatal(err)
		}
	}
	return acks, examine(l.t, l.dir).check(l.people, false)
}

// load lets everybody talk until the program is dead: of a cut, or killed after
// so many acknowledgements. It returns how many there were.
func (l *laboratory) load(v *apptest.Process, round int, kill bool) int {
	l.t.Helper()
	var acks atomic.Int64
	last := int64(20 + l.random.IntN(150))
	enough := make(chan struct{})
	var all sync.WaitGroup
	for _, p := range l.people {
		own := rand.New(rand.NewPCG(l.random.Uint64(), 0))
		all.Go(func() {
			p.act(v, round, own, func() {
				if acks.Add(1) == last && kill {
					close(enough)
				}
			})
		})
	}
	select {
	case <-enough:
	case <-v.Died():
	case <-time.After(roundTime):
		l.t.Errorf("round %d: %d acknowledgements, and it lives:\n%s", round, acks.Load(), v.Log())
	}
	v.Kill()
	all.Wait()
	if !v.Killed() {
		l.t.Fatalf("round %d: the program ended by itself:\n%s", round, v.Log())
	}
	return int(acks.Load())
}

func (l *laboratory) report(left *remains) {
	accepted, jobs, cancelled, seen := 0, 0, 0, 0
	for _, p := range l.people {
		for _, texts := range p.accepted {
			accepted += len(texts)
		}
		for _, all := range p.shown {
			seen += len(all)
		}
		jobs += len(p.jobs)
		cancelled += len(p.cancelled)
	}
	succeeded := 0
	for _, j := range left.jobs {
		if j.state == "succeeded" {
			succeeded++
		}
	}
	l.t.Logf("accepted: %d messages, %d jobs, %d cancellations; %d messages and %d jobs are kept, of which %d succeeded; %d messages were shown",
		accepted, jobs, cancelled, len(left.messages), len(left.jobs), succeeded, seen)
}
