package v1_test

import (
	"strings"
	"testing"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// onlyFails are the operations that cannot succeed on a server as it comes, and
// the documented failure they answer instead.
var onlyFails = map[string]int{
	"createCheckout": 503, "createPortal": 503, "syncBilling": 503, "billingWebhook": 503,
	"gmailAuthorizationURL": 400, "gmailExchange": 400, "gmailCallback": 400,
	"listCatalogAgents": 503, "listAgentCatalog": 503, "syncAgentCatalog": 503, "syncCatalogAgents": 503,
	"internalAgentResult": 404, "internalChatStatus": 404, "internalChatHistory": 404,
}

// broad is one conversation that uses the whole API.
type broad struct {
	t        *testing.T
	app      *apptest.App
	ann, bob *apptest.User
}

// call sends a request as Ann.
func (b *broad) call(method, operation string, body any, fill ...string) apptest.Response {
	b.t.Helper()
	return b.ann.Do(method, strings.NewReplacer(fill...).Replace(operation), body)
}

// png is the smallest picture there is.
var png = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82")

// TestWholeAPI uses every operation of the document. Each answer is held against
// the document on its way; here it only counts that none is left out, so that an
// operation that is added cannot be forgotten.
func TestWholeAPI(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, func(c *config.Config) { c.Tmates.Installed = append(c.Tmates.Installed, "gardener") })
	b := &broad{t: t, app: app, ann: ann, bob: bob}
	b.server()
	b.models()
	b.team()
	b.made()
	b.talk()
	b.board()
	b.files()
	b.self()
	b.door()
	b.money()
	b.integrations()
	answered := app.Answered()
	for _, op := range checker(t).Operations() {
		succeeded := false
		for status := range answered[op.ID] {
			succeeded = succeeded || status < 400
		}
		want, fails := onlyFails[op.ID]
		switch {
		case fails && succeeded:
			t.Errorf("%s succeeds: take it off the list onlyFails", op.ID)
		case fails && answered[op.ID][want] == 0:
			t.Errorf("%s was to answer %d, but answered %v", op.ID, want, answered[op.ID])
		case !fails && !succeeded:
			t.Errorf("%s (%s %s) never succeeded: %v", op.ID, op.Method, op.Path, answered[op.ID])
		}
	}
}

func (b *broad) server() {
	for _, path := range []string{"/health", "/v1/health", "/health/ready", "/v1/health/ready"} {
		b.app.Do("GET", path, "", nil)
		b.app.Do("HEAD", path, "", nil)
	}
	for _, path := range []string{"/openapi.json", "/docs", "/redoc"} {
		b.app.Do("GET", path, "", nil)
	}
}

func (b *broad) models() {
	m := modelserver.New(b.t)
	d := map[string]any{"type": "openai", "base_url": m.URL + "/v1", "model": modelserver.Model}
	for _, path := range []string{"/v1/providers", "/v1/providers/local"} {
		b.call("GET", path, nil)
	}
	b.call("POST", "/v1/providers/detect", nil)
	b.call("POST", "/v1/providers/models", d)
	b.call("POST", "/v1/providers/test", d)
	b.call("PUT", "/v1/providers/{provider_name}", d, "{provider_name}", "home")
	b.call("PUT", "/v1/providers/default", map[string]any{"name": "home"})
	b.call("DELETE", "/v1/providers/{provider_name}", nil, "{provider_name}", "home")
}

func (b *broad) team() {
	hire := map[string]any{"agent_key": "nora"}
	b.call("POST", "/v1/agents/hire", hire)
	b.call("POST", "/v1/agents/dismiss", hire)
	b.call("POST", "/v1/agents/manage", map[string]any{"agent_key": "nora", "action": "add"})
	for _, path := range []string{
		"/v1/agents/store", "/v1/agents/metadata", "/v1/agents/adam/metadata", "/v1/agents/nobody/metadata", "/v1/agents/enabled",
		"/v1/agents/platform", "/v1/agents/catalog", "/v1/agent-catalog", "/v1/teammates",
	} {
		b.call("GET", path, nil)
	}
	b.call("GET", "/v1/agents/adam/permissions", nil)
	b.call("PUT", "/v1/agents/adam/permissions", map[string]any{"deny": []string{"now"}, "member_risk": "share"})
	b.call("PUT", "/v1/agents/adam/permissions", map[string]any{})
	b.call("POST", "/v1/agents/catalog/sync", nil)
	b.call("POST", "/v1/agent-catalog/sync", nil)
}

