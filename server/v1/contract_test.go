package v1_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/config"
	v1 "github.com/tmates/tmates/server/v1"
)

// filled returns a route's path with something for its parameters.
func filled(path string) string {
	var out []string
	for _, part := range strings.Split(path, "/") {
		if strings.HasPrefix(part, ":") || part == "*" {
			part = "x"
		}
		out = append(out, part)
	}
	return strings.Join(out, "/")
}

// Every route but the reviewed few wants a token, under every prefix, and the
// answer never depends on what is wrong with it.
func TestCredentials(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	const none, bad = `{"detail":"Authorization header required"}`, `{"detail":"Invalid or expired token"}`
	const missing = `{"type":"missing","loc":["query","%s"],"msg":"Field required","input":null}`
	noLink := fmt.Sprintf(`{"detail":[`+missing+`,`+missing+`,`+missing+`]}`, "user_id", "expires", "token")
	ask := func(method, path, authorization string) (int, string, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, app.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		res, err := app.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var body bytes.Buffer
		if _, err := body.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, body.String(), res.Header.Get("WWW-Authenticate")
	}
	for _, prefix := range v1.Prefixes() {
		for _, r := range v1.Routes() {
			path := prefix + filled(r.Path)
			want, wantBody := http.StatusUnauthorized, none
			switch {
			case r.Path == "/billing/webhook": // a provider shows a signature instead
				want, wantBody = http.StatusServiceUnavailable, `{"detail":"Billing provider is not configured"}`
			case r.Access == v1.AccessPublic:
				if status, body, _ := ask(r.Method, path, ""); status == http.StatusUnauthorized || body == none {
					t.Errorf("%s %s wants a token: %d %s", r.Method, path, status, body)
				}
				continue
			case r.Access == v1.AccessInternal: // off
				want, wantBody = http.StatusNotFound, `{"detail":"Not Found"}`
			case r.Access == v1.AccessLink:
				want, wantBody = http.StatusUnprocessableEntity, noLink
				if r.Method == http.MethodHead {
					wantBody = ""
				}
			case r.Access == v1.AccessSocket:
				want, wantBody = http.StatusForbidden, ""
			case r.Method == http.MethodHead:
				wantBody = ""
			}
			status, body, challenge := ask(r.Method, path, "")
			if status != want || body != wantBody {
				t.Errorf("%s %s: %d %s, want %d %s", r.Method, path, status, body, want, wantBody)
			}
			if (challenge == "Bearer") != (want == http.StatusUnauthorized) {
				t.Errorf("%s %s: WWW-Authenticate %q", r.Method, path, challenge)
			}
		}
	}
	for _, authorization := range []string{
		"Bearer", "Bearer ", "bearer " + ann.Token, "Bearer  " + ann.Token, "Basic YTpi", ann.Token, "Bearer " + ann.Token + "x", "Bearer " + app.AnonKey, "Bearer a.b.c",
	} {
		if status, body, _ := ask("GET", "/v1/profile", authorization); status != http.StatusUnauthorized || body != bad {
			t.Errorf("%.20q: %d %s", authorization, status, body)
		}
	}
	if status, body, _ := ask("GET", "/v1/profile", "Bearer "+ann.Token); status != http.StatusOK {
		t.Errorf("good token: %d %s", status, body)
	}
	// A login that ended takes its access tokens along.
	app.Do("POST", "/auth/v1/logout?scope=local", ann.Token, nil)
	if status, body, _ := ask("GET", "/v1/profile", "Bearer "+ann.Token); status != http.StatusUnauthorized || body != bad {
		t.Errorf("after logout: %d %s", status, body)
	}
}

// The official client is told a base address without /v1 by its own README
// (Q-K1), and old links begin with /api.
func TestPrefixesQK1(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	for _, path := range []string{"/health", "/chats", "/agents/metadata", "/profile", "/settings/mobile", "/files?limit=25", "/pinboard?limit=10", "/jobs"} {
		want := ann.Must(http.StatusOK, "GET", "/v1"+path, nil)
		for _, prefix := range v1.Prefixes() {
			for _, slash := range []string{"", "/"} {
				name, query, _ := strings.Cut(path, "?")
				got := ann.Do("GET", prefix+name+slash+"?"+query, nil)
				if got.Status != http.StatusOK || !bytes.Equal(got.Body, want.Body) {
					t.Errorf("GET %s%s%s: %d %s, want %s", prefix, name, slash, got.Status, got.Body, want.Body)
				}
			}
		}
	}
}

