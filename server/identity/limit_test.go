package identity

import (
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/server/limit"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	l := limit.NewRate[limitKey](30, 5*time.Minute, limitKeys)
	key := addressKey(limitGuesses, "192.0.2.1")
	for n := range 30 {
		if wait := l.Take(key, begin); wait != 0 {
			t.Fatalf("try %d waits %v", n, wait)
		}
	}
	for range 2 {
		if wait := l.Take(key, begin); wait.Round(time.Millisecond) != 10*time.Second {
			t.Errorf("the 31st waits %v", wait)
		}
	}
	if l.Take(addressKey(limitCodes, "192.0.2.1"), begin) != 0 || l.Take(addressKey(limitGuesses, "192.0.2.2"), begin) != 0 {
		t.Error("another kind or another client waits")
	}
	if l.Take(key, begin.Add(10*time.Second)) != 0 {
		t.Error("nothing became free")
	}
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"2001:db8:1:2:3::4", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"", "garbage", true},
	} {
		if got := addressKey(limitCodes, tt.a) == addressKey(limitCodes, tt.b); got != tt.same {
			t.Errorf("%s and %s: same %v", tt.a, tt.b, got)
		}
	}
}

func TestPolicyBounds(t *testing.T) {
	t.Parallel()
	if err := DefaultPolicy().check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Policy){
		"access token life":    func(p *Policy) { p.AccessLife = 90 * time.Second },
		"code life":            func(p *Policy) { p.CodeLife = 11 * time.Minute },
		"code digits":          func(p *Policy) { p.CodeDigits = 5 },
		"code guesses":         func(p *Policy) { p.CodeGuesses = 11 },
		"refresh reuse window": func(p *Policy) { p.ReuseWindow = 61 * time.Second },
		"session cache":        func(p *Policy) { p.CacheFor = 6 * time.Second },
	} {
		p := DefaultPolicy()
		change(&p)
		if err := p.check(); err == nil || !strings.HasPrefix(err.Error(), name+" is ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
