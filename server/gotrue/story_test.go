package gotrue_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tmates/tmates/store"
)

const otpBody = `{"email":%q,"data":{},"create_user":false,"gotrue_meta_security":{},"code_challenge":null,"code_challenge_method":null}`

// The official client: code, login, status, refresh, logout.
func TestCommandLineStory(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	shown := w.issue(adas)
	a := w.post("/otp", fmt.Sprintf(otpBody, adas))
	a.want("code", 200, "ok")
	if a.body != "{}" {
		t.Errorf("body %q", a.body)
	}
	a = w.post("/otp", fmt.Sprintf(otpBody, adas))
	a.want("again", 429, "over_email_send_rate_limit")
	if a.header.Get("Retry-After") != "60" || !strings.Contains(a.body, "after 60 seconds") {
		t.Errorf("Retry-After %q, %s", a.header.Get("Retry-After"), a.body)
	}
	w.post("/otp", fmt.Sprintf(otpBody, "nobody@example.com")).want("unknown", 422, "otp_disabled")
	w.post("/magiclink", `{"email":"nobody@example.com","create_user":false}`).want("old name", 422, "signup_disabled")

	first := w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email","gotrue_meta_security":{}}`, adas, shown)).session()
	w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email"}`, adas, shown)).want("used code", 403, "otp_expired")
	w.user(first.AccessToken).want("status", 200, "ok")
	w.pass(time.Hour)
	w.user(first.AccessToken).want("expired", 403, "bad_jwt")
	second := w.refresh(first.RefreshToken).session()
	w.user(second.AccessToken).want("refreshed", 200, "ok")

	a = w.call(http.MethodPost, "/logout?scope=global", second.AccessToken, "")
	if a.status != 204 || a.body != "" {
		t.Errorf("logout: %d %q", a.status, a.body)
	}
	w.call(http.MethodPost, "/logout?scope=global", second.AccessToken, "").want("logout again", 204, "ok")
	w.user(second.AccessToken).want("after logout", 403, "session_not_found")
	w.refresh(second.RefreshToken).want("refresh after logout", 400, "refresh_token_not_found")
}

