package contract_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/server/v1/contract"
)

func checker(t *testing.T) *contract.Checker {
	t.Helper()
	data, err := v1.Document("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.New(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	id      = "7b0f3c3e-2c1f-4f57-9a39-1f2f1a1c9d11"
	message = `{"id":"` + id + `","role":"user","content":"hi","author":"Ann","created_at":"2026-11-22T12:54:27.030701Z",` +
		`"payload":{"anything":1},"attachments":[],"session_id":null,"seq":7}`
	profile = `{"id":"` + id + `","email":"a@b.c","display_name":"Ann","avatar_url":null,"role":"owner"}`
	file    = `{"name":"a","relative_path":"a","size":3,"size_display":"3 B","modified":"2026-01-01T00:00:00Z",` +
		`"modified_display":"2026-01-01 00:00 UTC","modified_iso":"2026-01-01T00:00:00+00:00","download_url":"/v1/files/download/a"}`
	files  = `{"files":[` + file + `],"total_count":1,"total_size":3,"total_size_display":"3 B","has_more":false,"limit":100}`
	fault  = `{"detail":[{"type":"missing","loc":["body","content"],"msg":"Field required","input":{}}]}`
	lost   = `{"detail":"Not Found"}`
	denied = `{"detail":"Invalid or expired token"}`
)

// A check that cannot fail is none: each wrong answer has to be refused, and the
// right one beside it accepted.
func TestWrongAnswersAreRefused(t *testing.T) {
	t.Parallel()
	c := checker(t)
	type header = map[string]string
	bearer := header{"WWW-Authenticate": "Bearer"}
	tests := []struct {
		name, method, path string
		status             int
		header             header
		body               string
		wrong              map[string]string // what is changed: from, to
	}{
		{"message", "POST", "/v1/chats/x/messages", 201, nil, message, map[string]string{
			`"seq":7`:                       `"sequence":7`,
			`"role":"user"`:                 `"role":"robot"`,
			`"author":"Ann",`:               ``,
			`"attachments":[]`:              `"attachments":null`,
			`27.030701Z`:                    `27.03Z`,
			`030701Z`:                       `030701+00:00`,
			`2026-11-22T`:                   `2026-13-45T`,
			`"session_id":null`:             `"session_id":null,"extra":1`,
			`"payload":{"anything":1}`:      `"payload":[]`,
			`"payload":{"anything"`:         `"payload":{"attachments":[{"name":"without uri"}],"anything"`,
			`"id":"` + id[:8]:               `"id":"X` + id[1:8],
			`"content":"hi"`:                `"content":5`,
			message:                         `[` + message + `]`,
			`"payload":{"anything":1},"att`: `"payload":{"anything":1},,"att`,
		}},
		{"profile under a prefix", "GET", "/api/v1/profile", 200, nil, profile, map[string]string{
			`"role":"owner"`: `"role":"king"`, `"email":"a@b.c"`: `"mail":"a@b.c"`, `"avatar_url":null`: `"avatar_url":null,"phone":null`,
		}},
		{"files without a prefix", "GET", "/files", 200, nil, files, map[string]string{
			`"3 B"`: `"3B"`, `00:00 UTC`: `00:00`, `"limit":100`: `"limit":0`, `"has_more":false`: `"has_more":0`,
			`"download_url":"/v1`: `"download_url":"`, `+00:00`: `Z`, `"size":3,`: `"size":-3,`, `"name":"a"`: `"name":"a","mode":1`,
		}},
		{"validation", "PATCH", "/v1/profile", 422, nil, fault, map[string]string{
			`"body"`: `"head"`, `"input":{}`: `"inputs":{}`, `"type":"missing",`: ``, `[{`: `{"0":{`, `"content"`: `1.5`,
		}},
		{"refusal", "GET", "/v1/profile", 401, bearer, denied, map[string]string{`"detail"`: `"error"`, `token"}`: `token","code":1}`, `"Invalid or expired token"`: `""`}},
		{"unknown path", "GET", "/v1/nothing/at/all", 404, nil, lost, map[string]string{`detail`: `message`}},
		{"wrong method", "PUT", "/v1/chats", 405, header{"Allow": "GET, POST"}, lost, map[string]string{`detail`: `message`}},
		{"too many", "POST", "/v1/jobs", 429, header{"Retry-After": "5"}, lost, map[string]string{`detail`: `message`}},
		{"nothing", "DELETE", "/v1/chats/x", 204, nil, ``, nil},
		{"health by head", "HEAD", "/health", 200, nil, ``, nil},
		{"a refused socket", "GET", "/v1/ws/x", 403, nil, ``, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			check := func(change func(a *contract.Answer)) []string {
				a := contract.Answer{Method: test.method, Path: test.path, Status: test.status, Header: http.Header{}, Body: []byte(test.body)}
				if test.body != "" {
					a.Header.Set("Content-Type", "application/json")
				}
				for name, value := range test.header {
					a.Header.Set(name, value)
				}
				change(&a)
				_, faults := c.Check(a)
				return faults
			}
			if faults := check(func(*contract.Answer) {}); len(faults) > 0 {
				t.Fatalf("the right answer is refused: %q", faults)
			}
			for from, to := range test.wrong {
				body := strings.Replace(test.body, from, to, 1)
				if body == test.body {
					t.Fatalf("%s is not in the body", from)
				}
				if faults := check(func(a *contract.Answer) { a.Body = []byte(body) }); len(faults) == 0 {
					t.Errorf("accepted: %s", body)
				}
			}
			for name, change := range map[string]func(a *contract.Answer){
				"status":     func(a *contract.Answer) { a.Status = http.StatusTeapot },
				"body":       func(a *contract.Answer) { a.Body = []byte("<p>Oops</p>") },
				"media type": func(a *contract.Answer) { a.Header.Set("Content-Type", "application/json; charset=utf-8") },
			} {
				if name == "media type" && (test.body == "" || strings.Contains(test.path, "nothing") || test.method == "PUT") {
					continue
				}
				if faults := check(change); len(faults) == 0 {
					t.Errorf("a wrong %s is accepted", name)
				}
			}
			for name := range test.header {
				if faults := check(func(a *contract.Answer) { a.Header.Del(name) }); len(faults) == 0 {
					t.Errorf("accepted without %s", name)
				}
			}
		})
	}
}

