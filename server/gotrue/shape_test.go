package gotrue_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/store/tmates"
)

func newLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// userText is the user of a world, byte for byte.
func userText(u tmates.User, signedIn string) string {
	const at = `"2026-11-22T12:00:00Z"`
	return `{"id":"` + u.ID + `","aud":"authenticated","role":"authenticated","email":"ada@example.com","email_confirmed_at":` + at +
		`,"phone":"","confirmed_at":` + at + signedIn + `,"app_metadata":{"provider":"email","providers":["email"]},` +
		`"user_metadata":{"email_verified":true,"full_name":"Ada"},"identities":[{"identity_id":"00000000-0000-4000-8000-000000000002","id":"` +
		u.ID + `","user_id":"` + u.ID + `","identity_data":{"email":"ada@example.com","email_verified":true,"phone_verified":false,"sub":"` + u.ID +
		`"},"provider":"email"` + signedIn + `,"created_at":` + at + `,"updated_at":` + at + `,"email":"ada@example.com"}],"created_at":` + at +
		`,"updated_at":` + at + `,"is_anonymous":false}`
}

func TestObjects(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser(adas, good)
	const signedIn = `,"last_sign_in_at":"2026-11-22T12:00:00Z"`
	sessionText := func(s session, more string) string {
		return fmt.Sprintf(`{"access_token":%q,"token_type":"bearer","expires_in":3600,"expires_at":%d,"refresh_token":%q,"user":%s%s}`,
			s.AccessToken, begin.Add(time.Hour).Unix(), s.RefreshToken, userText(u, signedIn), more)
	}
	exactly := func(what string, a answer, want string) {
		t.Helper()
		if a.body != want {
			t.Errorf("%s:\n got %s\nwant %s", what, a.body, want)
		}
		if got := a.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: content type %s", what, got)
		}
	}
	a := w.post("/verify", fmt.Sprintf(`{"email":"ada@example.com","token":%q,"type":"email"}`, w.issue(adas)))
	byCode := a.session()
	exactly("session by code", a, sessionText(byCode, ""))
	exactly("user", w.user(byCode.AccessToken), userText(u, signedIn))
	a = w.post("/token?grant_type=password", `{"email":"ada@example.com","password":"quartz fjord 77","gotrue_meta_security":{}}`)
	exactly("session by password", a, sessionText(a.session(), `,"weak_password":null`))
	a = w.refresh(byCode.RefreshToken)
	exactly("refreshed session", a, sessionText(a.session(), ""))
	exactly("updated user", w.call(http.MethodPut, "/user", byCode.AccessToken, `{}`), userText(u, signedIn))
	exactly("health", w.call(http.MethodGet, "/health", "", ""), `{"version":"1.2.3","name":"Tmates","description":"Built-in logins of a Tmates server"}`)
	exactly("settings", w.call(http.MethodGet, "/settings", "", ""), `{"external":{"anonymous_users":false,"apple":false,"azure":false,"bitbucket":false,`+
		`"discord":false,"email":true,"facebook":false,"figma":false,"fly":false,"github":false,"gitlab":false,"google":false,"kakao":false,"keycloak":false,`+
		`"linkedin":false,"linkedin_oidc":false,"notion":false,"phone":false,"slack":false,"slack_oidc":false,"snapchat":false,"spotify":false,"twitch":false,`+
		`"twitter":false,"workos":false,"zoom":false},"disable_signup":true,"mailer_autoconfirm":true,"phone_autoconfirm":false,"sms_provider":"","saml_enabled":false}`)
	a = w.call(http.MethodGet, "/.well-known/jwks.json", "", "")
	exactly("jwks", a, `{"keys":[]}`)
	if got := a.header.Get("Cache-Control"); got != "public, max-age=600" {
		t.Errorf("jwks: %s", got)
	}
}

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, good)
	const wrong = `{"email":"ada@example.com","token":"abc","type":"email"}`
	modern := `{"code":"otp_expired","message":"The code is wrong or has expired: ask for a new one"}`
	legacy := `{"code":403,"error_code":"otp_expired","msg":"The code is wrong or has expired: ask for a new one"}`
	for version, tt := range map[string]struct{ body, header string }{
		"2024-01-01": {modern, "2024-01-01"}, "2024-01-02": {modern, "2024-01-01"}, "2099-12-31": {modern, "2024-01-01"},
		"": {legacy, ""}, "2023-12-31": {legacy, ""}, "v2": {legacy, ""}, "2024-13-01": {legacy, ""}, "9999": {legacy, ""},
	} {
		a := w.post("/verify", wrong, "X-Supabase-Api-Version", version)
		if a.status != http.StatusForbidden || a.body != tt.body || a.header.Get("X-Supabase-Api-Version") != tt.header {
			t.Errorf("version %q: %d %s, header %q", version, a.status, a.body, a.header.Get("X-Supabase-Api-Version"))
		}
	}
	access := w.enter(adas).AccessToken
	text := `"Choose a password of at least 8 characters that is neither common nor close to your address","weak_password":{"reasons":["length"]}}`
	for version, want := range map[string]string{
		"2024-01-01": `{"code":"weak_password","message":` + text, "": `{"code":422,"error_code":"weak_password","msg":` + text,
	} {
		if a := w.call(http.MethodPut, "/user", access, `{"password":"k7Wq"}`, "X-Supabase-Api-Version", version); a.body != want || a.status != 422 {
			t.Errorf("version %q: %d %s", version, a.status, a.body)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	common := map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Access-Control-Expose-Headers":    "X-Supabase-Api-Version, X-Total-Count, Link, Retry-After",
		"Access-Control-Allow-Credentials": "",
	}
	check := func(t *testing.T, what string, a answer, origin string) {
		t.Helper()
		for name, want := range common {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", what, name, got)
			}
		}
		if got := a.header.Get("Access-Control-Allow-Origin"); got != origin {
			t.Errorf("%s: origin %q, want %q", what, got, origin)
		}
	}
	t.Run("for everybody", func(t *testing.T) {
		t.Parallel()
		w := start(t, nil)
		check(t, "ok", w.call(http.MethodGet, "/health", "", ""), "*")
		check(t, "error", w.post("/otp", `{}`), "*")
		check(t, "unknown path", w.post("/nope", `{}`), "*")
		check(t, "wrong method", w.call(http.MethodDelete, "/otp", "", ""), "*")
		for _, path := range []string{"/otp", "/user", "/logout", "/token?grant_type=password", "/factors/x/verify"} {
			a := w.call(http.MethodOptions, path, "", "", "Origin", "https://app.example", "Access-Control-Request-Method", "POST",
				"Access-Control-Request-Headers", "apikey,authorization,content-type,x-client-info,x-supabase-api-version,x-tmates-client")
			check(t, "preflight "+path, a, "*")
			if a.status != http.StatusNoContent || a.body != "" || a.header.Get("Access-Control-Max-Age") != "3600" ||
				a.header.Get("Access-Control-Allow-Methods") != "GET,POST,PUT,PATCH,DELETE,OPTIONS" ||
				a.header.Get("Access-Control-Allow-Headers") != "apikey,authorization,content-type,x-client-info,x-supabase-api-version,x-tmates-client" {
				t.Errorf("preflight %s: %d %q %v", path, a.status, a.body, a.header)
			}
		}
	})
	t.Run("for a list of pages", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *options) { o.gotrue.Origins = []string{"https://app.example"} })
		for origin, want := range map[string]string{"https://app.example": "https://app.example", "https://evil.example": "", "": ""} {
			check(t, origin, w.call(http.MethodGet, "/health", "", "", "Origin", origin), want)
			check(t, origin, w.post("/otp", `{}`, "Origin", origin), want)
		}
	})
}

