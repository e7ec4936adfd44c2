package v1_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	v1 "github.com/tmates/tmates/server/v1"
)

// The crossing asks every route of the table, so that none can be forgotten: a
// route whose parameters or body are not known here fails it.

// good are bodies that the routes which change something accept; empty where
// none is read. THREAD stands for a thread of the caller.
var good = map[string]string{
	"POST /agents/manage":                  `{"agent_key":"adam","action":"add"}`,
	"POST /agents/hire":                    `{"agent_key":"adam"}`,
	"POST /agents/dismiss":                 `{"agent_key":"nora"}`,
	"POST /agents/catalog/sync":            "",
	"POST /agent-catalog/sync":             "",
	"POST /providers/detect":               "",
	"POST /providers/models":               `{"type":"ollama","base_url":"http://127.0.0.1:1"}`,
	"POST /providers/test":                 `{"type":"ollama","base_url":"http://127.0.0.1:1","model":"m"}`,
	"PUT /providers/default":               `{"name":"home"}`,
	"PUT /providers/:provider_name":        `{"type":"ollama","base_url":"http://127.0.0.1:1","model":"m"}`,
	"POST /chats":                          `{"agent_key":"adam"}`,
	"POST /chats/:thread_id/clear":         "",
	"POST /chats/:thread_id/session/reset": "",
	"POST /chats/:thread_id/messages":      `{"content":"hello"}`,
	"PUT /chats/:thread_id/read":           `{"seq":1}`,
	"POST /pinboard":                       `{"title":"T","content_md":"c"}`,
	"PATCH /memories/:memory_id":           `{"content":"another fact"}`,
	"PUT /agents/:agent_key/permissions":   `{}`,
	"POST /tmates":                         `{"manifest":"name: Helper"}`,
	"POST /tmates/check":                   `{"manifest":"name: Helper"}`,
	"PUT /tmates/:tmate_key":               `{"manifest":"name: Helper"}`,
	"PATCH /profile":                       `{"display_name":"Somebody"}`,
	"PATCH /profile/me":                    `{"display_name":"Somebody"}`,
	"PATCH /settings/mobile":               `{"mentions":true}`,
	"PATCH /settings/web":                  `{"theme":"dark"}`,
	"POST /jobs":                           `{"agent_key":"adam","task":"sum"}`,
	"POST /jobs/:job_id/cancel":            "",
	"POST /jobs/:job_id/retry":             "",
	"POST /integrations/gmail/exchange":    `{"code":"c","state":"s"}`,
	"POST /integrations/gmail/disconnect":  "",
	"POST /files/upload":                   "", // no JSON
	"POST /files/generate-view-url/*":      "",
	"POST /billing/onboard":                `{}`,
	"POST /billing/checkout":               `{"plan_key":"pro"}`,
	"POST /billing/portal":                 `{}`,
	"POST /billing/sync":                   "",
	"POST /billing/webhook":                "",
	"PATCH /organization":                  `{"name":"Somewhere"}`,
	"PATCH /organization/members/:user_id": `{"role":"member"}`,
	"POST /organization/members":           `{"email":"dan@example.com","role":"member"}`,
	"POST /claim":                          `{"token":"t","email":"dan@example.com"}`,
	"POST /internal/agent-result":          `{"job_id":"j","agent_key":"adam","user_id":"USER","result_data":"r","metadata":{"thread_id":"THREAD"}}`,
	"POST /internal/chat-status":           `{"agent_key":"adam","user_id":"USER","thread_id":"THREAD"}`,
	"POST /internal/chat-history":          `{"agent_key":"adam","user_id":"USER","thread_id":"THREAD"}`,
}

// unconfigured end in 503 on a server without a catalog and a provider of
// payments.
var unconfigured = []string{
	"/billing/checkout", "/billing/portal", "/billing/sync", "/billing/webhook", "/agents/catalog", "/agent-catalog", "catalog/sync",
}

// malformed are ids that cannot be anybody's.
var malformed = []string{
	"123", "%00", "..", "%2e%2e", "null", "%F0%9F%A4%96", "%ff", "a%20b", "'%20OR%201=1--", "team:nobody", "agent:", "agent:nobody",
	strings.Repeat("a", 5000), "%25%32%65", "00000000-0000-0000-0000-000000000000",
}

