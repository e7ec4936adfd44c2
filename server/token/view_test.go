package token

import (
	"strings"
	"testing"
	"time"
)

func TestViews(t *testing.T) {
	t.Parallel()
	const (
		user  = "11111111-2222-4333-8444-555555555555"
		path  = "pics/a b.png"
		at    = 1800000000
		token = "3254f205ed0717ead881be465128685ec516bef947a908b43559241a7dd46c4c" // the contract's
	)
	key := []byte("sess")
	if got := SignView(key, user, path, at); got != token {
		t.Errorf("token = %s", got)
	}
	before, then := time.Unix(at-1, 999), time.Unix(at, 0)
	if !ValidView(key, user, path, at, token, before) {
		t.Error("a good link is refused")
	}
	for name, valid := range map[string]bool{
		"expired":      ValidView(key, user, path, at, token, then),
		"other key":    ValidView([]byte("sesS"), user, path, at, token, before),
		"other user":   ValidView(key, "2"+user[1:], path, at, token, before),
		"other path":   ValidView(key, user, "pics/a%20b.png", at, token, before),
		"longer life":  ValidView(key, user, path, at+1, token, before),
		"capitals":     ValidView(key, user, path, at, strings.ToUpper(token), before),
		"shorter":      ValidView(key, user, path, at, token[:63], before),
		"empty":        ValidView(key, user, path, at, "", before),
		"moved colons": ValidView(key, user+":pics", "a b.png", at, token, before),
	} {
		if valid {
			t.Errorf("%s: the link is good", name)
		}
	}
}
