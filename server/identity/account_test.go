package identity

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func TestAddUser(t *testing.T) {
	t.Parallel()
	var placed []string
	w := start(t, func(o *Options) {
		o.Provision = func(_ context.Context, _ *store.Tx, u tmates.User, role tmates.Role) error {
			if u.Email == "full@example.com" {
				return errors.New("no place")
			}
			placed = append(placed, u.Email+" "+string(role))
			return nil
		}
	})
	u, err := w.AddUser(t.Context(), NewUser{Email: " Ada@Example.com", Name: " Ada ", Password: good, Role: tmates.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	wanted := tmates.User{
		ID: u.ID, Email: adas, PasswordHash: u.PasswordHash, Metadata: map[string]any{"full_name": "Ada", "email_verified": true},
		AppMetadata: map[string]any{"provider": "email", "providers": []any{"email"}}, ConfirmedAt: begin, CreatedAt: begin, UpdatedAt: begin,
	}
	if d := cmp.Diff(wanted, u); d != "" {
		t.Error(d)
	}
	for name, tt := range map[string]struct {
		n    NewUser
		want string
	}{
		"taken":     {NewUser{Email: "ADA@example.com"}, "email_exists"},
		"malformed": {NewUser{Email: "ada"}, "validation_failed"},
		"weak":      {NewUser{Email: "b@example.com", Password: "password1"}, "weak_password"},
		"role":      {NewUser{Email: "b@example.com", Role: "root"}, "validation_failed"},
		"long name": {NewUser{Email: "b@example.com", Name: strings.Repeat("x", 4096)}, "validation_failed"},
	} {
		_, err := w.AddUser(t.Context(), tt.n)
		want(t, name, err, tt.want)
	}
	if _, err := w.AddUser(t.Context(), NewUser{Email: "full@example.com"}); err == nil {
		t.Error("an account without a place was kept")
	}
	w.addUser("a@example.com", "")
	all, err := w.Users(t.Context())
	if err != nil || len(all) != 2 || all[0].Email != "a@example.com" || all[1].Email != adas {
		t.Errorf("users %v, %v", all, err)
	}
	if got := strings.Join(placed, ", "); got != "ada@example.com admin, a@example.com " {
		t.Errorf("placed %q", got)
	}
	_, _, err = w.IssueCode(t.Context(), "nobody@example.com")
	want(t, "code for nobody", err, "user_not_found")
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	w.addUser(adas, "")
	who, err := w.Authenticate(t.Context(), w.enter(adas).AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	update := func(up Update) (map[string]any, error) {
		a, err := w.UpdateUser(t.Context(), ada, who, up)
		return a.User.Metadata, err
	}
	for _, tt := range []struct {
		data map[string]any
		want map[string]any
	}{
		{map[string]any{"full_name": "Ada", "x": 1.0}, map[string]any{"email_verified": true, "full_name": "Ada", "x": 1.0}},
		{map[string]any{"x": nil, "role": "service_role"}, map[string]any{"email_verified": true, "full_name": "Ada", "role": "service_role"}},
		{nil, map[string]any{"email_verified": true, "full_name": "Ada", "role": "service_role"}},
	} {
		got, err := update(Update{Data: tt.data})
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Error(d, err)
		}
	}
	cached, err := w.Authenticate(t.Context(), w.enter(adas).AccessToken)
	if err != nil || cached.User.Metadata["full_name"] != "Ada" {
		t.Errorf("the cache shows %v, %v", cached.User.Metadata, err)
	}
	_, err = update(Update{Data: map[string]any{"big": strings.Repeat("x", 4096)}})
	want(t, "too big", err, "validation_failed")
	_, err = update(Update{Email: " ADA@example.com"})
	want(t, "same address", err, "ok")
	_, err = update(Update{Email: "new@example.com"})
	want(t, "other address", err, "validation_failed")
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	signUp := func(w *world, email, password string) (SignedUp, error) {
		return w.SignUp(w.t.Context(), ada, SignUpRequest{Email: email, Password: password, Data: map[string]any{"full_name": "Bob"}})
	}
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.SignUp = true })
		out, err := signUp(w, adas, good)
		if err != nil || out.Grant == nil || out.User.ConfirmedAt != begin || out.User.Metadata["email_verified"] != true {
			t.Fatalf("%+v, %v", out, err)
		}
		_, err = w.Authenticate(t.Context(), out.Grant.AccessToken)
		want(t, "the session", err, "ok")
		_, err = signUp(w, adas, good)
		want(t, "again", err, "user_already_exists")
	})
	t.Run("with a code", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.SignUp, o.ConfirmEmail = true, true })
		known := w.addUser(adas, "")
		out, err := signUp(w, "bob@example.com", good)
		if err != nil || out.Grant != nil || out.MadeUp || !out.User.ConfirmedAt.IsZero() || len(out.Identities) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		if l := w.letter(); l.to != "bob@example.com" || !strings.Contains(l.text, "confirm your address") {
			t.Errorf("letter %+v", l)
		}
		out, err = signUp(w, adas, good)
		if err != nil || !out.MadeUp || out.User.ID == known.ID || out.User.Email != adas || len(out.Identities) != 0 {
			t.Errorf("known address: %+v, %v", out, err)
		}
		for _, email := range []string{adas, "bob@example.com"} {
			_, err = signUp(w, email, good)
			want(t, "again "+email, err, "over_email_send_rate_limit")
		}
		for password, wanted := range map[string]string{"": "validation_failed", "short": "weak_password", "bob@example": "weak_password"} {
			_, err = signUp(w, "bob@example.com", password)
			want(t, "password "+password, err, wanted)
		}
		_, err = signUp(w, "x", good)
		want(t, "malformed", err, "validation_failed")
	})
	t.Run("by a code alone", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.SignUp = true })
		want(t, "ask", w.RequestCode(t.Context(), ada, CodeRequest{Email: adas, Create: true}), "ok")
		g, err := w.Verify(t.Context(), ada, adas, w.letter().code, "email")
		if err != nil || g.User.ConfirmedAt != begin || g.User.Metadata["email_verified"] != true {
			t.Errorf("%+v, %v", g.User, err)
		}
	})
	t.Run("closed", func(t *testing.T) {
		t.Parallel()
		_, err := signUp(start(t, nil), adas, good)
		want(t, "closed", err, "signup_disabled")
	})
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for in, wanted := range map[string]string{
		"ada@example.com": adas, "  ADA@Example.COM\n": adas, "ada@pi.local": "ada@pi.local", "ada@box": "ada@box", "a@b.test": "a@b.test",
		"o'neil+tag@x.y": "o'neil+tag@x.y", "jürgen@müller.de": "jürgen@müller.de",
		"": "", "ada": "", "@x": "", "ada@": "", "a b@x.y": "", "a@b@c": "", "a\x00@x.y": "", "a\n@x.y": "", "<a@x.y>": "", "a,b@x.y": "",
		"a@x..y": "", "a@.x": "", "a@x.": "", "\"a\"@x.y": "", "a\u200b@x.y": "", "a\xff@x.y": "", strings.Repeat("a", 250) + "@x.y": strings.Repeat("a", 250) + "@x.y",
		strings.Repeat("a", 251) + "@x.y": "",
	} {
		got, err := Normalise(in)
		if got != wanted || (err == nil) != (wanted != "") || err != nil && !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}
