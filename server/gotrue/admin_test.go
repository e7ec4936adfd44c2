package gotrue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

const nobody = "11111111-1111-4111-8111-111111111111"

// admin asks as the operator.
func (w *world) admin(method, path, body string) answer {
	w.t.Helper()
	return w.call(method, path, w.secrets.ServiceKey(), body)
}

// account is what tests read of a user.
type account struct {
	ID               string
	Email            string
	Aud, Role        string
	EmailConfirmedAt string         `json:"email_confirmed_at"`
	InvitedAt        string         `json:"invited_at"`
	BannedUntil      string         `json:"banned_until"`
	AppMetadata      map[string]any `json:"app_metadata"`
	UserMetadata     map[string]any `json:"user_metadata"`
	Identities       []struct {
		Email string
		Data  struct {
			Email    string
			Verified bool `json:"email_verified"`
		} `json:"identity_data"`
	}
}

func (a answer) account() (u account) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), &u); err != nil || a.status != http.StatusOK || u.ID == "" {
		a.t.Fatalf("no user: %d %s", a.status, a.body)
	}
	return u
}

func (w *world) make(body string) account {
	w.t.Helper()
	return w.admin(http.MethodPost, "/admin/users", body).account()
}

// records returns every audit record as text, newest first.
func (w *world) records() (all []string) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Audits(ctx, "", 10_000)
		for _, a := range list {
			all = append(all, a.Event+" "+a.UserID+" "+a.Detail)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) password(email, password string) answer {
	w.t.Helper()
	return w.post("/token?grant_type=password", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
}

func TestAdminNeedsTheServiceKey(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser(adas, "")
	access := w.enter(adas).AccessToken
	for _, route := range []struct{ method, path string }{
		{"GET", "/admin/users"}, {"POST", "/admin/users"}, {"GET", "/admin/users/" + u.ID}, {"GET", "/admin/users/x"}, {"PUT", "/admin/users/" + u.ID},
		{"DELETE", "/admin/users/" + u.ID}, {"POST", "/admin/generate_link"}, {"POST", "/invite"},
	} {
		name := route.method + " " + route.path
		w.call(route.method, route.path, "", `{`, "Authorization", "").want(name+" with nothing", 401, "no_authorization")
		w.call(route.method, route.path, w.secrets.AnonKey(), `{`).want(name+" with the anon key", 403, "not_admin")
		w.call(route.method, route.path, access, `{`).want(name+" with a person's token", 403, "not_admin")
		w.call(route.method, route.path, w.secrets.ServiceKey()+"x", `{`).want(name+" with a broken key", 403, "bad_jwt")
		w.call(route.method, route.path, "", `{`, "Authorization", "", "Apikey", w.secrets.ServiceKey()).want(name+" with the key as apikey only", 401, "no_authorization")
	}
	// What a user says about themself is no role.
	w.call(http.MethodPut, "/user", access, `{"data":{"role":"service_role"},"role":"service_role"}`).want("data", 200, "ok")
	w.call(http.MethodGet, "/admin/users", w.enter(adas).AccessToken, "").want("a user who says so", 403, "not_admin")
	w.user(w.secrets.ServiceKey()).want("the service key is no user", 403, "bad_jwt")
}

func TestAdminCreates(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.make(`{"email":" Ada@Example.com ","email_confirm":true,"password":"quartz fjord 77","user_metadata":{"full_name":"Ada","gone":null},
		"app_metadata":{"plan":"pi","provider":"evil","providers":["evil"]},"id":"` + nobody + `","role":"authenticated","aud":"x","is_anonymous":true}`)
	if u.ID != nobody || u.Email != adas || u.Aud != "authenticated" || u.Role != "authenticated" || u.EmailConfirmedAt == "" ||
		fmt.Sprint(u.UserMetadata) != "map[email_verified:true full_name:Ada]" ||
		fmt.Sprint(u.AppMetadata) != "map[plan:pi provider:email providers:[email]]" || len(u.Identities) != 1 || u.Identities[0].Email != adas {
		t.Errorf("%+v", u)
	}
	w.password(adas, good).session()
	u = w.make(`{"email":"bob@example.com"}`)
	if u.EmailConfirmedAt != "" || u.BannedUntil != "" || len(u.UserMetadata) != 0 {
		t.Errorf("%+v", u)
	}
	w.enter("bob@example.com")
	u = w.make(`{"email":"cleo@example.com","password":"","email_confirm":true,"ban_duration":"24h"}`)
	if u.BannedUntil != "2026-11-23T12:00:00Z" {
		t.Errorf("%+v", u)
	}
	w.post("/verify", fmt.Sprintf(`{"email":"cleo@example.com","token":%q,"type":"email"}`, w.issue("cleo@example.com"))).want("banned", 403, "user_banned")

	bcrypt := `$2a$04$QH7pnG3tmd1EwoLuGh1dmuTy8Vn6uGxmV67JrEaHrm4JnSmNXBgMW`
	for _, tt := range []struct {
		name, body string
		status     int
		code, part string
	}{
		{"no body", ``, 400, "bad_json", ""},
		{"list", `[]`, 400, "bad_json", ""},
		{"no address", `{"email_confirm":true}`, 400, "validation_failed", "address"},
		{"malformed address", `{"email":"ada"}`, 400, "validation_failed", "address"},
		{"known address", `{"email":"ADA@example.com"}`, 422, "email_exists", ""},
		{"known id", `{"email":"x@example.com","id":"` + nobody + `"}`, 422, "user_already_exists", "id"},
		{"malformed id", `{"email":"x@example.com","id":"1"}`, 400, "validation_failed", "id"},
		{"no id at all", `{"email":"x@example.com","id":"00000000-0000-0000-0000-000000000000"}`, 400, "validation_failed", "id"},
		{"phone", `{"phone":"+123"}`, 400, "phone_provider_disabled", ""},
		{"short password", `{"email":"x@example.com","password":"k7Wq"}`, 422, "weak_password", "length"},
		{"common password", `{"email":"x@example.com","password":"password123"}`, 422, "weak_password", "pwned"},
		{"password like the address", `{"email":"lovelace@example.com","password":"lovelace2026"}`, 422, "weak_password", "pwned"},
		{"long password", `{"email":"x@example.com","password":"` + strings.Repeat("x", 129) + `"}`, 400, "validation_failed", "128"},
		{"password and hash", `{"email":"x@example.com","password":"quartz fjord 77","password_hash":"` + bcrypt + `"}`, 400, "validation_failed", "password_hash"},
		{"foreign hash", `{"email":"x@example.com","password_hash":"$scrypt$ln=15$x$y"}`, 400, "validation_failed", "password_hash"},
		{"empty hash", `{"email":"x@example.com","password_hash":""}`, 400, "validation_failed", "password_hash"},
		{"dear bcrypt", `{"email":"x@example.com","password_hash":"` + strings.Replace(bcrypt, "$04$", "$31$", 1) + `"}`, 400, "validation_failed", "password_hash"},
		{"dear argon2id", `{"email":"x@example.com","password_hash":"$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`, 400, "validation_failed", "password_hash"},
		{"ban", `{"email":"x@example.com","ban_duration":"a day"}`, 400, "validation_failed", "ban_duration"},
		{"negative ban", `{"email":"x@example.com","ban_duration":"-1h"}`, 400, "validation_failed", "ban_duration"},
		{"role", `{"email":"x@example.com","role":"service_role"}`, 400, "validation_failed", "role"},
		{"big user_metadata", `{"email":"x@example.com","user_metadata":{"x":"` + strings.Repeat("x", 4096) + `"}}`, 400, "validation_failed", "User metadata"},
		{"big app_metadata", `{"email":"x@example.com","app_metadata":{"x":"` + strings.Repeat("x", 4096) + `"}}`, 400, "validation_failed", "App metadata"},
		{"wrong type", `{"email":"x@example.com","user_metadata":[]}`, 400, "bad_json", "user_metadata"},
		{"wrong type of a flag", `{"email":"x@example.com","email_confirm":"yes"}`, 400, "bad_json", "email_confirm"},
	} {
		a := w.admin(http.MethodPost, "/admin/users", tt.body)
		a.want(tt.name, tt.status, tt.code)
		if !strings.Contains(a.body, tt.part) {
			t.Errorf("%s: %s lacks %q", tt.name, a.body, tt.part)
		}
	}
	if n := strings.Count(w.admin(http.MethodGet, "/admin/users", "").body, `"identity_id"`); n != 3 {
		t.Errorf("%d users, want the three that were made", n)
	}
}

func TestAdminTakesOverHashes(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	old := w.addUser(adas, good)
	var hash string
	err := w.db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByID(ctx, old.ID)
		hash = u.PasswordHash
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.make(fmt.Sprintf(`{"email":"bob@example.com","email_confirm":true,"password_hash":%q}`, hash))
	w.password("bob@example.com", good).session()
	// bcrypt of the same password, cost 4.
	cleo := w.make(`{"email":"cleo@example.com","email_confirm":true,"password_hash":"` + bcryptOf(t, good) + `"}`)
	w.password("cleo@example.com", good).session()
	w.admin(http.MethodPut, "/admin/users/"+cleo.ID, fmt.Sprintf(`{"password_hash":%q}`, bcryptOf(t, "vellum tundra 42"))).want("another hash", 200, "ok")
	w.password("cleo@example.com", good).want("the old password", 400, "invalid_credentials")
	w.password("cleo@example.com", "vellum tundra 42").session()
}

func TestParallelCreates(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		answers = map[string]int{}
	)
	for range 20 {
		wg.Go(func() {
			a := w.admin(http.MethodPost, "/admin/users", `{"email":"ada@example.com","email_confirm":true}`)
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(a.status, " ", a.code())]++
		})
	}
	wg.Wait()
	if answers["200 ok"] != 1 || answers["422 email_exists"] != 19 {
		t.Errorf("answers %v", answers)
	}
}

