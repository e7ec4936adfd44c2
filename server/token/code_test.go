package token_test

import (
	"encoding/binary"
	"regexp"
	"testing"

	"github.com/tmates/tmates/store/tmates"
)

func TestDigits(t *testing.T) {
	t.Parallel()
	s := load(t, t.TempDir())
	c := tmates.Code{UserID: userID, Purpose: "login", Email: "ada@example.com", Nonce: []byte("nonce")}
	for n := 6; n <= 10; n++ {
		d := s.Digits(c, n)
		if len(d) != n || !regexp.MustCompile(`^[0-9]+$`).MatchString(d) {
			t.Errorf("%d digits: %q", n, d)
		}
		if !s.Guessed(c, n, d) || s.Guessed(c, n, d[1:]) || s.Guessed(c, n, d+"0") || s.Guessed(c, n, "") {
			t.Errorf("%d digits: wrong verdict", n)
		}
	}
	want := s.Digits(c, 10)
	for name, other := range map[string]tmates.Code{
		"purpose": {UserID: userID, Purpose: "signup", Email: c.Email, Nonce: c.Nonce},
		"user":    {UserID: sessionID, Purpose: c.Purpose, Email: c.Email, Nonce: c.Nonce},
		"address": {UserID: userID, Purpose: c.Purpose, Email: "eve@example.com", Nonce: c.Nonce},
		"nonce":   {UserID: userID, Purpose: c.Purpose, Email: c.Email, Nonce: []byte("other")},
		"border":  {UserID: userID, Purpose: c.Purpose, Email: c.Email + "n", Nonce: []byte("once")},
	} {
		if s.Digits(other, 10) == want {
			t.Errorf("the digits do not depend on the %s", name)
		}
	}
	if load(t, t.TempDir()).Digits(c, 10) == want {
		t.Error("the digits do not depend on the key")
	}
}

// Each digit is as frequent as the others at each place. With nine degrees of
// freedom chi-square exceeds 46 once in two million fair places, so the test
// does not fail by chance.
func TestDigitsAreUniform(t *testing.T) {
	t.Parallel()
	s := load(t, t.TempDir())
	const codes = 20_000
	var seen [6][10]int
	for i := range uint64(codes) {
		c := tmates.Code{UserID: userID, Purpose: "login", Nonce: binary.BigEndian.AppendUint64(nil, i)}
		for place, digit := range s.Digits(c, 6) {
			seen[place][digit-'0']++
		}
	}
	for place, counts := range seen {
		chi := 0.0
		for _, n := range counts {
			d := float64(n) - codes/10
			chi += d * d / (codes / 10)
		}
		if chi > 46 {
			t.Errorf("place %d: chi-square %.1f, counts %v", place, chi, counts)
		}
	}
}
