package clienttest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// fileTime bounds one file of tests: it fails then, it does not pass.
const fileTime = 2 * time.Minute

// TestClients runs every file of the folder tests against a server of its own.
func TestClients(t *testing.T) {
	t.Parallel()
	node := findNode(t)
	files, err := filepath.Glob(filepath.Join("tests", "*.test.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("the folder tests has no tests")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.mjs"), func(t *testing.T) {
			t.Parallel()
			// Without a window a refresh token is too old as soon as its child was
			// used, so that no test has to wait.
			app := apptest.Start(t, apptest.Options{Env: []string{"TMATES_AUTH_REFRESH_REUSE_WINDOW=0s"}})
			ctx, cancel := context.WithTimeout(t.Context(), fileTime)
			defer cancel()
			cmd := exec.CommandContext(ctx, node, "--test-reporter=spec", file)
			cmd.Env = append(os.Environ(),
				"TMATES_SUPABASE_URL="+app.URL,
				"TMATES_SUPABASE_ANON_KEY="+app.AnonKey,
				"TMATES_API_BASE_URL="+app.URL+"/v1",
				"OPERATOR_URL="+operator(t, app),
				"SUPABASE_SERVICE_ROLE_KEY="+app.ServiceKey(),
				"DATA_FOLDER="+app.Dir,
				"NO_COLOR=1",
			)
			cmd.WaitDelay = time.Second
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s", file, err, out)
				return
			}
			t.Logf("%s\n%s", file, out)
		})
	}
}

// findNode returns the program that runs the tests. Without it, or without the
// client library, they are skipped, but never where nobody would notice.
func findNode(t *testing.T) string {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("Node is missing: install version 20 or newer, then run `make test`, which also installs the client library")
	}
	if _, err := os.Stat(filepath.Join("node_modules", "@supabase", "supabase-js", "package.json")); err != nil {
		missing("the client library is missing: run `make test`, which installs it")
	}
	return node
}

// operator serves the operator's commands to a file of tests: a POST of
// {"command","in"} answers what the command does, or 422 with its error.
func operator(t *testing.T, app *apptest.App) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Command string          `json:"command"`
			In      json.RawMessage `json:"in"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var out json.RawMessage
		if err := app.Call(asked.Command, asked.In, &out); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(out) // a client that has gone fails by itself
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}
