package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// baker is the folder of a tmate as authors for the hosted platform write it.
var baker = map[string]string{
	"manifest.yaml": `
name: Baker
slug: baker
version: 2.3.10
description: Knows flour.
role: Baker
category: Food
capabilities: [Bake, Advise]
branding: {emoji: "🥖", color: "#aa7700"}
playbook: {required_params: [], optional_params: [{name: message, description: What to bake}]}
tools:
  - {name: oven, inputs: [{name: degrees}], outputs: [{name: bread}], keywords: [bread, rye]}
env: {required: [], optional: [BAKER_MILL]}
ui: {settings: []}
`,
	"prompts/brain/system.txt":    "You are a baker.",
	"prompts/brain/cognition.txt": "Think in loaves.",
	"prompts/brain/affect.txt":    "Be warm like an oven.",
	"prompts/brain/behavior.txt":  "Answer briefly.",
	"brain/agent.py":              "raise SystemExit('never run')\n",
	"requirements.txt":            "requests\n",
}

// A folder in upstream's layout that is laid into a running server can be hired
// and answers, with the sections of its prompt in order; its Python is not run,
// and the log says so once.
func TestADroppedFolderAnswers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, text := range baker {
		path := filepath.Join(s.Dir, "tmates", "baker", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hire := map[string]any{"agent_key": "baker", "action": "add"}
	for s.ada.Do("POST", "/v1/agents/manage", hire).Status != http.StatusOK {
		continue // until the folder is noticed
	}
	s.model.Reply(modelserver.Text("Two hours at 230 degrees."))
	m := reply(say(s.socket, s.ada.Thread("Baker"), "How long does rye take?"))
	if m["author"] != "Baker" || content(m) != "Two hours at 230 degrees." {
		t.Errorf("reply: %+v", m)
	}
	system := s.model.Requests()[0].System()
	at := -1
	for _, part := range []string{"You are a baker.", "Think in loaves.", "Be warm like an oven.", "Answer briefly."} {
		next := strings.Index(system, part)
		if next <= at {
			t.Errorf("%q stands at %d, after %d in\n%s", part, next, at, system)
		}
		at = next
	}
	if n := strings.Count(s.Log.String(), "Python"); n != 1 {
		t.Errorf("the log speaks of Python %d times", n)
	}
	// In Team Chat its keywords bring it the question.
	s.model.Reply(modelserver.Text("Rye."))
	team := s.ada.Dial()
	team.Send(map[string]any{"type": "send_message", "thread_id": "team:all", "content": "Which bread keeps longest?"})
	if m := reply(team.Until(apptest.Completed)); m["author"] != "Baker" {
		t.Errorf("in Team Chat %v answers", m["author"])
	}
}
