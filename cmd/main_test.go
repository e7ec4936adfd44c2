package cmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// tmates runs the command line in this process.
func tmates(in string, args ...string) result {
	var out, errOut bytes.Buffer
	code := cmd.Main(args, strings.NewReader(in), &out, &errOut, "listen: example\n")
	return result{code, out.String(), errOut.String()}
}

func TestExitCodesAndAdvice(t *testing.T) {
	t.Setenv("TMATES_DATA", t.TempDir())
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"version"}, 0, ""},
		{[]string{"--help"}, 0, ""},
		{[]string{"nonsense"}, 2, "unknown command"},
		{[]string{"user", "nonsense"}, 2, `unknown command "nonsense" for "tmates user"`},
		{[]string{"user", "add"}, 2, "tmates user add EMAIL"},
		{[]string{"user", "add", "x@example.com", "--role", "king"}, 2, "owner, admin or member"},
		{[]string{"user", "add", "x@example.com", "--own-workspace", "--role", "admin"}, 2, "--role admin does not go with --own-workspace"},
		{[]string{"user", "role", "x@example.com"}, 2, "tmates user role EMAIL owner|admin|member"},
		{[]string{"user", "role", "x@example.com", "king"}, 2, "owner, admin or member"},
		{[]string{"user", "role", "nobody@example.com", "admin"}, 1, "no such user"},
		{[]string{"user", "add", "x@example.com", "--password-stdin"}, 2, "no password on standard input"},
		{[]string{"user", "add", "no-address"}, 1, "address"},
		{[]string{"user", "code", "nobody@example.com"}, 1, ""},
		{[]string{"chat", "adam", " "}, 2, "empty"},
		{[]string{"agent", "adam"}, 2, "--message"},
		{[]string{"chat", "adam", "hello"}, 3, "tmates user add you@example.com"},
		{[]string{"job", "list", "--limit", "0"}, 2, "1 to 1000"},
		{[]string{"job", "show", "nothing"}, 1, "Job not found"},
		{[]string{"job", "retry", "nothing"}, 1, "Job not found"},
		{[]string{"tmate", "hire", "adam"}, 1, "tmates user add you@example.com"},
		{[]string{"env", "--format", "xml"}, 2, "dotenv"},
		{[]string{"serve", "--listen", "nowhere"}, 1, "listen"},
		{[]string{"serve", "--unknown"}, 2, "unknown flag"},
		{[]string{"serve", "--demo", "--listen", "0.0.0.0:0"}, 2, "this machine only"},
		{[]string{"serve", "--demo", "--listen", ":0"}, 2, "this machine only"},
		{[]string{"serve", "--demo", "--listen", "192.0.2.7:0"}, 2, "this machine only"},
		{[]string{"serve", "--demo", "--data", "/nonexistent"}, 2, "--data does not go with --demo"},
		{[]string{"config", "check", "--config", "/nonexistent.yaml"}, 1, "nonexistent.yaml"},
	} {
		r := tmates("", c.args...)
		if r.code != c.code || !strings.Contains(r.err, c.says) {
			t.Errorf("%v: exit %d, %q; want %d and %q", c.args, r.code, r.err, c.code, c.says)
		}
	}
}

