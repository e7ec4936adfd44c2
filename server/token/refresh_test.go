package token_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/tmates/tmates/server/token"
)

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	s := load(t, t.TempDir())
	rowKey := bytes.Repeat([]byte{7}, 32)
	raw, err := s.Mint(sessionID, 41, rowKey)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := s.Mint(sessionID, 41, rowKey); again != raw {
		t.Error("the same token was not made again")
	}
	r, err := token.ParseRefresh(raw)
	if err != nil || r.SessionID != sessionID || r.Counter != 41 {
		t.Fatalf("parsed %+v, %v", r, err)
	}
	if !s.Owns(r, rowKey) {
		t.Error("own token refused")
	}
	if s.Owns(r, bytes.Repeat([]byte{8}, 32)) {
		t.Error("accepted with the key of another row")
	}
	// A copy of the database has the row key but not the secrets.
	if load(t, t.TempDir()).Owns(r, rowKey) {
		t.Error("accepted by another instance with the same row key")
	}
	forged := r
	forged.Counter++
	if s.Owns(forged, rowKey) {
		t.Error("accepted with another counter")
	}
	if _, err := s.Mint("not-a-uuid", 1, rowKey); err == nil {
		t.Error("minted for an id that is no UUID")
	}
}

func TestRefreshTokenShape(t *testing.T) {
	t.Parallel()
	s := load(t, t.TempDir())
	raw, _ := s.Mint(sessionID, 1, []byte("row"))
	b, _ := base64.RawURLEncoding.DecodeString(raw)
	if len(b) != 41 {
		t.Fatalf("a token has %d bytes, want 41", len(b))
	}
	version := bytes.Clone(b)
	version[0] = 2
	negative := bytes.Clone(b)
	negative[17] = 0x80
	for name, text := range map[string]string{
		"empty": "", "short": raw[:len(raw)-1], "long": raw + "A", "padded": raw + "=", "unknown version": base64.RawURLEncoding.EncodeToString(version),
		"negative counter": base64.RawURLEncoding.EncodeToString(negative), "standard alphabet": strings.Repeat("+", len(raw)),
		"line break": raw[:10] + "\n" + raw[11:], "access token": s.AnonKey(),
	} {
		if _, err := token.ParseRefresh(text); !errors.Is(err, token.ErrRefresh) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// FuzzRefreshToken: a token has one spelling, and only minted ones are owned.
func FuzzRefreshToken(f *testing.F) {
	s := load(f, f.TempDir())
	rowKey := []byte("row key")
	raw, _ := s.Mint(sessionID, 1, rowKey)
	for _, seed := range []string{"", raw, raw[:54] + "B", strings.Repeat("A", 55), strings.Repeat("_", 55)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := token.ParseRefresh(text)
		if err != nil {
			return
		}
		minted, err := s.Mint(r.SessionID, r.Counter, rowKey)
		if err != nil {
			t.Fatal(err)
		}
		if s.Owns(r, rowKey) != (minted == text) {
			t.Fatalf("%q is owned: %v; minted is %q", text, s.Owns(r, rowKey), minted)
		}
	})
}
