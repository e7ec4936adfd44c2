package identity

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// The purposes of a code. Login and recovery share one code, as they do
// upstream: a user who asks for both has one code and five guesses, not two and
// ten.
const (
	purposeLogin  = "login"
	purposeSignup = "signup"
	purposeReauth = "reauthentication"
)

// verifyTypes maps the wire's type to the purposes whose codes it accepts. An
// email_change code is never made: addresses are changed by the operator.
var verifyTypes = map[string][]string{
	"email":        {purposeLogin, purposeSignup},
	"magiclink":    {purposeLogin},
	"recovery":     {purposeLogin},
	"signup":       {purposeSignup},
	"invite":       {purposeSignup},
	"email_change": {},
}

// nonceBytes are drawn for each code; its digits follow from them.
const nonceBytes = 16

// CodeRequest asks for a login code.
type CodeRequest struct {
	Email  string
	Create bool           // make an account when the address is unknown and sign-ups are open
	Data   map[string]any // its user_metadata; at most Policy.Metadata bytes
}

// RequestCode sends a login code to the address. An unknown address answers
// otp_disabled or signup_disabled, unless accounts are hidden: then it looks
// like a known one. TooMany errors hold a [Wait].
func (s *Service) RequestCode(ctx context.Context, c Client, r CodeRequest) error {
	if err := s.allow(limitCodes, c); err != nil {
		return err
	}
	address, err := Normalise(r.Email)
	if err != nil && !r.Create {
		if s.hide {
			return nil
		}
		return errUnknown // what upstream answers, too
	}
	if err != nil {
		return err
	}
	if err := s.metadataFits(r.Data); err != nil {
		return err
	}
	return s.requestFor(ctx, address, func(ctx context.Context, tx *store.Tx, u tmates.User, found bool) (letter, error) {
		switch {
		case found:
			return s.request(ctx, tx, c, u, codePurpose(u))
		case r.Create && s.signUp:
			u, err := s.create(ctx, tx, c, tmates.User{Email: address, Metadata: r.Data})
			if err != nil {
				return letter{}, err
			}
			return s.request(ctx, tx, c, u, purposeSignup)
		case s.hide:
			return letter{}, s.decoy(ctx, tx, c, address)
		case r.Create:
			return letter{}, errClosed
		}
		return letter{}, errUnknown
	})
}

// Recover sends a code to whoever forgot the password. Neither an unknown
// address nor one that asks too often is told apart.
func (s *Service) Recover(ctx context.Context, c Client, email string) error {
	if err := s.allow(limitCodes, c); err != nil {
		return err
	}
	address, err := Normalise(email)
	if err != nil {
		return err
	}
	err = s.requestFor(ctx, address, func(ctx context.Context, tx *store.Tx, u tmates.User, found bool) (letter, error) {
		if !found {
			return letter{}, s.decoy(ctx, tx, c, address)
		}
		return s.request(ctx, tx, c, u, purposeLogin) // what its verify type accepts, also for an unconfirmed account
	})
	if refused(err) {
		return nil
	}
	return err
}

// Resend sends the confirmation code of a sign-up again. An address with
// nothing to confirm is limited alike and gets nothing.
func (s *Service) Resend(ctx context.Context, c Client, email string) error {
	if err := s.allow(limitCodes, c); err != nil {
		return err
	}
	address, err := Normalise(email)
	if err != nil {
		return err
	}
	return s.requestFor(ctx, address, func(ctx context.Context, tx *store.Tx, u tmates.User, found bool) (letter, error) {
		if !found || !u.ConfirmedAt.IsZero() {
			return letter{}, s.decoy(ctx, tx, c, address)
		}
		return s.request(ctx, tx, c, u, purposeSignup)
	})
}

