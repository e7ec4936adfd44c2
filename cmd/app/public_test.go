package app

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/docs"
)

// public is the reviewed list of what answers without a credential. Whatever
// else is served has to refuse a stranger.
var public = []string{
	"GET /",
	"GET /.well-known/tmates-client.json",
	"GET /auth/v1/.well-known/jwks.json",
	"GET /auth/v1/health",
	"GET /auth/v1/settings",
	"GET /auth/v1/verify", // where links lead; the token in it is the credential
	"GET /docs",
	"GET /docs/LICENSE.txt",
	"GET /docs/docs.css",
	"GET /docs/docs.js",
	"GET /docs/swagger-ui-bundle.js",
	"GET /docs/swagger-ui.css",
	"GET /redoc",
	"GET /v1/agents/platform",
	"GET /v1/billing/pricing",
	"GET /v1/files/view/*", // with a signed link
	"GET /v1/health",
	"GET /v1/health/ready",
	"GET /v1/instance",
	"GET /v1/integrations/gmail/callback",
	"GET /v1/openapi.json",
	"HEAD /v1/files/view/*",
	"HEAD /v1/health",
	"HEAD /v1/health/ready",
	"POST /auth/v1/magiclink",
	"POST /auth/v1/otp",
	"POST /auth/v1/recover",
	"POST /auth/v1/resend",
	"POST /auth/v1/signup",
	"POST /auth/v1/token",
	"POST /auth/v1/verify",
	"POST /v1/billing/webhook",
	"POST /v1/claim", // the token of a one-time link is the credential
}

// leftOut is what the login does not have: it tells everybody so.
var leftOut = []string{"authorize", "callback", "factors", "sso", "passkeys", "user/identities"}

// TestStrangersReachOnlyWhatIsPublic asks every route that is served, as it is
// registered, without a credential.
func TestStrangersReachOnlyWhatIsPublic(t *testing.T) {
	t.Parallel()
	r := openRooms(t, nil)
	handler := routes(Options{Config: r.cfg}, r, nil)
	var answered []string
	for _, route := range handler.(*echo.Echo).Routes() {
		if !strings.HasPrefix(route.Path, "/") || route.Method == http.MethodOptions {
			continue
		}
		path := strings.NewReplacer(":user_id", "11111111-2222-4333-8444-555555555555", ":command", "user.list", "*", "x").Replace(route.Path)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(route.Method, path, nil))
		refused := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed}
		if slices.ContainsFunc(leftOut, func(name string) bool { return strings.HasPrefix(route.Path, "/auth/v1/"+name) }) {
			refused = append(refused, http.StatusBadRequest, http.StatusUnprocessableEntity)
		}
		if !slices.Contains(refused, w.Code) {
			answered = append(answered, route.Method+" "+canonical(route.Path))
		}
	}
	slices.Sort(answered)
	if diff := cmp.Diff(public, slices.Compact(answered)); diff != "" {
		t.Errorf("routes that answer a stranger (-reviewed +served):\n%s", diff)
	}
}

// canonical writes the aliases of a route as the one under /v1.
func canonical(path string) string {
	for _, prefix := range []string{"/api/v1", "/api"} {
		if rest, ok := strings.CutPrefix(path, prefix+"/"); ok {
			return "/v1/" + rest
		}
	}
	if path == "/" || slices.Contains(docs.Paths(), path) || strings.HasPrefix(path, "/.well-known/") || strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/auth/v1/") {
		return path
	}
	return "/v1" + path
}