func (b *broad) made() {
	b.call("GET", "/v1/tmates/template?name=Gardener", nil)
	source := map[string]any{"manifest": "name: Gardener", "files": []any{map[string]any{"name": "rules.yaml", "content": "otherwise: {say: Water it.}"}}}
	b.call("POST", "/v1/tmates/check", source)
	b.call("POST", "/v1/tmates/check", map[string]any{"manifest": "name: ["})
	b.call("POST", "/v1/tmates", map[string]any{"manifest": "name: ["})
	b.call("POST", "/v1/tmates", source)
	b.call("GET", "/v1/tmates/{tmate_key}/source", nil, "{tmate_key}", "gardener")
	b.call("PUT", "/v1/tmates/{tmate_key}", map[string]any{"manifest": "name: Gardener\nrole: Adviser"}, "{tmate_key}", "gardener")
	b.call("DELETE", "/v1/tmates/{tmate_key}", nil, "{tmate_key}", "gardener")
}

func (b *broad) talk() {
	s := b.ann.Dial()
	for _, path := range []string{"/v1/ws", "/v1/websocket"} {
		b.ann.DialAt(path)
	}
	var opened struct{ ID string }
	b.call("POST", "/v1/chats?agent_key=adam", nil).Decode(&opened)
	say(b.ann, s, "agent:adam", "hello")
	say(b.ann, s, opened.ID, "fail")
	b.call("POST", "/v1/jobs/{job_id}/retry", nil, "{job_id}", jobs(b.ann)[0].ID)
	s.Until(apptest.Completed)
	named := map[string]any{"content": "hello again", "client_id": "c-1"}
	b.call("POST", "/v1/chats/{thread_id}/messages", named, "{thread_id}", opened.ID)
	s.Until(apptest.Completed)
	b.call("POST", "/v1/chats/{thread_id}/messages", named, "{thread_id}", opened.ID)
	b.call("PUT", "/v1/chats/{thread_id}/read", map[string]any{"seq": 1 << 40}, "{thread_id}", opened.ID)
	b.call("GET", "/v1/settings/web", nil)
	b.call("PATCH", "/v1/settings/web", map[string]any{"language": "de"})
	say(b.ann, s, opened.ID, "note Ann likes tea")
	say(b.ann, s, opened.ID, "note Ann likes coffee")
	for _, m := range memories(b.ann, "?thread_id=agent:adam&q=like&limit=1").Memories {
		b.call("PATCH", "/v1/memories/{memory_id}", map[string]any{"content": "Ann likes water"}, "{memory_id}", m.ID)
		b.call("DELETE", "/v1/memories/{memory_id}", nil, "{memory_id}", m.ID)
	}
	b.call("DELETE", "/v1/agents/adam/memories", nil)
	b.call("GET", "/v1/search?q=tea", nil)
	b.call("POST", "/v1/chats/{thread_id}/messages", map[string]any{
		"content": "look", "session_id": "mine", "attachments": []any{map[string]any{"uri": "https://example.org/a.png", "width": 3}},
	}, "{thread_id}", opened.ID)
	s.Until(apptest.Completed)
	b.call("GET", "/v1/chats", nil)
	b.call("GET", "/v1/chats/{thread_id}", nil, "{thread_id}", "team:all")
	b.call("GET", "/v1/chats/{thread_id}", nil, "{thread_id}", opened.ID)
	b.call("POST", "/v1/chats/{thread_id}/session/reset", nil, "{thread_id}", opened.ID)
	b.call("GET", "/v1/jobs?limit=100", nil)
	var job struct{ ID string }
	b.call("POST", "/v1/jobs", map[string]any{"agent_key": "adam", "cli_args": map[string]any{"message": "slow one"}}).Decode(&job)
	b.call("GET", "/v1/jobs/{job_id}", nil, "{job_id}", job.ID)
	b.call("POST", "/v1/jobs/{job_id}/cancel", nil, "{job_id}", job.ID)
	b.call("POST", "/v1/chats/{thread_id}/clear", nil, "{thread_id}", opened.ID)
	b.call("DELETE", "/v1/chats/{thread_id}", nil, "{thread_id}", opened.ID)
	for _, path := range []string{"/v1/internal/agent-result", "/v1/internal/chat-status", "/v1/internal/chat-history"} {
		b.call("POST", path, map[string]any{})
	}
}

