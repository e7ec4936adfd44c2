package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// dispatches reports whether a request asks who answers.
func dispatches(r modelserver.Request) bool {
	return strings.Contains(string(r.Body), "switchboard of a team chat")
}

// relay is a model that answers who is to speak with "nora", and otherwise hands
// over to whoever was not asked just now.
func relay(r modelserver.Request) modelserver.Reply {
	switch {
	case dispatches(r):
		return modelserver.Text("nora")
	case strings.Contains(r.LastUser(), "@adam"): // Adam was asked
		return modelserver.Text("@nora, go on")
	}
	return modelserver.Text("@adam, go on")
}

// killed is how a program is set that is killed again and again: it asks the
// model, and does not wait long.
func killed(model *modelserver.Server) []string {
	return []string{"OPENAI_BASE_URL=" + model.URL, "OPENAI_MODEL=m", "TMATES_QUEUE_GRACE=0s", "TMATES_QUEUE_MAX_ATTEMPTS=20"}
}

// TestKill9BetweenHops kills the program again and again while tmates hand over to
// each other. Afterwards each message of the person has one whole chain: as many
// hops as the budget allows, none twice, and one reply for each.
func TestKill9BetweenHops(t *testing.T) {
	t.Parallel()
	const rounds, budget = 8, 4
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	model := modelserver.New(t)
	model.Otherwise(relay)
	var p apptest.Account
	asked := 0
	for round := range rounds {
		v := apptest.Spawn(t, dir, killed(model)...)
		if round == 0 {
			p = v.AddUser("ada@example.com")
			if err := v.Call("tmate.hire", control.Hire{Key: "nora"}, new(control.Tmate)); err != nil {
				t.Fatal(err)
			}
		}
		text := "@adam, begin"
		if round%2 == 1 {
			text = "is rye bread healthy?" // the model says who answers
		}
		if status, body, err := v.Do("POST", "/v1/chats/team:all/messages", p.Token, map[string]string{"content": text}); err != nil || status != 201 {
			t.Fatal(status, string(body), err)
		}
		asked++
		if err := model.WaitRequests(t.Context(), len(model.Requests())+1+random.IntN(3)); err != nil {
			t.Fatal(err)
		}
		v.Kill()
	}
	v := apptest.Spawn(t, dir, killed(model)...)
	v.Settle(p.Token, "team:all")
	v.End()
	inspectChains(t, dir, p.ID, asked, budget)
}

// inspectChains reads the jobs and messages that are left.
func inspectChains(t *testing.T, dir, userID string, asked, budget int) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		jobs, err := tx.Jobs(ctx, userID, 0, 100_000)
		if err != nil {
			return err
		}
		chains := map[string][]string{} // by the seq of the person's message
		answered := map[any]string{}    // message: job
		thread := ""
		for _, j := range slices.Backward(jobs) {
			hop, _ := j.Metadata["hop"].(map[string]any)
			seq := fmt.Sprint(hop["seq"])
			chains[seq] = append(chains[seq], fmt.Sprintf("%v %s", hop["n"], j.TmateKey))
			if other := answered[j.Metadata["message_id"]]; other != "" {
				t.Errorf("%s and %s answer the same message", other, j.ID)
			}
			answered[j.Metadata["message_id"]], thread = j.ID, j.ThreadID
			if j.State != tmates.JobSucceeded {
				t.Errorf("job %s is %s: %v", j.ID, j.State, j.Failure)
			}
		}
		messages, err := tx.Messages(ctx, userID, thread, 0, 100_000)
		if err != nil {
			return err
		}
		outcomes := map[string]int{}
		for _, m := range messages {
			if m.JobID != "" {
				outcomes[m.JobID]++
			}
		}
		for _, j := range jobs {
			if outcomes[j.ID] != 1 {
				t.Errorf("job %s has %d outcomes", j.ID, outcomes[j.ID])
			}
		}
		if len(chains) != asked {
			t.Errorf("%d messages have %d chains", asked, len(chains))
		}
		whole := 0
		for seq, chain := range chains {
			if len(chain) == budget+1 {
				whole++
			}
			for n, hop := range chain {
				who := []string{"adam", "nora"}[(n+offset(chain[0]))%2]
				if hop != fmt.Sprintf("%d %s", n, who) {
					t.Errorf("chain of message %s: %v", seq, chain)
					break
				}
			}
		}
		// A later message ends the chain of an earlier one; the last is whole.
		if whole == 0 {
			t.Errorf("no chain is whole: %v", chains)
		}
		t.Logf("%d jobs in chains %v", len(jobs), chains)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// offset tells who begins a chain.
func offset(first string) int {
	if strings.HasSuffix(first, "nora") {
		return 1
	}
	return 0
}
