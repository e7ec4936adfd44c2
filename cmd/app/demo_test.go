package app_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
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
	link := regexp.MustCompile(`open in a browser: \S+/#/claim/(\S+) `).FindStringSubmatch(p.Said())
	if link == nil {
		t.Fatalf("there is no link to open: %s", p.Said())
	}
	get := func(method, path, bearer string, in, out any) {
		t.Helper()
		status, body, err := p.Do(method, path, bearer, in)
		if err != nil || status/100 != 2 {
			t.Fatalf("%s: %d %s %v", path, status, body, err)
		}
		if err := json.Unmarshal(body, out); err != nil {
			t.Fatal(err)
		}
	}
	var claimed struct {
		User struct{ Email string }
	}
	if get("POST", "/v1/claim", "", map[string]string{"token": link[1]}, &claimed); claimed.User.Email != account[1] {
		t.Errorf("the link signs %q in", claimed.User.Email)
	}
	var settings struct {
		Key string `json:"supabase_anon_key"`
	}
	get("GET", "/.well-known/tmates-client.json", "", nil, &settings)
	var session struct {
		Token string `json:"access_token"`
	}
	get("POST", "/auth/v1/token?grant_type=password&apikey="+settings.Key, "", map[string]string{"email": account[1], "password": account[2]}, &session)

	var instance struct{ Claimed, Demo bool }
	if get("GET", "/v1/instance", "", nil, &instance); !instance.Claimed || !instance.Demo {
		t.Errorf("it does not say that it is a demo: %+v", instance)
	}
	var threads []struct{ Title string }
	get("GET", "/v1/chats", session.Token, nil, &threads)
	var team struct {
		Messages []struct {
			Role    string
			Created time.Time `json:"created_at"`
		}
	}
	get("GET", "/v1/chats/team:all", session.Token, nil, &team)
	if first := team.Messages[0].Created; len(threads) != 5 || len(team.Messages) < 8 || time.Since(first) < 12*24*time.Hour || time.Since(first) > 15*24*time.Hour {
		t.Errorf("%d threads; the Team Chat has %d messages since %v", len(threads), len(team.Messages), first)
	}
	var posts, jobs []struct{ Status string }
	get("GET", "/v1/pinboard", session.Token, nil, &posts)
	get("GET", "/v1/jobs?limit=100", session.Token, nil, &jobs)
	states := map[string]int{}
	for _, j := range jobs {
		states[j.Status]++
	}
	var files struct {
		Files []struct{ Modified time.Time }
	}
	get("GET", "/v1/files", session.Token, nil, &files)
	if len(posts) < 5 || states["succeeded"] < 20 || states["failed"] != 1 || states["cancelled"] != 1 || len(states) != 3 || len(files.Files) != 5 {
		t.Errorf("%d posts, jobs %v, %d files", len(posts), states, len(files.Files))
	}
	for _, f := range files.Files {
		if time.Since(f.Modified) < 24*time.Hour {
			t.Errorf("a file of %v", f.Modified)
		}
	}

	p.End()
	for _, dir := range []string{temp, mine} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left in %s: %v %v", dir, left, err)
		}
	}
}