func TestAdminLists(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	list := func(query string) (emails []string, header http.Header) {
		t.Helper()
		a := w.admin(http.MethodGet, "/admin/users"+query, "")
		a.want(query, 200, "ok")
		var body struct {
			Users []account
			Aud   string
		}
		if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.Aud != "authenticated" || body.Users == nil {
			t.Fatalf("%s: %s", query, a.body)
		}
		for _, u := range body.Users {
			emails = append(emails, u.Email)
		}
		return emails, a.header
	}
	check := func(query, wantEmails, wantTotal, wantLink string) {
		t.Helper()
		emails, h := list(query)
		if got := strings.Join(emails, " "); got != wantEmails || h.Get("X-Total-Count") != wantTotal || h.Get("Link") != wantLink {
			t.Errorf("%s: %s, total %s, link %s", query, got, h.Get("X-Total-Count"), h.Get("Link"))
		}
	}
	check("", "", "0", `</admin/users?page=1&per_page=50>; rel="last"`)
	for _, email := range []string{"ada@example.com", "bob_x@example.com", "cleo@example.org"} {
		w.make(`{"email":"` + email + `"}`)
		w.pass(time.Second)
	}
	check("?page=&per_page=", "cleo@example.org bob_x@example.com ada@example.com", "3", `</admin/users?page=1&per_page=50>; rel="last"`)
	check("?page=1&per_page=1", "cleo@example.org", "3", `</admin/users?page=2&per_page=1>; rel="next", </admin/users?page=3&per_page=1>; rel="last"`)
	check("?page=2&per_page=2", "ada@example.com", "3", `</admin/users?page=2&per_page=2>; rel="last"`)
	check("?page=9&per_page=2", "", "3", `</admin/users?page=2&per_page=2>; rel="last"`)
	check("?per_page=1&filter=EXAMPLE.com", "bob_x@example.com", "2",
		`</admin/users?page=2&per_page=1&filter=EXAMPLE.com>; rel="next", </admin/users?page=2&per_page=1&filter=EXAMPLE.com>; rel="last"`)
	check("?filter=_", "bob_x@example.com", "1", `</admin/users?page=1&per_page=50&filter=_>; rel="last"`)
	check("?filter=%25", "", "0", `</admin/users?page=1&per_page=50&filter=%25>; rel="last"`)
	check("?filter=%5C%2C%3B%3D%22", "", "0", `</admin/users?page=1&per_page=50&filter=%5C%2C%3B%3D%22>; rel="last"`)
	for _, query := range []string{"page=0", "page=-1", "page=x", "page=1000001", "page=99999999999999999999", "per_page=0", "per_page=1001", "per_page=1.5"} {
		a := w.admin(http.MethodGet, "/admin/users?"+query, "")
		a.want(query, 400, "validation_failed")
		if name, _, _ := strings.Cut(query, "="); !strings.Contains(a.body, name) {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}

func TestAdminReadsAndChanges(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.make(`{"email":"ada@example.com","password":"quartz fjord 77","user_metadata":{"full_name":"Ada","x":1},"app_metadata":{"plan":"pi"}}`)
	w.make(`{"email":"bob@example.com"}`)
	path := "/admin/users/" + u.ID
	put := func(body string) answer { t.Helper(); return w.admin(http.MethodPut, path, body) }
	if got := w.admin(http.MethodGet, "/admin/users/"+strings.ToUpper(u.ID), "").account(); got.ID != u.ID {
		t.Errorf("%+v", got)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		w.admin(method, "/admin/users/"+nobody, `{}`).want(method+" unknown", 404, "user_not_found")
		for _, id := range []string{"x", "1/2", nobody + "x", "%7B" + nobody + "%7D", "00000000-0000-0000-0000-000000000000", "%zz", "..%2f" + nobody} {
			if id == "%zz" {
				continue // no client can send it
			}
			w.admin(method, "/admin/users/"+id, `{}`).want(method+" "+id, 404, "validation_failed")
		}
	}
	put(`{"email":"bob@example.com"}`).want("taken address", 422, "email_exists")
	put(`{"email":"x"}`).want("malformed address", 400, "validation_failed")
	put(`{"password":""}`).want("empty password", 422, "weak_password")
	put(`{"password":"ada@example"}`).want("close password", 422, "weak_password")
	put(`{"ban_duration":"soon"}`).want("ban", 400, "validation_failed")
	put(`{"user_metadata":{"x":"`+strings.Repeat("x", 4096)+`"}}`).want("big", 400, "validation_failed")
	put(`{"role":"admin"}`).want("role", 400, "validation_failed")
	if now := put(`{}`).account(); now.EmailConfirmedAt != "" || fmt.Sprint(now.UserMetadata, now.AppMetadata) != fmt.Sprint(u.UserMetadata, u.AppMetadata) {
		t.Errorf("nothing: %+v", now)
	}
	now := put(`{"email_confirm":true,"user_metadata":{"x":null,"full_name":"Ada L"},"app_metadata":{"plan":null,"seat":3,"provider":null},"id":"` + nobody + `"}`).account()
	if now.ID != u.ID || now.EmailConfirmedAt == "" || fmt.Sprint(now.UserMetadata) != "map[email_verified:true full_name:Ada L]" ||
		fmt.Sprint(now.AppMetadata) != "map[provider:email providers:[email] seat:3]" {
		t.Errorf("%+v", now)
	}
	w.password(adas, good).session() // still the password of the creation

	t.Run("an address moves with its identity, and codes die", func(t *testing.T) {
		s, code := w.enter(adas), w.issue(adas)
		now := put(`{"email":" ADA@New.example "}`).account()
		if now.Email != "ada@new.example" || now.Identities[0].Email != "ada@new.example" || now.Identities[0].Data.Email != "ada@new.example" {
			t.Errorf("%+v", now)
		}
		w.user(s.AccessToken).want("the login goes on", 200, "ok")
		w.post("/verify", fmt.Sprintf(`{"email":"ada@new.example","token":%q,"type":"email"}`, code)).want("old code", 403, "otp_expired")
		w.post("/otp", fmt.Sprintf(otpBody, adas)).want("old address", 422, "otp_disabled")
		put(`{"email":"ada@example.com"}`).want("back", 200, "ok")
	})
	t.Run("a password ends every login and code", func(t *testing.T) {
		s, code := w.enter(adas), w.issue(adas)
		put(`{"password":"vellum tundra 42"}`).want("password", 200, "ok")
		w.user(s.AccessToken).want("access token", 403, "session_not_found")
		w.refresh(s.RefreshToken).want("refresh token", 400, "refresh_token_not_found")
		w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email"}`, adas, code)).want("code", 403, "otp_expired")
		w.password(adas, good).want("old password", 400, "invalid_credentials")
		w.password(adas, "vellum tundra 42").session()
	})
	t.Run("a ban ends every login until it is over", func(t *testing.T) {
		s := w.enter(adas)
		if now := put(`{"ban_duration":"1h30m"}`).account(); now.BannedUntil != "2026-11-22T13:30:00Z" {
			t.Errorf("%+v", now)
		}
		w.user(s.AccessToken).want("access token", 403, "session_not_found")
		w.refresh(s.RefreshToken).want("refresh token", 400, "refresh_token_not_found")
		w.password(adas, "vellum tundra 42").want("password", 400, "user_banned")
		w.post("/verify", fmt.Sprintf(`{"email":%q,"token":%q,"type":"email"}`, adas, w.issue(adas))).want("code", 403, "user_banned")
		if now := put(`{"ban_duration":"none"}`).account(); now.BannedUntil != "" {
			t.Errorf("%+v", now)
		}
		w.password(adas, "vellum tundra 42").session()
	})
}

func TestAdminDeletes(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser(adas, good)
	s := w.enter(adas)
	w.issue(adas)
	a := w.admin(http.MethodDelete, "/admin/users/"+u.ID, `{"should_soft_delete":false}`)
	if a.status != 200 || a.body != "{}" {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.admin(http.MethodDelete, "/admin/users/"+u.ID, ``).want("again", 404, "user_not_found")
	w.admin(http.MethodGet, "/admin/users/"+u.ID, ``).want("read", 404, "user_not_found")
	w.user(s.AccessToken).want("access token", 403, "session_not_found")
	w.refresh(s.RefreshToken).want("refresh token", 400, "refresh_token_not_found")
	w.password(adas, good).want("password", 400, "invalid_credentials")
	w.make(`{"email":"ada@example.com","id":"` + u.ID + `"}`) // both are free again
	w.admin(http.MethodDelete, "/admin/users/"+u.ID, `not even JSON`).want("whatever the body says", 200, "ok")
}

func TestAdminRecords(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.make(`{"email":"ada@example.com","password":"quartz fjord 77","user_metadata":{"full_name":"Lovelace\nsecret-note"}}`)
	path := "/admin/users/" + u.ID
	w.admin(http.MethodPut, path, `{"password":"vellum tundra 42","app_metadata":{"token":"secret-plan"}}`).want("change", 200, "ok")
	w.admin(http.MethodPut, path, `{"ban_duration":"1h"}`).want("ban", 200, "ok")
	w.admin(http.MethodPut, path, `{"ban_duration":"none"}`).want("pardon", 200, "ok")
	link := w.admin(http.MethodPost, "/admin/generate_link", `{"type":"magiclink","email":"ada@example.com"}`)
	w.admin(http.MethodPost, "/invite", `{"email":"bob@example.com"}`).want("invite", 200, "ok")
	w.admin(http.MethodDelete, path, ``).want("delete", 200, "ok")
	all := strings.Join(w.records(), "\n")
	for _, want := range []string{
		"user_created " + u.ID, "user_changed " + u.ID + " password app_metadata\n", "user_changed " + u.ID + " ban\n", "user_banned " + u.ID + " 1h\n",
		"user_unbanned " + u.ID, "link_made " + u.ID + " magiclink", "user_invited ", "user_deleted " + u.ID,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no record %q in\n%s", want, all)
		}
	}
	var l struct {
		OTP   string `json:"email_otp"`
		Token string `json:"hashed_token"`
	}
	if err := json.Unmarshal([]byte(link.body), &l); err != nil || l.OTP == "" || l.Token == "" {
		t.Fatal(link.body)
	}
	w.follow("http://pi.local:8000/auth/v1/verify?type=magiclink&token=" + l.Token)
	for _, secret := range []string{good, "vellum tundra 42", "secret-note", "secret-plan", w.secrets.ServiceKey(), l.OTP, l.Token, "argon2id"} {
		if strings.Contains(all, secret) || strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is in a record or the log", secret)
		}
	}
}

func TestAdminFailuresOfOurs(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	u := w.addUser(adas, "")
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]answer{
		"list": w.admin("GET", "/admin/users", ""), "read": w.admin("GET", "/admin/users/"+u.ID, ""), "change": w.admin("PUT", "/admin/users/"+u.ID, "{}"),
		"make": w.admin("POST", "/admin/users", `{"email":"x@example.com"}`), "delete": w.admin("DELETE", "/admin/users/"+u.ID, ""),
		"invite": w.admin("POST", "/invite", `{"email":"x@example.com"}`), "link": w.admin("POST", "/admin/generate_link", `{"type":"magiclink","email":"x@example.com"}`),
	} {
		a.want(name, http.StatusServiceUnavailable, "service_unavailable")
	}
}