// Reauthenticate sends a code that proves an old login again, for
// [Update].Nonce.
func (s *Service) Reauthenticate(ctx context.Context, c Client, who Login) error {
	if err := s.allow(limitCodes, c); err != nil {
		return err
	}
	return s.requestFor(ctx, who.User.Email, func(ctx context.Context, tx *store.Tx, u tmates.User, found bool) (letter, error) {
		if !found || u.ID != who.User.ID {
			return letter{}, errUserGone
		}
		return s.request(ctx, tx, c, u, purposeReauth)
	})
}

// requestFor runs decide on the account of an address in one transaction, and
// posts the letter it wrote after the commit.
func (s *Service) requestFor(ctx context.Context, address string,
	decide func(ctx context.Context, tx *store.Tx, u tmates.User, found bool) (letter, error),
) error {
	if err := s.clock.issuing(); err != nil {
		return err
	}
	var l letter
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, address)
		if err != nil && !errors.Is(err, store.ErrNoUser) {
			return err
		}
		l, err = decide(ctx, tx, u, err == nil)
		return err
	})
	if err != nil {
		return unavailable(err)
	}
	s.post(ctx, l)
	return nil
}

// codePurpose is what a code asked for over the network is good for. An account
// whose password nobody has proven to own gets a login code: using it confirms
// the address and forgets that password (see confirm).
func codePurpose(u tmates.User) string {
	if u.ConfirmedAt.IsZero() && u.PasswordHash == "" {
		return purposeSignup
	}
	return purposeLogin
}

// request records and writes the letter with the account's code, within the
// limits of what the network may ask for.
func (s *Service) request(ctx context.Context, tx *store.Tx, c Client, u tmates.User, purpose string) (letter, error) {
	if err := s.mayAsk(ctx, tx, u.ID, "code_sent"); err != nil {
		return letter{}, err
	}
	if wait, err := s.paused(ctx, tx, u.ID); err != nil || wait > 0 {
		if err == nil && s.hide { // limited like an address that gets its code
			return letter{}, s.record(ctx, tx, c, "code_sent", u.ID, "", "paused")
		}
		return letter{}, cmp.Or(err, tooManyTries(wait))
	}
	code, err := s.pending(ctx, tx, u, purpose)
	if err != nil {
		return letter{}, err
	}
	return s.codeLetter(u, code, tx.Now), s.record(ctx, tx, c, "code_sent", u.ID, "", purpose)
}

// decoy does for an address without a code what request does for one with.
func (s *Service) decoy(ctx context.Context, tx *store.Tx, c Client, address string) error {
	id := ghost(address)
	if err := s.mayAsk(ctx, tx, id, "code_unknown"); err != nil {
		return err
	}
	return s.record(ctx, tx, c, "code_unknown", id, "", address)
}

// mayAsk holds the limits of codes asked for over the network: per account by
// the records of event, and for the whole server by the codes really sent.
func (s *Service) mayAsk(ctx context.Context, tx *store.Tx, userID, event string) error {
	for _, limit := range []struct {
		n  int
		in time.Duration
	}{{1, s.policy.ResendAfter}, {s.policy.CodesPerHour, time.Hour}, {s.policy.CodesPerDay, 24 * time.Hour}} {
		at, err := tx.AuditTime(ctx, userID, event, limit.n)
		if err != nil {
			return err
		}
		if wait := left(at, limit.in, tx.Now); wait > 0 {
			return tooManyMails(wait)
		}
	}
	at, err := tx.AuditTimeAll(ctx, "code_sent", s.policy.MailsPerHour)
	if err != nil {
		return err
	}
	if wait := left(at, time.Hour, tx.Now); wait > 0 {
		return tooManyMails(wait)
	}
	return nil
}

// left is how long something at a time still counts; nothing for "never".
func left(at time.Time, window time.Duration, now time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(0, at.Add(window).Sub(now))
}

// paused returns how long the account gets no code after too many wrong ones. A
// code issued on the machine itself works meanwhile, and so does the password.
func (s *Service) paused(ctx context.Context, tx *store.Tx, userID string) (time.Duration, error) {
	begun, err := tx.AuditTime(ctx, userID, "code_paused", 1)
	return left(begun, s.policy.CodePause, tx.Now), err
}

