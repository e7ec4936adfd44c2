package identity

import (
	"fmt"
	"time"
)

// Policy is every number that can be set.
type Policy struct {
	AccessLife  time.Duration // of an access token, 300 s to 86 400 s; clients refresh at 90 s before the end
	Inactivity  time.Duration // a session not refreshed for so long ends, 1 h to 365 days
	Absolute    time.Duration // a session ends so long after the login, 1 h to 365 days
	ReuseWindow time.Duration // a refresh token superseded twice is forgiven for so long, 0 to 60 s
	Sessions    int           // per user, 1 to 1000; one more ends the oldest

	CodeDigits   int           // 6 to 10
	CodeLife     time.Duration // 60 s to 600 s
	CodeGuesses  int           // wrong guesses that kill a code, 3 to 10
	ResendAfter  time.Duration // between two codes for one account over the network
	CodesPerHour int           // for one account over the network
	CodesPerDay  int
	MailsPerHour int // codes over the network, for all accounts

	Burst    int           // tries at once by one client address, for codes, guesses and passwords each
	BurstPer time.Duration // in which as many become free again

	WrongPasswords   int           // for one account ...
	WrongPasswordsIn time.Duration // ... within this; then only addresses with a live session may try
	WrongCodes       int           // for one account ...
	WrongCodesIn     time.Duration // ... within this; then no code is sent ...
	CodePause        time.Duration // ... for so long after the last wrong one

	PasswordMin int           // Unicode characters
	PasswordMax int           // Unicode characters
	FreshLogin  time.Duration // an older session must prove itself again to change the password

	Metadata int           // bytes of user_metadata as JSON: it rides in every token
	CacheFor time.Duration // how stale a session lookup may be; endings in this process count at once
}

// DefaultPolicy returns the numbers of a server nobody configured.
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		AccessLife: time.Hour, Inactivity: 30 * day, Absolute: 180 * day, ReuseWindow: 10 * time.Second, Sessions: 20,
		CodeDigits: 6, CodeLife: 10 * time.Minute, CodeGuesses: 5,
		ResendAfter: time.Minute, CodesPerHour: 6, CodesPerDay: 20, MailsPerHour: 100,
		Burst: 30, BurstPer: 5 * time.Minute,
		WrongPasswords: 10, WrongPasswordsIn: 15 * time.Minute,
		WrongCodes: 50, WrongCodesIn: day, CodePause: time.Hour,
		PasswordMin: 8, PasswordMax: 128, FreshLogin: day,
		Metadata: 4 << 10, CacheFor: 5 * time.Second,
	}
}

// check refuses what would break clients or security.
func (p Policy) check() error {
	const day = 24 * time.Hour
	for _, d := range []struct {
		name          string
		value, lo, hi time.Duration
	}{
		{"access token life", p.AccessLife, 300 * time.Second, day},
		{"session inactivity", p.Inactivity, time.Hour, 365 * day},
		{"session absolute life", p.Absolute, time.Hour, 365 * day},
		{"refresh reuse window", p.ReuseWindow, 0, time.Minute},
		{"code life", p.CodeLife, time.Minute, 10 * time.Minute},
		{"code resend wait", p.ResendAfter, time.Second, time.Hour},
		{"burst period", p.BurstPer, time.Second, day},
		{"wrong password period", p.WrongPasswordsIn, time.Minute, day},
		{"wrong code period", p.WrongCodesIn, time.Hour, 30 * day},
		{"code pause", p.CodePause, time.Minute, day},
		{"fresh login", p.FreshLogin, 0, 365 * day},
		{"session cache", p.CacheFor, 0, 5 * time.Second},
	} {
		if d.value < d.lo || d.value > d.hi {
			return fmt.Errorf("%s is %v, must be %v to %v", d.name, d.value, d.lo, d.hi)
		}
	}
	for _, n := range []struct {
		name          string
		value, lo, hi int
	}{
		{"sessions per user", p.Sessions, 1, 1000},
		{"code digits", p.CodeDigits, 6, 10},
		{"code guesses", p.CodeGuesses, 3, 10},
		{"codes per hour", p.CodesPerHour, 1, 60},
		{"codes per day", p.CodesPerDay, 1, 1440},
		{"mails per hour", p.MailsPerHour, 1, 100_000},
		{"burst", p.Burst, 1, 1_000_000},
		{"wrong passwords", p.WrongPasswords, 3, 1000},
		{"wrong codes", p.WrongCodes, 5, 1000},
		{"least password length", p.PasswordMin, 8, 64},
		{"greatest password length", p.PasswordMax, 64, 1024},
		{"metadata bytes", p.Metadata, 256, 8 << 10},
	} {
		if n.value < n.lo || n.value > n.hi {
			return fmt.Errorf("%s is %d, must be %d to %d", n.name, n.value, n.lo, n.hi)
		}
	}
	return nil
}
