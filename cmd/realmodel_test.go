package cmd_test

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestRealModel connects a model of the person who asks for it (make test-model),
// and talks to it as a person does. It judges that there are answers, not what they
// say: small models say all kinds of things.
func TestRealModel(t *testing.T) {
	base := os.Getenv("TEST_MODEL_BASE_URL")
	if base == "" {
		t.Skip("no model is named: make test-model BASE_URL=…")
	}
	kind, model := cmp.Or(os.Getenv("TEST_MODEL_TYPE"), "openai"), os.Getenv("TEST_MODEL")
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	apptest.Start(t, apptest.Options{Dir: dir, Env: []string{"TMATES_TURN_TIMEOUT=15m", "TMATES_QUEUE_MAX_ATTEMPTS=1"}})
	run := func(in string, args ...string) string {
		t.Helper()
		r := tmates(in, args...)
		t.Logf("tmates %s\n%s%s", strings.Join(args, " "), r.out, r.err)
		if r.code != 0 || strings.TrimSpace(r.out) == "" {
			t.Fatalf("exit %d", r.code)
		}
		return r.out
	}
	run("", "user", "add", "ada@example.com")
	add := []string{"provider", "add", "real", "--type", kind, "--base-url", base}
	if model != "" {
		add = append(add, "--model", model)
	}
	key := os.Getenv("TEST_MODEL_API_KEY")
	if key != "" {
		add = append(add, "--key-stdin")
	}
	run(key, add...)
	for _, text := range []string{"Hello, who are you?", "Remember that the bins go out on Tuesday.", "When do the bins go out?"} {
		run("", "chat", "adam", text)
	}
	run("", "provider", "test")
	run("", "provider", "list")
}