// wrongCode records a wrong guess, and begins a pause after too many since the
// last one. What the network has seen of codes dies with that moment. During a
// pause nothing is counted: a stranger cannot make it longer, nor kill a code
// that the operator hands out meanwhile by anything but wrong guesses at it.
func (s *Service) wrongCode(ctx context.Context, tx *store.Tx, c Client, userID, detail string) error {
	if wait, err := s.paused(ctx, tx, userID); err != nil || wait > 0 {
		return err
	}
	if err := s.record(ctx, tx, c, "code_failed", userID, "", detail); err != nil {
		return err
	}
	oldest, err := tx.AuditTime(ctx, userID, "code_failed", s.policy.WrongCodes)
	if err != nil || left(oldest, s.policy.WrongCodesIn, tx.Now) == 0 {
		return err
	}
	before, err := tx.AuditTime(ctx, userID, "code_paused", 1)
	if err != nil || !oldest.After(before) {
		return err
	}
	if err := s.record(ctx, tx, c, "code_paused", userID, "", detail); err != nil {
		return err
	}
	return tx.DeleteCodes(ctx, userID)
}

// pending returns the account's living code for a purpose, or a new one. A code
// that lives stays the same and keeps its end, so that whoever asks twice can
// use either mail.
func (s *Service) pending(ctx context.Context, tx *store.Tx, u tmates.User, purpose string) (tmates.Code, error) {
	code, found, err := tx.Code(ctx, u.ID, purpose)
	if err != nil {
		return code, err
	}
	if found && code.Guesses < s.policy.CodeGuesses && code.ExpiresAt.After(tx.Now) && code.Email == u.Email {
		return code, nil
	}
	code = tmates.Code{
		UserID: u.ID, Purpose: purpose, Email: u.Email, Nonce: make([]byte, nonceBytes),
		CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(s.policy.CodeLife),
	}
	_, _ = rand.Read(code.Nonce)                               // never fails: the program is stopped instead
	s.codesUntil.CompareAndSwap(0, code.ExpiresAt.UnixMicro()) // an earlier end stays the next one
	return code, tx.UpsertCode(ctx, code)
}

// IssueCode returns a valid login code of the account and when it expires: the
// same one until it expires or is used. It is for the operator on the machine:
// the limits of the network neither hold nor count it.
func (s *Service) IssueCode(ctx context.Context, email string) (code string, expires time.Time, err error) {
	address, err := Normalise(email)
	if err != nil {
		return "", expires, err
	}
	if err := s.clock.issuing(); err != nil {
		return "", expires, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, address)
		if err != nil {
			return err
		}
		c, err := s.pending(ctx, tx, u, codePurpose(u))
		if err != nil {
			return err
		}
		code, expires = s.secrets.Digits(c, s.policy.CodeDigits), c.ExpiresAt
		return s.record(ctx, tx, Client{}, "code_issued", u.ID, "", c.Purpose)
	})
	return code, expires, err
}

// Enter logs an account in on the operator's word, for commands that talk for
// it. A code that is pending stays what it is.
func (s *Service) Enter(ctx context.Context, email string) (g Grant, err error) {
	address, err := Normalise(email)
	if err != nil {
		return g, err
	}
	if err := s.clock.issuing(); err != nil {
		return g, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, address)
		if err != nil {
			return err
		}
		g, err = s.open(ctx, tx, Client{UserAgent: "tmates"}, u, "otp")
		return err
	})
	return g, err
}

