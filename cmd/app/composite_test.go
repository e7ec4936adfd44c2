package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/composite"
	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// A tmate with brain.kind composite answers by rules what they are sure of, asks the
// model for the rest, and says so when it has to do without.
func TestCompositeTmate(t *testing.T) {
	t.Parallel()
	dir, model := t.TempDir(), modelserver.New(t)
	folder := filepath.Join(dir, "tmates", "clerk")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"manifest.yaml": "schema: tmates/v1\nname: Clerk\nbrain: {kind: composite, sure: 0.9}\n",
		"rules.yaml": "rules:\n- {match: hours, say: Nine to five.}\n- {match: \"* hours *\", say: \"Nine to five, I think.\"}\n" +
			"otherwise: {say: I only know the hours.}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := apptest.Start(t, apptest.Options{Dir: dir, Env: []string{"OPENAI_BASE_URL=" + model.URL, "OPENAI_API_KEY=sk-x", "OPENAI_MODEL=test-model"}})
	ada := app.AddUser("ada@example.com", "Ada")
	ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]any{"agent_key": "clerk", "action": "add"})
	thread, socket := ada.Thread("Clerk"), ada.Dial()
	socket.Send(map[string]any{"type": "subscribe", "thread_id": thread, "stream": true})
	socket.Until(func(f map[string]any) bool { return f["type"] == "subscribed" })

	if got := content(reply(say(socket, thread, "hours"))); got != "Nine to five." || len(model.Requests()) != 0 {
		t.Errorf("the rules were sure: %q, %d requests", got, len(model.Requests()))
	}
	model.Reply(modelserver.Text("From nine."))
	if got := content(reply(say(socket, thread, "what are the hours again"))); got != "From nine." {
		t.Errorf("the rules were not sure: %q", got)
	}
	model.Reply(modelserver.Status(http.StatusUnauthorized, 0))
	got := content(reply(say(socket, thread, "what are the hours again")))
	if got != composite.Label+"\n\nNine to five, I think." {
		t.Errorf("the model was down: %q", got)
	}
	if log := app.Log.String(); !strings.Contains(log, "rules answer in place of the model") || strings.Contains(log, "the hours again") {
		t.Errorf("log:\n%s", log)
	}
}
