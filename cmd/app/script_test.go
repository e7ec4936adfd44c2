package app_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// script is a brain that a test writes: one part for each step of a turn. An
// empty part waits until the turn ends.
type script func(ctx context.Context, t agents.Turn) agents.Part

// Think implements [agents.Brain].
func (s script) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		part := s(ctx, t)
		if part.Text == "" && part.Calls == nil {
			<-ctx.Done()
			yield(agents.Part{}, ctx.Err())
			return
		}
		if yield(part, nil) {
			yield(agents.Part{Usage: &agents.Usage{Model: "m", PromptTokens: 3000, CompletionTokens: 1}}, nil)
		}
	}
}

// dispatcher is the key under which a model is asked who answers.
const dispatcher = "dispatcher"

// says is a script by tmate: what each answers, whatever it is asked.
func says(lines map[string]string) script {
	return func(_ context.Context, t agents.Turn) agents.Part { return agents.Part{Text: lines[t.Tmate.Key]} }
}

// hire gives the user a team of Adam, Nora and tmates that are only a name.
func hire(t *testing.T, a *apptest.App, u *apptest.User, keys ...string) {
	t.Helper()
	for _, key := range keys {
		u.Must(200, "POST", "/v1/agents/manage", map[string]string{"agent_key": key, "action": "add"})
	}
}

// newTmate writes a tmate into a data folder.
func newTmate(t *testing.T, dir, key, manifest string) {
	t.Helper()
	folder := filepath.Join(dir, "tmates", key)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
}

// told writes frames shortly, with who is meant: "typing adam", "Adam: hello",
// "system: …".
func told(frames []map[string]any) (all []string) {
	for _, f := range frames {
		switch m, _ := f["message"].(map[string]any); {
		case f["type"] == "message_sent":
		case f["type"] == "chat_status":
			agent := ""
			if f["agent"] != nil {
				agent = " " + fmt.Sprint(f["agent"])
			}
			if text, ok := f["status_message"].(string); ok {
				agent += " (" + text + ")"
			}
			all = append(all, strings.TrimPrefix(strings.TrimPrefix(fmt.Sprint(f["status"]), "agent_"), "processing_")+agent)
		case m["role"] == "assistant":
			all = append(all, fmt.Sprintf("%v: %v%s", m["author"], m["content"], place(m)))
		case m != nil:
			all = append(all, fmt.Sprintf("%v: %v", m["role"], m["content"]))
		}
	}
	return all
}

// place tells where a reply stands in a chain of hand-overs.
func place(m map[string]any) (s string) {
	payload, _ := m["payload"].(map[string]any)
	if hop, ok := payload["hop"].(map[string]any); ok {
		s += fmt.Sprintf(" [%v of %v, from %v]", hop["n"], hop["budget"], hop["from"])
	}
	if to, ok := payload["hands_to"]; ok {
		s += fmt.Sprintf(" [to %v]", to)
	}
	return s
}

// untilDone sends a message to Team Chat and reads until nothing is under way.
func untilDone(s *apptest.Socket, text string) []map[string]any {
	s.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": text})
	return s.Until(done())
}

// done fits the frame after which no announced job is under way and every message
// was acknowledged.
func done() func(map[string]any) bool {
	working, sent := map[any]bool{}, false
	return func(f map[string]any) bool {
		switch {
		case f["type"] == "message_sent":
			sent = true
		case f["status"] == "agent_typing" || f["status"] == "agent_routing":
			working[f["job_id"]] = true
		case apptest.Completed(f):
			delete(working, f["job_id"])
		}
		return sent && len(working) == 0 && (f["type"] == "message_sent" || apptest.Completed(f))
	}
}

// failing is a script that may fail.
type failing func(t agents.Turn) (agents.Part, error)

// Think implements [agents.Brain].
func (f failing) Think(_ context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) { yield(f(t)) }
}
