package v1_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// story is what the chapters of TestGolden share.
type story struct {
	app      *apptest.App
	ann, bob *apptest.User
	model    script
	socket   *apptest.Socket // Ann's
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// anonymous records an answer to somebody without a token.
func (s *story) anonymous(g *golden, method, path string) {
	g.add("no token", method+" "+path, s.app.Do(method, path, "", nil))
	g.add("bad token", method+" "+path, s.app.Do(method, path, "a.b.c", nil))
}

func (s *story) health(t *testing.T) {
	g := newGolden(t, "get_health")
	g.add("up", "GET /health", s.app.Do("GET", "/health", "", nil))
	g.add("head", "HEAD /health", s.app.Do("HEAD", "/health", "", nil))
}

func (s *story) store(t *testing.T) {
	g := newGolden(t, "get_agents_store")
	s.anonymous(g, "GET", "/v1/agents/store")
	g.do("after onboarding", s.ann, "GET", "/v1/agents/store", nil)

	g = newGolden(t, "post_agents_manage")
	s.anonymous(g, "POST", "/v1/agents/manage")
	for _, c := range []struct{ name, body string }{
		{"no key", `{"action":"add"}`},
		{"blank key", `{"agent_key":"  ","action":"juggle"}`},
		{"no action", `{"agent_key":"nora"}`},
		{"unknown action", `{"agent_key":"nobody","action":"juggle"}`},
		{"unknown tmate", `{"agent_key":"nobody","action":"add"}`},
		{"a path", `{"agent_key":"../adam","action":"add"}`},
		{"not texts", `{"agent_key":1,"action":null}`},
		{"a list", `[]`},
		{"null", `null`},
		{"broken", `{"agent_key":`},
		{"add", `{"agent_key":" nora ","action":" add "}`},
		{"add again", `{"agent_key":"nora","action":"add"}`},
		{"add adam again", `{"agent_key":"adam","action":"add"}`},
		{"hire by name", `{"agent_key":"dana","action":"hire"}`},
		{"remove", `{"agent_key":"numbers","action":"remove"}`},
		{"remove again", `{"agent_key":"numbers","action":"dismiss"}`},
		{"remove unknown", `{"agent_key":"nobody","action":"remove"}`},
	} {
		g.do(c.name, s.ann, "POST", "/v1/agents/manage", c.body)
	}
	g = newGolden(t, "post_agents_hire")
	s.anonymous(g, "POST", "/v1/agents/hire")
	for _, c := range []struct{ name, path, body string }{
		{"no body", "/v1/agents/hire", ``},
		{"no key", "/v1/agents/hire", `{}`},
		{"not a text", "/v1/agents/hire", `{"agent_key":1}`},
		{"unknown", "/v1/agents/hire", `{"agent_key":"nobody"}`},
		{"hire", "/v1/agents/hire", `{"agent_key":"numbers"}`},
		{"dismiss by key", "/v1/agents/dismiss", `{"key":"numbers"}`},
		{"hire by query", "/v1/agents/hire?agent_key=numbers", ``},
		{"dismiss by query", "/v1/agents/dismiss?key=numbers", ``},
	} {
		g.do(c.name, s.ann, "POST", c.path, c.body)
	}
	g = newGolden(t, "get_teammates")
	s.anonymous(g, "GET", "/v1/teammates")
	g.do("two hired", s.ann, "GET", "/v1/teammates", nil)
	g.do("same organisation", s.bob, "GET", "/v1/teammates", nil)
}

func (s *story) metadata(t *testing.T) {
	g := newGolden(t, "get_agents_metadata")
	s.anonymous(g, "GET", "/v1/agents/metadata")
	g.do("two of three hired", s.ann, "GET", "/v1/agents/metadata", nil)

	g = newGolden(t, "get_agents_key_metadata")
	s.anonymous(g, "GET", "/v1/agents/adam/metadata")
	g.do("hired", s.ann, "GET", "/v1/agents/adam/metadata", nil)
	g.do("not hired", s.ann, "GET", "/v1/agents/numbers/metadata", nil)
	g.do("unknown", s.ann, "GET", "/v1/agents/no%20body/metadata", nil)

	g = newGolden(t, "get_agents_enabled")
	s.anonymous(g, "GET", "/v1/agents/enabled")
	g.do("two hired", s.ann, "GET", "/v1/agents/enabled", nil)

	g = newGolden(t, "get_agents_platform")
	s.anonymous(g, "GET", "/v1/agents/platform")
	g.do("with a token", s.ann, "GET", "/v1/agents/platform", nil)
}

func (s *story) chats(t *testing.T) {
	g := newGolden(t, "get_chats")
	s.anonymous(g, "GET", "/v1/chats")
	g.do("all", s.ann, "GET", "/v1/chats", nil)
	g.do("newest", s.ann, "GET", "/v1/chats?limit=1", nil)
	g.do("zero", s.ann, "GET", "/v1/chats?limit=0", nil)
	g.do("too many", s.ann, "GET", "/v1/chats?limit=101", nil)
	g.do("no number", s.ann, "GET", "/v1/chats?limit=abc", nil)
	g.do("empty", s.ann, "GET", "/v1/chats?limit=", nil)
	g.do("beyond any number", s.ann, "GET", "/v1/chats?limit=99999999999999999999", nil)

	g = newGolden(t, "post_chats")
	s.anonymous(g, "POST", "/v1/chats?agent_key=adam")
	g.do("open", s.ann, "POST", "/v1/chats?agent_key=adam", nil)
	g.do("another case and blanks", s.ann, "POST", "/v1/chats?agent_key=%20ADAM%20", nil)
	g.do("by body", s.ann, "POST", "/v1/chats", `{"agent_key":"adam"}`)
	g.do("not hired", s.ann, "POST", "/v1/chats?agent_key=numbers", nil)
	g.do("unknown", s.ann, "POST", "/v1/chats?agent_key=nobody", nil)
	g.do("missing", s.ann, "POST", "/v1/chats", nil)
	g.do("missing in the body", s.ann, "POST", "/v1/chats", `{}`)
	g.do("number in the body", s.ann, "POST", "/v1/chats", `{"agent_key":5}`)
	g.do("broken body nobody asked for", s.ann, "POST", "/v1/chats?agent_key=adam", `{`)
	g.do("blank first message", s.ann, "POST", "/v1/chats?agent_key=adam", `{"content":" "}`)
	g.do("bad first attachment", s.ann, "POST", "/v1/chats", `{"agent_key":"adam","attachments":[{}]}`)

	adam := s.ann.Thread("Adam")
	g = newGolden(t, "get_chats_id")
	s.anonymous(g, "GET", "/v1/chats/"+adam)
	g.do("greeted", s.ann, "GET", "/v1/chats/"+adam, nil)
	g.do("by alias", s.ann, "GET", "/v1/chats/team%3Aall", nil)
	g.do("newest", s.ann, "GET", "/v1/chats/group:all?limit=1", nil)
	g.do("somebody else's", s.bob, "GET", "/v1/chats/"+adam, nil)
	g.do("unknown", s.ann, "GET", "/v1/chats/"+randomID, nil)
	g.do("malformed", s.ann, "GET", "/v1/chats/123", nil)
	g.do("not hired", s.ann, "GET", "/v1/chats/agent:numbers", nil)
	g.do("limit too large", s.ann, "GET", "/v1/chats/"+adam+"?limit=501", nil)
	g.do("limit too small", s.ann, "GET", "/v1/chats/"+adam+"?limit=0", nil)
}

func (s *story) messages(t *testing.T) {
	adam := s.ann.Thread("Adam")
	path := "/v1/chats/" + adam + "/messages"
	g := newGolden(t, "post_chats_id_messages")
	s.anonymous(g, "POST", path)
	g.do("plain", s.ann, "POST", path, `{"content":" Hello <Adam> & Ünï ","payload":{"x":1},"unknown":true}`)
	s.socket.Until(apptest.Completed)
	g.do("with files", s.ann, "POST", path,
		`{"content":"","attachments":[{"uri":"/v1/files/download/a%20b.png?x=1","type":"image/png","size_bytes":"5","width":-1,"extra":1}],"session_id":"mine"}`)
	s.socket.Until(apptest.Completed)
	g.do("by alias", s.ann, "POST", "/v1/chats/agent%3Aadam/messages", `{"content":"again"}`)
	s.socket.Until(apptest.Completed)
	for _, c := range []struct{ name, body string }{
		{"empty", `{"content":""}`},
		{"blanks", `{"content":" \n "}`},
		{"no content", `{"session_id":5}`},
		{"several faults", `{"content":1,"attachments":[{},{"uri":5}],"payload":null}`},
		{"long session", `{"content":"a","session_id":"` + strings.Repeat("s", 129) + `"}`},
		{"null", `null`},
		{"list", `["a"]`},
		{"broken", `{"content": "a",}`},
	} {
		g.do(c.name, s.ann, "POST", path, c.body)
	}
	g.do("no body", s.ann, "POST", path, nil)
	g.do("somebody else's", s.bob, "POST", path, `{"content":"a"}`)
	g.do("unknown", s.ann, "POST", "/v1/chats/"+randomID+"/messages", `{"content":"a"}`)
	g.do("malformed", s.ann, "POST", "/v1/chats/123/messages", `{"content":"a"}`)

	g = newGolden(t, "get_chats_id_talked")
	g.do("all", s.ann, "GET", "/v1/chats/"+adam, nil)
	say(s.ann, s.socket, adam, "fail")
	g.do("failed", s.ann, "GET", "/v1/chats/"+adam+"?limit=2", nil)
}

func (s *story) gmail(t *testing.T) {
	g := newGolden(t, "gmail")
	for _, r := range []struct{ method, path string }{
		{"GET", "/v1/integrations/gmail/status"}, {"POST", "/v1/integrations/gmail/disconnect"},
		{"GET", "/v1/integrations/gmail/authorization-url"}, {"POST", "/v1/integrations/gmail/exchange"},
	} {
		s.anonymous(g, r.method, r.path)
		g.do("not configured", s.ann, r.method, r.path, `{"code":"a","state":"b"}`)
	}
	g.do("nothing to exchange", s.ann, "POST", "/v1/integrations/gmail/exchange", `{"code":1}`)
}

func (s *story) pinboard(t *testing.T) {
	g := newGolden(t, "get_pinboard")
	s.anonymous(g, "GET", "/v1/pinboard")
	g.do("empty", s.ann, "GET", "/v1/pinboard", nil)
	say(s.ann, s.socket, s.ann.Thread("Adam"), "pin Weekly Numbers")
	g.do("one post", s.ann, "GET", "/v1/pinboard", nil)
	g.do("read by a colleague", s.bob, "GET", "/v1/pinboard?limit=1", nil)
	g.do("limit", s.ann, "GET", "/v1/pinboard?limit=101", nil)

	g = newGolden(t, "post_pinboard")
	s.anonymous(g, "POST", "/v1/pinboard")
	for _, c := range []struct{ name, body string }{
		{"nothing", `{}`},
		{"wrong kinds", `{"title":1,"content_md":null,"excerpt":[],"author_agent_key":{},"priority":true,"attachments":{},"sources":[1]}`},
		{"a fraction", `{"title":"a","content_md":"b","priority":1.5}`},
		{"no key of a tmate", `{"title":"a","content_md":"b","author_agent_key":"../x"}`},
		{"by a person", `{"title":" Hello, World! Ünïcode & more ","content_md":"# Hi\n\nSome **body** with a [link](https://a.example)."}`},
		{"by a tmate", `{"title":"Second","content_md":"","author_agent_key":"adam","priority":"urgent","cover_url":" ","excerpt":"Short.",` +
			`"attachments":[{"url":"/a.pdf","name":"A","type":null},{"label":"nowhere"},{}],"sources":[{"url":"https://s.example","title":"S"}]}`},
		{"a number as priority", `{"title":"Third","content_md":"c","priority":3}`},
	} {
		g.do(c.name, s.ann, "POST", "/v1/pinboard", c.body)
	}
	g = newGolden(t, "delete_pinboard_slug")
	s.anonymous(g, "DELETE", "/v1/pinboard/third")
	g.do("somebody else's", s.bob, "DELETE", "/v1/pinboard/third", nil)
	g.do("deleted", s.ann, "DELETE", "/v1/pinboard/third", nil)
	g.do("gone", s.ann, "DELETE", "/v1/pinboard/third", nil)

	g = newGolden(t, "get_pinboard_slug")
	s.anonymous(g, "GET", "/v1/pinboard/weekly-numbers")
	g.do("found", s.ann, "GET", "/v1/pinboard/weekly-numbers", nil)
	g.do("unknown", s.ann, "GET", "/v1/pinboard/nothing", nil)
	g.do("two segments", s.ann, "GET", "/v1/pinboard/weekly-numbers/x", nil)
	g.do("two segments, encoded", s.ann, "GET", "/v1/pinboard/weekly-numbers%2Fx", nil)
}

func (s *story) files(t *testing.T) {
	old := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	g := newGolden(t, "get_files")
	s.anonymous(g, "GET", "/v1/files")
	g.do("none", s.ann, "GET", "/v1/files", nil)
	putFile(t, s.app, s.ann, "sub dir/r ü.csv", strings.Repeat("x", 1025), old)
	putFile(t, s.app, s.ann, "notes.txt", "abc", old.Add(time.Hour+250*time.Microsecond))
	g.do("two", s.ann, "GET", "/v1/files", nil)
	g.do("newest", s.ann, "GET", "/v1/files?limit=1", nil)
	g.do("limit", s.ann, "GET", "/v1/files?limit=501", nil)
	g.do("somebody else", s.bob, "GET", "/v1/files", nil)
	g.do("head", s.ann, "HEAD", "/v1/files", nil)

	g = newGolden(t, "delete_files")
	s.anonymous(g, "DELETE", "/v1/files/notes.txt")
	g.do("somebody else's", s.bob, "DELETE", "/v1/files/notes.txt", nil)
	g.do("unknown", s.ann, "DELETE", "/v1/files/nothing.txt", nil)
	g.do("a folder", s.ann, "DELETE", "/v1/files/sub%20dir", nil)
	g.do("encoded twice", s.ann, "DELETE", "/v1/files/sub%2520dir%2Fr%20%C3%BC.csv", nil)
	g.do("escape", s.ann, "DELETE", "/v1/files/..%2F..%2Ftmates.db", nil)
	g.do("absolute", s.ann, "DELETE", "/v1/files/%2Fetc%2Fpasswd", nil)
	g.do("encoded slash", s.ann, "DELETE", "/v1/files/sub%20dir%2Fr%20%C3%BC.csv", nil)
	g.do("gone", s.ann, "DELETE", "/v1/files/sub%20dir/r%20%C3%BC.csv", nil)
	putFile(t, s.app, s.ann, "sub dir/r.csv", "x", old)
	g.do("raw slash", s.ann, "DELETE", "/v1/files/sub%20dir/r.csv", nil)
}

func (s *story) profile(t *testing.T) {
	g := newGolden(t, "get_profile")
	s.anonymous(g, "GET", "/v1/profile")
	g.do("owner", s.ann, "GET", "/v1/profile", nil)
	g.do("member", s.bob, "GET", "/v1/profile", nil)

	g = newGolden(t, "patch_profile")
	s.anonymous(g, "PATCH", "/v1/profile")
	for _, c := range []struct{ name, body string }{
		{"name", `{"display_name":" Ann B. "}`},
		{"avatar", `{"avatar_url":"https://Example.org","email":"ANN@example.org"}`},
		{"other address", `{"email":"eve@example.org"}`},
		{"nothing", `{"display_name":"  ","avatar_url":null}`},
		{"bad link", `{"avatar_url":"ftp://h/a"}`},
		{"wrong kinds", `{"display_name":1,"avatar_url":[],"email":{}}`},
		{"broken", `{`},
	} {
		g.do(c.name, s.ann, "PATCH", "/v1/profile", c.body)
	}
}

func (s *story) settings(t *testing.T) {
	g := newGolden(t, "get_settings_mobile")
	s.anonymous(g, "GET", "/v1/settings/mobile")
	g.do("defaults", s.ann, "GET", "/v1/settings/mobile", nil)

	g = newGolden(t, "patch_settings_mobile")
	s.anonymous(g, "PATCH", "/v1/settings/mobile")
	for _, c := range []struct{ name, body string }{
		{"all off but one", `{"allow_notifications":"no","mentions":"ON"}`},
		{"on restores nothing", `{"allow_notifications":1}`},
		{"theme", `{"theme_preference":" Dark "}`},
		{"nothing", `{"mentions":null}`},
		{"several faults", `{"mentions":"perhaps","theme_preference":"pink"}`},
		{"list", `[]`},
	} {
		g.do(c.name, s.ann, "PATCH", "/v1/settings/mobile", c.body)
	}
}

func (s *story) jobs(t *testing.T) {
	team := s.ann.Thread("Team Chat")
	g := newGolden(t, "post_jobs")
	s.anonymous(g, "POST", "/v1/jobs")
	for _, c := range []struct{ name, body string }{
		{"no key", `{}`},
		{"empty key", `{"agent_key":""}`},
		{"blank key", `{"agent_key":" "}`},
		{"not hired", `{"agent_key":"numbers"}`},
		{"unknown", `{"agent_key":"nobody"}`},
		{"wrong kinds", `{"agent_key":1,"cli_args":[],"env_overrides":{"A":1},"metadata":null}`},
		{"unknown thread", `{"agent_key":"adam","metadata":{"thread_id":"` + randomID + `"}}`},
		{"somebody else's thread", `{"agent_key":"adam","metadata":{"thread_id":"` + s.bob.Thread("Team Chat") + `"}}`},
	} {
		g.do(c.name, s.ann, "POST", "/v1/jobs", c.body)
	}
	res := g.do("slow", s.ann, "POST", "/v1/jobs",
		`{"agent_key":"ADAM","task":" Sum ","cli_args":{"message":"slow sum"},"extra_args":7,"env_overrides":{"A":"b"},"metadata":{"thread_id":"`+team+`","queue":"x"}}`)
	var job struct{ ID string }
	res.Decode(&job)
	s.socket.Until(func(f map[string]any) bool { return f["type"] == "chat_status" && f["status"] == "agent_typing" })

	g = newGolden(t, "post_jobs_id_cancel")
	s.anonymous(g, "POST", "/v1/jobs/"+job.ID+"/cancel")
	g.do("somebody else's", s.bob, "POST", "/v1/jobs/"+job.ID+"/cancel", nil)
	g.do("unknown", s.ann, "POST", "/v1/jobs/"+randomID+"/cancel", nil)
	g.do("malformed", s.ann, "POST", "/v1/jobs/1/cancel", nil)
	cancelled := s.ann.Do("POST", "/v1/jobs/"+job.ID+"/cancel", nil)
	g.add("running", "POST /v1/jobs/"+job.ID+"/cancel", withoutStart(t, cancelled))
	g.do("again", s.ann, "POST", "/v1/jobs/"+job.ID+"/cancel", nil)
	s.socket.Until(apptest.Completed)

	g = newGolden(t, "get_jobs_id")
	s.anonymous(g, "GET", "/v1/jobs/"+job.ID)
	g.add("cancelled", "GET /v1/jobs/"+job.ID, withoutStart(t, s.ann.Do("GET", "/v1/jobs/"+job.ID, nil)))
	g.do("somebody else's", s.bob, "GET", "/v1/jobs/"+job.ID, nil)
	g.do("unknown", s.ann, "GET", "/v1/jobs/"+randomID, nil)
	g.do("malformed", s.ann, "GET", "/v1/jobs/1", nil)

	g = newGolden(t, "get_jobs")
	s.anonymous(g, "GET", "/v1/jobs")
	g.add("newest", "GET /v1/jobs?limit=1", withoutStart(t, s.ann.Do("GET", "/v1/jobs?limit=1", nil)))
	g.do("none", s.bob, "GET", "/v1/jobs", nil)
	g.do("limit", s.ann, "GET", "/v1/jobs?limit=0", nil)
}

// withoutStart hides whether a worker had begun before the job was cancelled:
// both are right.
func withoutStart(t *testing.T, res apptest.Response) apptest.Response {
	t.Helper()
	v := res.JSON()
	jobs, _ := v.([]any)
	if job, ok := v.(map[string]any); ok {
		jobs = []any{job}
	}
	for _, job := range jobs {
		if job, ok := job.(map[string]any); ok {
			if _, ok := job["started_at"]; !ok {
				t.Error("started_at is missing")
			}
			job["started_at"] = "null or time"
		}
	}
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	res.Body = body
	return res
}

func (s *story) emptying(t *testing.T) {
	adam, nora := s.ann.Thread("Adam"), s.ann.Thread("Nora")
	g := newGolden(t, "post_chats_id_session_reset")
	s.anonymous(g, "POST", "/v1/chats/"+adam+"/session/reset")
	g.do("somebody else's", s.bob, "POST", "/v1/chats/"+adam+"/session/reset", nil)
	g.do("unknown", s.ann, "POST", "/v1/chats/"+randomID+"/session/reset", nil)
	g.do("reset", s.ann, "POST", "/v1/chats/"+adam+"/session/reset", nil)

	g = newGolden(t, "post_chats_id_clear")
	s.anonymous(g, "POST", "/v1/chats/"+adam+"/clear")
	g.do("somebody else's", s.bob, "POST", "/v1/chats/"+adam+"/clear", nil)
	g.do("unknown", s.ann, "POST", "/v1/chats/"+randomID+"/clear", nil)
	g.do("clear", s.ann, "POST", "/v1/chats/"+adam+"/clear", nil)
	g.do("afterwards", s.ann, "GET", "/v1/chats/"+adam, nil)

	g = newGolden(t, "delete_chats_id")
	s.anonymous(g, "DELETE", "/v1/chats/"+nora)
	g.do("somebody else's", s.bob, "DELETE", "/v1/chats/"+nora, nil)
	g.do("unknown", s.ann, "DELETE", "/v1/chats/"+randomID, nil)
	g.do("delete", s.ann, "DELETE", "/v1/chats/"+nora, nil)
	g.do("again", s.ann, "DELETE", "/v1/chats/"+nora, nil)
	if res := s.ann.Do("GET", "/v1/chats/"+nora, nil); res.Status != http.StatusNotFound {
		t.Errorf("deleted thread: %d", res.Status)
	}
	if again := s.ann.Must(http.StatusCreated, "POST", "/v1/chats?agent_key=nora", nil); strings.Contains(string(again.Body), nora) {
		t.Errorf("the deleted thread is back: %s", again.Body)
	}
}
