package tmates_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

func TestSessionID(t *testing.T) {
	t.Parallel()
	tests := []struct{ user, thread, tmate, want string }{
		{"user-42", "thread-1", "adam", "f2143f28ebfa575e97a8ba62ae2ee0ed"},
		{"11111111-2222-4333-8444-555555555555", "a7e350b9-db02-436d-b626-8e7e7bb23d19", "adam", "27c6f7b4f9c550e08d18e1f4eacfa8b6"},
	}
	for _, test := range tests {
		if got := tmates.SessionID(test.user, test.thread, test.tmate); got != test.want {
			t.Errorf("SessionID(%q, %q, %q) = %q, want %q", test.user, test.thread, test.tmate, got, test.want)
		}
	}
	a, b := tmates.NewSessionID(), tmates.NewSessionID()
	if hex := regexp.MustCompile(`^[0-9a-f]{32}$`); !hex.MatchString(a) || !hex.MatchString(b) || a == b {
		t.Errorf("new session ids %q and %q", a, b)
	}
}

// Both spellings of one id must find the same memory (Q-C14).
func TestSessionSpellings(t *testing.T) {
	t.Parallel()
	const hyphenated, hex = "f2143f28-ebfa-575e-97a8-ba62ae2ee0ed", "f2143f28ebfa575e97a8ba62ae2ee0ed"
	tests := []struct{ in, canonical, hex string }{
		{hex, hyphenated, hex},
		{hyphenated, hyphenated, hex},
		{strings.ToUpper(hex), hyphenated, hex},
		{strings.ToUpper(hyphenated), hyphenated, hex},
		{"", "", ""},
		{"my session", "my session", "my session"},
		{"{" + hyphenated + "}", "{" + hyphenated + "}", "{" + hyphenated + "}"},
		{"urn:uuid:" + hyphenated, "urn:uuid:" + hyphenated, "urn:uuid:" + hyphenated},
		{strings.Repeat("g", 32), strings.Repeat("g", 32), strings.Repeat("g", 32)},
	}
	for _, test := range tests {
		if got := tmates.CanonicalSession(test.in); got != test.canonical {
			t.Errorf("CanonicalSession(%q) = %q, want %q", test.in, got, test.canonical)
		}
		if got := tmates.HexSession(test.in); got != test.hex {
			t.Errorf("HexSession(%q) = %q, want %q", test.in, got, test.hex)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"empty":            {"", ""},
		"blank":            {" \n\t", ""},
		"collapsed":        {"  a \n\n b\tc ", "a b c"},
		"160 are kept":     {strings.Repeat("é", 160), strings.Repeat("é", 160)},
		"161 are cut":      {strings.Repeat("é", 161), strings.Repeat("é", 159) + "…"},
		"trimmed on right": {strings.Repeat("a", 158) + " bcd", strings.Repeat("a", 158) + "…"},
	}
	for name, test := range tests {
		if got := tmates.Preview(test.in); got != test.want {
			t.Errorf("%s: preview = %q, want %q", name, got, test.want)
		}
	}
}

func TestTitleCase(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"two-words_x": "Two-Words_X", "gpt4all": "Gpt4All", "adam": "Adam", "ADAM": "Adam", "": "", "3d": "3D",
	} {
		if got := tmates.TitleCase(key); got != want {
			t.Errorf("TitleCase(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestValidKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"adam": true, "a": true, "gpt4all": true, "two-words_x": true, "a" + strings.Repeat("b", 63): true,
		"": false, "Adam": false, "3d-artist": false, "_a": false, "-a": false, "a.b": false, "a/b": false, "../a": false,
		"ädam": false, "adam\n": false, "a b": false, "a" + strings.Repeat("b", 64): false,
	} {
		if got := tmates.ValidKey(key); got != want {
			t.Errorf("ValidKey(%q) = %v, want %v", key, got, want)
		}
	}
}

func TestDirectSlug(t *testing.T) {
	t.Parallel()
	if got := tmates.DirectSlug("adam"); got != "agent:adam" {
		t.Errorf("slug of the thread with adam = %q", got)
	}
}
