package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// childVariable makes the test binary be the program: the crash test kills it.
const childVariable = "CRASH_TEST_RUNS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" || slices.Equal(os.Args[1:], readPDF[1:]) {
		os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, ""))
	}
	os.Exit(m.Run())
}

// readPDF is the program as it starts itself to read a PDF file.
var readPDF = []string{os.Args[0], "read-pdf"}

// victim is a server in a process of its own.
type victim struct {
	t       *testing.T
	process *exec.Cmd
	url     string
	log     bytes.Buffer
}

// spawn starts the program and waits until it answers.
func spawn(t *testing.T, dir, model string) *victim {
	t.Helper()
	v := &victim{t: t, process: exec.Command(os.Args[0], "serve", "--data", dir, "--listen", "127.0.0.1:0")}
	v.process.Env = append(os.Environ(), childVariable+"=1", "OPENAI_BASE_URL="+model, "OPENAI_MODEL=m", "TMATES_QUEUE_GRACE=0s",
		"TMATES_QUEUE_MAX_ATTEMPTS=20")
	v.process.Stderr = &v.log
	out, err := v.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for v.url == "" && lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "listening on:"); ok {
			v.url, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
		}
	}
	if v.url == "" {
		t.Fatalf("the program did not start: %v\n%s", v.process.Wait(), v.log.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return v
}

// kill ends the process the hard way.
func (v *victim) kill() {
	_ = v.process.Process.Kill()
	_ = v.process.Wait()
}

// end asks it to stop.
func (v *victim) end() {
	v.t.Helper()
	if err := v.process.Process.Signal(os.Interrupt); err != nil {
		v.t.Fatal(err)
	}
	if err := v.process.Wait(); err != nil {
		v.t.Errorf("exit: %v\n%s", err, v.log.String())
	}
}

// post sends a JSON request and reports whether it was acknowledged.
func (v *victim) post(path, bearer string, in, out any) (status int, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, json.NewDecoder(res.Body).Decode(out)
}

// person logs in on the first start; the token outlives every crash.
type person struct {
	id, token string
	threads   []string
	mu        sync.Mutex
	accepted  map[string][]string // by thread: contents of acknowledged messages, in order
}

func (v *victim) newPerson(dir string, n int) *person {
	v.t.Helper()
	secrets, err := token.Load(dir, time.Now())
	if err != nil {
		v.t.Fatal(err)
	}
	operator := control.Client{URL: v.url, Secret: secrets.InternalSecret()}
	email := fmt.Sprintf("person%d@example.com", n)
	var code control.Code
	err = errors.Join(
		operator.Call(v.t.Context(), "user.add", control.AddUser{Email: email}, new(control.User)),
		operator.Call(v.t.Context(), "user.code", control.Email{Email: email}, &code),
	)
	if err != nil {
		v.t.Fatal(err)
	}
	var session struct {
		AccessToken string `json:"access_token"`
		User        struct{ ID string }
	}
	if status, err := v.post("/auth/v1/verify", "", map[string]string{"email": email, "token": code.Code, "type": "email"}, &session); err != nil || status != 200 {
		v.t.Fatal(status, err)
	}
	return &person{
		id: session.User.ID, token: session.AccessToken, threads: []string{"agent:adam", "team:all"}, accepted: map[string][]string{},
	}
}

// talk sends messages until the server is gone.
func (p *person) talk(v *victim, thread, tag string, acknowledged func()) {
	for n := 0; ; n++ {
		text := fmt.Sprintf("%s-%d", tag, n)
		var m struct{ ID string }
		status, err := v.post("/v1/chats/"+thread+"/messages", p.token, map[string]string{"content": text}, &m)
		if err != nil || status != http.StatusCreated {
			return // it may be kept or not, but nobody was promised anything
		}
		p.mu.Lock()
		p.accepted[thread] = append(p.accepted[thread], text)
		p.mu.Unlock()
		acknowledged()
	}
}

// TestKill9LosesNothing kills the program in the middle of many turns, again and
// again, and then looks at what is left: every acknowledged message is there, in
// order and once, every job has ended, and each has exactly one visible outcome.
func TestKill9LosesNothing(t *testing.T) {
	t.Parallel()
	const rounds = 10
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	model := modelserver.New(t)
	var people []*person
	for round := range rounds {
		v := spawn(t, dir, model.URL)
		if round == 0 {
			people = append(people, v.newPerson(dir, 1), v.newPerson(dir, 2))
		}
		crash(v, people, round, 1+random.IntN(25))
	}
	v := spawn(t, dir, model.URL)
	waitForJobs(t, v, people)
	v.end()
	inspect(t, dir, people)
}

// crash lets everybody talk and kills the program after so many acknowledged
// messages.
func crash(v *victim, people []*person, round, after int) {
	acks := make(chan struct{})
	stop := make(chan struct{})
	var talking sync.WaitGroup
	for i, p := range people {
		for k, thread := range p.threads {
			talking.Go(func() {
				p.talk(v, thread, fmt.Sprintf("r%d-p%d-t%d", round, i, k), func() {
					select {
					case acks <- struct{}{}:
					case <-stop:
					}
				})
			})
		}
	}
	for range after {
		<-acks
	}
	v.kill()
	close(stop)
	talking.Wait()
}

// waitForJobs returns when no job of anybody is active.
func waitForJobs(t *testing.T, v *victim, people []*person) {
	t.Helper()
	for _, p := range people {
		for _, thread := range p.threads {
			for active := true; active; {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/v1/chats/"+thread+"?limit=1", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+p.token)
				res, err := http.DefaultClient.Do(req) // held while a tmate works (Q-K3), so this does not spin
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				cancel()
				active = activeJobs(t, v, p) > 0
			}
		}
	}
}

func activeJobs(t *testing.T, v *victim, p *person) (n int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.url+"/v1/jobs?limit=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var jobs []struct{ Status string }
	if err := json.NewDecoder(res.Body).Decode(&jobs); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if j.Status == "queued" || j.Status == "running" {
			n++
		}
	}
	return n
}