// Upstream tells foreign ids from unknown ones (Q-C9) and answers 503 to
// malformed ones (Q-C8).
func TestForeignLooksUnknownQC8QC9(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	thread := ann.Thread("Team Chat")
	var job struct{ ID string }
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"}).Decode(&job)
	tests := []struct {
		method, path, foreign, body string
	}{
		{"GET", "/v1/chats/%s", thread, ""},
		{"GET", "/v1/chats/%s?limit=5", thread, ""},
		{"DELETE", "/v1/chats/%s", thread, ""},
		{"POST", "/v1/chats/%s/clear", thread, ""},
		{"POST", "/v1/chats/%s/session/reset", thread, ""},
		{"POST", "/v1/chats/%s/messages", thread, `{"content":"hi"}`},
		{"GET", "/v1/jobs/%s", job.ID, ""},
		{"POST", "/v1/jobs/%s/cancel", job.ID, ""},
	}
	for _, test := range tests {
		ask := func(id string) (int, string, http.Header) {
			var body any
			if test.body != "" {
				body = []byte(test.body)
			}
			res := bob.Do(test.method, fmt.Sprintf(test.path, id), body)
			res.Header.Del("Date")
			return res.Status, string(res.Body), res.Header
		}
		status, body, header := ask(test.foreign)
		if status != http.StatusNotFound {
			t.Errorf("%s %s of somebody else: %d %s", test.method, test.path, status, body)
		}
		for _, other := range []string{randomID, "123", "%00", "..", strings.Repeat("a", 5000)} {
			otherStatus, otherBody, otherHeader := ask(other)
			if otherStatus != status || otherBody != body {
				t.Errorf("%s %s of %.20q: %d %s, want %d %s", test.method, test.path, other, otherStatus, otherBody, status, body)
			}
			if diff := cmp.Diff(header, otherHeader); diff != "" {
				t.Errorf("%s %s of %.20q: headers:\n%s", test.method, test.path, other, diff)
			}
		}
	}
}

// A job for somebody else's thread is taken like one for no thread at all, and
// nobody hears of it.
func TestForeignThreadOfJob(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	thread := ann.Thread("Team Chat")
	before := messages(ann, thread, "")
	queue := func(threadID string) string {
		res := bob.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{
			"agent_key": "adam", "task": "sum", "metadata": map[string]any{"thread_id": threadID},
		})
		var job struct{ ID string }
		res.Decode(&job)
		return timePattern.ReplaceAllString(strings.NewReplacer(job.ID, "job", threadID, "thread").Replace(string(res.Body)), "time")
	}
	if foreign, unknown := queue(thread), queue(randomID); foreign != unknown {
		t.Errorf("foreign thread: %s\nunknown thread: %s", foreign, unknown)
	}
	for done := 0; done < 2; {
		done = strings.Count(string(bob.Must(http.StatusOK, "GET", "/v1/jobs", nil).Body), `"status":"succeeded"`)
	}
	if diff := cmp.Diff(before, messages(ann, thread, "")); diff != "" {
		t.Errorf("the thread changed:\n%s", diff)
	}
}

// The cap on jobs is a 429 that says when to come back.
func TestJobLimitQC26(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, func(c *config.Config) { c.Queue.ActiveJobsPerUser = 1 })
	slow := map[string]any{"agent_key": "adam", "cli_args": map[string]any{"message": "slow one"}}
	ann.Must(http.StatusAccepted, "POST", "/v1/jobs", slow)
	res := ann.Must(http.StatusTooManyRequests, "POST", "/v1/jobs", slow)
	const want = `{"detail":"Active job limit reached (1). Wait for existing jobs to finish before queuing more."}`
	if string(res.Body) != want || res.Header.Get("Retry-After") != "5" {
		t.Errorf("second job: %s, Retry-After %q", res.Body, res.Header.Get("Retry-After"))
	}
	// Chat is never refused (Q-C26).
	ann.Must(http.StatusCreated, "POST", "/v1/chats/team:all/messages", map[string]any{"content": "hello"})
}

func TestRouter(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	tests := []struct {
		method, path string
		status       int
		body, allow  string
	}{
		{"GET", "/v1/nothing", 404, `{"detail":"Not Found"}`, ""},
		{"GET", "/v1", 404, `{"detail":"Not Found"}`, ""},
		{"GET", "/v1/chats/a/b", 404, `{"detail":"Not Found"}`, ""},
		{"GET", "/v1/chats/a%2Fb", 404, `{"detail":"Not Found"}`, ""},
		{"GET", "/v1/chats//messages", 405, `{"detail":"Method Not Allowed"}`, "OPTIONS, POST"},
		{"PUT", "/v1/chats", 405, `{"detail":"Method Not Allowed"}`, "OPTIONS, GET, POST"},
		{"POST", "/v1/teammates", 405, `{"detail":"Method Not Allowed"}`, "OPTIONS, GET"},
		{"HEAD", "/v1/chats", 405, ``, "OPTIONS, GET, POST"},
		{"DELETE", "/v1/files", 405, `{"detail":"Method Not Allowed"}`, "OPTIONS, GET, HEAD"},
		{"OPTIONS", "/v1/chats", 405, `{"detail":"Method Not Allowed"}`, "GET, POST"},
		{"OPTIONS", "/files", 405, `{"detail":"Method Not Allowed"}`, "GET, HEAD"},
	}
	for _, test := range tests {
		res := ann.Do(test.method, test.path, nil)
		if res.Status != test.status || string(res.Body) != test.body || res.Header.Get("Allow") != test.allow {
			t.Errorf("%s %s: %d %s, Allow %q; want %d %s, %q", test.method, test.path,
				res.Status, res.Body, res.Header.Get("Allow"), test.status, test.body, test.allow)
		}
	}
	// Broken JSON comes before the token, the token before validation.
	for body, want := range map[string]int{`{`: 422, `{}`: 401, `[]`: 401} {
		if res := app.Do("PATCH", "/v1/profile", "", []byte(body)); res.Status != want {
			t.Errorf("PATCH %s without token: %d %s", body, res.Status, res.Body)
		}
	}
}

