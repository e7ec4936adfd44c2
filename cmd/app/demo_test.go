package app_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// TestDemo starts it, finds the history as the person it is about, and nothing
// once it has ended; the configured data folder never hears of it.
func TestDemo(t *testing.T) {
	t.Parallel()
	temp, mine := t.TempDir(), t.TempDir()
	p := apptest.SpawnDemo(t, "TMPDIR="+temp, "TMATES_DATA="+mine)
	if inside, err := os.ReadDir(temp); err != nil || len(inside) != 1 || !strings.Contains(p.Said(), inside[0].Name()) {
		t.Errorf("%v, %v: %s", inside, err, p.Said())
	}
	account := regexp.MustCompile(`or sign in as: +(\S+), password (\S+)`).FindStringSubmatch(p.Said())
	if account == nil {
		t.Fatalf("nobody can sign in: %s", p.Said())
	}
	get := func(method, path, bearer string, in, out any) {
		t.Helper()
		status, body, err := p.Do(method, path, bearer, in)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s %v", path, status, body, err)
		}
		if err := json.Unmarshal(body, out); err != nil {
			t.Fatal(err)
		}
	}
	link := regexp.MustCompile(`(http://\S+)/#/claim/(\S+)`).FindStringSubmatch(p.Said())
	if link == nil || link[1] != p.URL {
		t.Fatalf("no link: %s", p.Said())
	}
	for _, want := range []int{http.StatusCreated, http.StatusForbidden} { // it lets in once
		if status, body, err := p.Do("POST", "/v1/claim", "", map[string]string{"token": link[2], "email": account[1]}); err != nil || status != want {
			t.Errorf("claim: %d %s %v, want %d", status, body, err, want)
		}
	}
	var settings struct {
		Key string `json:"supabase_anon_key"`
	}
	get("GET", "/.well-known/tmates-client.json", "", nil, &settings)
	var session struct {
		Token string `json:"access_token"`
	}
	get("POST", "/auth/v1/token?grant_type=password&apikey="+settings.Key, "", map[string]string{"email": account[1], "password": account[2]}, &session)

	var about struct {
		Name          string
		Claimed, Demo bool
	}
	get("GET", "/v1/instance", "", nil, &about)
	if !about.Demo || !about.Claimed || about.Name != "Knead to Know Bakery" {
		t.Errorf("%+v", about)
	}
	lookAtHistory(t, func(path string, out any) { t.Helper(); get("GET", path, session.Token, nil, out) })

	p.End()
	for _, dir := range []string{temp, mine} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left in %s: %v %v", dir, left, err)
		}
	}
}

// Closing the terminal ends a demo like any other end: nothing stays.
func TestDemoEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	p := apptest.SpawnDemo(t, "TMPDIR="+temp)
	process, err := os.FindProcess(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // from the kernel and from the shell
		if err := process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	<-p.Died()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// lookAtHistory finds two weeks of it, of which the last answers are not read.
func lookAtHistory(t *testing.T, get func(path string, out any)) {
	t.Helper()
	var threads []struct {
		Title  string
		Unread int `json:"unread_count"`
	}
	get("/v1/chats", &threads)
	unread := map[string]int{}
	for _, th := range threads {
		if th.Unread > 0 {
			unread[th.Title] = th.Unread
		}
	}
	if want := (map[string]int{"Adam": 1, "Vera": 1}); !maps.Equal(unread, want) {
		t.Errorf("unread: %v", unread)
	}
	var team struct {
		Messages []struct {
			Role    string
			Created time.Time `json:"created_at"`
		}
	}
	get("/v1/chats/team:all", &team)
	if first := team.Messages[0].Created; len(threads) != 5 || len(team.Messages) < 8 || time.Since(first) < 12*24*time.Hour || time.Since(first) > 15*24*time.Hour {
		t.Errorf("%d threads; the Team Chat has %d messages since %v", len(threads), len(team.Messages), first)
	}
	var posts, jobs []struct{ Status string }
	get("/v1/pinboard", &posts)
	get("/v1/jobs?limit=100", &jobs)
	states := map[string]int{}
	for _, j := range jobs {
		states[j.Status]++
	}
	var files struct {
		Files []struct{ Modified time.Time }
	}
	get("/v1/files", &files)
	if len(posts) < 5 || states["succeeded"] < 20 || states["failed"] != 1 || states["cancelled"] != 1 || len(states) != 3 || len(files.Files) != 5 {
		t.Errorf("%d posts, jobs %v, %d files", len(posts), states, len(files.Files))
	}
	for _, f := range files.Files {
		if time.Since(f.Modified) < 24*time.Hour {
			t.Errorf("a file of %v", f.Modified)
		}
	}
}