func TestNumericToken(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *options) { o.identity.Policy.CodeDigits = 10 })
	w.addUser(adas, "")
	digits := w.issue(adas)
	for strings.HasPrefix(digits, "0") { // a JSON number has no leading zero
		w.pass(10 * time.Minute)
		digits = w.issue(adas)
	}
	w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%s,"type":"email"}`, adas, digits)).session()
}

func TestParallelVerify(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	body := fmt.Sprintf(`{"email":%q,"token":%q,"type":"email"}`, adas, w.issue(adas))
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		answers = map[string]int{}
	)
	for range 50 {
		wg.Go(func() {
			got := w.post("/verify", body).code()
			mu.Lock()
			defer mu.Unlock()
			answers[got]++
		})
	}
	wg.Wait()
	if answers["ok"] != 1 || answers["otp_expired"] != 49 {
		t.Errorf("answers %v", answers)
	}
}

func TestRefreshTable(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	one := w.enter(adas)
	two := w.refresh(one.RefreshToken).session()
	if two.RefreshToken == one.RefreshToken {
		t.Error("the token was not rotated")
	}
	w.pass(time.Hour)
	if again := w.refresh(one.RefreshToken).session(); again.RefreshToken != two.RefreshToken {
		t.Error("the parent did not get the current token")
	}
	three := w.refresh(two.RefreshToken).session()
	w.refresh(one.RefreshToken).want("grandparent, superseded an hour ago", 400, "refresh_token_already_used")
	w.refresh(three.RefreshToken).want("newest after that", 400, "refresh_token_not_found")
	w.user(three.AccessToken).want("access token after that", 403, "session_not_found")

	idle := w.enter(adas)
	w.pass(30 * 24 * time.Hour)
	w.refresh(idle.RefreshToken).want("after 30 idle days", 400, "session_expired")
	w.refresh(idle.AccessToken).want("access token", 400, "validation_failed")
}

func TestUserErrors(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser(adas, "")
	s := w.enter(adas)
	sign := func(claims jwt.MapClaims) string {
		t.Helper()
		raw, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("not the secret of this instance"))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	w.call(http.MethodGet, "/user", "", "", "Authorization", "").want("no bearer", 401, "no_authorization")
	w.call(http.MethodGet, "/user", "", "", "Authorization", "Basic abc").want("basic", 401, "no_authorization")
	w.call(http.MethodGet, "/user", "", "", "Authorization", "bEARER "+s.AccessToken).want("any case", 200, "ok")
	w.user("garbage").want("garbage", 403, "bad_jwt")
	w.user(w.secrets.AnonKey()).want("anon key", 403, "bad_jwt")
	w.user(w.secrets.ServiceKey()).want("service key", 403, "bad_jwt")
	w.user(sign(jwt.MapClaims{"sub": u.ID, "aud": "authenticated", "exp": begin.Add(time.Hour).Unix()})).want("foreign", 403, "bad_jwt")
	ban := func(until time.Time) {
		u.BannedUntil = until
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { _, err := tx.UpdateUser(ctx, u); return err })
		if err != nil {
			t.Fatal(err)
		}
		w.use.Forget(u.ID)
	}
	ban(begin.Add(time.Hour))
	w.user(s.AccessToken).want("banned", 403, "user_banned")
	w.refresh(s.RefreshToken).want("banned", 400, "user_banned")
	w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email"}`, adas, w.issue(adas))).want("banned", 403, "user_banned")
	ban(time.Time{})
	w.user(s.AccessToken).want("pardoned", 200, "ok")
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, good)
	this, other := w.enter(adas), w.enter(adas)
	put := func(body string) answer {
		t.Helper()
		return w.call(http.MethodPut, "/user", this.AccessToken, body)
	}
	a := put(`{"data":{"full_name":"Ada L","x":1},"code_challenge":null,"code_challenge_method":null,"role":"service_role","aud":"x","id":"y","banned_until":"z"}`)
	a.want("data", 200, "ok")
	if !strings.Contains(a.body, `"user_metadata":{"email_verified":true,"full_name":"Ada L","x":1}`) || !strings.Contains(a.body, `"role":"authenticated"`) {
		t.Error(a.body)
	}
	if a := put(`{"data":{"x":null}}`); !strings.Contains(a.body, `"user_metadata":{"email_verified":true,"full_name":"Ada L"}`) {
		t.Error(a.body)
	}
	if a := w.user(this.AccessToken); !strings.Contains(a.body, `"full_name":"Ada L"`) {
		t.Error(a.body)
	}
	put(`{"app_metadata":{"role":"admin"}}`).want("app_metadata", 403, "not_admin")
	put(`{"app_metadata":null}`).want("no app_metadata", 200, "ok")
	put(`{"data":{"big":"`+strings.Repeat("x", 4096)+`"}}`).want("big metadata", 400, "validation_failed")
	put(`{"email":"ADA@example.com"}`).want("same address", 200, "ok")
	put(`{"email":"new@example.com"}`).want("other address", 400, "validation_failed")
	put(`{"phone":"1"}`).want("phone", 400, "phone_provider_disabled")
	put(`{"password":"short"}`).want("short", 422, "weak_password")
	put(`{"password":"password123"}`).want("common", 422, "weak_password")
	put(`{"password":"`+strings.Repeat("x", 129)+`"}`).want("long", 400, "validation_failed")
	put(`{"password":"`+good+`"}`).want("same", 422, "same_password")
	put(`{"password":"vellum tundra 42","current_password":"x"}`).want("current", 400, "current_password_invalid")
	put(`{"password":"vellum tundra 42"}`).want("password", 200, "ok")
	w.user(this.AccessToken).want("this session", 200, "ok")
	w.user(other.AccessToken).want("other session", 403, "session_not_found")
	w.pass(2 * time.Minute)
	w.call(http.MethodGet, "/reauthenticate", this.AccessToken, "").want("reauthenticate", 200, "ok")
	w.call(http.MethodGet, "/reauthenticate", "", "").want("reauthenticate with the anon key", 403, "bad_jwt")

	login := w.enter(adas)
	w.pass(25 * time.Hour)
	fresh := w.refresh(login.RefreshToken).session()
	w.call(http.MethodPut, "/user", fresh.AccessToken, `{"password":"ochre glacier 9"}`).want("old login", 400, "reauthentication_needed")
	w.call(http.MethodPut, "/user", fresh.AccessToken, `{"password":"ochre glacier 9","nonce":"1"}`).want("wrong nonce", 422, "reauthentication_not_valid")
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *options) { o.identity.SignUp, o.identity.ConfirmEmail = true, true })
	w.addUser(adas, good)
	login := func(email, password string) answer {
		t.Helper()
		return w.post("/token?grant_type=password", fmt.Sprintf(`{"email":%q,"password":%q,"gotrue_meta_security":{}}`, email, password))
	}
	wrong, unknown := login(adas, "x"), login("nobody@example.com", "x")
	wrong.want("wrong", 400, "invalid_credentials")
	if wrong.body != unknown.body || wrong.status != unknown.status {
		t.Errorf("wrong %s, unknown %s", wrong.body, unknown.body)
	}
	signUp := func(email string) answer {
		t.Helper()
		return w.post("/signup?redirect_to=tmates%3A%2F%2Fx", fmt.Sprintf(`{"email":%q,"password":"vellum tundra 42","data":{"full_name":"Bob"},`+
			`"gotrue_meta_security":{},"code_challenge":null,"code_challenge_method":null}`, email))
	}
	a := signUp("bob@example.com")
	if a.status != 200 || strings.Contains(a.body, "access_token") || strings.Contains(a.body, "confirmed_at") || !strings.Contains(a.body, `"role":"authenticated"`) {
		t.Errorf("sign-up: %d %s", a.status, a.body)
	}
	login("bob@example.com", "vellum tundra 42").want("unconfirmed", 400, "email_not_confirmed")
	a = signUp(adas)
	if a.status != 200 || !strings.Contains(a.body, `"role":"","email":"ada@example.com"`) || !strings.Contains(a.body, `"identities":[]`) {
		t.Errorf("known address: %d %s", a.status, a.body)
	}
	w.post("/recover?redirect_to=x", `{"email":"ada@example.com","code_challenge":null,"code_challenge_method":null}`).want("recover", 200, "ok")
	w.post("/recover", `{"email":"ada@example.com"}`).want("recover again", 200, "ok")
	w.post("/recover", `{"email":"nobody@example.com"}`).want("recover unknown", 200, "ok")
	w.post("/resend", `{"email":"other@example.com","type":"signup"}`).want("resend", 200, "ok")
	w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"recovery"}`, adas, w.issue(adas))).session()
	open := start(t, func(o *options) { o.identity.SignUp = true })
	body := `{"email":"bob@example.com","password":"vellum tundra 42"}`
	open.post("/signup", body).session()
	open.post("/signup", body).want("twice", 422, "user_already_exists")
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, good)
	digits := w.issue(adas)
	w.post("/verify", `{"email":"ada@example.com","token":"wrong-guess","type":"email"}`)
	s := w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email"}`, adas, digits)).session()
	w.post("/token?grant_type=password&password="+strings.ReplaceAll(good, " ", "+"), `{"email":"ada@example.com","password":"quartz"}`)
	w.refresh(s.RefreshToken)
	w.refresh(s.RefreshToken + "x")
	w.user(s.AccessToken + "x")
	log := w.log.String()
	if !strings.Contains(log, "otp_expired") {
		t.Error("nothing was logged")
	}
	for _, secret := range []string{digits, "wrong-guess", "quartz", s.AccessToken, s.RefreshToken} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// FuzzBody: whatever a stranger sends to log in, the answer is JSON and never a