// crossing is a product with things of Ann's in it, Bob of the same
// organisation and Carl of another.
type crossing struct {
	t              *testing.T
	app            *apptest.App
	ann, bob, carl *apptest.User
	things         map[string]thing // by parameter
	now            *atomic.Int64    // moved by the test, in nanoseconds
}

// thing is one of Ann's: what stands for it in a path, and whether her
// organisation shares it. An empty id belongs to nobody.
type thing struct {
	id     string
	shared bool
}

func newCrossing(t *testing.T, change func(*config.Config)) *crossing {
	t.Helper()
	c := &crossing{t: t, now: &atomic.Int64{}}
	var model script
	c.app, c.ann, c.bob, model = productAt(t, func() time.Time { return time.Now().Add(time.Duration(c.now.Load())) }, change)
	t.Cleanup(func() { close(model.release) }) // before the server stops
	if err := c.app.Call("user.add", control.AddUser{Email: "carl@example.org", Name: "Carl", Own: true}, new(control.User)); err != nil {
		t.Fatal(err)
	}
	c.carl = c.app.Login("carl@example.org")
	var made struct{ ID string }
	c.ann.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "slow sum"}).Decode(&made)
	slug := pin(c.ann, map[string]any{"title": "Between us", "content_md": "c"}).Slug
	file := upload(t, c.ann, "plans.txt", "The plan.").RelativePath
	say(c.ann, c.ann.Dial(), "team:all", "note Ann likes tea")
	c.things = map[string]thing{
		"memory_id": {id: memories(c.ann, "").Memories[0].ID},
		"thread_id": {id: c.ann.Thread("Adam")},
		"job_id":    {id: made.ID},
		"slug":      {id: slug, shared: true},
		"*":         {id: file},
		"user_id":   {id: c.ann.ID, shared: true},
		// The login Ann asks with.
		"session_id": {id: sessionOf(c.ann)},
		// A provider belongs to the server; whoever does not lead that learns nothing.
		"provider_name": {id: "home"},
		"agent_key":     {},
		// A tmate is everybody's; one that not everybody sees is of a catalog.
		"tmate_key": {id: "hidden-tmate-of-another-organisation", shared: true},
	}
	return c
}

// answer is what two requests must have in common.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

// ask sends a request with everything a client can choose.
func (c *crossing) ask(method, path, token, contentType, body string) reply {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.app.URL+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatalf("%s %.100s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	var out bytes.Buffer
	if _, err := out.ReadFrom(res.Body); err != nil {
		c.t.Fatal(err)
	}
	res.Header.Del("Date")
	missing := res.StatusCode == http.StatusServiceUnavailable &&
		slices.ContainsFunc(unconfigured, func(end string) bool { return strings.HasSuffix(path, end) })
	if res.StatusCode >= 500 && !missing {
		c.t.Errorf("%s %.100s: %d %s", method, path, res.StatusCode, &out)
	}
	return reply{res.StatusCode, res.Header, out.String()}
}

// path fills a route's parameters.
func (c *crossing) path(r v1.Route, id func(param string) string) string {
	var out []string
	for _, part := range strings.Split(r.Path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok || part == "*" {
			if part == "*" {
				name = part
			}
			if _, known := c.things[name]; !known {
				c.t.Fatalf("%s %s: say in this test what %s is", r.Method, r.Path, name)
			}
			part = id(name)
		}
		out = append(out, part)
	}
	return strings.Join(out, "/")
}

// body is what a route accepts, for a caller.
func (c *crossing) body(r v1.Route, userID, threadID string) string {
	b, known := good[r.Method+" "+r.Path]
	if !known && (r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodPut) {
		c.t.Fatalf("%s %s: say in this test what it accepts", r.Method, r.Path)
	}
	return strings.NewReplacer("USER", userID, "THREAD", threadID).Replace(b)
}

func params(r v1.Route) (names []string) {
	for _, part := range strings.Split(r.Path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			names = append(names, name)
		} else if part == "*" {
			names = append(names, part)
		}
	}
	return names
}

