package gotrue_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func bcryptOf(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// link is what the operator gets to hand over.
type link struct {
	account
	URL      string `json:"action_link"`
	OTP      string `json:"email_otp"`
	Token    string `json:"hashed_token"`
	Kind     string `json:"verification_type"`
	Redirect string `json:"redirect_to"`
}

func (w *world) link(query, body string) (l link) {
	w.t.Helper()
	a := w.admin(http.MethodPost, "/admin/generate_link"+query, body)
	if err := json.Unmarshal([]byte(a.body), &l); err != nil || a.status != http.StatusOK || l.ID == "" || l.Token == "" {
		w.t.Fatalf("no link: %d %s", a.status, a.body)
	}
	return l
}

// follow opens a link as a browser does and returns where it leads, split at
// the fragment.
func (w *world) follow(address string) (to string, said url.Values) {
	w.t.Helper()
	here := w.url + strings.TrimPrefix(address, "http://pi.local:8000/auth/v1")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, here, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		w.t.Fatalf("%s: %d %v", address, res.StatusCode, res.Header)
	}
	to, fragment, _ := strings.Cut(res.Header.Get("Location"), "#")
	if said, err = url.ParseQuery(fragment); err != nil {
		w.t.Fatal(err)
	}
	return to, said
}

// other is a last digit that a token does not have.
func other(token string) string {
	if strings.HasSuffix(token, "0") {
		return "1"
	}
	return "0"
}