// failure of ours.
func FuzzBody(f *testing.F) {
	w := start(f, func(o *options) { o.identity.Policy.Burst = 1_000_000 })
	w.addUser(adas, good)
	raw := w.enter(adas).RefreshToken
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `{"email":"ada@example.com","token":"123456","type":"email"}`, `{"email":"ada@example.com","token":123456,"type":"recovery"}`,
		`{"email":"\u0000@x","token":"1","type":"signup"}`, `{"token_hash":"x","type":"email"}`, `{"email":"ada@example.com","password":"x"}`,
		`{"email":{"a":1}}`, `{"refresh_token":"` + raw + `"}`, `{"refresh_token":"` + strings.Repeat("A", 55) + `"}`, `{"token":1e999,"type":"email","email":"a@b"}`,
	} {
		for route := range byte(3) {
			f.Add(route, body)
		}
	}
	routes := []string{"/verify", "/token?grant_type=password", "/token?grant_type=refresh_token"}
	f.Fuzz(func(t *testing.T, route byte, body string) {
		w.t = t // one at a time
		a := w.post(routes[int(route)%len(routes)], body)
		if a.status >= 500 && a.status != http.StatusServiceUnavailable || !strings.HasPrefix(a.body, "{") {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a.status == http.StatusServiceUnavailable && !strings.HasPrefix(body, `{"refresh_token":`) {
			t.Errorf("%d %s", a.status, a.body)
		}
		for _, leak := range []string{"sql", "panic", ".go:", "goroutine"} {
			if strings.Contains(a.body, leak) {
				t.Errorf("the answer tells of %s: %s", leak, a.body)
			}
		}
	})
}