// Nobody gets in without a token that is good now, and the answer does not tell
// what is wrong with it.
func TestCrossingCredentials(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, withInternal)
	stale := c.ann.Token
	c.now.Store(int64(2 * time.Hour)) // beyond the life of an access token
	fresh := c.app.Login(c.bob.Email).Token
	tokens := map[string]string{
		"expired": stale, "broken": fresh[:len(fresh)-3], "of another kind": c.app.AnonKey, "no token": "a.b.c", "refresh": c.bob.Refresh,
	}
	own := func(name string) string { return url.PathEscape(c.things[name].id) }
	for _, r := range v1.Routes() {
		path, body := c.path(r, own), c.body(r, c.ann.ID, "team:all")
		for _, prefix := range v1.Prefixes() {
			want := map[v1.Access]int{v1.AccessToken: 401, v1.AccessInternal: 401, v1.AccessSocket: 403, v1.AccessLink: 422}[r.Access]
			if want == 0 {
				continue // public ones are a reviewed list
			}
			none := c.ask(r.Method, prefix+path, "", "application/json", body)
			if none.Status != want || (none.Header.Get("WWW-Authenticate") == "Bearer") != (want == 401) {
				t.Errorf("%s %s without a token: %+v", r.Method, prefix+path, none)
			}
			var first *reply
			for name, token := range tokens {
				got := c.ask(r.Method, prefix+path, token, "application/json", body)
				if first == nil {
					first = &got
				}
				if got.Status != want {
					t.Errorf("%s %s with the token %q: %+v", r.Method, prefix+path, name, got)
				}
				if diff := cmp.Diff(*first, got); diff != "" {
					t.Errorf("%s %s tells tokens apart (%q):\n%s", r.Method, prefix+path, name, diff)
				}
			}
		}
	}
}

// Somebody else's ids, those of another organisation and ids of nothing answer
// byte for byte alike.
func TestCrossingForeignIDs(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, nil)
	for _, r := range v1.Routes() {
		for _, param := range params(r) {
			th := c.things[param]
			if r.Access == v1.AccessInternal || r.Access == v1.AccessPublic || r.Access == v1.AccessLink || th.id == "" {
				continue
			}
			callers := []*apptest.User{c.carl}
			if !th.shared {
				callers = append(callers, c.bob)
			}
			for _, u := range callers {
				c.crossIDs(r, param, th.id, u)
			}
		}
	}
	// Nothing of all this has touched what is Ann's.
	for path, want := range map[string]int{
		"/v1/chats/" + c.things["thread_id"].id: 200, "/v1/jobs/" + c.things["job_id"].id: 200, "/v1/pinboard/" + c.things["slug"].id: 200,
		"/v1/files/download/" + c.things["*"].id: 200,
	} {
		c.ann.Must(want, "GET", path, nil)
	}
	if kept := memories(c.ann, "").Memories; len(kept) != 1 || kept[0].Content != "Ann likes tea" {
		t.Errorf("what Adam remembers of Ann: %+v", kept)
	}
}

func (c *crossing) crossIDs(r v1.Route, param, foreign string, u *apptest.User) {
	ask := func(id string) reply {
		path := "/v1" + c.path(r, func(name string) string {
			if name == param {
				return id
			}
			return "x"
		})
		got := c.ask(r.Method, path, u.Token, "application/json", c.body(r, u.ID, "team:all"))
		for _, spelled := range []string{id, must(url.PathUnescape(id))} {
			got.Body = strings.ReplaceAll(got.Body, spelled, "ID")
		}
		return got
	}
	unknown := randomID
	if param == "*" {
		unknown = "0123456789abcdef0123456789abcdef.txt"
	}
	want := ask(unknown)
	if want.Status < 400 {
		c.t.Errorf("%s %s: an unknown %s answers %+v", r.Method, r.Path, param, want)
	}
	if diff := cmp.Diff(want, ask(foreign)); diff != "" {
		c.t.Errorf("%s %s as %s: somebody else's %s (-unknown +foreign):\n%s", r.Method, r.Path, u.Email, param, diff)
	}
	if diff := cmp.Diff(want, ask(strings.ToUpper(foreign))); diff != "" && param != "*" {
		c.t.Errorf("%s %s as %s: somebody else's %s in capitals (-unknown +foreign):\n%s", r.Method, r.Path, u.Email, param, diff)
	}
}

func must(s string, err error) string {
	if err != nil {
		return "\x00"
	}
	return s
}