// A place that cannot be given takes the account back with it.
func TestAdminProvisionIsPartOfIt(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *options) {
		o.identity.Provision = func(context.Context, *store.Tx, tmates.User, tmates.Role) error {
			return tmates.E(tmates.Conflict, "no_place", nil, "There is no place")
		}
	})
	w.admin(http.MethodPost, "/admin/users", `{"email":"ada@example.com"}`).want("create", 409, "no_place")
	if body := w.admin(http.MethodGet, "/admin/users", "").body; !strings.Contains(body, `"users":[]`) {
		t.Error(body)
	}
}

// FuzzAdminBody: whatever a program of the operator sends, the answer is JSON
// and never a failure of ours.
func FuzzAdminBody(f *testing.F) {
	w := start(f, nil)
	u := w.addUser(adas, "")
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `{"email":"x@example.com","user_metadata":{"a":null},"app_metadata":{"provider":[]}}`, `{"email":null,"password":null}`,
		`{"ban_duration":"2562047h"}`, `{"password_hash":"$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}`, `{"id":"` + nobody + `"}`,
		`{"type":"invite","email":"y@example.com","data":{"\u0000":1e308}}`, `{"email":"\ud800@x","role":"authenticated"}`,
	} {
		for route := range byte(4) {
			f.Add(route, body)
		}
	}
	routes := []struct{ method, path string }{
		{"POST", "/admin/users"}, {"PUT", "/admin/users/" + u.ID}, {"POST", "/admin/generate_link"}, {"POST", "/invite"},
	}
	f.Fuzz(func(t *testing.T, route byte, body string) {
		w.t = t // one at a time
		r := routes[int(route)%len(routes)]
		a := w.admin(r.method, r.path, body)
		if a.status >= 500 || !strings.HasPrefix(a.body, "{") {
			t.Errorf("%s %s: %d %s", r.method, r.path, a.status, a.body)
		}
	})
}
