package v1

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The routes that need no token are a reviewed list; every other route answers
// 401, or 403 at a handshake.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var public, sockets, internal, links []string
	seen := map[string]bool{}
	for _, r := range Routes() {
		name := r.Method + " " + r.Path
		if seen[name] {
			t.Errorf("%s stands twice in the table", name)
		}
		seen[name] = true
		switch r.Access {
		case AccessPublic:
			public = append(public, name)
		case AccessSocket:
			sockets = append(sockets, name)
		case AccessInternal:
			internal = append(internal, name)
		case AccessLink:
			links = append(links, name)
		case AccessToken:
		}
	}
	slices.Sort(public)
	slices.Sort(sockets)
	reviewed := []string{"GET /agents/platform", "GET /billing/pricing", "GET /health", "GET /health/ready", "GET /instance", "GET /integrations/gmail/callback", "GET /openapi.json", "HEAD /health", "HEAD /health/ready", "POST /billing/webhook", "POST /claim"}
	if diff := cmp.Diff(reviewed, public); diff != "" {
		t.Errorf("public routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET /websocket", "GET /ws", "GET /ws/:user_id"}, sockets); diff != "" {
		t.Errorf("sockets (-want +got):\n%s", diff)
	}
	slices.Sort(internal)
	if diff := cmp.Diff([]string{"POST /internal/agent-result", "POST /internal/chat-history", "POST /internal/chat-status"}, internal); diff != "" {
		t.Errorf("internal routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET /files/view/*", "HEAD /files/view/*"}, links); diff != "" {
		t.Errorf("signed links (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/v1", "/api/v1", "/api", ""}, Prefixes()); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
}