// Ids that cannot be are refused with a reason, and never shake the server.
func TestCrossingMalformedIDs(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, withInternal)
	for _, r := range v1.Routes() {
		for _, param := range params(r) {
			for _, id := range malformed {
				path := "/v1" + c.path(r, func(string) string { return id })
				got := c.ask(r.Method, path, c.ann.Token, "application/json", c.body(r, c.ann.ID, "team:all"))
				ok := got.Status >= 400 && got.Status < 500
				if param == "agent_key" { // unknown keys are no error of HTTP there
					ok = ok || got.Status == 200 && strings.Contains(got.Body, `"error"`)
				}
				if !ok || got.Body != "" && got.Body[0] != '{' {
					t.Errorf("%s %.80s: %d %.200s", r.Method, path, got.Status, got.Body)
				}
			}
		}
	}
	ask := func(user, thread any) map[string]any {
		return map[string]any{"job_id": "j", "agent_key": "adam", "user_id": user, "thread_id": thread, "result_data": "r", "metadata": map[string]any{"thread_id": thread}}
	}
	for _, path := range []string{"agent-result", "chat-status", "chat-history"} {
		for _, id := range malformed {
			for _, body := range []map[string]any{ask(id, "team:all"), ask(c.ann.ID, id)} {
				if res := c.app.Do("POST", "/v1/internal/"+path, internalSecret, body); res.Status < 400 || res.Status >= 500 {
					t.Errorf("%s %.80v: %d %s", path, body, res.Status, res.Body)
				}
			}
		}
	}
}

