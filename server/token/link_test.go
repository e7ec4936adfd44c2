package token_test

import (
	"strings"
	"testing"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store/tmates"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	s := load(t, t.TempDir())
	c := tmates.Code{UserID: userID, Purpose: "login", Email: "ada@example.com", Nonce: []byte("nonce")}
	link := s.Link(c)
	if id, ok := token.ParseLink(link); !ok || id != userID {
		t.Errorf("link of %q, %t", id, ok)
	}
	if !s.Linked(c, link) {
		t.Error("the link is not the code's")
	}
	for name, other := range map[string]tmates.Code{
		"purpose": {UserID: userID, Purpose: "signup", Email: c.Email, Nonce: c.Nonce},
		"user":    {UserID: sessionID, Purpose: c.Purpose, Email: c.Email, Nonce: c.Nonce},
		"address": {UserID: userID, Purpose: c.Purpose, Email: "eve@example.com", Nonce: c.Nonce},
		"nonce":   {UserID: userID, Purpose: c.Purpose, Email: c.Email, Nonce: []byte("other")},
	} {
		if s.Linked(other, link) {
			t.Errorf("the link does not depend on the %s", name)
		}
	}
	if load(t, t.TempDir()).Linked(c, link) {
		t.Error("the link does not depend on the key")
	}
	for _, raw := range []string{"", "x", link[2:], link + "00", "pkce_" + link, strings.Repeat("z", len(link))} {
		if id, ok := token.ParseLink(raw); ok {
			t.Errorf("%q names %q", raw, id)
		}
	}
	// Another spelling of the same bytes is another text: one link, one form.
	if s.Linked(c, strings.ToUpper(link)) {
		t.Error("capitals count")
	}
}

func FuzzLink(f *testing.F) {
	s := load(f, f.TempDir())
	c := tmates.Code{UserID: userID, Purpose: "login", Email: "ada@example.com", Nonce: []byte("nonce")}
	good := s.Link(c)
	f.Add(good)
	f.Add(strings.ToUpper(good))
	f.Add("")
	f.Fuzz(func(t *testing.T, raw string) {
		id, ok := token.ParseLink(raw)
		if ok && len(id) != len(userID) {
			t.Errorf("%q names %q", raw, id)
		}
		if s.Linked(c, raw) != (raw == good) {
			t.Errorf("%q is taken for the link", raw)
		}
	})
}