// TestTheFirstMinute is the README's: an account, a conversation, a restart of
// everything, with the server running and without.
func TestTheFirstMinute(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	run := func(want string, args ...string) string {
		t.Helper()
		r := tmates("", args...)
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Fatalf("%v: exit %d\n%s%s\nwant %q", args, r.code, r.out, r.err, want)
		}
		return r.out
	}
	run("There is no account yet", "user", "list")
	run("an owner", "user", "add", "ada@example.com", "--name", "Ada")
	run("an owner of a workspace of their own", "user", "add", "eve@example.com", "--name", "Eve", "--own-workspace")
	run("Ada", "chat", "adam", "hello") // no server runs: one is started for the conversation
	run("Noted", "chat", "adam", "remember that the bins go out on Tuesday")

	a := apptest.Start(t, apptest.Options{Dir: dir})
	run("Tuesday", "chat", "adam", "what do you remember?") // now through the server
	run("a member", "user", "add", "bob@example.com")
	run("bob@example.com", "user", "list")
	run("an admin of Ada", "user", "role", "bob@example.com", "admin")
	run("an owner of a workspace of their own", "user", "add", "dan@example.com", "--own-workspace")
	if r := tmates("", "user", "role", "ada@example.com", "member"); r.code != 1 || !strings.Contains(r.err, "only owner") {
		t.Errorf("the last owner: %+v", r)
	}
	code := strings.TrimSpace(run("", "user", "code", "bob@example.com"))
	if again := strings.TrimSpace(run("", "otp", "bob@example.com")); len(code) != 6 || again != code {
		t.Errorf("codes %q and %q", code, again)
	}
	if res := a.Do("POST", "/auth/v1/verify", "", map[string]string{"email": "bob@example.com", "token": code, "type": "email"}); res.Status != 200 {
		t.Errorf("the code does not work: %d %s", res.Status, res.Body)
	}
	run("nora is on the team", "tmate", "hire", "nora")
	run("TMATES_SUPABASE_URL="+a.URL+"\n", "env")
	run("export TMATES_API_BASE_URL="+a.URL+"/v1\n", "env", "--format", "export")
	var jobs []struct{ ID, State, Tmate string }
	if err := json.Unmarshal([]byte(run("", "job", "list", "--json")), &jobs); err != nil || len(jobs) != 3 || jobs[0].State != "succeeded" {
		t.Errorf("jobs %+v, %v", jobs, err)
	}
	run(jobs[0].ID, "job", "show", jobs[0].ID)
	if r := tmates("", "job", "cancel", jobs[0].ID); r.code != 1 || !strings.Contains(r.err, "not currently running") {
		t.Errorf("cancelling a finished job: %+v", r)
	}
	if r := tmates("", "serve"); r.code != 1 || !strings.Contains(r.err, "uses the data folder "+dir) || !strings.Contains(r.err, a.URL) {
		t.Errorf("a second server: %+v", r)
	}
	a.Stop()
	run("Tuesday", "chat", "adam", "what do you remember?")
	run("bob@example.com is now a member of Ada", "user", "role", "bob@example.com", "member")
	for who, place := range map[string]string{"ada": "Ada", "bob": "Ada", "eve": "Eve", "dan": "dan"} {
		if list := run("ORGANISATION", "user", "list"); !regexp.MustCompile(`(?m)^` + who + `@\S+ .* ` + place + ` `).MatchString(list) {
			t.Errorf("%s is not in %s:\n%s", who, place, list)
		}
	}
}

func TestChatLineByLine(t *testing.T) {
	t.Setenv("TMATES_DATA", t.TempDir())
	if r := tmates("", "user", "add", "ada@example.com"); r.code != 0 {
		t.Fatal(r)
	}
	r := tmates("remember that I am tall\n\nwhat do you remember?\n/quit\nnever sent\n", "chat", "open", "adam")
	if r.code != 0 || !strings.Contains(r.out, "Noted") || !strings.Contains(r.out, "- I am tall") || strings.Contains(r.out, "> ") {
		t.Errorf("%+v", r)
	}
	if r := tmates("", "chat", "nobody", "hello"); r.code != 1 || !strings.Contains(r.err, "tmates tmate list") {
		t.Errorf("%+v", r)
	}
}

func TestPasswordFromStandardInput(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	if r := tmates("correct horse battery\n", "user", "add", "ada@example.com", "--password-stdin"); r.code != 0 {
		t.Fatal(r)
	}
	a := apptest.Start(t, apptest.Options{Dir: dir})
	res := a.Do("POST", "/auth/v1/token?grant_type=password", "", map[string]string{"email": "ada@example.com", "password": "correct horse battery"})
	if res.Status != 200 {
		t.Errorf("login: %d %s", res.Status, res.Body)
	}
	if r := tmates("password\n", "user", "add", "bob@example.com", "--password-stdin"); r.code != 1 {
		t.Errorf("a weak password: %+v", r)
	}
}

func TestConfigCommands(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	t.Setenv("TMATES_SMTP_PASSWORD", "hush-hush")
	file := filepath.Join(dir, "tmates.yaml")
	if err := os.WriteFile(file, []byte("smtp:\n  host: mail.example.com\n  username: me\n  from: me@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := tmates("", "config", "show")
	if r.code != 0 || strings.Contains(r.out, "hush-hush") || !strings.Contains(r.out, "mail.example.com") || !strings.Contains(r.out, "TMATES_SMTP_PASSWORD") {
		t.Errorf("show: %+v", r)
	}
	if r := tmates("", "config", "check"); r.code != 0 || !strings.Contains(r.out, file) {
		t.Errorf("check: %+v", r)
	}
	if err := os.WriteFile(file, []byte("smtp:\n  hots: mail.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := tmates("", "config", "check"); r.code != 1 || !strings.Contains(r.err, "tmates.yaml:2") || !strings.Contains(r.err, "host") {
		t.Errorf("a misspelt key: %+v", r)
	}
	if r := tmates("", "config", "example"); r.out != "listen: example\n" {
		t.Errorf("example: %+v", r)
	}
}
