package identity

import (
	"slices"
	"strings"
	"testing"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	r := newRules(DefaultPolicy(), "https://pi.example.com:8443")
	const email = "ada.lovelace@example.org"
	length, pwned := []string{"length"}, []string{"pwned"}
	for _, tt := range []struct {
		password string
		want     []string
	}{
		{"", []string{"length", "pwned"}},
		{"k7Wq", length},
		{"kürzeöä", length}, // seven characters, ten bytes
		{"kürzerän", nil},   // eight characters
		{"vm 4Rq zz8 x", nil},
		{"correct horse battery staple", nil},
		{"Tr0ub4dor&3", nil},
		{"        a9Zk", nil},
		{"plumbago-72-trellis", nil},
		{"dragonfruit in the tea", nil},
		{strings.Repeat("zq9", 30) + "!", nil},
		// common
		{"password", pwned}, {"Password1", pwned}, {"P@ssw0rd123", pwned}, {"passw0rd!", pwned}, {"password2026", pwned},
		{"12345678", pwned}, {"123456789", pwned}, {"1234567890", pwned}, {"87654321", pwned}, {"11111111", pwned},
		{"11223344", pwned}, {"12121212", pwned}, {"abcabcabc", pwned}, {"aaaaaaaa", pwned}, {"789456123", pwned},
		{"147258369", pwned}, {"qwertyuiop", pwned}, {"qwerty123", pwned}, {"asdfghjkl", pwned}, {"1qaz2wsx", pwned},
		{"zaq12wsx", pwned}, {"1q2w3e4r", pwned}, {"q1w2e3r4", pwned}, {"qwertzuiop", pwned}, {"azertyuiop", pwned},
		{"abcd1234", pwned}, {"abc123456", pwned}, {"iloveyou", pwned}, {"iloveyou2", pwned}, {"sunshine", pwned},
		{"princess", pwned}, {"football", pwned}, {"baseball1", pwned}, {"superman", pwned}, {"trustno1", pwned},
		{"starwars", pwned}, {"jennifer", pwned}, {"michelle", pwned}, {"corvette", pwned}, {"computer", pwned},
		{"whatever", pwned}, {"letmein1", pwned}, {"welcome1", pwned}, {"Summer2026!", pwned}, {"monkey123", pwned},
		{"dragon12", pwned}, {"charlie1", pwned}, {"24121985", pwned}, {"19851224", pwned}, {"1g2w3e4r5t", nil},
		{"passwordpassword", pwned}, {"blackcat99", pwned}, {"changeme", pwned}, {"adminadmin", pwned}, {"hello123", pwned},
		{"liverpool", pwned}, {"chocolate", pwned}, {"internet", pwned}, {"a1b2c3d4", pwned}, {"qazwsxedc", pwned},
		// close to the account or the server
		{"tmates2026", pwned}, {"T-Mates!99", pwned}, {"ada.lovelace1", pwned}, {"AdaLovelace", pwned}, {"lovelace!", pwned},
		{"ada12345678", pwned}, {"ada.lovelace@example.org", pwned}, {"pi.example.com", pwned},
		{"adamantine quartz", nil}, // begins with a short name only by chance
	} {
		if got := r.reasons(tt.password, email); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %v, want %v", tt.password, got, tt.want)
		}
	}
}

// Every word of the list can match, and the list did not get lost.
func TestCommonWords(t *testing.T) {
	t.Parallel()
	if n := len(commonWords()); n != 1136 {
		t.Errorf("%d common words", n)
	}
	for w := range commonWords() {
		if len(w) > longestCommon || w != strings.ToLower(w) {
			t.Errorf("%q cannot match", w)
		}
	}
}