// Bodies that are too large, of another kind, or not what they say never get
// through and never shake the server.
func TestCrossingBodies(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, withInternal)
	large := `{"content":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, r := range v1.Routes() {
		if r.Method != http.MethodPost && r.Method != http.MethodPatch && r.Method != http.MethodPut {
			continue
		}
		token := c.ann.Token
		if r.Access == v1.AccessInternal {
			token = internalSecret
		}
		path := "/v1" + c.path(r, func(name string) string { return url.PathEscape(c.things[name].id) })
		reads := good[r.Method+" "+r.Path] != ""
		for _, sent := range []struct{ contentType, body string }{
			{"application/json", large}, {"application/json", "{"}, {"application/json", strings.Repeat("[", 100_000)},
			{"application/json", "\xff"}, {"application/json", "null"}, {"application/json", "5"}, {"application/json", `[{}]`},
			{"text/plain", `{"content":"x"}`}, {"multipart/form-data", "x"}, {"application/x-www-form-urlencoded", "content=x"},
			{"multipart/form-data; boundary=b", "--b\r\n"}, {"x", "\x00"},
		} {
			got := c.ask(r.Method, path, token, sent.contentType, sent.body)
			if reads && got.Status < 400 {
				t.Errorf("%s %s took %s %.40q: %d %.200s", r.Method, path, sent.contentType, sent.body, got.Status, got.Body)
			}
		}
		if reads {
			if got := c.ask(r.Method, path, token, "application/json", large); got.Status != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %s with 1 MiB and more: %d %.200s", r.Method, path, got.Status, got.Body)
			}
		}
		if r.Access == v1.AccessToken {
			if got := c.ask(r.Method, path, "", "application/json", large); got.Status != http.StatusUnauthorized {
				t.Errorf("%s %s with 1 MiB and more of a stranger: %d %.200s", r.Method, path, got.Status, got.Body)
			}
		}
	}
}

// An alias names the caller's own thread wherever a thread is named, in every
// spelling.
func TestCrossingAliases(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, withInternal)
	for alias, title := range map[string]string{"team:all": "Team Chat", "group:all": "Team Chat", "agent:adam": "Adam", "agent:ADAM": "Adam"} {
		for _, u := range []*apptest.User{c.ann, c.bob, c.carl} {
			id := u.Thread(title)
			for _, spelled := range []string{alias, url.QueryEscape(alias), strings.ReplaceAll(alias, ":", "%3a")} {
				var th struct{ ID string }
				u.Must(http.StatusOK, "GET", "/v1/chats/"+spelled, nil).Decode(&th)
				if th.ID != id {
					t.Errorf("%s of %s is the thread %s, want %s", spelled, u.Email, th.ID, id)
				}
			}
			// A message by the alias lands there, over REST, a job and a worker.
			before := len(messages(u, id, ""))
			u.Must(http.StatusCreated, "POST", "/v1/chats/"+alias+"/messages", map[string]any{"content": "stop all"}) // asks nobody
			res := c.app.Do("POST", "/v1/internal/agent-result", internalSecret, map[string]any{
				"job_id": "j", "agent_key": "adam", "user_id": u.ID, "result_data": "by " + alias, "metadata": map[string]any{"thread_id": alias},
			})
			all := messages(u, id, "")
			if last := all[len(all)-1]; res.Status != http.StatusOK || last.Content != "by "+alias || len(all) < before+2 {
				t.Errorf("%s of %s: %d, last message %+v", alias, u.Email, res.Status, last)
			}
		}
	}
	for _, r := range v1.Routes() { // no route that takes a thread forgets them
		if slices.Contains(params(r), "thread_id") && r.Method != http.MethodDelete {
			path := "/v1" + c.path(r, func(string) string { return "team%3Aall" })
			if got := c.ask(r.Method, path, c.carl.Token, "application/json", c.body(r, c.carl.ID, "")); got.Status >= 300 {
				t.Errorf("%s %s: %d %s", r.Method, path, got.Status, got.Body)
			}
		}
	}
}

// Frames tell somebody else's threads from unknown ones as little as routes do.
func TestCrossingFrames(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, nil)
	foreign := c.things["thread_id"].id
	for _, u := range []*apptest.User{c.bob, c.carl} {
		s := u.Dial()
		for _, frame := range []map[string]any{
			{"type": "subscribe"}, {"type": "subscribe", "after": 0}, {"type": "subscribe", "stream": true}, {"type": "subscribe", "after": 0, "stream": true},
			{"type": "send_message", "content": "hello"}, {"type": "send_message"},
			{"type": "send_message", "content": "x", "attachments": []any{map[string]any{"uri": "/v1/files/download/" + c.things["*"].id}}},
		} {
			ask := func(id any) string {
				frame["thread_id"] = id
				s.Send(frame)
				s.Send(map[string]any{"type": "ping"})
				var said []string
				for _, f := range s.Until(func(f map[string]any) bool { return f["type"] == "pong" }) {
					said = append(said, strings.ReplaceAll(fmt.Sprint(f), fmt.Sprint(id), "ID"))
				}
				return strings.Join(said, "\n")
			}
			want := ask(randomID)
			for _, id := range []any{foreign, strings.ToUpper(foreign)} {
				if diff := cmp.Diff(want, ask(id)); diff != "" {
					t.Errorf("%s sends %v (-unknown +foreign):\n%s", u.Email, frame, diff)
				}
			}
			for _, id := range []any{nil, 5, []any{}, map[string]any{}, "", "agent:nobody", strings.Repeat("a", 2000), "\x00"} {
				ask(id) // answered, and the socket lives
			}
		}
	}
	before := len(messages(c.ann, foreign, ""))
	if before != 1 {
		t.Errorf("Ann's thread has %d messages, want the greeting", before)
	}
}

// A reference to somebody else's file is kept as the text it is, exactly like one
// to a file that does not exist, and opens nothing.
func TestCrossingAttachments(t *testing.T) {
	t.Parallel()
	c := newCrossing(t, nil)
	foreign := c.things["*"].id
	for _, u := range []*apptest.User{c.bob, c.carl} {
		send := func(name string) string {
			var kept strings.Builder
			for _, entry := range []map[string]any{
				{"uri": "/v1/files/download/" + name}, {"uri": "x", "relative_path": name}, {"uri": "x", "download_url": "/api/files/download/" + name},
				{"uri": "/v1/files/download/../" + c.ann.ID + "/" + name}, {"uri": "x", "relative_path": "../" + c.ann.ID + "/" + name},
			} {
				body := map[string]any{"content": "look", "attachments": []any{entry}}
				res := u.Must(http.StatusCreated, "POST", "/v1/chats/agent:adam/messages", body)
				var m struct{ Attachments, Payload any }
				res.Decode(&m)
				fmt.Fprintln(&kept, strings.ReplaceAll(fmt.Sprint(m.Attachments), name, "NAME"))
			}
			return kept.String()
		}
		if diff := cmp.Diff(send(strings.Repeat("0", 32)+".txt"), send(foreign)); diff != "" {
			t.Errorf("as %s (-unknown +foreign):\n%s", u.Email, diff)
		}
	}
}
