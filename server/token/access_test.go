package token_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store/tmates"
)

const (
	userID    = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
	sessionID = "0a6d1f4e-25b7-4c0f-9e0b-2f5b8a2f3c11"
)

var (
	user = tmates.User{
		ID: userID, Email: "ada@example.com",
		Metadata:    map[string]any{"full_name": "Ada", "email_verified": true},
		AppMetadata: map[string]any{"provider": "email", "providers": []any{"email"}},
	}
	session = tmates.Session{ID: sessionID, UserID: userID, Methods: []tmates.AuthMethod{{Method: "otp", At: start}}}
)

func TestSignedClaims(t *testing.T) {
	t.Parallel()
	s := load(t, t.TempDir())
	signed, expires, err := token.NewSigner(s, "http://pi.local:8000/", time.Hour).Access(user, session, start.Add(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if !expires.Equal(start.Add(time.Hour)) {
		t.Errorf("expires %v", expires)
	}
	parts := strings.Split(signed, ".")
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	if got, want := string(header), `{"alg":"HS256","typ":"JWT"}`; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var got, want map[string]any
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal([]byte(`{"iss":"http://pi.local:8000/auth/v1","sub":"`+userID+`","aud":"authenticated","exp":1795352400,"iat":1795348800,
		"email":"ada@example.com","phone":"","app_metadata":{"provider":"email","providers":["email"]},
		"user_metadata":{"email_verified":true,"full_name":"Ada"},"role":"authenticated","aal":"aal1",
		"amr":[{"method":"otp","timestamp":1795348800}],"session_id":"`+sessionID+`","is_anonymous":false}`), &want)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// forge signs claims as the instance would, so that only the rules differ.
func forge(t testing.TB, dir string, method jwt.SigningMethod, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	tok := jwt.NewWithClaims(method, claims)
	for k, v := range header {
		tok.Header[k] = v
	}
	var key any = []byte(fileOf(t, dir)["jwt_secret"])
	if method == jwt.SigningMethodNone {
		key = jwt.UnsafeAllowNoneSignatureType
	}
	raw, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func with(change func(jwt.MapClaims)) jwt.MapClaims {
	c := jwt.MapClaims{"sub": userID, "aud": "authenticated", "session_id": sessionID, "iat": start.Unix(), "exp": start.Add(time.Hour).Unix(), "role": "authenticated"}
	change(c)
	return c
}

func TestVerify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := load(t, dir)
	set := func(key string, value any) func(jwt.MapClaims) { return func(c jwt.MapClaims) { c[key] = value } }
	unset := func(key string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, key) } }
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	hs := jwt.SigningMethodHS256
	tests := []struct {
		name   string
		method jwt.SigningMethod
		header map[string]any
		change func(jwt.MapClaims)
		want   error
	}{
		{"good", hs, nil, unset("-"), nil},
		{"audience in a list", hs, nil, set("aud", []string{"x", "authenticated"}), nil},
		{"kid is ignored", hs, map[string]any{"kid": "../../x", "jku": "http://x", "jwk": map[string]any{"kty": "oct", "k": "AA"}}, unset("-"), nil},
		{"issued 30 s ahead", hs, nil, set("iat", at(30*time.Second)), nil},
		{"issued 31 s ahead", hs, nil, set("iat", at(31*time.Second)), token.ErrAccess},
		{"not before in 30 s", hs, nil, set("nbf", at(30*time.Second)), nil},
		{"not before in 31 s", hs, nil, set("nbf", at(31*time.Second)), token.ErrAccess},
		{"expires in 1 s", hs, nil, set("exp", at(time.Second)), nil},
		{"expires now", hs, nil, set("exp", at(0)), token.ErrAccess},
		{"without exp", hs, nil, unset("exp"), token.ErrAccess},
		{"exp as text", hs, nil, set("exp", "tomorrow"), token.ErrAccess},
		{"without aud", hs, nil, unset("aud"), token.ErrAccess},
		{"other aud", hs, nil, set("aud", "api"), token.ErrAccess},
		{"without session", hs, nil, unset("session_id"), token.ErrAccess},
		{"session is no uuid", hs, nil, set("session_id", "x"), token.ErrAccess},
		{"session in another spelling", hs, nil, set("session_id", "urn:uuid:"+sessionID), token.ErrAccess},
		{"without sub", hs, nil, unset("sub"), token.ErrSubject},
		{"sub is no uuid", hs, nil, set("sub", "1"), token.ErrSubject},
		{"none", jwt.SigningMethodNone, nil, unset("-"), token.ErrAccess},
		{"HS384", jwt.SigningMethodHS384, nil, unset("-"), token.ErrAccess},
		{"HS512", jwt.SigningMethodHS512, nil, unset("-"), token.ErrAccess},
		{"HS256 called RS256", hs, map[string]any{"alg": "RS256"}, unset("-"), token.ErrAccess},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := s.Verify(forge(t, dir, tt.method, tt.header, with(tt.change)), start)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err == nil && (got.UserID != userID || got.SessionID != sessionID) {
				t.Errorf("got %+v", got)
			}
		})
	}
	good := forge(t, dir, hs, nil, with(unset("-")))
	refresh, err := s.Mint(sessionID, 1, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{
		"empty": "", "anon key": s.AnonKey(), "service key": s.ServiceKey(), "refresh token": refresh,
		"no signature": good[:strings.LastIndex(good, ".")+1], "cut": good[:len(good)-2], "padded": good + "=",
		"very long": strings.Repeat("a", 20<<10), "other instance": forge(t, otherDir(t), hs, nil, with(unset("-"))),
	} {
		if _, err := s.Verify(raw, start); !errors.Is(err, token.ErrAccess) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func otherDir(t testing.TB) string {
	dir := t.TempDir()
	load(t, dir)
	return dir
}

func TestKind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := load(t, dir)
	hs := jwt.SigningMethodHS256
	for _, tt := range []struct {
		raw  string
		now  time.Time
		want token.Kind
	}{
		{s.AnonKey(), start, token.KindAnon},
		{s.AnonKey(), start.AddDate(10, 0, 0), token.KindNone},
		{s.ServiceKey(), start, token.KindService},
		{forge(t, dir, hs, nil, with(func(jwt.MapClaims) {})), start, token.KindUser},
		{forge(t, dir, hs, nil, with(func(c jwt.MapClaims) { c["role"] = "postgres" })), start, token.KindNone},
		{load(t, t.TempDir()).ServiceKey(), start, token.KindNone},
		{"x", start, token.KindNone},
	} {
		if got := s.Kind(tt.raw, tt.now); got != tt.want {
			t.Errorf("kind %q, want %q", got, tt.want)
		}
	}
}

// FuzzAccessToken: whatever is accepted carries our signature over exactly its
// own text, under the one algorithm.
func FuzzAccessToken(f *testing.F) {
	dir := f.TempDir()
	s := load(f, dir)
	key := []byte(fileOf(f, dir)["jwt_secret"])
	signed, _, err := token.NewSigner(s, "http://x", time.Hour).Access(user, session, start)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", ".", "..", "a.b.c", signed, signed + "A", s.AnonKey(), s.ServiceKey(),
		forge(f, dir, jwt.SigningMethodNone, nil, with(func(jwt.MapClaims) {})),
		forge(f, dir, jwt.SigningMethodHS256, nil, with(func(c jwt.MapClaims) { c["exp"] = 1e300 })),
		forge(f, dir, jwt.SigningMethodHS256, nil, with(func(c jwt.MapClaims) { c["aud"] = []any{1, nil} }))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s.Kind(raw, start)
		if _, err := s.Verify(raw, start); err != nil {
			return
		}
		cut := strings.LastIndex(raw, ".")
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(raw[:cut]))
		if want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); raw[cut+1:] != want {
			t.Fatalf("accepted a signature that is not ours: %q", raw)
		}
		header, _, _ := strings.Cut(raw, ".")
		if b, _ := base64.RawURLEncoding.DecodeString(header); !bytes.Contains(b, []byte("HS256")) {
			t.Fatalf("accepted header %s", b)
		}
	})
}