// Bodies have a media type and a size.
func TestBodies(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	send := func(contentType, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), "PATCH", app.URL+"/v1/profile", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+ann.Token)
		if contentType != "" {
			req.Header.Set("Content-Type", contentType)
		}
		res, err := app.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var out bytes.Buffer
		if _, err := out.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, out.String()
	}
	const name = `{"display_name":"Ann"}`
	for _, good := range []string{"", "application/json", "application/json; charset=utf-8", "application/merge-patch+json"} {
		if status, body := send(good, name); status != http.StatusOK {
			t.Errorf("content type %q: %d %s", good, status, body)
		}
	}
	status, body := send("text/plain", name)
	if want := `{"detail":[{"type":"model_attributes_type","loc":["body"],` +
		`"msg":"Input should be a valid dictionary or object to extract fields from","input":"{\"display_name\":\"Ann\"}"}]}`; status != 422 || body != want {
		t.Errorf("text: %d %s", status, body)
	}
	const open, end = `{"display_name":"Ann","x":"`, `"}`
	fits := open + strings.Repeat("x", 1<<20-len(open)-len(end)) + end
	if status, body := send("", fits); status != http.StatusOK {
		t.Errorf("%d bytes: %d %.100s", len(fits), status, body)
	}
	if status, body := send("", fits+" "); status != http.StatusRequestEntityTooLarge || body != `{"detail":"Request body exceeds the maximum allowed size."}` {
		t.Errorf("%d bytes: %d %.100s", len(fits)+1, status, body)
	}
}

// With many messages the newest show, oldest first (Q-C1), and the preview is
// the thread's whatever page is read (Q-C7).
func TestNewestMessagesQC1QC7(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, nil)
	thread := ann.Thread("Adam")
	s := ann.Dial()
	for i := range 3 {
		say(ann, s, thread, fmt.Sprint("word ", i))
	}
	all := messages(ann, thread, "")
	if len(all) != 7 {
		t.Fatalf("%d messages", len(all))
	}
	if diff := cmp.Diff(all[5:], messages(ann, thread, "?limit=2")); diff != "" {
		t.Errorf("newest two (-want +got):\n%s", diff)
	}
	// Page by page back to the beginning, and no further.
	var paged []message
	for before := int64(1 << 60); ; before = paged[0].Seq {
		page := messages(ann, thread, fmt.Sprintf("?limit=3&before=%d", before))
		if len(page) == 0 {
			break
		}
		paged = append(page, paged...)
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Errorf("by pages of three (-want +got):\n%s", diff)
	}
	for _, wrong := range []string{"0", "-1", "x", ""} {
		ann.Must(http.StatusUnprocessableEntity, "GET", "/v1/chats/"+thread+"?before="+wrong, nil)
	}
	for i := range all[1:] {
		if all[i].Seq >= all[i+1].Seq {
			t.Errorf("seq %d before %d", all[i].Seq, all[i+1].Seq)
		}
	}
	var page struct {
		Preview string `json:"last_message_preview"`
	}
	ann.Must(http.StatusOK, "GET", "/v1/chats/"+thread+"?limit=1", nil).Decode(&page)
	if page.Preview != "You said: word 2" {
		t.Errorf("preview = %q", page.Preview)
	}
}

// A poll after sending is held until the answer is there (Q-K3), but not while
// a socket is open that will tell it.
func TestHoldPollQK3(t *testing.T) {
	t.Parallel()
	const longest = 2 * time.Second
	_, ann, _, model := product(t, func(c *config.Config) { c.Chat.HoldPoll = longest })
	thread := ann.Thread("Adam")
	ann.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "slow one"})
	poll := func() (newest message, took time.Duration) {
		begun := time.Now()
		all := messages(ann, thread, "")
		return all[len(all)-1], time.Since(begun)
	}
	s := ann.Dial()
	if newest, took := poll(); newest.Role != "user" || took >= longest {
		t.Errorf("with a socket: %+v after %s", newest, took)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for held := false; !held; { // the server takes its time to see the socket go
		newest, took := poll()
		if newest.Role != "user" {
			t.Fatalf("the answer came before it was let go: %+v", newest)
		}
		held = took >= longest
	}
	close(model.release)
	newest, _ := poll()
	for newest.Role != "assistant" {
		newest, _ = poll()
	}
	if newest.Content != "Half ünd done." {
		t.Errorf("answer = %q", newest.Content)
	}
}