func TestRouting(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	for _, tt := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/", 404, "not_found"}, {"POST", "/nope", 404, "not_found"}, {"GET", "/admin", 404, "not_found"},
		{"PATCH", "/admin/users", 405, "method_not_allowed"}, {"GET", "/invite", 405, "method_not_allowed"}, {"HEAD", "/verify?token=x&type=email", 405, ""},
		{"DELETE", "/otp", 405, "method_not_allowed"}, {"GET", "/verify", 400, "validation_failed"}, {"HEAD", "/user", 405, ""},
		{"PATCH", "/user", 405, "method_not_allowed"}, {"GET", "/logout", 405, "method_not_allowed"},
		{"GET", "/authorize?provider=github", 400, "validation_failed"}, {"GET", "/callback", 400, "validation_failed"},
		{"POST", "/factors", 422, "mfa_totp_enroll_not_enabled"}, {"POST", "/factors/x/verify", 422, "mfa_totp_enroll_not_enabled"},
		{"POST", "/sso", 404, "saml_provider_disabled"}, {"GET", "/sso/saml/metadata", 404, "saml_provider_disabled"},
		{"POST", "/passkeys/registration/options", 404, "passkey_disabled"},
		{"GET", "/user/identities/authorize", 404, "manual_linking_disabled"}, {"DELETE", "/user/identities/1", 404, "manual_linking_disabled"},
	} {
		a := w.call(tt.method, tt.path, "", "")
		if tt.method == "HEAD" {
			if a.status != tt.status {
				t.Errorf("HEAD %s: %d", tt.path, a.status)
			}
			continue
		}
		a.want(tt.method+" "+tt.path, tt.status, tt.code)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	for _, tt := range []struct {
		name, path, body string
		status           int
		code, part       string
	}{
		{"empty", "/otp", ``, 400, "bad_json", "not valid JSON"},
		{"broken", "/otp", `{"email":`, 400, "bad_json", "not valid JSON"},
		{"two values", "/otp", `{} {}`, 400, "bad_json", "not valid JSON"},
		{"list", "/otp", `[]`, 400, "bad_json", "must be a JSON object"},
		{"null", "/otp", `null`, 400, "validation_failed", "address"},
		{"wrong type", "/otp", `{"email":7}`, 400, "bad_json", "field email"},
		{"wrong type of data", "/signup", `{"data":"x"}`, 400, "bad_json", "field data"},
		{"wrong type of a challenge", "/otp", `{"email":"a@b.c","code_challenge":{}}`, 400, "bad_json", "code_challenge"},
		{"wrong type of a token", "/verify", `{"token":[]}`, 400, "bad_json", "field token"},
		{"wrong type of a refresh token", "/token?grant_type=refresh_token", `{"refresh_token":1}`, 400, "bad_json", "field refresh_token"},
		{"too large", "/otp", `{"email":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "request_entity_too_large", ""},
		{"deep", "/otp", strings.Repeat(`{"data":`, 8_000), 400, "bad_json", ""},
		{"no address", "/otp", `{}`, 400, "validation_failed", "address"},
		{"phone", "/otp", `{"phone":"+123","channel":"sms"}`, 400, "phone_provider_disabled", ""},
		{"half a challenge", "/otp", `{"email":"a@b.c","code_challenge":"` + strings.Repeat("x", 43) + `"}`, 400, "validation_failed", "go together"},
		{"short challenge", "/otp", `{"email":"a@b.c","code_challenge":"x","code_challenge_method":"s256"}`, 400, "validation_failed", "43"},
		{"no type", "/verify", `{"email":"a@b.c","token":"1"}`, 400, "validation_failed", "type"},
		{"unknown type", "/verify", `{"email":"a@b.c","token":"1","type":"sms"}`, 400, "validation_failed", "type"},
		{"neither token", "/verify", `{"email":"a@b.c","type":"email"}`, 400, "validation_failed", ""},
		{"both tokens", "/verify", `{"token":"1","token_hash":"2","type":"email"}`, 400, "validation_failed", ""},
		{"hash with an address", "/verify", `{"email":"a@b.c","token_hash":"2","type":"email"}`, 400, "validation_failed", ""},
		{"hash", "/verify", `{"token_hash":"2","type":"email"}`, 403, "otp_expired", ""},
		{"token without an address", "/verify", `{"token":"1","type":"email"}`, 400, "validation_failed", ""},
		{"malformed address", "/verify", `{"email":"a","token":"1","type":"email"}`, 422, "validation_failed", ""},
		{"phone", "/verify", `{"phone":"1","token":"1","type":"sms"}`, 400, "phone_provider_disabled", ""},
		{"grant type", "/token?grant_type=web3", `{}`, 400, "invalid_credentials", ""},
		{"pkce without a code", "/token?grant_type=pkce", `{"auth_code":"","code_verifier":"x"}`, 400, "validation_failed", ""},
		{"pkce", "/token?grant_type=pkce", `{"auth_code":"x","code_verifier":"y"}`, 404, "flow_state_not_found", ""},
		{"no grant type", "/token", `{}`, 400, "invalid_credentials", ""},
		{"password without an address", "/token?grant_type=password", `{"password":"x"}`, 400, "validation_failed", ""},
		{"password by phone", "/token?grant_type=password", `{"phone":"1","password":"x"}`, 422, "phone_provider_disabled", ""},
		{"no refresh token", "/token?grant_type=refresh_token", `{}`, 400, "validation_failed", ""},
		{"short refresh token", "/token?grant_type=refresh_token", `{"refresh_token":"abc"}`, 400, "validation_failed", ""},
		{"anonymous", "/signup", `{"data":{},"gotrue_meta_security":{}}`, 422, "anonymous_provider_disabled", ""},
		{"phone", "/signup", `{"phone":"1","password":"x"}`, 400, "phone_provider_disabled", ""},
		{"closed", "/signup", `{"email":"a@b.c","password":"quartz fjord"}`, 422, "signup_disabled", "tmates user add"},
		{"no address", "/recover", `{}`, 400, "validation_failed", ""},
		{"resend type", "/resend", `{"email":"a@b.c","type":"sms"}`, 400, "validation_failed", "type"},
		{"resend email change", "/resend", `{"email":"a@b.c","type":"email_change"}`, 200, "ok", "{}"},
	} {
		a := w.post(tt.path, tt.body)
		a.want(tt.path+" "+tt.name, tt.status, tt.code)
		if !strings.Contains(a.body, tt.part) {
			t.Errorf("%s %s: %s lacks %q", tt.path, tt.name, a.body, tt.part)
		}
	}
	// No content type, another one, and fields from the future are fine.
	for _, contentType := range []string{"", "text/plain", "application/json; charset=latin1"} {
		w.post("/recover", `{"email":"x@example.com","from":{"the":["future"]}}`, "Content-Type", contentType).want(contentType, 200, "ok")
	}
}

func TestFailuresOfOurs(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, good)
	s := w.enter(adas)
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]answer{
		"user": w.user(s.AccessToken), "refresh": w.refresh(s.RefreshToken), "otp": w.post("/otp", `{"email":"ada@example.com"}`),
		"verify":   w.post("/verify", `{"email":"ada@example.com","token":"1","type":"email"}`),
		"password": w.post("/token?grant_type=password", `{"email":"ada@example.com","password":"x"}`),
	} {
		a.want(name, http.StatusServiceUnavailable, "service_unavailable")
		if a.header.Get("Retry-After") != "1" || strings.Contains(a.body, "database") || strings.Contains(a.body, "sql") {
			t.Errorf("%s: Retry-After %q, %s", name, a.header.Get("Retry-After"), a.body)
		}
	}
	if n := strings.Count(w.log.String(), "level=WARN"); n != 5 {
		t.Errorf("%d warnings, want one per failure:\n%s", n, w.log)
	}
}

func TestClientAddressLimits(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *options) { o.identity.Policy.Burst = identity.DefaultPolicy().Burst })
	w.addUser(adas, good)
	s := w.enter(adas) // one guess of 127.0.0.1, which no other request here uses
	const eve = "203.0.113.9"
	tries := map[string]func(ip string) answer{
		"/verify": func(ip string) answer {
			return w.post("/verify", `{"email":"x@y.z","token":"1","type":"email"}`, "X-Forwarded-For", ip)
		},
		"/otp": func(ip string) answer {
			return w.post("/otp", `{"email":"x@y.z","create_user":false}`, "X-Forwarded-For", ip)
		},
	}
	// The limit of passwords is tested beneath HTTP: thirty hashes are slow.
	for name, try := range tries {
		for n := range 30 {
			if a := try(eve); a.status == http.StatusTooManyRequests {
				t.Fatalf("%s: try %d: %s", name, n+1, a.body)
			}
		}
		a := try(eve)
		a.want(name+", the 31st", http.StatusTooManyRequests, "over_request_rate_limit")
		if got := a.header.Get("Retry-After"); got != "10" {
			t.Errorf("%s: Retry-After %s", name, got)
		}
		if a := try("203.0.113.10"); a.status == http.StatusTooManyRequests {
			t.Errorf("%s: another client: %s", name, a.body)
		}
	}
	for range 200 {
		if a := w.call(http.MethodGet, "/user", s.AccessToken, "", "X-Forwarded-For", eve); a.status != http.StatusOK {
			t.Fatalf("GET /user: %d %s", a.status, a.body)
		}
	}
}
