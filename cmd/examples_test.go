package cmd_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// asProgram makes this test program the product: scripts call it by a file named
// tmates.
const asProgram = "RUN_AS_TMATES"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, ""))
	}
	os.Exit(m.Run())
}

// exampleTime bounds one script: it fails then, it does not pass.
const exampleTime = 2 * time.Minute

// TestExamples runs the examples of the public documentation as a person would
// type them, against a server with a catalog and one without.
func TestExamples(t *testing.T) {
	t.Parallel()
	sh, bin := findShell(t), commandFolder(t)
	elsewhere := publish(t)
	a := apptest.Start(t, apptest.Options{Env: []string{"TMATES_CATALOG_URL=" + elsewhere.url + "/index.json"}})
	plain := apptest.Start(t, apptest.Options{})
	ann, stranger := a.AddUser("ann@example.org", "Ann"), plain.AddUser("ann@example.org", "Ann")
	scripts, err := filepath.Glob("testdata/examples/[0-9]*.sh")
	if err != nil || len(scripts) < 13 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".sh"), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), exampleTime)
			defer cancel()
			c := exec.CommandContext(ctx, sh, "-euc", `. testdata/examples/lib.sh; . "./$0"`, script)
			c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TMATES_DATA="+a.Dir, asProgram+"=1",
				"BASE="+a.URL, "TOKEN="+a.Login(ann.Email).Token, "ANON="+a.AnonKey, "EMAIL="+ann.Email, "DATA="+a.Dir, "WORK="+t.TempDir(),
				"PLAIN="+plain.URL, "PLAIN_TOKEN="+stranger.Token, "BUNDLES="+elsewhere.url, "PIA_SUM="+elsewhere.piaSum)
			c.WaitDelay = time.Second
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	t.Run("09-socket", func(t *testing.T) { exampleSocket(t, a.Login(ann.Email)) })
}

// exampleSocket is the one example a shell cannot speak.
func exampleSocket(t *testing.T, u *apptest.User) {
	s := u.Dial()
	s.Send(map[string]any{"type": "ping"})
	s.Send(map[string]any{"type": "subscribe", "thread_id": "agent:adam"})
	s.Send(map[string]any{"type": "send_message", "thread_id": "agent:adam", "content": "hello"})
	sent := false
	frames := s.Until(func(f map[string]any) bool {
		sent = sent || f["type"] == "message_sent"
		return sent && apptest.Completed(f)
	})
	var kinds []string
	for _, kind := range apptest.Kinds(frames) {
		if kind != "message_sent" { // comes anywhere after the typing indicator
			kinds = append(kinds, kind)
		}
	}
	want := []string{
		"pong", "subscribed", "new_message user", "chat_status agent_typing", "new_message assistant", "chat_status agent_processing_completed",
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

// findShell returns the shell. Without it or curl the examples are skipped, but
// never where nobody would notice.
func findShell(t *testing.T) string {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	for _, name := range []string{"curl", "sha256sum"} {
		if _, err := exec.LookPath(name); err != nil {
			missing("the examples need %s: %v", name, err)
		}
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		missing("the examples need a shell: %v", err)
	}
	return sh
}

// commandFolder returns a folder in which this program is called tmates.
func commandFolder(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "tmates")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// published is what somebody else publishes: an index with the tmate Stella, and
// a bundle of Pia beside it.
type published struct{ url, piaSum string }

func publish(t *testing.T) published {
	t.Helper()
	dir := t.TempDir()
	srv := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(srv.Close)
	sums := map[string]string{}
	for _, key := range []string{"stella", "pia"} {
		folder := filepath.Join(t.TempDir(), key)
		manifest := fmt.Sprintf("name: %s\nversion: 1.0.0\ndescription: Comes from elsewhere.\n", strings.ToUpper(key[:1])+key[1:])
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte(manifest), 0o600)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, key+"-1.0.0.tar.gz")
		if r := tmates("", "tmate", "bundle", folder, "-o", file); r.code != 0 {
			t.Fatalf("bundle: %s", r.err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sums[key] = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	index := fmt.Sprintf(`[{"key":"stella","version":"1.0.0","status":"published","name":"Stella","bundle_url":"stella-1.0.0.tar.gz","bundle_checksum":%q}]`,
		sums["stella"])
	if err := os.WriteFile(filepath.Join(dir, "index.json"), []byte(index), 0o600); err != nil {
		t.Fatal(err)
	}
	return published{srv.URL, sums["pia"]}
}