// inspect opens the database the last process left.
func inspect(t *testing.T, dir string, people []*person) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		seqs := map[int64]bool{}
		for _, p := range people {
			jobs, err := tx.Jobs(ctx, p.id, 100_000)
			if err != nil {
				return err
			}
			outcomes := map[string]int{}
			asked := 0
			threads, err := tx.Threads(ctx, membership(ctx, t, tx, p.id), p.id, 100)
			if err != nil {
				return err
			}
			for _, th := range threads {
				messages, err := tx.Messages(ctx, p.id, th.ID, 0, 100_000)
				if err != nil {
					return err
				}
				var said []string
				for _, m := range messages {
					if seqs[m.Seq] {
						t.Errorf("seq %d stands twice", m.Seq)
					}
					seqs[m.Seq] = true
					if m.JobID != "" {
						outcomes[m.JobID]++
					}
					if m.Role == tmates.MessageUser {
						said = append(said, m.Content)
						asked++
					}
				}
				ref := "agent:adam"
				if th.Kind == tmates.KindGroup {
					ref = "team:all"
				}
				inOrder(t, ref, p.accepted[ref], said)
			}
			if len(jobs) != asked {
				t.Errorf("%d questions have %d jobs", asked, len(jobs))
			}
			for _, j := range jobs {
				if j.State != tmates.JobSucceeded {
					t.Errorf("job %s is %s after %d attempts: %v", j.ID, j.State, j.Attempt, j.Failure)
				}
				if outcomes[j.ID] != 1 {
					t.Errorf("job %s has %d outcomes", j.ID, outcomes[j.ID])
				}
			}
			t.Logf("%d messages accepted, %d kept, %d jobs", len(p.accepted["agent:adam"])+len(p.accepted["team:all"]), asked, len(jobs))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func membership(ctx context.Context, t *testing.T, tx *store.Tx, userID string) string {
	t.Helper()
	org, _, found, err := tx.Membership(ctx, userID)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	return org.ID
}

// inOrder checks that every accepted message was kept, once and in order. What
// was kept but never acknowledged may stand between them.
func inOrder(t *testing.T, thread string, accepted, kept []string) {
	t.Helper()
	count := map[string]int{}
	for _, text := range kept {
		count[text]++
		if count[text] > 1 {
			t.Errorf("%s: %q is kept twice", thread, text)
		}
	}
	at := 0
	for _, text := range accepted {
		for at < len(kept) && kept[at] != text {
			at++
		}
		if at == len(kept) {
			t.Errorf("%s: %q was accepted, but is missing or out of order", thread, text)
			return
		}
	}
}