func (b *broad) board() {
	say(b.ann, b.ann.Dial(), "team:all", "pin Weekly numbers")
	b.call("POST", "/v1/pinboard", map[string]any{
		"title": "Plan", "content_md": "# Plan\n\nWe *go*.", "priority": "high", "sources": []any{map[string]any{"url": "https://example.org", "title": "Map"}},
		"attachments": []any{map[string]any{"url": "/v1/files/download/a", "name": "A"}},
	})
	var posts []struct{ Slug string }
	b.call("GET", "/v1/pinboard", nil).Decode(&posts)
	for _, p := range posts {
		b.call("GET", "/v1/pinboard/{slug}", nil, "{slug}", p.Slug)
		b.call("DELETE", "/v1/pinboard/{slug}", nil, "{slug}", p.Slug)
	}
}

func (b *broad) files() {
	path := upload(b.t, b.ann, "plan é.png", string(png)).RelativePath
	for _, method := range []string{"GET", "HEAD"} {
		b.call(method, "/v1/files", nil)
		b.call(method, "/v1/files/download/{file_path}", nil, "{file_path}", path)
	}
	b.call("GET", "/v1/uploads", nil)
	var link struct {
		URL string `json:"view_url"`
	}
	b.call("POST", "/v1/files/generate-view-url/{file_path}", nil, "{file_path}", path).Decode(&link)
	b.app.Do("GET", link.URL, "", nil)
	b.app.Do("HEAD", link.URL, "", nil)
	b.call("DELETE", "/v1/files/{file_path}", nil, "{file_path}", path)
}

func (b *broad) self() {
	for _, path := range []string{"/v1/profile", "/v1/profile/me"} {
		b.call("GET", path, nil)
		b.call("PATCH", path, map[string]any{"display_name": "Ann A.", "avatar_url": "https://example.org/ann.png"})
	}
	b.call("GET", "/v1/settings/mobile", nil)
	b.call("PATCH", "/v1/settings/mobile", map[string]any{"mentions": "off", "theme_preference": "Dark"})
	b.call("GET", "/v1/auth/user/status", nil)
	b.call("GET", "/v1/organization", nil)
	b.call("PATCH", "/v1/organization", map[string]any{"name": "Ann & Bob"})
	b.call("GET", "/v1/organization/members", nil)
	b.call("PATCH", "/v1/organization/members/{user_id}", map[string]any{"role": "admin"}, "{user_id}", b.bob.ID)
}

func (b *broad) door() {
	b.app.Do("GET", "/v1/instance", "", nil)
	in := invite(b.ann, "dan@example.org", "member")
	claimWith(b.app, passOf(b.t, in.Link), nil)
	b.call("DELETE", "/v1/organization/members/{user_id}", nil, "{user_id}", in.Member.ID)
	b.call("GET", "/v1/sessions", nil)
	b.call("DELETE", "/v1/sessions/{session_id}", nil, "{session_id}", sessionOf(b.app.Login(b.ann.Email)))
	b.call("DELETE", "/v1/sessions", nil)
}

func (b *broad) money() {
	b.call("POST", "/v1/billing/onboard", map[string]any{})
	b.call("GET", "/v1/billing/plan", nil)
	b.call("GET", "/v1/usage?by=day", nil)
	b.call("GET", "/v1/billing/pricing", nil)
	b.call("POST", "/v1/billing/checkout", map[string]any{"plan_key": "pro"})
	b.call("POST", "/v1/billing/portal", map[string]any{})
	b.call("POST", "/v1/billing/sync", nil)
	b.call("POST", "/v1/billing/webhook", map[string]any{})
}

func (b *broad) integrations() {
	const gmail = "/v1/integrations/gmail/"
	b.call("GET", gmail+"status", nil)
	b.call("GET", gmail+"authorization-url", nil)
	b.call("GET", gmail+"callback", nil)
	b.call("POST", gmail+"exchange", map[string]any{"code": "c", "state": "s"})
	b.call("POST", gmail+"disconnect", nil)
}