func TestWrongFramesAreRefused(t *testing.T) {
	t.Parallel()
	c := checker(t)
	for _, right := range []string{
		`{"type":"pong"}`,
		`{"type":"subscribed","thread_id":[1]}`,
		`{"type":"chat_status","thread_id":"` + id + `","status":"agent_typing","agent":"adam","colour":"red"}`,
		`{"type":"new_message","thread_id":"` + id + `","message":` + strings.Replace(message, `701Z`, `701+00:00`, 1) + `}`,
	} {
		if faults := c.Frame([]byte(right)); len(faults) > 0 {
			t.Errorf("%s is refused: %q", right, faults)
		}
	}
	for _, wrong := range []string{
		`pong`, `{}`, `{"type":"ping"}`, `{"type":"pong","at":1}`, `{"type":"chat_status","thread_id":"` + id + `"}`,
		`{"type":"new_message","thread_id":"` + id + `","message":` + message + `}`, // its time ends in Z
	} {
		if faults := c.Frame([]byte(wrong)); len(faults) == 0 {
			t.Errorf("%s is accepted", wrong)
		}
	}
}

// A path belongs to the operation with the fewest parameters, under any prefix.
func TestFind(t *testing.T) {
	t.Parallel()
	c := checker(t)
	for request, want := range map[string]string{
		"GET /v1/agents/store":                "getAgentStore",
		"GET /agents/store/":                  "getAgentStore",
		"GET /api/agents/store/metadata":      "getAgentMetadata",
		"DELETE /v1/files/upload":             "deleteFile",
		"DELETE /api/v1/files/a/b%2Fc":        "deleteFile",
		"POST /v1/files/upload":               "uploadFile",
		"GET /v1/files/view/a/b":              "viewFile",
		"POST /v1/chats/team:all/messages":    "sendChatMessage",
		"GET /auth/v1/user":                   "",
		"GET /":                               "",
		"GET /.well-known/tmates-client.json": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		if got, _ := c.Check(contract.Answer{Method: method, Path: path, Status: 404}); got != want {
			t.Errorf("%s is %q, want %q", request, got, want)
		}
	}
}

// What the checker cannot close it refuses, instead of passing everything.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	data, err := v1.Document("")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(schemas map[string]any){
		"allOf":           func(s map[string]any) { s["Profile"] = map[string]any{"allOf": []any{}} },
		"an open object":  func(s map[string]any) { s["Profile"] = map[string]any{"type": "object"} },
		"a lost schema":   func(s map[string]any) { delete(s, "Profile") },
		"a broken schema": func(s map[string]any) { s["Profile"] = map[string]any{"type": "person"} },
	} {
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		change(doc["components"].(map[string]any)["schemas"].(map[string]any))
		changed, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := contract.New(changed); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
