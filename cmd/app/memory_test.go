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

// A memory holds what the manifest says, tells when it is full, drops nothing, and
// is not there at all when the manifest turns it off.
func TestMemoryPolicy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for key, manifest := range map[string]string{"small": "name: Small\nmemory: {max_facts: 2}\n", "blank": "name: Blank\nmemory: {enabled: false}\n"} {
		folder := filepath.Join(dir, "tmates", key)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	model := modelserver.New(t)
	a := apptest.Start(t, apptest.Options{Dir: dir, Env: []string{"OPENAI_BASE_URL=" + model.URL, "OPENAI_API_KEY=k", "OPENAI_MODEL=m"}})
	ada := a.AddUser("ada@example.com", "Ada")
	for _, key := range []string{"small", "blank"} {
		ada.Must(http.StatusOK, "POST", "/v1/agents/hire", map[string]string{"agent_key": key})
	}
	socket := ada.Dial()
	remember := func(thread, fact string) string {
		model.Reply(modelserver.Call("remember", `{"fact":"`+fact+`"}`), modelserver.Text("Well."))
		say(socket, thread, "keep it")
		requests := model.Requests()
		all := requests[len(requests)-1].Messages
		return all[len(all)-1].Content
	}
	small := ada.Thread("Small")
	for _, c := range []struct{ fact, want string }{
		{"one", "Noted: one"}, {"two", "Noted: two"}, {"three", "Memory is full: it holds 2 facts of this conversation"},
	} {
		if got := remember(small, c.fact); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.fact, got)
		}
	}
	if kept := string(ada.Must(http.StatusOK, "GET", "/v1/agents/small/memories", nil).Body); !strings.Contains(kept, `"one"`) || strings.Contains(kept, `"three"`) {
		t.Errorf("kept: %s", kept)
	}
	ada.Must(http.StatusCreated, "POST", "/v1/chats/"+small+"/session/reset", nil)
	if got := remember(small, "three"); !strings.Contains(got, "Noted: three") {
		t.Errorf("in a new conversation: %q", got)
	}
	if got := remember(ada.Thread("Blank"), "one"); !strings.Contains(got, `There is no tool named "remember".`) {
		t.Errorf("memory that is off: %q", got)
	}
	requests := model.Requests()
	for _, tool := range requests[len(requests)-1].Tools {
		if name := tool.Function.Name; name == "remember" || name == "recall" || name == "forget" {
			t.Errorf("memory is off, and %s is offered", name)
		}
	}
}