// Verify exchanges a code for a session. kind is the wire's type. A malformed
// address holds [ErrAddress]; everything that does not match is otp_expired.
func (s *Service) Verify(ctx context.Context, c Client, email, guess, kind string) (Grant, error) {
	purposes, ok := verifyTypes[kind]
	if !ok {
		return Grant{}, errVerifyType
	}
	if err := s.allow(limitGuesses, c); err != nil {
		return Grant{}, err
	}
	address, err := Normalise(email)
	if err != nil {
		return Grant{}, err
	}
	if err := s.clock.issuing(); err != nil {
		return Grant{}, err
	}
	var u tmates.User
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		u, err = tx.UserByEmail(ctx, address)
		return err
	})
	if errors.Is(err, store.ErrNoUser) {
		return Grant{}, s.guessInVain(ctx, c, address, purposes)
	}
	if err != nil {
		return Grant{}, unavailable(err)
	}
	code, err := s.match(ctx, c, u, guess, purposes)
	if err != nil {
		return Grant{}, err
	}
	var g Grant
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		g, err = s.redeem(ctx, tx, c, code)
		return err
	})
	s.Forget(u.ID)
	return g, unavailable(err)
}

// guessInVain answers a guess at an address without an account. When addresses
// are hidden it does the work of a wrong guess, so that time tells nothing.
func (s *Service) guessInVain(ctx context.Context, c Client, address string, purposes []string) error {
	if !s.hide {
		return errCode
	}
	u := tmates.User{ID: ghost(address)}
	if _, err := s.countGuess(ctx, u, purposes); err != nil {
		return unavailable(err)
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.wrongCode(ctx, tx, c, u.ID, strings.Join(purposes, " "))
	})
	return cmp.Or(unavailable(err), errCode)
}

// match counts the guess against every living code of the purposes, and commits
// that, before it compares; then it returns the code that was guessed.
func (s *Service) match(ctx context.Context, c Client, u tmates.User, guess string, purposes []string) (tmates.Code, error) {
	codes, err := s.countGuess(ctx, u, purposes)
	if err != nil {
		return tmates.Code{}, unavailable(err)
	}
	guess = strings.TrimSpace(guess)
	for _, code := range codes {
		if s.secrets.Guessed(code, s.policy.CodeDigits, guess) {
			return code, nil
		}
	}
	if len(codes) == 0 && !s.hide {
		return tmates.Code{}, errCode
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.wrongCode(ctx, tx, c, u.ID, strings.Join(purposes, " "))
	})
	if err != nil {
		return tmates.Code{}, unavailable(err)
	}
	return tmates.Code{}, errCode
}

func (s *Service) countGuess(ctx context.Context, u tmates.User, purposes []string) (codes []tmates.Code, err error) {
	if len(purposes) == 0 {
		return nil, nil
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, purpose := range purposes {
			counted, err := tx.AddGuess(ctx, u.ID, purpose, s.policy.CodeGuesses)
			if err != nil {
				return err
			}
			if !counted {
				continue
			}
			code, _, err := tx.Code(ctx, u.ID, purpose)
			if err != nil {
				return err
			}
			if code.Email == u.Email {
				codes = append(codes, code)
			}
		}
		return nil
	})
	return codes, err
}

// redeem consumes a guessed code and opens a session. Of several callers with
// the same code one gets it.
func (s *Service) redeem(ctx context.Context, tx *store.Tx, c Client, code tmates.Code) (Grant, error) {
	won, err := tx.ConsumeCode(ctx, code)
	if err != nil {
		return Grant{}, err
	}
	if !won {
		return Grant{}, errCode
	}
	u, err := tx.UserByID(ctx, code.UserID)
	if err != nil {
		return Grant{}, err
	}
	if u.Banned(tx.Now) {
		return Grant{}, errBanned
	}
	if err := tx.DeleteCodes(ctx, u.ID); err != nil {
		return Grant{}, err
	}
	return s.open(ctx, tx, c, confirm(u, code.Purpose, tx.Now), "otp")
}

// confirm notes that the user proved to own the address. A password set before
// that, by whoever made the account, is kept only when the code was the one of
// that very sign-up; otherwise a stranger could prepare accounts for other
// people's addresses and wait.
func confirm(u tmates.User, purpose string, now time.Time) tmates.User {
	if !u.ConfirmedAt.IsZero() {
		return u
	}
	if purpose != purposeSignup {
		u.PasswordHash = ""
	}
	u.ConfirmedAt = now
	u.Metadata["email_verified"] = true
	return u
}