func TestLinksLogIn(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *options) { o.identity.RedirectURLs = []string{"tmates://**"} })
	w.addUser(adas, "")
	l := w.link("?redirect_to=tmates%3A%2F%2Flogin%3Fa%3Db", `{"type":"magiclink","email":"Ada@example.com"}`)
	if l.Email != adas || l.Kind != "magiclink" || l.Redirect != "tmates://login?a=b" || len(l.OTP) != 6 ||
		!strings.HasPrefix(l.URL, "http://pi.local:8000/auth/v1/verify?") || !strings.Contains(l.URL, "token="+l.Token) {
		t.Errorf("%+v", l)
	}
	to, said := w.follow(l.URL)
	if to != "tmates://login?a=b" || said.Get("token_type") != "bearer" || said.Get("expires_in") != "3600" || said.Get("type") != "magiclink" ||
		said.Get("expires_at") != fmt.Sprint(begin.Add(time.Hour).Unix()) || !said.Has("sb") || said.Get("refresh_token") == "" {
		t.Errorf("%s %v", to, said)
	}
	w.user(said.Get("access_token")).want("the session", 200, "ok")
	to, said = w.follow(l.URL)
	if to != "tmates://login?a=b" || said.Get("error") != "access_denied" || said.Get("error_code") != "otp_expired" || said.Get("error_description") == "" || !said.Has("sb") {
		t.Errorf("used: %s %v", to, said)
	}

	l = w.link("", `{"type":"recovery","email":"ada@example.com","redirect_to":"https://evil.example/"}`)
	if l.Redirect != "http://pi.local:8000" || l.Kind != "recovery" {
		t.Errorf("%+v", l)
	}
	if to, _ := w.follow(l.URL + "&redirect_to=https://evil.example/"); to != "http://pi.local:8000" {
		t.Error(to)
	}
	l = w.link("", `{"type":"magiclink","email":"ada@example.com"}`)
	verify := func(hash, kind string) answer {
		t.Helper()
		return w.post("/verify", fmt.Sprintf(`{"token_hash":%q,"type":%q,"gotrue_meta_security":{}}`, hash, kind))
	}
	verify(l.Token, "signup").want("another purpose", 403, "otp_expired")
	verify(l.Token, "sms").want("no type of ours", 400, "validation_failed")
	verify("pkce_"+l.Token, "email").want("with a prefix", 403, "otp_expired")
	for range 10 { // more than a code forgives
		verify(l.Token[:len(l.Token)-1]+other(l.Token), "email").want("not quite", 403, "otp_expired")
	}
	verify(l.Token, "email").session()
	verify(l.Token, "email").want("used", 403, "otp_expired")

	l = w.link("", `{"type":"magiclink","email":"ada@example.com"}`)
	w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"magiclink"}`, adas, l.OTP)).session()
	verify(l.Token, "email").want("its digits were used", 403, "otp_expired")
	l = w.link("", `{"type":"magiclink","email":"ada@example.com"}`)
	w.pass(10 * time.Minute)
	verify(l.Token, "email").want("expired", 403, "otp_expired")

	w.call(http.MethodGet, "/verify?type=magiclink", "", "").want("no token", 400, "validation_failed")
	w.call(http.MethodGet, "/verify?token=x", "", "").want("no type", 400, "validation_failed")
	if _, said := w.follow("http://pi.local:8000/auth/v1/verify?token=x&type=nonsense"); said.Get("error_code") != "validation_failed" {
		t.Error(said)
	}
}

func TestParallelLink(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	l := w.link("", `{"type":"magiclink","email":"ada@example.com"}`)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		answers = map[string]int{}
	)
	for range 20 {
		wg.Go(func() {
			got := w.post("/verify", fmt.Sprintf(`{"token_hash":%q,"type":"email"}`, l.Token)).code()
			mu.Lock()
			defer mu.Unlock()
			answers[got]++
		})
	}
	wg.Wait()
	if answers["ok"] != 1 || answers["otp_expired"] != 19 {
		t.Errorf("answers %v", answers)
	}
}

func TestLinksMakeAccounts(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	l := w.link("", `{"type":"signup","email":"bob@example.com","password":"vellum tundra 42","data":{"full_name":"Bob"}}`)
	if l.EmailConfirmedAt != "" || l.InvitedAt != "" || l.Kind != "signup" || l.UserMetadata["full_name"] != "Bob" {
		t.Errorf("%+v", l)
	}
	w.password("bob@example.com", "vellum tundra 42").want("unconfirmed", 400, "email_not_confirmed")
	w.follow(l.URL)
	w.password("bob@example.com", "vellum tundra 42").session()
	l = w.link("", `{"type":"invite","email":"cleo@example.com"}`)
	if l.InvitedAt == "" || l.Kind != "invite" || l.EmailConfirmedAt != "" {
		t.Errorf("%+v", l)
	}
	if _, said := w.follow(l.URL); said.Get("access_token") == "" || said.Get("type") != "invite" {
		t.Error(said)
	}
	l = w.link("", `{"type":"magiclink","email":"dora@example.com"}`)
	if l.Kind != "signup" {
		t.Errorf("%+v", l)
	}
	if _, said := w.follow(l.URL); said.Get("access_token") == "" {
		t.Error(said)
	}
	for _, tt := range []struct {
		body   string
		status int
		code   string
	}{
		{`{"type":"recovery","email":"nobody@example.com"}`, 404, "user_not_found"},
		{`{"type":"signup","email":"ada@example.com","password":"vellum tundra 42"}`, 422, "email_exists"},
		{`{"type":"invite","email":"ada@example.com"}`, 422, "email_exists"},
		{`{"type":"signup","email":"x@example.com"}`, 400, "validation_failed"},
		{`{"type":"signup","email":"x@example.com","password":"short"}`, 422, "weak_password"},
		{`{"type":"email_change_new","email":"ada@example.com"}`, 400, "validation_failed"},
		{`{"email":"ada@example.com"}`, 400, "validation_failed"},
		{`{"type":"magiclink"}`, 400, "validation_failed"},
		{`{"type":"magiclink","email":"x"}`, 400, "validation_failed"},
		{`{"type":"magiclink","phone":"1"}`, 400, "phone_provider_disabled"},
		{`{"type":"invite","email":"x@example.com","data":{"x":"` + strings.Repeat("x", 4096) + `"}}`, 400, "validation_failed"},
	} {
		w.admin(http.MethodPost, "/admin/generate_link", tt.body).want(tt.body[:min(60, len(tt.body))], tt.status, tt.code)
	}
}

func TestInvite(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	invite := func(body string) answer {
		t.Helper()
		return w.admin(http.MethodPost, "/invite?redirect_to=http%3A%2F%2F127.0.0.1%3A3000%2Fw", body)
	}
	u := invite(`{"email":"Bob@example.com","data":{"a":1}}`).account()
	if u.Email != "bob@example.com" || u.InvitedAt != "2026-11-22T12:00:00Z" || u.EmailConfirmedAt != "" || fmt.Sprint(u.UserMetadata) != "map[a:1]" {
		t.Errorf("%+v", u)
	}
	invite(`{"email":"bob@example.com"}`).want("at once again", 429, "over_email_send_rate_limit")
	w.pass(time.Minute)
	if again := invite(`{"email":"bob@example.com","data":{"b":2}}`).account(); again.ID != u.ID || len(again.UserMetadata) != 2 {
		t.Errorf("%+v", again)
	}
	invite(`{"email":"ada@example.com"}`).want("known", 422, "email_exists")
	invite(`{"email":"x"}`).want("malformed", 400, "validation_failed")
	invite(`{}`).want("no address", 400, "validation_failed")
	invite(`{"phone":"1"}`).want("phone", 400, "phone_provider_disabled")
	code := w.issue("bob@example.com")
	w.post("/verify", fmt.Sprintf(`{"email":"bob@example.com","token":%q,"type":"recovery"}`, code)).want("another purpose", 403, "otp_expired")
	w.post("/verify", fmt.Sprintf(`{"email":"bob@example.com","token":%q,"type":"invite"}`, code)).session()
	invite(`{"email":"bob@example.com"}`).want("joined", 422, "email_exists")
}

// An invitation forgets the password of a stranger who signed up with the
// address first: accepting it must not let them in.
func TestInviteForgetsAnUnconfirmedPassword(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *options) { o.identity.SignUp, o.identity.ConfirmEmail = true, true })
	const stranger = `{"email":"bob@example.com","password":"vellum tundra 42"}`
	w.post("/signup", stranger).want("sign-up", 200, "ok")
	w.post("/token?grant_type=password", stranger).want("not confirmed", 400, "email_not_confirmed")
	w.pass(time.Minute)
	w.admin(http.MethodPost, "/invite", `{"email":"bob@example.com"}`).account()
	code := w.issue("bob@example.com")
	w.post("/verify", fmt.Sprintf(`{"email":"bob@example.com","token":%q,"type":"invite"}`, code)).session()
	w.post("/token?grant_type=password", stranger).want("the stranger", 400, "invalid_credentials")
}
